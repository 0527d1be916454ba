"""Where the files of a fleet are, and what is written into work directories."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from orchestrator.errors import FleetNotFound, ProgramMissing, RehearsalGone, RootNotFound
from orchestrator.files.project_files import (
    copy_settings,
    project_name,
    read_config,
    uses_passphrase,
    write_work_project,
)
from orchestrator.files.workspace import (
    committed,
    find_fleet,
    find_root,
    kept_rehearsal,
    rehearsal,
    rehearsed_fleet,
    remove_rehearsal,
)
from orchestrator.planning.plan import PlannedStack, make_plan
from orchestrator.stack_id import StackId
from tests.cli.fleet_folder import make_fleet_folder
from tests.unit.orchestrator.fleets import small_fleet

PROJECT = """\
name: network   # the project
runtime:
  name: python
  options:
    virtualenv: ../../.venv
config:
  pulumi:disable-default-providers:
    value: ["*"]
  network:account: {value: "0123"}
"""


def stack(text: str) -> PlannedStack:
    """Return a stack of the small fleet."""
    return make_plan(small_fleet()).stack(StackId.parse(text))


def test_committed_files_lie_beside_manifest_and_programs(tmp_path: Path) -> None:
    """Lock and state lie beside the manifest, settings in each program's folder, work under .fleetyard."""
    workspace = committed(make_fleet_folder(tmp_path))
    assert (workspace.lock_path, workspace.state) == (tmp_path / "fleet.lock.yaml", tmp_path / "state")
    assert workspace.settings_dir(stack("organization/root")) == tmp_path
    assert workspace.settings_dir(stack("bootstrap-subaccount/lab-one")) == tmp_path / "bootstrap-subaccount"
    assert workspace.settings_dir(stack("network/lab-one")) == tmp_path / "workloads" / "network"
    work = workspace.work_dir(stack("app/lab-one/eu-west-1"))
    assert work == tmp_path / ".fleetyard" / "work" / "run" / "app" / "lab-one.eu-west-1"


def test_dry_operations_have_a_work_directory_of_their_own(tmp_path: Path) -> None:
    """A preview beside an up of the same stack does not share its work directory."""
    workspace = committed(make_fleet_folder(tmp_path))
    planned = stack("network/lab-one")
    assert workspace.work_dir(planned, dry=True) != workspace.work_dir(planned)


def test_a_rehearsal_keeps_all_under_one_folder(tmp_path: Path) -> None:
    """Nothing of a rehearsal lies outside its folder, but its programs are those of the repository."""
    folder = tmp_path / ".fleetyard" / "rehearsal"
    workspace = rehearsal(make_fleet_folder(tmp_path), folder)
    planned = stack("network/lab-one")
    for place in (workspace.lock_path, workspace.state, workspace.settings_dir(planned), workspace.work_dir(planned)):
        assert place.is_relative_to(folder)
    assert workspace.project_file(planned) == tmp_path / "workloads" / "network" / "Pulumi.yaml"


def test_a_kept_rehearsal_is_found_again(tmp_path: Path) -> None:
    """The folder of a rehearsal knows its fleet; any other folder is FY309 and is not removed."""
    fleet = make_fleet_folder(tmp_path)
    made = rehearsal(fleet, tmp_path / "r")
    assert kept_rehearsal(tmp_path / "r") == made
    (tmp_path / "other").mkdir()
    with pytest.raises(RehearsalGone):
        rehearsed_fleet(tmp_path / "other")
    remove_rehearsal(tmp_path / "other")
    remove_rehearsal(tmp_path / "r")
    assert [(tmp_path / name).exists() for name in ("other", "r")] == [True, False]


def test_a_rehearsal_starts_from_copies_of_the_settings(tmp_path: Path) -> None:
    """Committed settings are copied in once, without what belongs to another passphrase."""
    workspace = rehearsal(make_fleet_folder(tmp_path), tmp_path / "r")
    planned = stack("network/lab-one")
    source = tmp_path / "workloads" / "network" / "Pulumi.lab-one.yaml"
    source.write_text(
        "encryptionsalt: v1:x:y\nconfig:\n  network:size: 3\n  network:key: {secure: v1:a:b}\n", encoding="utf-8"
    )
    workspace.copy_in((planned,))
    copy = workspace.settings_dir(planned) / source.name
    assert read_config(copy) == {"network:size": "3"}
    assert "encryptionsalt" not in copy.read_text(encoding="utf-8")
    copy.write_text("config: {network:size: 4}\n", encoding="utf-8")
    workspace.copy_in((planned,))
    assert read_config(copy) == {"network:size": "4"}


def test_a_program_without_project_file_is_told(tmp_path: Path) -> None:
    """A workload whose folder has no Pulumi.yaml is FY307, naming the file."""
    workspace = committed(make_fleet_folder(tmp_path))
    (tmp_path / "workloads" / "app" / "Pulumi.yaml").write_text("- not a project", encoding="utf-8")
    with pytest.raises(ProgramMissing) as raised:
        workspace.project_file(stack("app/lab-one/eu-west-1"))
    assert raised.value.subject == str(tmp_path / "workloads" / "app" / "Pulumi.yaml")


def test_the_repository_is_the_nearest_above_the_manifest(tmp_path: Path) -> None:
    """A manifest in a sub-folder belongs to the repository above it."""
    make_fleet_folder(tmp_path)
    assert find_root(tmp_path / "examples" / "deep" / "fleet.yaml") == tmp_path


def test_a_manifest_outside_of_any_repository_belongs_to_the_fallback(tmp_path: Path) -> None:
    """A manifest elsewhere uses the programs of the first fallback that is a repository; without any it is FY306."""
    make_fleet_folder(tmp_path / "clone")
    elsewhere = tmp_path / "elsewhere" / "fleet.yaml"
    assert find_root(elsewhere, [tmp_path / "nowhere", tmp_path / "clone" / "workloads"]) == tmp_path / "clone"
    with pytest.raises(RootNotFound):
        find_root(elsewhere, [tmp_path / "nowhere"])


def test_a_named_manifest_wins_over_the_environment_and_the_folder(tmp_path: Path) -> None:
    """--fleet beats FLEETYARD_FLEET, which beats the nearest fleet.yaml; without any it is FY308."""
    fleet = make_fleet_folder(tmp_path)
    env = {"FLEETYARD_FLEET": "/elsewhere.yaml"}
    assert find_fleet(Path("x.yaml"), env, tmp_path) == tmp_path / "x.yaml"
    assert find_fleet(None, env, tmp_path) == Path("/elsewhere.yaml")
    assert find_fleet(None, {}, tmp_path / "workloads") == fleet
    with pytest.raises(FleetNotFound):
        find_fleet(None, {}, Path("/"))


def test_a_work_project_leads_back_to_the_program(tmp_path: Path) -> None:
    """The work directory's project has the program's folder as main, a relative settings folder, absolute paths."""
    program, work, settings = tmp_path / "workloads" / "network", tmp_path / "w" / "lab", tmp_path / "s"
    program.mkdir(parents=True)
    (program / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    write_work_project(program / "Pulumi.yaml", work, settings)
    project = YAML(typ="safe", pure=True).load((work / "Pulumi.yaml").read_text(encoding="utf-8"))
    assert project["main"] == str(program)
    assert project["stackConfigDir"] == "../../s"
    assert project["runtime"]["options"]["virtualenv"] == str(tmp_path / ".venv")
    assert project["config"]["network:account"]["value"] == "0123"
    assert project_name(work / "Pulumi.yaml") == "network"


def test_an_equal_work_project_is_left_alone(tmp_path: Path) -> None:
    """Writing the same project again does not touch the file."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    write_work_project(tmp_path / "Pulumi.yaml", tmp_path / "w", tmp_path)
    before = (tmp_path / "w" / "Pulumi.yaml").stat().st_mtime_ns
    write_work_project(tmp_path / "Pulumi.yaml", tmp_path / "w", tmp_path)
    assert (tmp_path / "w" / "Pulumi.yaml").stat().st_mtime_ns == before


def test_a_copy_of_no_settings_is_none(tmp_path: Path) -> None:
    """Where the stack has no settings yet, an older copy goes away."""
    (tmp_path / "copy.yaml").write_text("config: {}\n", encoding="utf-8")
    copy_settings(tmp_path / "none.yaml", tmp_path / "copy.yaml", with_encryption=True)
    assert not (tmp_path / "copy.yaml").exists()
    assert read_config(tmp_path / "copy.yaml") == {}


def test_secrets_are_by_passphrase_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    """A stack without settings, or without a secrets provider in them, uses a passphrase."""
    settings = tmp_path / "Pulumi.x.yaml"
    assert uses_passphrase(settings)
    settings.write_text("encryptionsalt: v1:x\n", encoding="utf-8")
    assert uses_passphrase(settings)
    settings.write_text("secretsprovider: awskms:///alias/state\n", encoding="utf-8")
    assert not uses_passphrase(settings)
