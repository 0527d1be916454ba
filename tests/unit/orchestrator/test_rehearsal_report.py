"""What a rehearsal tells a person at its end."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.job import StackErrorInfo, StackResult, StackStatus
from orchestrator.rehearse.proofs.proof import Proof
from orchestrator.rehearse.report import RehearsalReport, summary
from orchestrator.stack_id import StackId

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
