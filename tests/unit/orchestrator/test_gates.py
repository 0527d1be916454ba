"""What is decided before any stack starts."""

from __future__ import annotations

import pytest

from orchestrator.errors import StillNeeded
from orchestrator.gates import Request, blocked, left_out, refuse_stranding
from orchestrator.job import Operation, Reason, StackStatus
from orchestrator.plan import make_plan
from orchestrator.queue import Entry
from orchestrator.selection import Selection, select
from orchestrator.stack_id import StackId
from tests.unit.orchestrator.fleets import small_fleet

PLAN = make_plan(small_fleet())
ALL = frozenset(planned.id for planned in PLAN.stacks)
SUBACCOUNT = StackId("bootstrap-subaccount", "lab-one")
NETWORK = StackId("network", "lab-one")


def request(
    operation: Operation,
    deployed: frozenset[StackId] = ALL,
    *,
    include_foundation: bool = False,
    **given: tuple[str, ...],
) -> Request:
    """Return a request for the selected stacks of the small fleet."""
    chosen = select(PLAN, Selection(**given))
    return Request(operation, PLAN, chosen, deployed.__contains__, include_foundation)


def test_destroy_keeps_the_foundation() -> None:
    """Organization and bootstrap are left out of a destroy as protected, and nothing else is."""
    kept = left_out(request(Operation.DESTROY))
    assert {stack.program for stack in kept} == {"organization", "bootstrap"}
    assert {entry.reason for entry in kept.values()} == {Reason.PROTECTED}


def test_destroy_takes_the_foundation_when_told_to() -> None:
    """With include_foundation nothing that is deployed is left out."""
    assert left_out(request(Operation.DESTROY, include_foundation=True)) == {}


@pytest.mark.parametrize("operation", [Operation.DESTROY, Operation.REFRESH])
def test_what_is_not_deployed_needs_no_destroy_and_no_refresh(operation: Operation) -> None:
    """A stack without state is skipped, not failed."""
    entries = left_out(request(operation, ALL - {NETWORK}, stacks=("network",)))
    assert entries == {NETWORK: Entry(StackStatus.SKIPPED, Reason.NOT_DEPLOYED)}


def test_up_leaves_nobody_out() -> None:
    """Every selected stack is concerned by an up."""
    assert left_out(request(Operation.UP, frozenset())) == {}


def test_a_selected_stack_on_something_missing_is_blocked() -> None:
    """An up of a stack whose unselected dependency is not deployed is blocked and names it."""
    entries = blocked(request(Operation.UP, ALL - {SUBACCOUNT}, stacks=("network/lab-one",)))
    assert entries == {NETWORK: Entry(StackStatus.BLOCKED, Reason.DEPENDENCY_MISSING, SUBACCOUNT)}


def test_a_selected_stack_whose_unselected_dependencies_are_deployed_just_runs() -> None:
    """Nothing is blocked when what the selection rests on is there."""
    assert blocked(request(Operation.UP, stacks=("network",))) == {}


def test_a_preview_is_never_blocked_by_what_is_missing() -> None:
    """A preview says what would change whether or not the rest is deployed."""
    assert blocked(request(Operation.PREVIEW, frozenset(), stacks=("network",))) == {}


def test_what_others_rest_on_is_not_destroyed() -> None:
    """Destroying a stack below a deployed one that is not selected is refused, with the whole selection to type."""
    with pytest.raises(StillNeeded) as raised:
        refuse_stranding(request(Operation.DESTROY, stacks=("bootstrap-subaccount/lab-one",)), [SUBACCOUNT])
    assert "network/lab-one" in raised.value.subject
    assert "--stack network/lab-one" in raised.value.hint


def test_what_others_rested_on_may_go_once_they_are_gone() -> None:
    """Destroying is allowed when what rests on it is not deployed, or goes too."""
    alone = request(Operation.DESTROY, frozenset({SUBACCOUNT}), accounts=("lab-one",))
    refuse_stranding(alone, [SUBACCOUNT])
    together = request(Operation.DESTROY, frozenset({SUBACCOUNT, NETWORK}), accounts=("lab-one",))
    refuse_stranding(together, [SUBACCOUNT, NETWORK])
