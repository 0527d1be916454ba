"""What is adopted and not in the state is never made a second time, and a later adoption takes it in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.lock import Lock, write_lock
from landing_zone.manifest import load_manifest
from landing_zone.stack_config.adoption import OrganizationImports
from orchestrator.accounts.adoption.adoption import plan_adoption
from orchestrator.accounts.adoption.errors import AdoptionPending
from orchestrator.accounts.adoption.pending import UNIT_TYPE, pending_adoptions, refuse_pending
from orchestrator.accounts.lost_accounts import ACCOUNT_TYPE
from orchestrator.driver import Driver
from orchestrator.files.workspace import Workspace, committed, rehearsal
from orchestrator.planning.plan import make_plan
from orchestrator.running.job import Operation
from tests.cli.fleet_folder import FakeRunner, make_fleet_folder, tools
from tests.unit.orchestrator.fleets import ACCOUNTS, FLEET, LOCK, small_fleet
from tests.unit.orchestrator.organizations import LAB, SMALL, account

ADOPTED = FLEET.replace("lab-one: {", "lab-one: {adopted: true, ").replace("lab-two: {", "lab-two: {adopted: true, ")
WITH_UNIT = ADOPTED.replace("      deep:\n", "      deep:\n        adopted: true\n")
MANIFEST = small_fleet(WITH_UNIT)
ORGANIZATION = make_plan(MANIFEST).stacks[0]
BEFORE = replace(LOCK, accounts={"root": ACCOUNTS["root"]})
"""The lock of a fleet whose organisation is in the state, and whose members are not."""

NOT_YET = Lock()
"""That of one whose first adoption has not come to its end."""


def _workspace(folder: Path, *resources: tuple[str, str], text: str = WITH_UNIT) -> Workspace:
    """Return a workspace whose organisation's state has resources of these types and names; with none no state."""
    fleet = make_fleet_folder(folder, text)
    if resources:
        file = folder / "state" / ".pulumi" / "stacks" / "org" / "root.json"
        file.parent.mkdir(parents=True)
        held = [
            {"type": kind, "id": name, "urn": f"urn:pulumi:root::org::fleetyard:landingzone:X${kind}::{name}"}
            for kind, name in resources
        ]
        file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": held}}}))
    return committed(fleet)


def test_what_neither_state_nor_lock_has_waits(tmp_path: Path) -> None:
    """Adopted accounts and units that the state holds, or that this run imports, do not wait; the others do."""
    workspace = _workspace(tmp_path, (ACCOUNT_TYPE, "lab-one"))
    found = pending_adoptions(MANIFEST, BEFORE, workspace, ORGANIZATION)
    assert (found.accounts, found.units, found.first) == (("lab-two",), ("lab/deep",), False)
    imports = OrganizationImports(accounts={"lab-two": "3"}, units={"lab/deep": "ou"})
    refuse_pending(pending_adoptions(MANIFEST, BEFORE, workspace, ORGANIZATION, imports))
    whole = _workspace(tmp_path / "b", (ACCOUNT_TYPE, "lab-one"), (ACCOUNT_TYPE, "lab-two"), (UNIT_TYPE, "lab/deep"))
    refuse_pending(pending_adoptions(MANIFEST, BEFORE, whole, ORGANIZATION))


def test_an_account_that_the_state_has_lost_does_not_wait(tmp_path: Path) -> None:
    """The lock knows its id, by which it is recorded; without any state nothing would be, so it waits."""
    manifest = small_fleet(ADOPTED)
    held = _workspace(tmp_path, (UNIT_TYPE, "lab"), text=ADOPTED)
    refuse_pending(pending_adoptions(manifest, LOCK, held, ORGANIZATION))
    without = _workspace(tmp_path / "b", text=ADOPTED)
    assert pending_adoptions(manifest, LOCK, without, ORGANIZATION).accounts == ("lab-one", "lab-two")


@pytest.mark.parametrize("operation", [Operation.UP, Operation.PREVIEW])
@pytest.mark.parametrize(
    ("lock", "held", "hint"),
    [
        (BEFORE, (UNIT_TYPE, "lab"), "fleetyard accounts adopt lab-one"),
        (NOT_YET, (UNIT_TYPE, "lab"), "fleetyard accounts adopt --all"),
        (NOT_YET, None, "fleetyard accounts adopt --all"),
    ],
)
def test_a_run_of_the_organisation_is_refused(
    tmp_path: Path, operation: Operation, lock: Lock, held: tuple[str, str] | None, hint: str
) -> None:
    """Nothing runs, what waits is named, and the next step is the adoption that was broken off."""
    workspace = _workspace(tmp_path, *([held] if held else []))
    if lock is not NOT_YET:
        write_lock(workspace.lock_path, lock)
    runner = FakeRunner()
    driver = Driver(load_manifest(workspace.fleet), workspace, tools(runner))
    with pytest.raises(AdoptionPending, match="2 accounts and 1 unit marked as adopted") as refused:
        driver.run_operation(operation)
    assert refused.value.subject == "lab-one, lab-two, lab/deep"
    assert refused.value.hint == hint
    assert runner.ran == []


def test_a_rehearsal_makes_adopted_accounts(tmp_path: Path) -> None:
    """Its organisation is empty, so there is nothing to adopt."""
    fleet = make_fleet_folder(tmp_path, ADOPTED)
    runner = FakeRunner()
    driver = Driver(load_manifest(fleet), rehearsal(fleet, tmp_path / "rehearsal"), tools(runner))
    assert driver.run_operation(Operation.UP).exit_code == 0
    assert runner.ran[0] == "organization/root"


def test_adopting_another_account_takes_in_what_waits() -> None:
    """An account that an adoption broken off left in the manifest is imported with the next one, found by its email."""
    wanted = account("400000000004", "wanted", "w@small.example", LAB)
    found = replace(SMALL, accounts=(*SMALL.accounts, wanted))
    plan = plan_adoption(small_fleet(ADOPTED), BEFORE, found, wanted)
    assert plan.imports.accounts == {
        "wanted": "400000000004",
        "lab-one": ACCOUNTS["lab-one"],
        "lab-two": ACCOUNTS["lab-two"],
    }
    assert plan.changed == {}
