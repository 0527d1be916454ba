"""What a run came to, for machines and for people."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from orchestrator.running.job import Operation, Reason, ResourceChange, StackErrorInfo, StackResult, StackStatus
from orchestrator.running.report import RunReport, run_as_json, run_as_text, stack_as_json, verdict
from orchestrator.stack_id import StackId

ONE, TWO, THREE = (StackId("network", name) for name in ("one", "two", "three"))
CHANGED = StackResult(
    ONE,
    "200000000002",
    StackStatus.SUCCEEDED,
    resource_changes={"create": 2, "same": 1},
    changes=(ResourceChange("urn:pulumi:one::network::aws:ec2/vpc:Vpc::main", "aws:ec2/vpc:Vpc", "create"),),
    seconds=1.25,
)
UNCHANGED = StackResult(ONE, "200000000002", StackStatus.SUCCEEDED, resource_changes={"same": 3})
BLOCKED = StackResult(TWO, "", StackStatus.BLOCKED, Reason.ACCOUNT_NOT_CREATED)
CANCELLED = StackResult(TWO, "", StackStatus.CANCELLED, Reason.INTERRUPTED)
SKIPPED = StackResult(THREE, "", StackStatus.SKIPPED, Reason.DEPENDENCY_FAILED, TWO)


def failed(stack: StackId = TWO, exit_code: int = 1) -> StackResult:
    """Return a failure."""
    error = StackErrorInfo("FY401", f"update of {stack} failed", "AccessDenied: no", "correct it", exit_code)
    return StackResult(stack, "300000000003", StackStatus.FAILED, Reason.FAILED, error=error)


def report(*results: StackResult, operation: Operation = Operation.UP, **more: bool) -> RunReport:
    """Return the report of a run with these results."""
    return RunReport(operation, results, **more)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (report(CHANGED, UNCHANGED), 0),
        (report(CHANGED, failed()), 1),
        (report(failed(exit_code=5), failed(ONE, exit_code=5)), 5),
        (report(failed(exit_code=5), failed(ONE, exit_code=1)), 1),
        (report(CHANGED, SKIPPED), 0),
        (report(BLOCKED), 1),
        (report(BLOCKED, operation=Operation.PREVIEW), 0),
        (report(CANCELLED), 1),
        (report(CANCELLED, interrupted=True), 130),
        (report(CHANGED, operation=Operation.PREVIEW, expect_no_changes=True), 4),
        (report(UNCHANGED, operation=Operation.PREVIEW, expect_no_changes=True), 0),
        (report(failed(), operation=Operation.PREVIEW, expect_no_changes=True), 1),
        (report(), 0),
    ],
)
def test_the_exit_code_follows_from_the_results(told: RunReport, code: int) -> None:
    """Interrupted beats failed, failed beats unexpected changes; a blocked stack fails an up but no preview."""
    assert told.exit_code == code


def test_a_stack_in_json_has_the_keys_that_are_relied_on() -> None:
    """Id, account, result, counts and seconds are always there; what says nothing is left out."""
    fields = stack_as_json(UNCHANGED)
    assert fields == {
        "id": "network/one",
        "account_id": "200000000002",
        "result": "succeeded",
        "resource_changes": {"same": 3},
        "seconds": 0.0,
    }


def test_reason_cause_error_and_changes_are_there_when_there_are_any() -> None:
    """A failure tells its error, a skip its cause, a change its resource."""
    told = json.loads(json.dumps(run_as_json(report(CHANGED, failed(), SKIPPED))))
    changed, broken, skipped = told["stacks"]
    assert changed["changes"][0]["type"] == "aws:ec2/vpc:Vpc"
    assert broken["error"] == {
        "code": "FY401",
        "message": "update of network/two failed",
        "why": "AccessDenied: no",
        "hint": "correct it",
    }
    assert (skipped["reason"], skipped["cause"]) == ("dependency_failed", "network/two")


def test_the_text_says_what_changes_where() -> None:
    """Changed resources are listed under their stack, with counts in its line."""
    text = run_as_text(report(CHANGED))
    assert "2 create, 1 same" in text
    assert "create   aws:ec2/vpc:Vpc main" in text


def test_failures_come_last_with_the_next_command() -> None:
    """The end of the text tells each failure: what, why, what did not run because of it, and what to type."""
    lines = run_as_text(report(CHANGED, failed(), SKIPPED)).splitlines()
    at = lines.index("FY401: update of network/two failed")
    assert lines[at + 1 : at + 4] == ["  why: AccessDenied: no", "  not run: network/three", "  next: correct it"]
    assert lines[-1] == "up: 1 changed, 1 failed, 1 skipped (0.0 s)"


def test_equal_failures_are_told_together() -> None:
    """One cause that struck many stacks is told once, naming them all."""
    text = run_as_text(report(failed(), failed(THREE)))
    assert text.count("AccessDenied: no") == 1
    assert "also: network/three" in text


def test_stacks_that_have_to_wait_come_with_what_to_do_first() -> None:
    """Blocked stacks are told with the command that lets them run."""
    missing = StackResult(ONE, "", StackStatus.BLOCKED, Reason.DEPENDENCY_MISSING, StackId("bootstrap", "root"))
    lines = run_as_text(report(BLOCKED, missing)).splitlines()
    assert "  next: fleetyard up --stack organization" in lines
    assert "  next: fleetyard up --stack bootstrap/root" in lines


def test_unchanged_stacks_are_counted_as_such() -> None:
    """The verdict tells changed and unchanged stacks apart."""
    assert verdict(report(UNCHANGED, CHANGED)) == "up: 1 unchanged, 1 changed (0.0 s)"


def test_warnings_are_told_once_with_the_stacks_they_concern() -> None:
    """The text for people holds warnings too, equal ones together, before any failure."""
    warned = [
        replace(UNCHANGED, id=stack, warnings=("config changed by hand: fleetyard:region",)) for stack in (ONE, TWO)
    ]
    text = run_as_text(report(*warned, failed(THREE)))
    line = "warning: network/one, network/two: config changed by hand: fleetyard:region"
    assert text.count("config changed by hand") == 1
    assert text.index(line) < text.index("\nFY401")


def test_equal_failures_with_steps_of_their_own_are_told_each() -> None:
    """Where the next step names something of one stack alone, no stack's step is left out."""
    errors = (StackErrorInfo("FY533", "refused", "ExpiredToken", f"import {name}.json") for name in ("a", "b"))
    results = [
        StackResult(stack, "", StackStatus.FAILED, error=error) for stack, error in zip((ONE, TWO), errors, strict=True)
    ]
    text = run_as_text(report(*results))
    assert "import a.json" in text
    assert "import b.json" in text
