"""What is said of an account that cannot be removed while something runs in it."""

from __future__ import annotations

import pytest

from orchestrator.accounts.errors import AccountInUse
from orchestrator.accounts.release import AccountRecord, refuse_in_use
from orchestrator.stack_id import StackId
from orchestrator.state.state_files import StackState
from orchestrator.status import StackRecord

ORPHAN = ("late", "lab-two")
ORPHAN_STEPS = "put late/lab-two back into the manifest, then: fleetyard destroy --stack late/lab-two, then take it out"
RESUME = "fleetyard accounts resume lab-two, then: "
DESTROY = "fleetyard destroy --account lab-two"


def _hint(*, deployed: bool, orphan: bool, suspended: bool) -> str:
    state = StackState(readable=True, resources=1)
    record = StackRecord(StackId("network", "lab-two"), "3", state if deployed else None, suspended=suspended)
    with pytest.raises(AccountInUse) as refused:
        refuse_in_use(AccountRecord("lab-two", (record,), (ORPHAN,) if orphan else ()))
    return refused.value.hint


@pytest.mark.parametrize("deployed", [True, False])
def test_a_suspended_account_is_resumed_first(*, deployed: bool) -> None:
    """Runs leave it alone until then, also where all that runs in it is a stack that the manifest has no more."""
    assert _hint(deployed=deployed, orphan=True, suspended=True).startswith(RESUME + ORPHAN_STEPS)
    assert _hint(deployed=True, orphan=False, suspended=True).startswith(RESUME + DESTROY)


def test_what_the_manifest_has_no_more_goes_first() -> None:
    """Its destroy needs the roles that go with the account's other stacks."""
    both = _hint(deployed=True, orphan=True, suspended=False)
    assert both.startswith(ORPHAN_STEPS)
    assert both.index("--stack late/lab-two") < both.index(DESTROY)
    assert DESTROY not in _hint(deployed=False, orphan=True, suspended=False)
    assert _hint(deployed=True, orphan=False, suspended=False).startswith(DESTROY)
