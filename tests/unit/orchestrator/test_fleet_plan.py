"""The graph of a fleet's stacks."""

from __future__ import annotations

import pytest

from orchestrator.planning.plan import Plan, make_plan
from orchestrator.running.job import CallerName, Operation
from orchestrator.stack_id import StackId
from tests.unit.orchestrator.fleets import FLEET, small_fleet

ORGANIZATION = StackId("organization", "root")
BOOTSTRAP = StackId("bootstrap", "root")


def stack(text: str) -> StackId:
    """Return the id of this text."""
    return StackId.parse(text)


@pytest.fixture
def plan() -> Plan:
    """Return the small fleet's plan."""
    return make_plan(small_fleet())


def test_the_foundation_comes_first_and_workloads_by_after(plan: Plan) -> None:
    """Stacks stand in an order in which they can be deployed, the same each time."""
    assert [str(planned.id) for planned in plan.stacks] == [
        "organization/root",
        "bootstrap/root",
        "bootstrap-subaccount/lab-one",
        "bootstrap-subaccount/lab-two",
        "network/lab-one",
        "network/lab-two",
        "app/lab-one/eu-west-1",
        "app/lab-one/eu-north-1",
    ]


def test_a_workload_rests_on_its_account_and_on_all_it_comes_after(plan: Plan) -> None:
    """A workload's stack waits for its account's roles and for every stack of the workloads it names."""
    assert plan.rests_on[stack("app/lab-one/eu-west-1")] == {
        stack("bootstrap-subaccount/lab-one"),
        stack("network/lab-one"),
        stack("network/lab-two"),
    }


def test_the_management_account_gets_no_subaccount_stack(plan: Plan) -> None:
    """Only member accounts have a bootstrap-subaccount stack."""
    assert StackId("bootstrap-subaccount", "root") not in plan.rests_on


def test_destroy_is_the_same_graph_from_the_other_end(plan: Plan) -> None:
    """What rested on a stack is done with before it, and the order is reversed."""
    backwards = plan.dependencies(Operation.DESTROY)
    assert backwards[stack("bootstrap-subaccount/lab-two")] == {stack("network/lab-two")}
    assert backwards[ORGANIZATION] == {BOOTSTRAP}
    assert plan.order(Operation.DESTROY) == tuple(reversed(plan.stacks))


def test_workloads_run_as_the_management_role_and_all_else_as_the_administrator(plan: Plan) -> None:
    """Each stack names its caller."""
    callers = {planned.id.program: planned.caller for planned in plan.stacks}
    assert callers.pop("network") is callers.pop("app") is CallerName.MANAGEMENT
    assert set(callers.values()) == {CallerName.ADMINISTRATOR}


def test_a_stack_that_the_fleet_lacks_is_a_key_error(plan: Plan) -> None:
    """Asking for an unknown stack raises KeyError."""
    with pytest.raises(KeyError):
        plan.stack(stack("network/root"))


def test_the_manifests_order_decides_between_equals() -> None:
    """Two workloads that do not wait for each other come as the manifest has them."""
    independent = FLEET.replace("    after: [network]\n", "")
    programs = [planned.id.program for planned in make_plan(small_fleet(independent)).stacks]
    assert programs.index("app") < programs.index("network")
