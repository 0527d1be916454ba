"""What a rehearsal tells a person at its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.rehearse.proofs.proof import Proof
from orchestrator.rehearse.proofs.scene import Scene
from orchestrator.rehearse.proofs.steadiness import prove_refresh_shows_drift
from orchestrator.rehearse.proofs.wrong_account import prove_wrong_account_refused
from orchestrator.rehearse.report import RehearsalReport, as_json, summary
from orchestrator.running.job import StackErrorInfo, StackResult, StackStatus
from orchestrator.stack_id import StackId
from tests.unit.orchestrator.fleets import FLEET, LOCK, small_fleet

STACK = StackId("network", "plat-dev")
HELD = Proof("reach matrix", passed=True, detail="99 pairs")
BROKEN = Proof("second up changes nothing", passed=False, detail="changed: network/plat-dev")


def report_of(*results: StackResult, proofs: tuple[Proof, ...] = (HELD,)) -> RehearsalReport:
    """Return a report that took a second."""
    return RehearsalReport(results, proofs, {"all": 1.0})


def done(status: StackStatus = StackStatus.SUCCEEDED, error: StackErrorInfo | None = None) -> StackResult:
    """Return the result of one stack."""
    return StackResult(STACK, "000000000010", status, resource_changes={"create": 3}, error=error)


def test_a_failed_stack_tells_code_cause_and_next_step() -> None:
    """The twin is gone when the summary is read, so it says all that there is to say of a failure."""
    error = StackErrorInfo("FY407", "a resource has no explicit provider", "Default provider disabled", "correct it")
    text = summary(report_of(done(StackStatus.FAILED, error)))
    assert "network/plat-dev (000000000010): FY407: a resource has no explicit provider" in text
    assert "why: Default provider disabled" in text
    assert "next: correct it" in text


def test_a_passed_rehearsal_ends_with_zero() -> None:
    """Every stack deployed and every proof held is the only way to pass."""
    assert (report_of(done()).exit_code, summary(report_of(done())).splitlines()[-1]) == (
        0,
        "The rehearsal passed: 1 stack, 1 proof.",
    )


def test_one_broken_proof_fails_the_rehearsal() -> None:
    """A proof that does not hold ends the rehearsal with 1, and is named."""
    report = report_of(done(), proofs=(HELD, BROKEN))
    assert report.exit_code == 1
    assert "FAILS  second up changes nothing: changed: network/plat-dev" in summary(report)


def test_no_proof_is_no_pass() -> None:
    """A rehearsal that proved nothing, or deployed nothing, has not passed."""
    assert report_of(done(), proofs=()).exit_code == 1
    assert report_of().exit_code == 1


def test_an_interrupted_rehearsal_ends_with_130() -> None:
    """A cancelled stack is an interruption, not a failure."""
    assert report_of(done(StackStatus.CANCELLED)).exit_code == 130


def test_a_next_step_never_leads_from_an_ended_twin_to_aws() -> None:
    """Where the twin has ended the next step is another rehearsal; where it was kept, the command on the stack."""
    error = StackErrorInfo(
        "FY407", "no explicit provider", "", "correct it, then fleetyard up --stack network/plat-dev"
    )
    report = report_of(done(StackStatus.FAILED, error))
    assert "next: correct it, then fleetyard rehearse" in summary(report)
    assert "next: correct it, then fleetyard up" in summary(replace(report, kept=True))


def test_suspended_accounts_are_named_as_left_alone() -> None:
    """Summary and data say which accounts were not rehearsed, and that a proof could not be tried without them."""
    idle = Proof("wrong account refused", passed=True, detail="no program is left in two accounts", tried=False)
    report = replace(report_of(done(), proofs=(HELD, idle)), suspended=("lab-one", "lab-two"))
    text = summary(report)
    assert "suspended in the manifest, left alone: lab-one, lab-two" in text
    assert "  not tried  wrong account refused: no program is left in two accounts" in text
    assert text.splitlines()[-1] == "The rehearsal passed: 1 stack, 1 proof, 1 not tried."
    assert report.exit_code == 0
    assert as_json(report)["suspended"] == ["lab-one", "lab-two"]


def _left_with_one_account(text: str) -> Scene:
    """Return a scene in which lab-one alone has stacks; what a proof must not need for this one is not there."""
    absent: Any = None
    stacks = {
        "subaccounts": (StackId("bootstrap-subaccount", "lab-one"),),
        "workloads": (StackId("network", "lab-one"),),
    }
    return Scene(small_fleet(text), LOCK, absent, absent, absent, (), {}, absent, (), **stacks)


def test_a_proof_that_suspension_leaves_nothing_to_try_on_is_not_tried() -> None:
    """A program that would run in a second account, were that not suspended, is no failure; one without any is."""
    suspended = FLEET.replace("lab-two: {email", "lab-two: {suspended: true, email")
    proof = prove_wrong_account_refused(_left_with_one_account(suspended), Path("scratch"))
    assert (proof.passed, proof.tried) == (True, False)
    assert proof.detail == "no program is left in two accounts while lab-two is suspended"
    alone = "".join(line for line in FLEET.splitlines(keepends=True) if "lab-two" not in line)
    alone = alone.replace("    units:\n      deep:\n        accounts:\n", "")
    proof = prove_wrong_account_refused(_left_with_one_account(alone), Path("scratch"))
    assert (proof.passed, proof.tried) == (False, True)


def test_drift_in_no_account_is_not_shown() -> None:
    """Where no member is left the proof does not hold, and says why."""
    proof = prove_refresh_shows_drift(replace(_left_with_one_account(FLEET), subaccounts=(), workloads=()))
    assert (proof.passed, proof.detail) == (False, "no member account has stacks, so it could not be tried")
