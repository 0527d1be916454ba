"""The commands around the twin, with a server in its place that only proves who it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.composition import prove_twin
from orchestrator.files.workspace import rehearsal, remove_rehearsal
from rehearsal.twin.errors import NotOurTwin
from rehearsal.twin.run_file import AdministratorKey, TwinRun, write_run_file
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


@pytest.fixture
def dead(tmp_path: Path) -> Terminal:
    """Return a command line in a fleet folder whose kept rehearsal's twin has died."""
    make_fleet_folder(tmp_path)
    run_file = tmp_path / ".fleetyard" / "twin.json"
    key = AdministratorKey("AKIDADMIN", "secret")
    gone = "http://127.0.0.1:9"
    write_run_file(run_file, TwinRun(os.getpid(), 1.0, gone, gone, TOKEN, "100000000001", "eu-west-1", key))
    rehearsal(tmp_path / "fleet.yaml", tmp_path / ".fleetyard" / "rehearsal")
    return Terminal(tmp_path)


@pytest.mark.parametrize("command", ["env", "status", "stop"])
def test_a_kept_rehearsal_whose_twin_died_is_to_be_made_anew(dead: Terminal, command: str) -> None:
    """An empty twin would be no help to whoever had joined the rehearsal."""
    assert dead.run("twin", command) == 5
    assert dead.err.getvalue().rstrip().endswith("next: fleetyard rehearse --keep")


def test_whoever_had_joined_a_dead_twin_is_told_to_rehearse(dead: Terminal) -> None:
    """The environment alone tells that a rehearsal was joined, also when its files are gone."""
    run_file = dead.folder / ".fleetyard" / "twin.json"
    env = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "FLEETYARD_TWIN_RUN_FILE": str(run_file)}
    remove_rehearsal(dead.folder / ".fleetyard" / "rehearsal")
    for joined, hint in (({}, "fleetyard twin start"), ({"FLEETYARD_REHEARSAL": "x"}, "fleetyard rehearse --keep")):
        with pytest.raises(NotOurTwin) as raised:
            prove_twin({**env, **joined})
        assert raised.value.hint == hint


def test_stopping_a_dead_twin_removes_what_its_rehearsal_left(dead: Terminal) -> None:
    """Its files are of no use without it, and would be taken for those of the next twin."""
    assert dead.run("twin", "stop") == 5
    assert not (dead.folder / ".fleetyard" / "rehearsal").exists()


def test_stopping_nothing_keeps_a_failed_rehearsals_files(dead: Terminal) -> None:
    """Without a run file no twin has died: the files are there to find out why a rehearsal failed."""
    (dead.folder / ".fleetyard" / "twin.json").unlink()
    assert dead.run("twin", "stop") == 5
    assert (dead.folder / ".fleetyard" / "rehearsal").is_dir()


def test_a_kept_rehearsal_without_its_people_is_gone(terminal: Terminal) -> None:
    """Where the file of its people is missing, joining is FY309 and says how to get a rehearsal again."""
    rehearsal(terminal.folder / "fleet.yaml", terminal.folder / ".fleetyard" / "rehearsal")
    assert terminal.run("twin", "env") == 2
    assert "FY309" in terminal.err.getvalue()
    assert "next: fleetyard twin stop, then: fleetyard rehearse --keep" in terminal.err.getvalue()


def test_the_run_file_in_the_environment_wins(terminal: Terminal, tmp_path: Path) -> None:
    """Whoever has joined a twin stays with it in any folder."""
    elsewhere = Terminal(tmp_path.parent, env={"FLEETYARD_TWIN_RUN_FILE": str(tmp_path / ".fleetyard" / "twin.json")})
    assert terminal.run("twin", "status") == 0
    assert elsewhere.run("twin", "status") == 0
