"""A fleet on disk for tests of the driver and its command line: manifest, programs, and doubles for the rest."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from landing_zone.lock import write_lock
from orchestrator.callers import AnswerKind, Identity
from orchestrator.cli.app import run
from orchestrator.cli.world import World
from orchestrator.errors import PulumiMissing
from orchestrator.rehearse.report import RehearsalReport
from orchestrator.rehearse.run import RehearsalOptions
from orchestrator.running.job import (
    EngineChoice,
    EngineKind,
    OnEvent,
    Operation,
    StackEvent,
    StackJob,
    StackResult,
    StackStatus,
)
from orchestrator.state.bucket_states import ReadBucket
from orchestrator.tools import Tools, no_bucket
from tests.unit.orchestrator.fleets import ACCOUNTS, FLEET, HOME, LOCK, MANAGEMENT_ID

ORGANIZATION_OUTPUTS = {"organization_id": LOCK.organization_id, "root_id": LOCK.root_id, "accounts": ACCOUNTS}
OUTPUTS: Mapping[str, Mapping[str, object]] = {
    "organization": ORGANIZATION_OUTPUTS,
    "bootstrap": {"state_bucket": HOME.bucket, "state_key_arn": HOME.key_arn},
}
MANAGEMENT_ARN = f"arn:aws:sts::{MANAGEMENT_ID}:assumed-role/Management-Admin/ops"
Act = Callable[[StackJob], StackResult]


def make_fleet_folder(folder: Path, text: str = FLEET) -> Path:
    """Write a repository with the small fleet and its programs; returns the manifest."""
    for program, name in (
        (".", "org"),
        ("bootstrap", "bootstrap"),
        ("bootstrap-subaccount", "bootstrap-subaccount"),
        ("workloads/network", "network"),
        ("workloads/app", "app"),
    ):
        (folder / program).mkdir(parents=True, exist_ok=True)
        (folder / program / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n", encoding="utf-8")
    fleet = folder / "fleet.yaml"
    fleet.write_text(text, encoding="utf-8")
    return fleet


def deploy_on_paper(folder: Path, *stacks: str) -> None:
    """Write the lock, and for each stack (`project/stack`) a state with one resource in it."""
    write_lock(folder / "fleet.lock.yaml", LOCK)
    for stack in stacks:
        file = folder / "state" / ".pulumi" / "stacks" / f"{stack}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        resources = [{"type": "pulumi:pulumi:Stack"}, {"type": "aws:iam/role:Role"}]
        file.write_text(
            json.dumps({"version": 3, "checkpoint": {"latest": {"resources": resources}}}), encoding="utf-8"
        )


def succeed(job: StackJob) -> StackResult:
    """Return a success with one resource made, and the outputs that the lock file is written from."""
    return StackResult(
        job.id,
        job.account_id,
        StackStatus.SUCCEEDED,
        resource_changes={"create": 1},
        outputs=OUTPUTS.get(job.id.program, {}) if job.operation is Operation.UP else {},
        seconds=0.1,
    )


@dataclass
class FakeRunner:
    """A runner whose jobs end as they start, by what `act` returns; keeps the jobs in their order."""

    act: Act = succeed
    jobs: list[StackJob] = field(default_factory=list)

    def start(self, job: StackJob, on_event: OnEvent) -> Future[StackResult]:
        """Do the job at once."""
        self.jobs.append(job)
        on_event(StackEvent(job.id, "create", "aws:iam/role:Role", "Admin", done=True))
        future: Future[StackResult] = Future()
        future.set_result(self.act(job))
        return future

    def interrupt(self) -> None:
        """Leave it: nothing runs."""

    def kill(self) -> None:
        """Leave it: nothing runs."""

    @property
    def ran(self) -> list[str]:
        """The ids of the stacks that ran, in their order."""
        return [str(job.id) for job in self.jobs]


def everybody_known(environments: Sequence[Mapping[str, str]]) -> list[Identity]:
    """Answer that every caller is who the manifest names: an administrator, and a session of the management role."""
    return [
        Identity(AnswerKind.KNOWN, MANAGEMENT_ID, MANAGEMENT_ARN)
        if env["AWS_PROFILE"] == "small-management"
        else Identity(AnswerKind.KNOWN, MANAGEMENT_ID, "arn:aws:iam::100000000001:user/x")
        for env in environments
    ]


def no_management_caller(environments: Sequence[Mapping[str, str]]) -> list[Identity]:
    """Answer that the management caller has no credentials here."""
    return [
        Identity(AnswerKind.MISSING, words="no such profile")
        if env["AWS_PROFILE"] == "small-management"
        else Identity(AnswerKind.KNOWN, MANAGEMENT_ID, "arn")
        for env in environments
    ]


def tools(runner: FakeRunner, identify: Callable[..., Sequence[Identity]] = everybody_known) -> Tools:
    """Return tools that reach nothing outside."""
    env = {"PULUMI_CONFIG_PASSPHRASE": "sesame", "PATH": "/bin"}
    return Tools(runner, identify, EngineChoice(EngineKind.EMBEDDED), env, concurrency=2)


def no_rehearsal(_options: RehearsalOptions) -> RehearsalReport:
    """Fail: this test rehearses nothing."""
    raise AssertionError("no rehearsal was expected")


@dataclass
class Terminal:
    """A command line on a fleet folder, without AWS, Pulumi or processes; `answers` makes it interactive."""

    folder: Path
    runner: FakeRunner = field(default_factory=FakeRunner)
    answers: list[str] | None = None
    env: dict[str, str] = field(default_factory=dict)
    engine: EngineChoice | None = field(default_factory=lambda: EngineChoice(EngineKind.EMBEDDED))
    identify: Callable[..., Sequence[Identity]] = everybody_known
    rehearse: Callable[[RehearsalOptions], RehearsalReport] = no_rehearsal
    read_bucket: ReadBucket = no_bucket
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)
    asked: list[str] = field(default_factory=list)

    def run(self, *arguments: str) -> int:
        """Run one command and return its exit code."""
        world = World(
            env=self.env,
            folder=self.folder,
            out=self.out,
            err=self.err,
            ask=self._ask if self.answers is not None else None,
            choose_engine=self._choose,
            open_tools=self._open,
            rehearse=self.rehearse,
            read_bucket=self.read_bucket,
        )
        return run(arguments, world)

    def json(self, *arguments: str) -> dict[str, object]:
        """Run one command that writes JSON, and return that."""
        self.run(*arguments, "--format", "json")
        data = json.loads(self.out.getvalue())
        assert isinstance(data, dict)
        return data

    def _ask(self, question: str) -> str:
        self.asked.append(question)
        assert self.answers is not None
        return self.answers.pop(0)

    def _choose(self, _env: Mapping[str, str], _requested: EngineKind | None) -> EngineChoice:
        if self.engine is None:
            raise PulumiMissing("the Pulumi CLI is not on PATH", hint="install it")
        return self.engine

    @contextmanager
    def _open(self, _env: Mapping[str, str], _engine: EngineChoice, _concurrency: int | None) -> Iterator[Tools]:
        yield tools(self.runner, self.identify)
