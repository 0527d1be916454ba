"""What is said of an account that cannot be removed, or be forgotten, while something is in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.accounts.errors import AccountInUse, NotReleasable
from orchestrator.accounts.release import AccountRecord, refuse_in_use, refuse_unreleasable
from orchestrator.stack_id import StackId
from orchestrator.state.orphans import Orphan, listed
from orchestrator.state.state_files import StackLock, StackState
from orchestrator.status import StackRecord

ORPHAN = Orphan("late-things", "lab-two", "late")
ORPHAN_STEPS = (
    "put late/lab-two back into the manifest, then: fleetyard destroy --stack late/lab-two, then: take it out"
)
RESUME = "fleetyard accounts resume lab-two, then: "
DESTROY = "fleetyard destroy --account lab-two"
RELEASE = "fleetyard accounts release lab-two"
NETWORK = StackRecord(StackId("network", "lab-two"), "3", StackState(readable=True, resources=1))
IN_USE = AccountRecord("lab-two", (NETWORK,))


def _hint(record: AccountRecord) -> str:
    with pytest.raises(AccountInUse) as refused:
        refuse_in_use(record)
    return refused.value.hint


def _account(*, deployed: bool, orphan: bool, suspended: bool) -> AccountRecord:
    stack = replace(NETWORK, state=NETWORK.state if deployed else None, suspended=suspended)
    return AccountRecord("lab-two", (stack,), (ORPHAN,) if orphan else ())


@pytest.mark.parametrize("deployed", [True, False])
def test_a_suspended_account_is_resumed_first(*, deployed: bool) -> None:
    """Runs leave it alone until then, also where all that runs in it is a stack that the manifest has no more."""
    assert _hint(_account(deployed=deployed, orphan=True, suspended=True)).startswith(RESUME + ORPHAN_STEPS)
    assert _hint(_account(deployed=True, orphan=False, suspended=True)).startswith(RESUME + DESTROY)


def test_what_the_manifest_has_no_more_goes_first() -> None:
    """Its destroy needs the roles that go with the account's other stacks; each is named as it is selected."""
    both = _hint(_account(deployed=True, orphan=True, suspended=False))
    assert both.startswith(ORPHAN_STEPS)
    assert both.index("--stack late/lab-two") < both.index(DESTROY)
    assert DESTROY not in _hint(_account(deployed=False, orphan=True, suspended=False))
    assert _hint(_account(deployed=True, orphan=False, suspended=False)).startswith(DESTROY)


def test_what_a_destroy_refuses_or_spares_is_told_before_it() -> None:
    """A protected resource leaves the state's protection by an up; a protected workload needs an option."""
    protected = StackState(readable=True, resources=2, protected=("Queue jobs", "Queue more"))
    unprotected = "take protect off Queue jobs, Queue more in the program of network/lab-two, then: fleetyard up "
    record = replace(IN_USE, stacks=(replace(NETWORK, state=protected),))
    assert _hint(record).startswith(f"{unprotected}--stack network/lab-two, then: {DESTROY}; or")
    orphan = replace(IN_USE, stacks=(), unplanned=(replace(ORPHAN, state=protected),))
    assert "fleetyard up --stack late/lab-two, then: fleetyard destroy --stack late/lab-two" in _hint(orphan)
    assert _hint(replace(IN_USE, kept=frozenset({NETWORK.id}))).startswith(f"{DESTROY} --include-foundation; or")


def test_in_the_suspended_unit_it_can_only_be_forgotten() -> None:
    """Everything is denied there, so no destroy is the first step."""
    assert _hint(replace(IN_USE, quarantined=True)).startswith(f"{RELEASE}; to destroy it, write the account under")


def test_of_many_protected_resources_the_first_are_named() -> None:
    """The message stays readable."""
    assert listed(tuple("abcdef")) == "a, b, c, d and 2 more"


def test_what_an_orphans_state_says_against_forgetting_it_is_told() -> None:
    """A lock and operations under way hold it as they hold any other stack, damage too."""
    lock = StackLock("k", "ann", "elsewhere", 9, "today")
    states = [
        StackState(readable=True, locks=(lock,)),
        StackState(readable=True, pending=1),
        StackState(readable=False),
    ]
    orphans = tuple(replace(ORPHAN, stack=f"lab-two.r{at}", state=state) for at, state in enumerate(states))
    with pytest.raises(NotReleasable) as refused:
        refuse_unreleasable(replace(IN_USE, unplanned=orphans[:2], hollow=orphans[2:]))
    assert "late/lab-two/r0 is locked by ann@elsewhere" in refused.value.why
    assert "late/lab-two/r1 was interrupted in 1 steps" in refused.value.why
    assert "the state of late/lab-two/r2 is damaged" in refused.value.why
