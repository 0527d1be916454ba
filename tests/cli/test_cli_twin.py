"""The commands around the twin, with a server in its place that only proves who it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.workspace import rehearsal
from tests.cli.fleet_folder import Terminal, make_fleet_folder
from tests.cli.twin_double import TOKEN, running_twin_double


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Return a command line in a fleet folder whose twin is up."""
    make_fleet_folder(tmp_path)
    with running_twin_double(tmp_path / ".fleetyard" / "twin.json"):
        yield Terminal(tmp_path)


def test_env_prints_lines_for_a_shell(terminal: Terminal) -> None:
    """Each line exports one variable, quoted where a shell needs it, and they lead to the twin as its administrator."""
    assert terminal.run("twin", "env") == 0
    lines = terminal.out.getvalue().splitlines()
    assert all(line.startswith("export ") for line in lines)
    assert "export AWS_ACCESS_KEY_ID=AKIDADMIN" in lines
    assert "export AWS_SECRET_ACCESS_KEY='secret of admin'" in lines
    assert "export AWS_REGION=eu-west-1" in lines
    assert f"export FLEETYARD_TWIN_RUN_FILE={terminal.folder / '.fleetyard' / 'twin.json'}" in lines


def test_an_empty_twin_has_no_management_roles(terminal: Terminal) -> None:
    """Without a rehearsal there is only admin: any other principal is FY311."""
    assert terminal.run("twin", "env", "--as", "admin") == 0
    assert terminal.run("twin", "env", "--as", "Management-Admin") == 2
    assert "FY311" in terminal.err.getvalue()


def test_an_unknown_principal_of_a_rehearsal_proposes_the_nearest(terminal: Terminal) -> None:
    """A principal that the fleet has not is FY311 and names the nearest one."""
    rehearsal(terminal.folder / "fleet.yaml", terminal.folder / ".fleetyard" / "rehearsal")
    assert terminal.run("twin", "env", "--as", "Management-Admn") == 2
    assert "did you mean Management-Admin?" in terminal.err.getvalue()


def test_status_tells_where_the_twin_is(terminal: Terminal) -> None:
    """The endpoint and the management account are shown, never the token or a key."""
    data = terminal.json("twin", "status")
    assert data["management_account_id"] == "100000000001"
    assert TOKEN not in terminal.out.getvalue()
    assert "AKIDADMIN" not in terminal.out.getvalue()


@pytest.mark.parametrize("command", ["env", "status", "stop"])
def test_without_a_twin_these_commands_end_with_5(tmp_path: Path, command: str) -> None:
    """Where no twin runs, joining, looking at or ending it is an error of the twin."""
    make_fleet_folder(tmp_path)
    terminal = Terminal(tmp_path)
    assert terminal.run("twin", command) == 5
    assert "FY605" in terminal.err.getvalue()


def test_the_run_file_in_the_environment_wins(terminal: Terminal, tmp_path: Path) -> None:
    """Whoever has joined a twin stays with it in any folder."""
    elsewhere = Terminal(tmp_path.parent, env={"FLEETYARD_TWIN_RUN_FILE": str(tmp_path / ".fleetyard" / "twin.json")})
    assert terminal.run("twin", "status") == 0
    assert elsewhere.run("twin", "status") == 0
