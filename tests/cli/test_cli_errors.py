"""Every error ends in a message and its exit code; only our own bugs leave a traceback, in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.error_catalogue import ErrorClass, error_classes
from orchestrator.job import StackJob, StackResult
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
