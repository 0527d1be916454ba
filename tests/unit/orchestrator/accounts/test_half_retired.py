"""A run of the organisation while a retirement is broken off between the manifest and the state."""

from __future__ import annotations

from pathlib import Path

import pytest

from landing_zone.lock import write_lock
from landing_zone.manifest import load_manifest
from orchestrator.accounts.retirement.errors import RetirementHalfDone
from orchestrator.accounts.retirement.half_retired import refuse_half_retired
from orchestrator.accounts.retirement.retired_file import Retirement, Step, retired_path, write_retired
from orchestrator.driver import Driver
from orchestrator.files.workspace import Workspace, committed, rehearsal
from orchestrator.planning.selection import Selection
from orchestrator.running.job import Operation
from tests.cli.fleet_folder import FakeRunner, make_fleet_folder, tools
from tests.unit.orchestrator.fleets import FLEET, LOCK, small_fleet

WHEN = "2026-01-01T12:00:00+00:00"
MOVED = dict.fromkeys((Step.DESTROY, Step.MOVE), WHEN)
HALF_DROPPED = Retirement("lab-old", "900000000009", done=MOVED, doing=Step.DROP)


@pytest.mark.parametrize("operation", [Operation.UP, Operation.PREVIEW])
@pytest.mark.parametrize("rehearsed", [False, True])
def test_a_half_dropped_account_refuses_runs_of_the_organisation(
    tmp_path: Path, operation: Operation, rehearsed: bool
) -> None:
    """The account and how far it is are named, nothing runs, and the next step goes on with the retirement."""
    fleet = make_fleet_folder(tmp_path)
    workspace: Workspace = rehearsal(fleet, tmp_path / "rehearsal") if rehearsed else committed(fleet)
    workspace.lock_path.parent.mkdir(parents=True, exist_ok=True)
    write_retired(retired_path(workspace.lock_path), (HALF_DROPPED,))
    runner = FakeRunner()
    with pytest.raises(RetirementHalfDone, match="lab-old") as refused:
        Driver(load_manifest(fleet), workspace, tools(runner)).run_operation(operation)
    assert "next: drop" in refused.value.subject
    assert refused.value.hint == "fleetyard accounts retire --continue"
    assert runner.ran == []


def test_runs_without_the_organisation_go_on(tmp_path: Path) -> None:
    """What has nothing to do with the account is not held up."""
    fleet = make_fleet_folder(tmp_path)
    write_lock(tmp_path / "fleet.lock.yaml", LOCK)
    write_retired(retired_path(tmp_path / "fleet.lock.yaml"), (HALF_DROPPED,))
    runner = FakeRunner()
    driver = Driver(load_manifest(fleet), committed(fleet), tools(runner))
    driver.run_operation(Operation.PREVIEW, Selection(stacks=("network/lab-one",)))
    assert runner.ran == ["network/lab-one"]


def test_between_steps_the_organisation_runs() -> None:
    """Where manifest and state agree nothing is refused: before the drop is begun, after it, and before the move."""
    manifest = small_fleet()
    refuse_half_retired(manifest, (Retirement("lab-one", "200000000002", done=MOVED, doing=Step.DROP),))
    refuse_half_retired(manifest, (Retirement("lab-one", "200000000002", doing=Step.MOVE),))
    dropped = {**MOVED, Step.DROP: WHEN}
    refuse_half_retired(manifest, (Retirement("lab-old", "900000000009", done=dropped),))


def test_a_half_moved_account_refuses_runs_of_the_organisation() -> None:
    """The manifest has it in the suspended unit, and nobody knows whether AWS and the state have."""
    text = FLEET.replace("workloads:\n", "suspended_unit: suspended\nworkloads:\n", 1).replace(
        "  lab:\n", "  suspended:\n    accounts:\n      lab-old: {email: old@small.example}\n  lab:\n"
    )
    moving = Retirement("lab-old", "900000000009", done={Step.DESTROY: WHEN}, doing=Step.MOVE)
    with pytest.raises(RetirementHalfDone, match="half retired"):
        refuse_half_retired(small_fleet(text), (moving,))
