"""The command line of adopt and retire: what is asked for wrongly, and what needs no AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.accounts.retired_file import Retirement, retired_path, write_retired
from tests.cli.fleet_folder import Terminal, make_fleet_folder


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
    assert "old (900000000009): stopped before: destroy" in terminal.out.getvalue()
    assert terminal.runner.ran == []
    assert terminal.run("accounts", "list") == 0
    assert "stopped before: destroy" in terminal.out.getvalue()
    assert terminal.run("accounts", "show", "old") == 0


def test_an_account_that_nobody_knows_is_not_retired(tmp_path: Path) -> None:
    """A mistyped name is told with the nearest one, before AWS is asked."""
    make_fleet_folder(tmp_path)
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "retire", "lab-on", "--dry-run") == 2
    assert "lab-one" in terminal.err.getvalue()
