"""An account that the lock knows and the organisation's state has lost is recorded, not made a second time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from landing_zone.stack_config import for_organization
from orchestrator.accounts.lost_accounts import ACCOUNT_TYPE, lost_accounts, recorded, warnings_of
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import make_plan
from tests.cli.fleet_folder import make_fleet_folder
from tests.unit.orchestrator.fleets import ACCOUNTS, LOCK, small_fleet

MANIFEST = small_fleet()
ORGANIZATION = make_plan(MANIFEST).stacks[0]


def _workspace(folder: Path, *ids: str) -> Workspace:
    """Return a workspace whose organisation's state has accounts of these ids; with none there is no state."""
    fleet = make_fleet_folder(folder)
    if ids:
        file = folder / "state" / ".pulumi" / "stacks" / "org" / "root.json"
        file.parent.mkdir(parents=True)
        resources = [{"type": ACCOUNT_TYPE, "id": account_id} for account_id in ids]
        file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": resources}}}))
    return Workspace(folder, fleet, folder / "fleet.lock.yaml", folder / "state", folder / "work")


def test_what_the_state_has_lost_is_found(tmp_path: Path) -> None:
    """Of the accounts in the lock those count as lost whose id no resource of the state has."""
    found = lost_accounts(MANIFEST, LOCK, _workspace(tmp_path, ACCOUNTS["lab-one"]), ORGANIZATION)
    assert found == {"lab-two": ACCOUNTS["lab-two"]}


def test_nothing_is_lost_before_there_is_a_state(tmp_path: Path) -> None:
    """Without a state of the organisation, or without ids in the lock, accounts are to be made."""
    assert lost_accounts(MANIFEST, LOCK, _workspace(tmp_path), ORGANIZATION) == {}
    without = replace(LOCK, accounts={})
    assert lost_accounts(MANIFEST, without, _workspace(tmp_path / "b", "1"), ORGANIZATION) == {}


def test_a_lost_account_is_recorded_by_its_id() -> None:
    """The program is told its id, with which it makes and changes nothing; the others have none."""
    config = for_organization(recorded(MANIFEST, {"lab-two": ACCOUNTS["lab-two"]}))
    assert {account.name: account.id for account in config.accounts} == {"lab-one": "", "lab-two": ACCOUNTS["lab-two"]}
    assert recorded(MANIFEST, {}) is MANIFEST


def test_it_is_told_with_what_to_do() -> None:
    """A warning names account, id and the next command."""
    (words,) = warnings_of({"lab-two": "3"})
    assert "lab-two (3)" in words
    assert "fleetyard accounts show lab-two --live" in words
