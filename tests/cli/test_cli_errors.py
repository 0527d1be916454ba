"""Every error ends in a message and its exit code; only our own bugs leave a traceback, in a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.error_catalogue import ErrorClass, error_classes
from orchestrator.running.job import StackJob, StackResult
from tests.cli.fleet_folder import FakeRunner, Terminal, make_fleet_folder


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line in a fleet folder where nothing is deployed."""
    make_fleet_folder(tmp_path)
    return Terminal(tmp_path)


def raising(make: Callable[[], BaseException]) -> FakeRunner:
    """Return a runner that raises when it is first used."""

    def act(_job: StackJob) -> StackResult:
        raise make()

    return FakeRunner(act)


def plain(error: ErrorClass) -> Exception:
    """Return an instance of any error class, whatever its constructor takes."""
    instance = error.__new__(error)
    Exception.__init__(instance, "it failed")
    for name, text in {"summary": "it failed", "subject": "", "why": "because", "not_run": "", "hint": "do"}.items():
        setattr(instance, name, text)
    return instance


@pytest.mark.parametrize("error", [e for e in error_classes().values() if e.exit_code != 70], ids=lambda e: e.code)
def test_each_error_ends_with_its_exit_code(terminal: Terminal, error: ErrorClass) -> None:
    """An error that reaches the command line is told with its code and next step, and no traceback."""

    def fail(*_given: object) -> None:
        raise plain(error)

    terminal.identify = fail  # type: ignore[assignment]
    assert terminal.run("up") == error.exit_code
    told = terminal.err.getvalue()
    assert f"{error.code}: it failed" in told
    assert "next: do" in told
    assert "Traceback" not in told


def test_our_own_bug_ends_with_70_and_names_a_file(terminal: Terminal) -> None:
    """Anything else is FY901: the traceback is in a file that the message names, not on the screen."""
    terminal.runner = raising(lambda: ZeroDivisionError("oops"))
    assert terminal.run("up") == 70
    told = terminal.err.getvalue()
    assert "FY901" in told
    assert "Traceback" not in told
    (note,) = (terminal.folder / ".fleetyard" / "bugs").iterdir()
    assert str(note) in told
    assert "ZeroDivisionError: oops" in note.read_text(encoding="utf-8")


def test_an_interrupt_ends_with_130(terminal: Terminal) -> None:
    """Ctrl-C outside of a run ends with 130."""
    terminal.runner = raising(KeyboardInterrupt)
    assert terminal.run("up") == 130


@pytest.mark.parametrize("arguments", [["nonsense"], ["up", "--nonsense"], ["up", "--concurrency", "0"], ["explain"]])
def test_a_bad_invocation_ends_with_2(terminal: Terminal, arguments: list[str]) -> None:
    """Unknown commands and options, and unusable values, are usage errors."""
    assert terminal.run(*arguments) == 2


def test_a_kept_rehearsal_that_is_gone_is_told(terminal: Terminal) -> None:
    """FLEETYARD_REHEARSAL that names no rehearsal is FY309, and nothing falls back to the committed files."""
    terminal.env["FLEETYARD_REHEARSAL"] = str(terminal.folder / "nowhere")
    assert terminal.run("preview") == 2
    assert "FY309" in terminal.err.getvalue()
    assert terminal.runner.jobs == []


def error_of(terminal: Terminal) -> dict[str, object]:
    """Return the one error that standard output holds."""
    data = json.loads(terminal.out.getvalue())
    assert set(data) == {"error"}
    assert {"code", "exit_code", "message", "why", "hint"} <= set(data["error"])
    return dict(data["error"])


@pytest.mark.parametrize("format_option", [["--format", "json"], ["--format=json"]])
def test_an_error_before_a_run_is_data_too(terminal: Terminal, format_option: list[str]) -> None:
    """With --format json an error is one object on standard output, and its words stay on standard error."""
    terminal.engine = None
    assert terminal.run("up", *format_option) == 5
    error = error_of(terminal)
    assert (error["code"], error["exit_code"], error["hint"]) == ("FY420", 5, "install it")
    assert "FY420: the Pulumi CLI is not on PATH" in terminal.err.getvalue()


def test_without_json_an_error_is_no_data(terminal: Terminal) -> None:
    """Standard output stays empty where text was asked for."""
    terminal.engine = None
    terminal.run("up")
    assert terminal.out.getvalue() == ""


def test_a_bug_is_data_too(terminal: Terminal) -> None:
    """FY901 names the file to report in JSON as well."""
    terminal.runner = raising(lambda: ZeroDivisionError("oops"))
    terminal.run("up", "--format", "json")
    error = error_of(terminal)
    assert (error["code"], error["exit_code"]) == ("FY901", 70)
    assert ".fleetyard/bugs" in str(error["hint"])


@pytest.mark.parametrize("arguments", [["nonsense"], ["up", "--nonsense"], ["up", "--concurrency", "0"], ["explain"]])
def test_a_bad_invocation_is_data_too(
    terminal: Terminal, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be understood has the code `usage`, and the words that people read on standard error."""
    terminal.run(*arguments, "--format", "json")
    error = error_of(terminal)
    assert (error["code"], error["exit_code"]) == ("usage", 2)
    assert str(error["message"]) in " ".join(capsys.readouterr().err.split())


def test_an_interrupt_is_data_too(terminal: Terminal) -> None:
    """Ctrl-C before there is any report is told in JSON as well."""
    terminal.runner = raising(KeyboardInterrupt)
    assert terminal.run("up", "--format", "json") == 130
    assert error_of(terminal)["code"] == "interrupted"


def test_an_invalid_manifest_is_one_object(terminal: Terminal) -> None:
    """Each command tells all problems as a list; `validate` says `valid: false` in the same object."""
    (terminal.folder / "fleet.yaml").write_text("organisation: small\n", encoding="utf-8")
    terminal.run("plan", "--format", "json")
    problems = error_of(terminal)["problems"]
    assert isinstance(problems, list)
    assert len(problems) > 3
    again = Terminal(terminal.folder).json("validate")
    assert (again["valid"], again["problems"]) == (False, problems)
    assert again["error"] == error_of(terminal)


def test_a_pulumi_command_keeps_its_own_format(terminal: Terminal) -> None:
    """What is passed on to Pulumi is not read: its `--format json` asks nothing of us."""
    terminal.env["FLEETYARD_REHEARSAL"] = str(terminal.folder / "nowhere")
    assert terminal.run("pulumi", "stack", "ls", "--format", "json") != 0
    assert terminal.out.getvalue() == ""
