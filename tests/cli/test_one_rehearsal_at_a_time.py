"""A checkout holds one rehearsal at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from orchestrator.errors import RehearsalInTheWay
from orchestrator.rehearse.alone import alone, rehearsing_process
from tests.cli.fleet_folder import Terminal, make_fleet_folder
from tests.cli.twin_double import running_twin_double


def test_a_second_rehearsal_is_refused_while_one_goes_on(tmp_path: Path) -> None:
    """It is told whose it is and to wait, never to end the other's twin; afterwards there is room again."""
    run_file = tmp_path / "twin.json"
    with alone(run_file):
        with pytest.raises(RehearsalInTheWay) as raised, alone(run_file):
            pass
        assert str(os.getpid()) in raised.value.why
        assert "twin stop" not in raised.value.hint
        with alone(tmp_path / "elsewhere" / "twin.json"):
            assert (tmp_path / "elsewhere" / "twin.lock").is_file()
    with alone(run_file):
        pass
    assert list(tmp_path.glob("*.lock")) == []


def test_the_twin_of_a_rehearsal_that_goes_on_is_not_ended(tmp_path: Path) -> None:
    """`twin stop` is FY313 while a rehearsal goes on, naming its process; nothing is ended."""
    make_fleet_folder(tmp_path)
    run_file = tmp_path / ".fleetyard" / "twin.json"
    terminal = Terminal(tmp_path)
    with alone(run_file), running_twin_double(run_file):
        assert terminal.run("twin", "stop") == 2
        told = terminal.err.getvalue()
        assert "FY313" in told
        assert f"process {os.getpid()} performs it" in told
        assert "fleetyard twin stop --force" in told
        assert run_file.exists()
        assert rehearsing_process(run_file) == str(os.getpid())
    assert rehearsing_process(run_file) == ""


def test_the_twin_of_a_rehearsal_is_ended_by_force(tmp_path: Path) -> None:
    """With --force the rehearsal is not looked at: where no twin runs that is all there is to say."""
    make_fleet_folder(tmp_path)
    terminal = Terminal(tmp_path)
    with alone(tmp_path / ".fleetyard" / "twin.json"):
        assert terminal.run("twin", "stop", "--force") == 5
    assert "FY605" in terminal.err.getvalue()


def test_nobody_is_told_to_end_the_twin_of_a_rehearsal_that_goes_on(tmp_path: Path) -> None:
    """Who cannot join a rehearsal that is not done yet is told to wait for its process."""
    make_fleet_folder(tmp_path)
    run_file = tmp_path / ".fleetyard" / "twin.json"
    terminal = Terminal(tmp_path)
    with alone(run_file), running_twin_double(run_file):
        assert terminal.run("twin", "env", "--as", "Management-Admin") == 2
    told = terminal.err.getvalue()
    assert f"next: wait until the rehearsal of process {os.getpid()} has ended, then: eval" in told
    assert "twin stop" not in told


def test_a_rehearsal_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    """What a dead process left behind counts for nothing, as the system has let go of its lock."""
    (tmp_path / "twin.lock").write_text("4242", encoding="utf-8")
    with (
        alone(tmp_path / "twin.json"),
        (tmp_path / "twin.lock").open(encoding="utf-8") as held,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_twin_that_is_up_is_not_pushed_aside(tmp_path: Path) -> None:
    """Beside a kept rehearsal a new one is refused, with both ways to go on."""
    run_file = tmp_path / "twin.json"
    with running_twin_double(run_file) as run:
        with pytest.raises(RehearsalInTheWay) as raised, alone(run_file):
            pass
        assert raised.value.subject == run.endpoint
        assert "twin env" in raised.value.hint
        assert "fleetyard twin stop" in raised.value.hint
