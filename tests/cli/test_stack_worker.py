"""One job in a worker, on a Pulumi that only writes down what it was asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from orchestrator.files.project_files import read_config, salt_of
from orchestrator.running.job import Operation, Reason, StackJob, StackKeys, StackResult, StackStatus, ignore_event
from orchestrator.workers.worker import run_stack_job
from rehearsal.errors import RehearsalError
from tests.unit.orchestrator.fleets import a_job

HISTORY = [
    {
        "kind": "update",
        "startTime": "2026-11-21T08:00:00.000Z",
        "message": "",
        "environment": {},
        "config": {},
        "result": "succeeded",
    }
]
OUTPUTS = {"vpc": "vpc-1", "token": "[secret]"}


class WritingDown(PulumiCommand):
    """A Pulumi without an engine: keeps the commands, answers what the SDK asks, fails where it is told to."""

    def __init__(self, *, exists: bool = True, failures: Mapping[str, CommandResult | Exception] | None = None) -> None:
        self.command = "pulumi"
        self.version = VersionInfo.parse("3.272.0")
        self.commands: list[str] = []
        self.arguments: list[list[str]] = []
        self._exists = exists
        self._failures = failures or {}

    def run(self, args: list[str], *_where: object, **_more: object) -> CommandResult:
        """Note the command and answer."""
        words = " ".join(args[:2] if args[0] in {"stack", "config"} else args[:1])
        self.commands.append(words)
        self.arguments.append(args)
        failure = self._failures.get(words)
        if isinstance(failure, Exception):
            raise failure
        if failure is not None:
            raise create_command_error(failure)
        if words == "stack select" and not self._exists:
            raise create_command_error(CommandResult("", "error: no stack named 'lab-one' found", 6))
        return CommandResult(self._answer(args), "", 0)

    def _answer(self, args: list[str]) -> str:
        if args[:2] == ["stack", "output"]:
            return json.dumps(OUTPUTS if "--show-secrets" not in args else {**OUTPUTS, "token": "sesame"})
        return json.dumps(HISTORY) if args[:2] == ["stack", "history"] else ""


@pytest.fixture
def job(tmp_path: Path) -> StackJob:
    """Return a job whose files lie in a folder of the test."""
    program = tmp_path / "network"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: network\nruntime: python\n", encoding="utf-8")
    return replace(
        a_job(),
        project_file=program / "Pulumi.yaml",
        work_dir=tmp_path / "work",
        settings_dir=program,
        backend_url=tmp_path.as_uri(),
    )


def run(job: StackJob, command: WritingDown) -> StackResult:
    """Run the job on this Pulumi."""
    return run_stack_job(lambda _job: command, job, ignore_event)


def write_settings(job: StackJob, text: str) -> Path:
    """Write the stack's settings file."""
    file = job.settings_dir / "Pulumi.lab-one.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_up_makes_the_stack_configures_it_and_returns_open_outputs(job: StackJob) -> None:
    """A stack that is not there is made, given its config and updated; secret outputs stay where they are."""
    command = WritingDown(exists=False)
    result = run(job, command)
    assert command.commands[:4] == ["stack select", "stack init", "config set-all", "up"]
    assert (result.status, result.outputs) == (StackStatus.SUCCEEDED, {"vpc": "vpc-1"})
    assert "sesame" not in repr(result)


def test_config_that_is_there_already_is_not_written(job: StackJob) -> None:
    """Where the settings file holds the job's config, no config command runs."""
    write_settings(job, "config:\n  fleetyard:account: lab-one\n  network:size: 3\n")
    command = WritingDown()
    run(job, command)
    assert not any(words.startswith("config") for words in command.commands)


def test_config_of_ours_that_no_longer_holds_is_removed(job: StackJob) -> None:
    """A stale key of our namespace goes; keys of other namespaces are the user's and stay."""
    write_settings(job, "config:\n  fleetyard:account: lab-one\n  fleetyard:old: x\n  network:size: 3\n")
    command = WritingDown()
    run(job, command)
    (removal,) = [args for args in command.arguments if args[:2] == ["config", "rm-all"]]
    assert removal[-1] == "fleetyard:old"


def test_a_preview_takes_back_the_stack_it_made(job: StackJob) -> None:
    """A preview of a stack that is not there leaves none behind, even when it fails, and no settings either."""
    failure = CommandResult("", "error: something", 1)
    command = WritingDown(exists=False, failures={"preview": failure})
    result = run(replace(job, operation=Operation.PREVIEW), command)
    assert result.status is StackStatus.FAILED
    assert command.commands[-1] == "stack rm"
    assert not (job.settings_dir / "Pulumi.lab-one.yaml").exists()


def test_a_preview_works_on_a_copy_of_the_settings(job: StackJob) -> None:
    """A dry operation configures a copy; the stack's own settings file stays as it is."""
    file = write_settings(job, "config:\n  fleetyard:account: other\n")
    run(replace(job, operation=Operation.PREVIEW), WritingDown())
    assert read_config(file) == {"fleetyard:account": "other"}
    assert "settings" in (job.work_dir / "Pulumi.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("operation", [Operation.REFRESH, Operation.DESTROY])
def test_other_operations_make_no_stack(job: StackJob, operation: Operation) -> None:
    """Refreshing or destroying a stack that is not there fails and makes nothing."""
    command = WritingDown(exists=False)
    result = run(replace(job, operation=operation), command)
    assert result.error is not None
    assert "no stack named" in result.error.why
    assert command.commands == ["stack select"]


def test_a_new_stack_takes_the_salt_it_is_given(job: StackJob) -> None:
    """With keys, a stack without settings starts from the given salt; one with settings keeps its own."""
    keyed = replace(job, keys=StackKeys("v1:AAAA:v1:b:c", {}))
    run(keyed, WritingDown(exists=False))
    assert salt_of(job.settings_dir / "Pulumi.lab-one.yaml") == "v1:AAAA:v1:b:c"
    write_settings(job, "encryptionsalt: v1:BBBB:v1:b:c\n")
    run(keyed, WritingDown(exists=False))
    assert salt_of(job.settings_dir / "Pulumi.lab-one.yaml") == "v1:BBBB:v1:b:c"


def test_a_locked_stack_names_its_lock(job: StackJob, tmp_path: Path) -> None:
    """A lock of another run is FY402 with who holds it and the file to remove if that run is gone."""
    lock = tmp_path / ".pulumi" / "locks" / "organization" / "network" / "lab-one" / "x.json"
    lock.parent.mkdir(parents=True)
    lock.write_text("{}", encoding="utf-8")
    words = "error: the stack is currently locked by 1 lock(s).\n  x.json: created by ann@box (pid 7) at now"
    result = run(job, WritingDown(failures={"up": CommandResult("", words, 1)}))
    assert result.error is not None
    assert result.error.code == "FY402"
    assert "ann@box" in result.error.why
    assert str(lock) in result.error.hint


def test_an_error_of_the_rehearsal_is_told_as_it_is(job: StackJob) -> None:
    """An error with a code that comes through the SDK keeps its code, words and next step."""

    class Refused(RehearsalError):
        code = "FY599"

    result = run(job, WritingDown(failures={"up": Refused("refused", why="because", hint="do this")}))
    assert result.error is not None
    assert (result.error.code, result.error.why, result.error.hint) == ("FY599", "because", "do this")


def test_a_worker_never_raises(job: StackJob) -> None:
    """Whatever goes wrong is in the result; a bug of ours is FY901 with its traceback in a file."""
    result = run(job, WritingDown(failures={"up": ZeroDivisionError("oops")}))
    assert (result.status, result.reason) == (StackStatus.FAILED, Reason.FAILED)
    assert result.error is not None
    assert result.error.code == "FY901"
    assert "ZeroDivisionError" in (job.work_dir / "traceback.txt").read_text(encoding="utf-8")


def test_files_that_cannot_be_written_fail_the_stack(job: StackJob) -> None:
    """A work directory that cannot be made is the stack's failure, not a bug."""
    job.work_dir.write_text("in the way", encoding="utf-8")
    result = run(job, WritingDown())
    assert result.error is not None
    assert result.error.code == "FY401"


def test_an_interrupt_is_no_failure(job: StackJob) -> None:
    """A stack whose engine was interrupted is cancelled."""

    class Interrupted(WritingDown):
        def run(self, args: list[str], *where: object, **more: object) -> CommandResult:
            if args[0] == "up":
                raise KeyboardInterrupt
            return super().run(args, *where, **more)

    result = run(job, Interrupted())
    assert (result.status, result.reason) == (StackStatus.CANCELLED, Reason.INTERRUPTED)


def test_a_worker_measures_itself(job: StackJob) -> None:
    """The result tells how long it took and the most memory the process had."""
    result = run(job, WritingDown())
    assert result.seconds > 0
    assert result.peak_memory > 1_000_000
