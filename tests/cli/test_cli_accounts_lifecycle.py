"""The command line of adopt and retire: what is asked for wrongly, and what needs no AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.accounts.retirement.retire_alone import alone
from orchestrator.accounts.retirement.retired_file import Retirement, Step, load_retired, retired_path, write_retired
from orchestrator.running.job import StackJob, StackResult
from tests.cli.fleet_folder import FakeRunner, Terminal, deploy_on_paper, make_fleet_folder
from tests.unit.orchestrator.fleets import ACCOUNTS

WHEN = "2026-01-01T12:00:00+00:00"


@pytest.mark.parametrize(
    "words",
    [("adopt",), ("adopt", "lab-one", "--all"), ("retire",), ("retire", "lab-one", "--continue")],
)
def test_one_account_or_all_of_them(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Neither says too little, both say too much."""
    make_fleet_folder(tmp_path)
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", *words, "--format", "json") == 2
    assert "give one account by name" in terminal.out.getvalue()


def test_the_first_manifest_is_not_guessed(tmp_path: Path) -> None:
    """Without a manifest each option that is missing is named, and nothing is asked of AWS."""
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "adopt", "--all", "--region", "eu-west-1") == 2
    said = terminal.err.getvalue()
    assert "FY375" in said
    assert "missing: --organization, --administrator, --management" in said


def test_what_is_on_its_way_out_is_shown_without_going_on(tmp_path: Path) -> None:
    """`retire --continue --dry-run` reads the file alone; without one it says so."""
    make_fleet_folder(tmp_path)
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "retire", "--continue", "--dry-run") == 0
    assert "No account is being retired." in terminal.out.getvalue()
    write_retired(retired_path(tmp_path / "fleet.lock.yaml"), (Retirement("old", "900000000009"),))
    assert terminal.run("accounts", "retire", "--continue", "--dry-run") == 0
    assert "old (900000000009): retiring: nothing is done, next: destroy" in terminal.out.getvalue()
    assert terminal.runner.ran == []
    assert terminal.run("accounts", "list") == 0
    assert "retiring: nothing is done, next: destroy" in terminal.out.getvalue()
    assert terminal.run("accounts", "show", "old") == 0


def test_an_account_that_nobody_knows_is_not_retired(tmp_path: Path) -> None:
    """A mistyped name is told with the nearest one, before AWS is asked."""
    make_fleet_folder(tmp_path)
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "retire", "lab-on", "--dry-run") == 2
    assert "lab-one" in terminal.err.getvalue()


def test_runs_leave_an_account_alone_that_is_being_retired(tmp_path: Path) -> None:
    """What a broken-off retirement destroyed is not deployed again, and the run says why; the others go on."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path)
    write_retired(retired_path(tmp_path / "fleet.lock.yaml"), (Retirement("lab-one", ACCOUNTS["lab-one"]),))
    terminal = Terminal(tmp_path)
    assert terminal.run("up", "--yes") == 0
    assert not [stack for stack in terminal.runner.ran if "lab-one" in stack]
    assert "network/lab-two" in terminal.runner.ran
    assert "being retired, left alone" in terminal.out.getvalue()
    assert "fleetyard accounts retire --continue" in terminal.out.getvalue()


def test_a_retirement_under_way_is_seen_while_the_manifest_has_the_account(tmp_path: Path) -> None:
    """`accounts list` and `show` tell how far it is, people and programs alike."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path)
    half = Retirement("lab-one", ACCOUNTS["lab-one"], done=dict.fromkeys((Step.DESTROY, Step.MOVE), WHEN))
    write_retired(retired_path(tmp_path / "fleet.lock.yaml"), (half,))
    state = "retiring: moved, next: drop (fleetyard accounts retire --continue)"
    for words in (("list",), ("show", "lab-one")):
        terminal = Terminal(tmp_path)
        assert terminal.run("accounts", *words) == 0
        assert state in terminal.out.getvalue()
    assert Terminal(tmp_path).json("accounts", "show", "lab-one")["state"] == state


def test_a_second_retirement_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """It is told whose the first one is; looking on goes all the same."""
    make_fleet_folder(tmp_path)
    terminal = Terminal(tmp_path)
    with alone(retired_path(tmp_path / "fleet.lock.yaml")):
        assert terminal.run("accounts", "retire", "--continue") == 2
        assert terminal.run("accounts", "retire", "--continue", "--dry-run") == 0
    assert "FY382" in terminal.err.getvalue()
    assert terminal.runner.ran == []


def test_an_interrupted_retirement_says_how_it_goes_on(tmp_path: Path) -> None:
    """Ctrl-C leaves what is done in the file, and names the command."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path, "network/lab-one")
    path = retired_path(tmp_path / "fleet.lock.yaml")
    write_retired(path, (Retirement("lab-one", ACCOUNTS["lab-one"]),))

    def interrupted(_job: StackJob) -> StackResult:
        raise KeyboardInterrupt

    terminal = Terminal(tmp_path, FakeRunner(interrupted))
    assert terminal.run("accounts", "retire", "--continue", "--format", "json") == 130
    assert "fleetyard accounts retire --continue" in terminal.err.getvalue()
    assert '"hint": "fleetyard accounts retire --continue"' in terminal.out.getvalue()
    assert load_retired(path)[0].doing is Step.DESTROY
