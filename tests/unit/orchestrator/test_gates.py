"""What is decided before any stack starts."""

from __future__ import annotations

import pytest

from orchestrator.errors import StillNeeded
from orchestrator.planning.gates import Request, blocked, left_out, refuse_stranding
from orchestrator.planning.plan import make_plan
from orchestrator.planning.selection import Selection, select
from orchestrator.running.job import Operation, Reason, StackStatus
from orchestrator.running.queue import Entry
from orchestrator.stack_id import StackId
from tests.unit.orchestrator.fleets import FLEET, small_fleet

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


PROTECTED = make_plan(
    small_fleet(FLEET.replace("    after: [network]\n", "    after: [network]\n    protected: true\n"))
)
APP = StackId("app", "lab-one", "eu-west-1")


def _kept_of(deployed: frozenset[StackId], *, include_foundation: bool = False) -> set[StackId]:
    chosen = select(PROTECTED, Selection())
    asked = Request(Operation.DESTROY, PROTECTED, chosen, deployed.__contains__, include_foundation)
    return {stack for stack, entry in left_out(asked).items() if entry.reason is Reason.PROTECTED}


def test_destroy_keeps_a_protected_workload_and_what_it_rests_on() -> None:
    """A protected workload stays, with the role in its account and the workloads it came after, and nothing else."""
    foundation = {planned.id for planned in PROTECTED.stacks if planned.id.program in {"organization", "bootstrap"}}
    below = {SUBACCOUNT, NETWORK, StackId("network", "lab-two"), StackId("bootstrap-subaccount", "lab-two")}
    assert _kept_of(ALL) == foundation | below | {APP, StackId("app", "lab-one", "eu-north-1")}
    assert _kept_of(ALL, include_foundation=True) == set()


def test_a_protected_workload_that_is_not_deployed_keeps_nothing_else() -> None:
    """What a protected workload would rest on may go while it is not deployed."""
    gone = ALL - {APP, StackId("app", "lab-one", "eu-north-1")}
    assert not {SUBACCOUNT, NETWORK} & _kept_of(gone)


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


def test_the_proposed_destroy_is_whole() -> None:
    """The command names all that rests on the stacks, what rests on that too, and a whole program by its name alone."""
    foundation = [planned.id for planned in PLAN.stacks if planned.kept]
    with pytest.raises(StillNeeded) as raised:
        refuse_stranding(request(Operation.DESTROY, include_foundation=True, stacks=("bootstrap/*",)), foundation[1:])
    assert raised.value.hint == (
        "fleetyard destroy --include-foundation --stack app --stack network --stack bootstrap-subaccount "
        "--stack bootstrap/root"
    )
    deployed = frozenset({SUBACCOUNT, NETWORK, StackId("network", "lab-two")})
    with pytest.raises(StillNeeded) as raised:
        refuse_stranding(request(Operation.DESTROY, deployed, stacks=(str(SUBACCOUNT),)), [SUBACCOUNT])
    assert raised.value.hint == f"fleetyard destroy --stack {NETWORK} --stack {SUBACCOUNT}"


def test_the_proposed_destroy_is_one_that_is_carried_out() -> None:
    """What the hint selects strands nobody."""
    concerned = [SUBACCOUNT]
    with pytest.raises(StillNeeded) as raised:
        refuse_stranding(request(Operation.DESTROY, stacks=(str(SUBACCOUNT),)), concerned)
    stacks = tuple(word for word in raised.value.hint.split() if word not in {"fleetyard", "destroy", "--stack"})
    again = request(Operation.DESTROY, stacks=stacks)
    refuse_stranding(again, [planned.id for planned in again.selected])
