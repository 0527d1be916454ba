"""What retiring does to the fleet's files and stacks: what is left, into the suspended unit, out of the fleet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.manifest import load_manifest
from orchestrator.accounts.forget_job import ForgetJob, ForgetResult, Forgotten
from orchestrator.accounts.retire_fleet import Fleetwide
from orchestrator.accounts.retirement_errors import RetirementStopped
from orchestrator.accounts.retirement_rules import only_in, set_aside
from orchestrator.job import StackErrorInfo, StackJob, StackResult, StackStatus
from orchestrator.workspace import committed
from tests.cli.fleet_folder import FakeRunner, deploy_on_paper, make_fleet_folder, tools
from tests.unit.orchestrator.fleets import FLEET, small_fleet

GUARDED = FLEET.replace("workloads:\n", "suspended_unit: suspended\nworkloads:\n", 1)
AT_ROOT = """\
  at-root:
    root: true
    accounts:
      par-8: {email: par@small.example, adopted: true}  # the eighth
  lab:
"""


def fleetwide(folder: Path, runner: FakeRunner | None = None) -> Fleetwide:
    """Return the fleet in a folder, that nothing outside is asked about."""

    def forget(job: ForgetJob) -> ForgetResult:
        return ForgetResult(job.id, Forgotten.ABSENT)

    path = folder / "fleet.yaml"
    return Fleetwide(path, committed(path), tools(runner or FakeRunner()), forget, tuple)


def test_what_is_left_in_an_account_is_told_from_its_states(tmp_path: Path) -> None:
    """Stacks with anything in their state count, and an account that nobody knows has none."""
    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, "network/lab-two")
    fleet = fleetwide(tmp_path)
    assert [each.split()[0] for each in fleet.left("lab-two")] == ["network/lab-two"]
    assert fleet.left("lab-one") == ()
    assert fleet.left("gone") == ()


@pytest.mark.parametrize(("name", "comment"), [("lab-two", "team: blue"), ("par-8", "# the eighth")])
def test_an_account_is_written_into_the_suspended_unit(tmp_path: Path, name: str, comment: str) -> None:
    """From any unit, that which stands for the root too, with its lines as they are; a second time changes nothing."""
    path = make_fleet_folder(tmp_path, GUARDED.replace("  lab:\n", AT_ROOT))
    fleet = fleetwide(tmp_path)
    fleet.quarantine(name)
    account = load_manifest(path).account(name)
    assert (account.unit, account.suspended) == ("suspended", True)
    written = path.read_text()
    assert comment in written
    fleet.quarantine(name)
    assert path.read_text() == written


def test_what_was_deployed_after_the_move_is_let_go_of(tmp_path: Path) -> None:
    """No destroy is hinted at where everything is denied."""
    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, "network/lab-two")
    with pytest.raises(RetirementStopped, match="network/lab-two") as stopped:
        fleetwide(tmp_path).drop("lab-two", "300000000003")
    assert "fleetyard accounts release lab-two" in stopped.value.hint
    assert "destroy" not in stopped.value.hint


def test_an_account_that_was_closed_meanwhile_is_let_go_of(tmp_path: Path) -> None:
    """Nobody gets into a closed account: what is on record of it is forgotten, and retiring goes on."""

    def closed(job: StackJob) -> StackResult:
        error = StackErrorInfo("FY365", "the account lab-two is closed", "AWS Organizations says SUSPENDED", "")
        return StackResult(job.id, job.account_id, StackStatus.FAILED, error=error)

    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, "network/lab-two")
    with pytest.raises(RetirementStopped, match="is closed") as stopped:
        fleetwide(tmp_path, FakeRunner(closed)).destroy("lab-two")
    assert stopped.value.hint.startswith("fleetyard accounts release lab-two")


def test_runs_leave_it_alone_and_its_own_retirement_does_not() -> None:
    """What is set aside is suspended for every run; for retiring it is an account like any other."""
    aside = set_aside(small_fleet(), {"lab-two"})
    assert [each.name for each in aside.accounts if each.suspended] == ["lab-two"]
    assert not only_in(aside, "lab-two").account("lab-two").suspended
    assert replace(aside, accounts=small_fleet().accounts) == small_fleet()
