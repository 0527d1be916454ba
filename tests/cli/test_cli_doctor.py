"""`doctor` and `engine install` on the command line, and the offer to install before a run; nothing asks AWS here."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from landing_zone.lock import write_lock
from orchestrator.callers import AnswerKind, Identity
from orchestrator.cli.app import run
from orchestrator.cli.world import World
from orchestrator.doctor.caller_probe import CallerAnswer, probe_caller
from orchestrator.doctor.examination import examine
from orchestrator.doctor.finding import Finding, Outcome, Topic
from orchestrator.doctor.quota_check import QuotaAnswer, probe_quota
from orchestrator.engine.real_engine import required_plugins
from orchestrator.errors import PulumiMissing
from orchestrator.running.job import EngineChoice, EngineKind
from orchestrator.tools import no_bucket
from orchestrator.workers.pool import ChildDied
from tests.cli.fleet_folder import FakeRunner, make_fleet_folder, no_rehearsal, tools
from tests.unit.orchestrator.fleets import ACCOUNTS, LOCK, MANAGEMENT_ID

SESSION = f"arn:aws:sts::{MANAGEMENT_ID}:assumed-role/Management-Admin/ops"
NAMES = [
    "engine", "plugin", "versions", "manifest", "caller administrator", "caller management", "foundation state",
    "state bucket", "account quota", "memory", "clock", "disk",
]  # fmt: skip


class Answers(Executor):
    """A double of the processes that ask AWS: everybody is known and ten accounts are allowed, or as told."""

    def __init__(self, **instead: Any) -> None:
        identity = Identity(AnswerKind.KNOWN, MANAGEMENT_ID, SESSION)
        self._answers: dict[str, Any] = {
            probe_caller.__name__: CallerAnswer(identity),
            probe_quota.__name__: QuotaAnswer(10, frozenset(ACCOUNTS.values())),
            **instead,
        }

    def submit(self, fn: Callable[..., Any], /, *_args: Any, **_kwargs: Any) -> Future[Any]:
        """Answer at once, or fail as a process does."""
        future: Future[Any] = Future()
        answer = self._answers[fn.__name__]
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return future


@dataclass
class Shell:
    """A command line whose engine, processes and installer are doubles; `answers` makes it a terminal."""

    folder: Path
    engine: EngineChoice | None = field(default_factory=lambda: EngineChoice(EngineKind.EMBEDDED))
    installed: EngineChoice | None = None
    """What an installation makes of the engine."""
    children: Answers = field(default_factory=Answers)
    answers: list[str] | None = None
    env: dict[str, str] = field(default_factory=dict)
    installations: int = 0
    runner: FakeRunner = field(default_factory=FakeRunner)
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def run(self, *arguments: str) -> int:
        """Run one command and return its exit code."""
        # Nobody listens there, so the clock is not compared with anybody's.
        env = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "HOME": str(self.folder), **self.env}
        world = World(
            env=env,
            folder=self.folder,
            out=self.out,
            err=self.err,
            ask=self._ask if self.answers is not None else None,
            choose_engine=self._choose,
            open_tools=self._open,
            rehearse=no_rehearsal,
            read_bucket=no_bucket,
            open_children=self._children,
            install_engine=self._install,
        )
        return run(arguments, world)

    def findings(self) -> dict[str, dict[str, str]]:
        """Return what `doctor --format json` found, by name."""
        self.run("doctor", "--format", "json")
        return {check["name"]: check for check in json.loads(self.out.getvalue())["checks"]}

    def _ask(self, _question: str) -> str:
        assert self.answers is not None
        return self.answers.pop(0)

    def _choose(self, _env: Mapping[str, str], _requested: EngineKind | None) -> EngineChoice:
        if self.engine is None:
            raise PulumiMissing("the Pulumi CLI is not there", why="none was found", hint="fleetyard engine install")
        return self.engine

    def _install(self, _env: Mapping[str, str], tell: Callable[[str], None]) -> EngineChoice:
        self.installations += 1
        tell("installing")
        if self.installed is None:
            raise AssertionError("no installation was expected")
        self.engine = self.installed
        for plugin in required_plugins():
            program = self.folder / ".pulumi" / "plugins" / plugin.folder / plugin.executable
            program.parent.mkdir(parents=True)
            program.touch()
        return self.installed

    @contextmanager
    def _open(self, *_arguments: object) -> Iterator[Any]:
        yield tools(self.runner)

    @contextmanager
    def _children(self) -> Iterator[Executor]:
        yield self.children


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a command line in the folder of the small fleet, whose accounts are there."""
    make_fleet_folder(tmp_path)
    write_lock(tmp_path / "fleet.lock.yaml", LOCK)
    return Shell(tmp_path)


def real_cli() -> EngineChoice:
    """Return a real CLI."""
    return EngineChoice(EngineKind.PULUMI, "/opt/pulumi", "3.259.0")


def test_every_check_is_there(shell: Shell) -> None:
    """All is examined, in one order, and a machine that is well ends with 0."""
    assert shell.run("doctor") == 0
    lines = shell.out.getvalue().splitlines()
    found = [line[13:].split("  ")[0] for line in lines if line[:1] != " "]
    assert [name for name in found if name in NAMES] == NAMES
    assert lines[-1] in {"All is well.", "0 failed, 1 warnings"}


def test_the_findings_come_as_json(shell: Shell) -> None:
    """For machines: name, topic, outcome, words and the next step of each check, and the exit code."""
    assert shell.run("doctor", "--format", "json") == 0
    data = json.loads(shell.out.getvalue())
    assert data["exit_code"] == 0
    assert [check["name"] for check in data["checks"]] == NAMES
    assert {tuple(check) for check in data["checks"]} == {("name", "topic", "outcome", "words", "next")}


def test_a_missing_engine_ends_with_5(shell: Shell) -> None:
    """The engine's failure gives the exit code, and the other checks are carried out all the same."""
    shell.engine = None
    assert shell.run("doctor") == 5
    assert "next: fleetyard engine install" in shell.out.getvalue()
    assert "caller administrator" in shell.out.getvalue()


def test_a_wrong_caller_ends_with_3(shell: Shell) -> None:
    """Access is the next worst."""
    stranger = Identity(AnswerKind.KNOWN, "999999999999", "arn:aws:iam::999999999999:user/x")
    shell.children = Answers(probe_caller=CallerAnswer(stranger))
    assert shell.run("doctor") == 3
    assert "999999999999 instead of 100000000001" in shell.out.getvalue()


def test_too_small_a_quota_ends_with_1(shell: Shell) -> None:
    """What is about neither engine, access nor manifest ends with 1."""
    shell.children = Answers(probe_quota=QuotaAnswer(1, frozenset()))
    assert shell.run("doctor") == 1


def test_without_a_manifest_the_rest_is_examined(tmp_path: Path) -> None:
    """A folder without a fleet ends with 2; engine and machine are looked at, and the rest is named as not checked."""
    found = Shell(tmp_path).findings()
    assert found["manifest"]["outcome"] == "failed"
    assert found["engine"]["outcome"] == "ok"
    assert found["caller"]["outcome"] == "not checked"
    assert Shell(tmp_path).run("doctor") == 2


def test_a_damaged_lock_file_is_a_finding(shell: Shell) -> None:
    """A lock file that cannot be read ends no examination."""
    (shell.folder / "fleet.lock.yaml").write_text("accounts: [", encoding="utf-8")
    found = shell.findings()["manifest"]
    assert (found["outcome"], "git checkout" in found["next"]) == ("failed", True)


def test_the_concurrency_asked_for_is_reckoned_with(shell: Shell) -> None:
    """More stacks at a time than the memory holds is a warning that names how many it holds."""
    shell.run("doctor", "--concurrency", "1000000")
    assert "next: --concurrency " in shell.out.getvalue()


@pytest.mark.parametrize("error", [ChildDied("ended by SIGKILL"), TimeoutError()])
def test_a_process_that_does_not_answer_is_a_finding(shell: Shell, error: Exception) -> None:
    """A process that dies or waits for ever fails its own check only."""
    shell.children = Answers(probe_caller=error)
    found = shell.findings()
    assert found["caller administrator"]["outcome"] == "failed"
    assert found["account quota"]["outcome"] == "ok"


def test_a_quota_that_is_not_answered_is_not_known(shell: Shell) -> None:
    """What did not come in time is no failure of the quota."""
    shell.children = Answers(probe_quota=TimeoutError())
    assert shell.findings()["account quota"]["outcome"] == "not checked"


def test_a_long_examination_tells_what_it_waits_for() -> None:
    """When nothing came for a while the checks that are still waited for are named."""
    told = threading.Event()
    heard: list[str] = []

    def slow() -> tuple[Finding, ...]:
        assert told.wait(60)
        return (Finding("slow", Topic.MACHINE, Outcome.OK, "done"),)

    def tell(words: str) -> None:
        heard.append(words)
        told.set()

    found = examine({"slow": slow}, tell, patience=0.01)
    assert [finding.words for finding in found] == ["done"]
    assert heard[0] == "Waiting for: slow"


def test_engine_install_prints_where_the_cli_is(shell: Shell) -> None:
    """The command is the consent: nothing is asked. Its data is the CLI's path."""
    shell.engine, shell.installed = None, real_cli()
    assert shell.run("engine", "install") == 0
    assert shell.out.getvalue() == "/opt/pulumi\n"
    assert shell.err.getvalue() == "installing\n"


@pytest.mark.parametrize("variable", ["FLEETYARD_TWIN_RUN_FILE", "FLEETYARD_REHEARSAL"])
def test_nothing_is_installed_for_a_twin(shell: Shell, variable: str) -> None:
    """In a shell that has joined a twin, `engine install` is FY354 and fetches nothing."""
    shell.env[variable] = str(shell.folder / "twin.json")
    assert shell.run("engine", "install") == 5
    assert "FY354" in shell.err.getvalue()
    assert shell.installations == 0


def test_without_a_terminal_nothing_is_fetched_unasked(shell: Shell) -> None:
    """In CI a run without an engine ends with its error."""
    shell.engine, shell.installed = None, real_cli()
    assert shell.run("preview") == 5
    assert "FY420" in shell.err.getvalue()
    assert shell.installations == 0


@pytest.mark.parametrize("answer", ["n", ""])
def test_on_a_terminal_the_offer_can_be_declined(shell: Shell, answer: str) -> None:
    """Whoever does not say yes gets the error, and nothing is fetched."""
    shell.engine, shell.installed, shell.answers = None, real_cli(), [answer]
    assert shell.run("preview") == 5
    assert shell.installations == 0


def test_on_a_terminal_the_offer_leads_to_the_run(shell: Shell) -> None:
    """After a yes what is missing is installed and the run goes on."""
    shell.engine, shell.installed, shell.answers = None, real_cli(), ["y"]
    assert shell.run("preview", "--stack", "organization/*") == 0
    assert shell.installations == 1
    assert shell.runner.ran == ["organization/root"]


def test_a_missing_plugin_stops_a_run_before_its_workers(shell: Shell) -> None:
    """With the CLI but without the plugin, a run is FY351 and starts nothing."""
    shell.engine = real_cli()
    assert shell.run("preview") == 5
    assert "FY351" in shell.err.getvalue()
    assert shell.runner.ran == []
