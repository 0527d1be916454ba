"""`fleetyard stack-config write`: settings files for Pulumi by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.lock import write_lock
from orchestrator.files.project_files import read_config
from tests.cli.fleet_folder import Terminal, make_fleet_folder
from tests.unit.orchestrator.fleets import ACCOUNTS, BUCKET_FLEET, HOME, LOCK


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line on a fleet whose accounts and bucket are made."""
    make_fleet_folder(tmp_path, BUCKET_FLEET)
    write_lock(tmp_path / "fleet.lock.yaml", replace(LOCK, state=HOME))
    return Terminal(tmp_path)


def test_the_config_is_what_the_driver_would_write(terminal: Terminal) -> None:
    """The file holds the keys of a driver's job, digest included, and a second write changes nothing."""
    assert terminal.run("stack-config", "write", "--stack", "network/lab-one") == 0
    file = terminal.folder / "workloads" / "network" / "Pulumi.lab-one.yaml"
    written = file.read_bytes()
    assert read_config(file)["fleetyard:account_id"] == ACCOUNTS["lab-one"]
    assert "fleetyard:digest" in read_config(file)
    terminal.run("stack-config", "write", "--stack", "network/lab-one")
    assert file.read_bytes() == written
    assert "unchanged  network/lab-one" in terminal.out.getvalue()


def test_what_is_the_users_stays(terminal: Terminal) -> None:
    """Comments, encryption and keys of other namespaces stay; stale keys of ours go."""
    file = terminal.folder / "workloads" / "network" / "Pulumi.lab-one.yaml"
    file.write_text("encryptionsalt: v1:x\nconfig:\n  # mine\n  app:size: 3\n  fleetyard:old: x\n", encoding="utf-8")
    terminal.run("stack-config", "write", "--stack", "network/lab-one")
    text = file.read_text(encoding="utf-8")
    assert text.startswith("encryptionsalt: v1:x\nconfig:\n  # mine\n  app:size: 3\n")
    assert "fleetyard:old" not in text


def test_a_dry_run_writes_nothing(terminal: Terminal) -> None:
    """`--dry-run` names the files and leaves them alone."""
    terminal.run("stack-config", "write", "--dry-run", "--stack", "network/lab-one")
    assert "written    network/lab-one" in terminal.out.getvalue()
    assert not (terminal.folder / "workloads" / "network" / "Pulumi.lab-one.yaml").exists()


def test_the_way_on_is_told(terminal: Terminal) -> None:
    """Folder, backend and secrets provider are named as a shell takes them."""
    terminal.run("stack-config", "write", "--stack", "network/lab-one")
    told = terminal.err.getvalue()
    assert f"cd {terminal.folder / 'workloads' / 'network'}" in told
    assert f"export PULUMI_BACKEND_URL='s3://{HOME.bucket}?region=eu-west-1'" in told
    assert f"--secrets-provider 'awskms:///{HOME.key_arn}?region=eu-west-1'" in told


def test_a_stack_without_an_account_is_blocked(terminal: Terminal) -> None:
    """Before the organisation is made, stacks that need an id are blocked and say so."""
    (terminal.folder / "fleet.lock.yaml").unlink()
    answer = terminal.json("stack-config", "write", "--stack", "network/lab-one")
    assert answer["files"][0]["result"] == "blocked"  # type: ignore[index]
    assert answer["files"][0]["reason"] == "account_not_created"  # type: ignore[index]
