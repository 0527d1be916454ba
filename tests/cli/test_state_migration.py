"""Which stacks a migration moves, what it refuses before it begins, and how it is told; nothing outside is reached."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from landing_zone.lock import write_lock
from landing_zone.manifest import load_manifest
from orchestrator.errors import NoCaller, PassphraseMissing, StateNotMade
from orchestrator.files.project_files import read_config
from orchestrator.files.workspace import committed
from orchestrator.planning.plan import make_plan
from orchestrator.planning.selection import Selection, select
from orchestrator.running.job import StackErrorInfo
from orchestrator.stack_id import StackId
from orchestrator.state.errors import BackendUnreadable
from orchestrator.state.migrate import MigrationReport, StateMigration, Survey
from orchestrator.state.migration_report import migration_as_json, migration_as_text
from orchestrator.state.move_job import MoveJob, MoveResult, Outcome
from orchestrator.state.places import BackendName
from orchestrator.state.survey import Holdings, SurveyQuery, survey, survey_in_own_process
from orchestrator.workers.pool import ChildDied
from tests.cli.fleet_folder import FakeRunner, make_fleet_folder, no_management_caller, tools
from tests.unit.orchestrator.fleets import BUCKET_FLEET, FLEET, HOME, LOCK
from tests.unit.orchestrator.state_backends import NOON, Objects, checkpoint

ONE, TWO = StackId("network", "lab-one"), StackId("network", "lab-two")
URL = f"awskms:///{HOME.key_arn}?region=eu-west-1"
BY_KEY = {"secrets_providers": {"type": "cloud", "state": {"url": URL, "encryptedkey": "wrapped"}}}


class Pool:
    """Calls in this process: the survey reads a bucket in memory, a move succeeds or ends as it is told to."""

    def __init__(self) -> None:
        self.bucket = Objects()
        self.refused = ""
        self.queries: list[SurveyQuery] = []
        self.jobs: list[MoveJob] = []
        self.died: frozenset[StackId] = frozenset()

    def call(self, fn: Callable[[Any], Any], argument: Any) -> Future[Any]:
        """Answer at once."""
        future: Future[Any] = Future()
        if fn is survey_in_own_process:
            self.queries.append(argument)
            future.set_result(Holdings(refused=self.refused) if self.refused else survey(self.bucket, argument.names))
        elif argument.id in self.died:
            self.jobs.append(argument)
            future.set_exception(ChildDied("its process was ended by SIGKILL"))
        else:
            self.jobs.append(argument)
            future.set_result(MoveResult(argument.id, Outcome.MOVED, resources=1, seconds=0.5))
        return future


def no_move(_job: MoveJob) -> MoveResult:
    """Fail: the pool answers in its place."""
    raise AssertionError("no move was expected")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a repository whose workloads belong into the bucket."""
    make_fleet_folder(tmp_path, BUCKET_FLEET)
    write_lock(tmp_path / "fleet.lock.yaml", replace(LOCK, state=HOME))
    return tmp_path


@pytest.fixture
def pool() -> Pool:
    """Return a pool over an empty bucket."""
    return Pool()


def in_files(folder: Path, name: str, **more: object) -> None:
    """Put the state of a stack into files."""
    file = folder / "state" / ".pulumi" / "stacks" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(checkpoint(name, **more)), encoding="utf-8")


def migration(folder: Path, pool: Pool, **changes: Any) -> StateMigration:
    """Return a migration of the folder's fleet."""
    workspace = committed(folder / "fleet.yaml")
    world = replace(tools(FakeRunner()), **{"call": pool.call, **changes})
    return StateMigration(load_manifest(workspace.fleet), workspace, world, no_move)


def looked(folder: Path, pool: Pool, *stacks: str, **changes: Any) -> Survey:
    """Look where the selected stacks are."""
    plan = make_plan(load_manifest(folder / "fleet.yaml"))
    return migration(folder, pool, **changes).look(select(plan, Selection(stacks=stacks)))


def todo(found: Survey) -> Mapping[StackId, Outcome]:
    """Return what is to be done with each stack."""
    return {standing.planned.id: standing.todo for standing in found.standings}


def test_what_is_found_in_both_backends_decides(folder: Path, pool: Pool) -> None:
    """A state in files alone is moved, in both finished, in the bucket alone left, and one in neither is absent."""
    in_files(folder, "network/lab-one")
    in_files(folder, "network/lab-two")
    pool.bucket.put_stack("network/lab-two", **BY_KEY)
    pool.bucket.put_stack("app/lab-one.eu-west-1", **BY_KEY)
    settings = folder / "workloads" / "app" / "Pulumi.lab-one.eu-west-1.yaml"
    settings.write_text(f"secretsprovider: {URL}\nencryptedkey: wrapped\n", encoding="utf-8")
    found = looked(folder, pool)
    assert (found.source, found.target) == (BackendName.FILES, BackendName.BUCKET)
    assert todo(found) == {
        ONE: Outcome.MOVED,
        TWO: Outcome.FINISHED,
        StackId("app", "lab-one", "eu-west-1"): Outcome.THERE,
        StackId("app", "lab-one", "eu-north-1"): Outcome.ABSENT,
    }
    settings.unlink()
    assert todo(looked(folder, pool, "app/lab-one/eu-west-1")) == {
        StackId("app", "lab-one", "eu-west-1"): Outcome.SETTLED
    }


def test_the_manifest_says_the_way(folder: Path, pool: Pool) -> None:
    """With `workload_state: files` what is in the bucket is moved to files, with the same caller on both sides."""
    make_fleet_folder(folder, FLEET)
    pool.bucket.put_stack("network/lab-one", **BY_KEY)
    found = looked(folder, pool, "network/lab-one")
    assert (found.source, found.target, todo(found)) == (BackendName.BUCKET, BackendName.FILES, {ONE: Outcome.MOVED})
    report = migration(folder, pool).carry_out(found, lambda _result: None)
    (job,) = pool.jobs
    assert report.exit_code == 0
    assert (job.source.backend_url, job.source.secrets_provider) == (f"s3://{HOME.bucket}?region=eu-west-1", URL)
    assert (job.target.backend_url, job.target.secrets_provider) == ((folder / "state").as_uri(), "passphrase")
    assert job.source.env["PULUMI_BACKEND_URL"] == job.source.backend_url
    assert {side.env["AWS_PROFILE"] for side in (job.source, job.target)} == {"small-management"}
    assert job.look[1].startswith("less ")
    assert job.aside[0].startswith("aws s3 mv ")


def test_foundation_stacks_are_left_out(folder: Path, pool: Pool) -> None:
    """The foundation's state stays in files, whatever is selected, and nobody is asked about the bucket."""
    found = looked(folder, pool, "bootstrap-subaccount/*")
    assert (found.standings, pool.queries) == ((), [])
    report = migration(folder, pool).carry_out(found, lambda _result: None)
    assert migration_as_text(report) == "state migrate, to the state bucket: no workloads selected"


def test_a_dry_run_moves_nothing(folder: Path, pool: Pool) -> None:
    """A dry run tells what would be done and starts no move."""
    in_files(folder, "network/lab-one")
    found = looked(folder, pool, "network/*")
    report = migration(folder, pool).dry_run(found)
    assert pool.jobs == []
    assert migration_as_text(report).splitlines() == [
        "network/lab-one  would be moved, 1 resource",
        "network/lab-two  has no state",
        "",
        "state migrate, dry run, to the state bucket: 1 would be moved, 1 absent",
    ]


def test_a_locked_stack_is_refused_and_the_others_are_moved(folder: Path, pool: Pool) -> None:
    """A lock that may be held refuses its stack, with who holds it and where (FY402); the rest is moved."""
    in_files(folder, "network/lab-one")
    in_files(folder, "network/lab-two")
    lock = folder / "state" / ".pulumi" / "locks" / "organization" / "network" / "lab-two" / "1.json"
    lock.parent.mkdir(parents=True)
    held = {"pid": 7, "username": "ada", "hostname": "elsewhere", "timestamp": NOON}
    lock.write_text(json.dumps(held), encoding="utf-8")
    report = migration(folder, pool).carry_out(looked(folder, pool, "network/*"), lambda _result: None)
    by_id = {result.id: result for result in report.results}
    assert by_id[ONE].outcome is Outcome.MOVED
    error = by_id[TWO].error
    assert error is not None
    assert (error.code, report.exit_code) == ("FY402", 1)
    assert "ada@elsewhere" in error.why
    assert error.hint.endswith(f"if that run is gone: rm {lock}")


def test_a_damaged_state_is_refused(folder: Path, pool: Pool) -> None:
    """A source that is no state is not moved: FY405, with the way to look at it."""
    in_files(folder, "network/lab-one")
    (folder / "state/.pulumi/stacks/network/lab-one.json").write_text("{", encoding="utf-8")
    report = migration(folder, pool).carry_out(looked(folder, pool, "network/lab-one"), lambda _result: None)
    error = report.results[0].error
    assert error is not None
    assert (error.code, error.hint) == ("FY405", "fleetyard state doctor --stack network/lab-one")
    assert (pool.jobs, report.exit_code) == ([], 5)


def test_without_a_bucket_there_is_nowhere_to_move_to(folder: Path, pool: Pool) -> None:
    """Before the management account's bootstrap the move is refused with the command that makes the bucket: FY321."""
    write_lock(folder / "fleet.lock.yaml", LOCK)
    with pytest.raises(StateNotMade) as raised:
        looked(folder, pool)
    assert raised.value.hint == "fleetyard up --stack bootstrap"


def test_a_bucket_that_cannot_be_read_moves_nothing(folder: Path, pool: Pool) -> None:
    """What AWS says about the bucket is told before anything is moved: FY324."""
    pool.refused = "AccessDenied when calling ListObjectsV2"
    with pytest.raises(BackendUnreadable) as raised:
        looked(folder, pool)
    assert (raised.value.code, raised.value.exit_code, raised.value.why) == ("FY324", 3, pool.refused)


def test_the_caller_of_workloads_is_needed(folder: Path, pool: Pool) -> None:
    """Without credentials for it nothing is looked at: FY203."""
    with pytest.raises(NoCaller):
        looked(folder, pool, identify=no_management_caller)
    assert pool.queries == []


def test_the_passphrase_is_needed_once_something_is_moved(folder: Path, pool: Pool) -> None:
    """Either way one side is under a passphrase: without it nothing is begun (FY204); looking needs none."""
    in_files(folder, "network/lab-one")
    found = looked(folder, pool, "network/lab-one", env={})
    with pytest.raises(PassphraseMissing):
        migration(folder, pool, env={}).carry_out(found, lambda _result: None)
    assert pool.jobs == []


def test_a_move_whose_process_died_is_told_with_the_way_on(folder: Path, pool: Pool) -> None:
    """The others are moved, and the same command goes on with this one: FY408."""
    in_files(folder, "network/lab-one")
    in_files(folder, "network/lab-two")
    pool.died = frozenset({ONE})
    ended: list[MoveResult] = []
    report = migration(folder, pool).carry_out(looked(folder, pool, "network/*"), ended.append)
    assert {result.id: result.outcome for result in report.results} == {ONE: Outcome.FAILED, TWO: Outcome.MOVED}
    assert len(ended) == 2
    data = migration_as_json(report)
    assert (data["from"], data["to"], data["exit_code"]) == ("files", "bucket", 1)
    failed = next(stack for stack in data["stacks"] if stack["outcome"] == "failed")  # type: ignore[attr-defined]
    assert failed["error"]["code"] == "FY408"
    assert failed["error"]["hint"] == "fleetyard state migrate --stack network/lab-one"


@dataclass
class Waiting(FakeRunner):
    """A pool of one place: the first move asks to stop and ends, the others wait until they are cancelled."""

    waiting: list[Future[Any]] = field(default_factory=list)
    interrupts: int = 0

    def call(self, _fn: Callable[[Any], Any], job: Any) -> Future[Any]:
        """Take a move in."""
        future: Future[Any] = Future()
        if self.waiting:
            self.waiting.append(future)
            return future
        self.waiting.append(future)
        os.kill(os.getpid(), signal.SIGINT)
        future.set_result(MoveResult(job.id, Outcome.MOVED))
        return future

    def interrupt(self) -> None:
        """Cancel what waits."""
        self.interrupts += 1
        for future in self.waiting[1:]:
            future.cancel()
            future.set_running_or_notify_cancel()


def test_an_interrupt_begins_no_further_stack(folder: Path, pool: Pool) -> None:
    """The stack in hand is ended, the others stay as they are, and the exit code is 130."""
    in_files(folder, "network/lab-one")
    in_files(folder, "network/lab-two")
    found = looked(folder, pool, "network/*")
    runner = Waiting()
    report = migration(folder, pool, runner=runner, call=runner.call).carry_out(found, lambda _result: None)
    assert [result.outcome for result in report.results] == [Outcome.MOVED, Outcome.CANCELLED]
    assert (report.exit_code, runner.interrupts) == (130, 1)
    assert migration_as_text(report).splitlines()[1] == "network/lab-two  not begun: interrupted"


@pytest.mark.parametrize(
    ("codes", "interrupted", "exit_code"),
    [
        pytest.param([], False, 0, id="all moved"),
        pytest.param([3, 3], False, 3, id="of one mind"),
        pytest.param([3, 5], False, 1, id="of two minds"),
        pytest.param([3], True, 130, id="interrupted"),
    ],
)
def test_the_exit_code_is_that_of_the_failed_stacks(codes: list[int], interrupted: bool, exit_code: int) -> None:
    """Failed stacks that agree on a code give it, others 1; an interrupted migration ends with 130."""
    results = tuple(MoveResult(ONE, Outcome.FAILED, error=StackErrorInfo("FY1", "", exit_code=code)) for code in codes)
    report = MigrationReport(BackendName.FILES, BackendName.BUCKET, results, interrupted=interrupted)
    assert report.exit_code == exit_code


def test_settings_are_untouched_until_a_move(folder: Path, pool: Pool) -> None:
    """Looking changes no settings file, not even one that does not fit."""
    pool.bucket.put_stack("network/lab-one", **BY_KEY)
    settings = folder / "workloads" / "network" / "Pulumi.lab-one.yaml"
    settings.write_text('config:\n  network:a: "1"\n', encoding="utf-8")
    assert todo(looked(folder, pool, "network/lab-one")) == {ONE: Outcome.SETTLED}
    assert read_config(settings) == {"network:a": "1"}
    assert settings.read_text(encoding="utf-8").startswith("config:")
