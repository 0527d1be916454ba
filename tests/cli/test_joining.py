"""Whoever has joined a twin does so in every respect, or is told what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator import twin_endpoint
from orchestrator.cli.twin_variables import NAMES
from orchestrator.composition import administrator_credentials, choose_engine
from orchestrator.errors import HalfJoined
from orchestrator.files.workspace import rehearsal
from orchestrator.rehearse.keepsake import Keepsake
from orchestrator.rehearse.run import rehearsal_environment
from rehearsal.twin.proof import IDENTITY_PATH
from tests.cli.fleet_folder import Terminal, make_fleet_folder
from tests.cli.twin_double import running_twin_double
from tests.unit.orchestrator.fleets import FLEET

JOIN = 'eval "$(fleetyard twin env)"'


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line that has joined a kept rehearsal of its fleet, whole; its twin does not answer."""
    fleet = make_fleet_folder(tmp_path / "fleet")
    folder = tmp_path / "fleet" / ".fleetyard"
    rehearsal(fleet, folder / "rehearsal")
    env = {
        "FLEETYARD_REHEARSAL": str(folder / "rehearsal"),
        "FLEETYARD_TWIN_RUN_FILE": str(folder / "twin.json"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
    return Terminal(tmp_path / "fleet", env=env)


def test_a_whole_environment_leads_to_the_rehearsals_files(terminal: Terminal) -> None:
    """With everything set a run uses the rehearsal's files, and none of the committed ones."""
    assert terminal.run("up", "--stack", "organization") == 0
    (job,) = terminal.runner.jobs
    assert job.settings_dir.is_relative_to(terminal.folder / ".fleetyard" / "rehearsal")


@pytest.mark.parametrize("missing", ["FLEETYARD_REHEARSAL", "FLEETYARD_TWIN_RUN_FILE", "AWS_ENDPOINT_URL"])
@pytest.mark.parametrize("command", ["up", "preview", "status"])
def test_half_an_environment_is_refused(terminal: Terminal, missing: str, command: str) -> None:
    """Without any one of the three nothing runs: FY314 names it, and what to type."""
    del terminal.env[missing]
    assert terminal.run(command) == HalfJoined.exit_code
    told = terminal.err.getvalue()
    assert f"FY314: {missing} is not set" in told
    assert JOIN in told
    assert terminal.runner.jobs == []


def test_two_rehearsals_at_once_are_refused(terminal: Terminal, tmp_path: Path) -> None:
    """Files of one rehearsal and the twin of another do not go together."""
    terminal.env["FLEETYARD_TWIN_RUN_FILE"] = str(tmp_path / "other" / "twin.json")
    assert terminal.run("up") == HalfJoined.exit_code
    assert "belong to two rehearsals" in terminal.err.getvalue()


def test_an_endpoint_alone_that_is_a_twin_is_refused(tmp_path: Path) -> None:
    """AWS_ENDPOINT_URL to a twin without its run file is refused before any engine is looked for."""
    make_fleet_folder(tmp_path)
    with running_twin_double(tmp_path / "twin.json") as run:
        with pytest.raises(HalfJoined) as raised:
            choose_engine({"AWS_ENDPOINT_URL": run.endpoint, "PATH": str(tmp_path)})
        assert raised.value.subject == run.endpoint
        elsewhere = Terminal(tmp_path, env={"AWS_ENDPOINT_URL": run.endpoint})
        assert elsewhere.run("status") == HalfJoined.exit_code


def test_any_other_endpoint_is_the_users_own_matter(tmp_path: Path) -> None:
    """An endpoint that is no twin of ours, or is none at all, is left to the engine."""
    make_fleet_folder(tmp_path)
    for endpoint in ("http://127.0.0.1:9", "https://sts.amazonaws.com", "http://127.0.0.1:x", "nonsense"):
        assert Terminal(tmp_path, env={"AWS_ENDPOINT_URL": endpoint}).run("up", "--stack", "organization") == 0


def test_an_empty_twin_is_joined_without_a_rehearsal(terminal: Terminal) -> None:
    """A twin that holds no rehearsal is run on with the committed files."""
    (terminal.folder / ".fleetyard" / "rehearsal" / "rehearsal.json").unlink()
    del terminal.env["FLEETYARD_REHEARSAL"]
    assert terminal.run("up", "--stack", "organization") == 0
    assert terminal.runner.jobs[0].settings_dir == terminal.folder


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_what_only_reads_a_manifest_reads_any(terminal: Terminal, tmp_path: Path, command: str) -> None:
    """Whoever has joined a rehearsal may validate and plan another fleet; a run of it is refused."""
    other = make_fleet_folder(tmp_path / "other", FLEET.replace("lab-two", "lab-three"))
    assert terminal.run(command, "--fleet", str(other)) == 0
    assert terminal.run("preview", "--fleet", str(other)) == 2
    assert "FY309" in terminal.err.getvalue()


def test_what_only_reads_a_manifest_needs_no_rehearsal(terminal: Terminal) -> None:
    """A rehearsal that is gone keeps nobody from validating."""
    terminal.env["FLEETYARD_REHEARSAL"] = str(terminal.folder / "nowhere")
    assert terminal.run("validate") == 0


def test_the_lock_of_the_joined_rehearsal_is_shown(terminal: Terminal) -> None:
    """A plan of the rehearsed fleet tells the ids that the rehearsal's accounts have."""
    lock = terminal.folder / ".fleetyard" / "rehearsal" / "fleet.lock.yaml"
    lock.write_text(
        'organization_id: o-a1b2c3d4e5\nroot_id: r-ab12\naccounts: {lab-one: "200000000002"}\n', encoding="utf-8"
    )
    data = terminal.json("validate")
    assert data["not_created"] == ["lab-two"]


def test_a_damaged_lock_of_a_rehearsal_is_not_in_git(terminal: Terminal) -> None:
    """The lock of a rehearsal is made anew with it, while the committed one is taken from the repository."""
    lock = terminal.folder / ".fleetyard" / "rehearsal" / "fleet.lock.yaml"
    lock.write_text("[", encoding="utf-8")
    assert terminal.run("up") == 2
    assert "next: fleetyard twin stop, then: fleetyard rehearse --keep" in terminal.err.getvalue()
    committed = Terminal(terminal.folder)
    (terminal.folder / "fleet.lock.yaml").write_text("[", encoding="utf-8")
    (terminal.folder / ".fleetyard" / "twin.json").unlink(missing_ok=True)
    assert committed.run("up") == 2
    assert "git checkout -- " in committed.err.getvalue()


def test_what_was_joined_can_be_left(terminal: Terminal) -> None:
    """`twin env --unset` needs no twin and takes away every variable that joining sets."""
    assert terminal.run("twin", "env", "--unset") == 0
    assert terminal.out.getvalue().splitlines() == [f"unset {name}" for name in NAMES]
    run_file = terminal.folder / "double.json"
    with running_twin_double(run_file) as run:
        joined = {
            **rehearsal_environment({}, run_file, run),
            **Keepsake((), "sesame").environment(),
            **administrator_credentials(run),
        }
    assert set(joined) | {"AWS_SESSION_TOKEN", "FLEETYARD_FLEET", "PULUMI_BACKEND_URL"} == set(NAMES)


def test_leaving_is_data_too(terminal: Terminal) -> None:
    """As JSON each variable is null."""
    assert set(terminal.json("twin", "env", "--unset").values()) == {None}


def test_a_twin_is_asked_where_it_proves_itself() -> None:
    """The path that the driver asks is the twin's own."""
    assert twin_endpoint.IDENTITY_PATH == IDENTITY_PATH
