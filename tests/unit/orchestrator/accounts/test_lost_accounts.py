"""An account that the lock knows and the organisation's state has lost is recorded, not made a second time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.lock import Lock
from landing_zone.stack_config import for_organization
from orchestrator.accounts.lost_accounts import ACCOUNT_TYPE, lost_accounts, recorded, warnings_of, with_held
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


def _made(name: str, account_id: str, **more: object) -> dict[str, object]:
    """Return an account as the organisation's state has it."""
    urn = f"urn:pulumi:root::org::fleetyard:landingzone:Accounts${ACCOUNT_TYPE}::{name}"
    return {"type": ACCOUNT_TYPE, "urn": urn, "id": account_id, **more}


def _holding(folder: Path, *resources: dict[str, object]) -> Workspace:
    """Return a workspace whose organisation's state has these resources."""
    workspace = _workspace(folder, "1")
    file = folder / "state" / ".pulumi" / "stacks" / "org" / "root.json"
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": resources}}}))
    return workspace


def test_what_a_failed_run_made_goes_into_the_lock(tmp_path: Path) -> None:
    """An account of the manifest that the state alone has is known by its id from then on; all else stays."""
    before = replace(LOCK, accounts={"root": ACCOUNTS["root"], "lab-one": ACCOUNTS["lab-one"]})
    workspace = _holding(tmp_path, _made("lab-two", "300000000003"), _made("gone", "900000000009"))
    found = with_held(MANIFEST, before, workspace, ORGANIZATION)
    assert found == replace(before, accounts={**before.accounts, "lab-two": "300000000003"})


@pytest.mark.parametrize(
    "resource",
    [
        _made("lab-two", ACCOUNTS["lab-one"]),
        _made("lab-two", ""),
        _made("lab-two", "300000000003", delete=True),
        _made("lab-three", "300000000003"),
        {**_made("lab-two", "ou-1"), "type": "aws:organizations/organizationalUnit:OrganizationalUnit"},
    ],
    ids=["another's id", "no id", "about to go", "not in the manifest", "no account"],
)
def test_what_is_no_account_of_the_manifest_is_not_taken_for_one(tmp_path: Path, resource: dict[str, object]) -> None:
    """A lock that would name one id twice, or an id that is none, is never written."""
    before = replace(LOCK, accounts={"lab-one": ACCOUNTS["lab-one"]})
    assert with_held(MANIFEST, before, _holding(tmp_path, resource), ORGANIZATION) is before


def test_the_first_run_that_fails_knows_its_organisation_too(tmp_path: Path) -> None:
    """Without organisation and root there is no lock: both are read from the state, or nothing is written."""
    roots = [{"id": LOCK.root_id, "name": "Root"}]
    organization = {"type": "aws:organizations/organization:Organization", "id": LOCK.organization_id}
    account = _made("lab-two", "300000000003")
    workspace = _holding(tmp_path, {**organization, "outputs": {"roots": roots}}, account)
    found = with_held(MANIFEST, Lock(), workspace, ORGANIZATION)
    assert (found.organization_id, found.root_id) == (LOCK.organization_id, LOCK.root_id)
    assert found.accounts == {"lab-two": "300000000003"}
    assert with_held(MANIFEST, Lock(), _holding(tmp_path / "b", account), ORGANIZATION).is_empty
    assert with_held(MANIFEST, Lock(), _holding(tmp_path / "c", organization, account), ORGANIZATION).is_empty
