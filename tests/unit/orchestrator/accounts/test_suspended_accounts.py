"""A suspended account is left alone by every operation, and whoever rests on it goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from landing_zone.errors import ManifestInvalid
from landing_zone.manifest import load_manifest
from orchestrator.cli.plan_tables import plan_as_json, plan_as_text, status_as_json, status_as_text
from orchestrator.doctor.caller_checks import expected_callers
from orchestrator.doctor.engine_checks import EngineQuestion
from orchestrator.doctor.examination import FleetFacts, Surroundings, checks_for
from orchestrator.doctor.machine_checks import MemoryQuestion
from orchestrator.errors import StillNeeded
from orchestrator.files.workspace import committed
from orchestrator.planning.gates import Request, blocked, left_out, refuse_stranding
from orchestrator.planning.plan import make_plan
from orchestrator.planning.selection import Selection, select
from orchestrator.running.job import EngineChoice, EngineKind, Operation, Reason
from orchestrator.running.report import REASONS
from orchestrator.stack_id import StackId
from orchestrator.status import FleetRecord, StackRecord
from orchestrator.validation.summary import check_fleet, summary_as_json, summary_as_text
from tests.cli.fleet_folder import make_fleet_folder
from tests.unit.orchestrator.fleets import FLEET, LOCK, small_fleet

SUSPENDED = FLEET.replace("lab-two: {email", "lab-two: {suspended: true, email")
PLAN = make_plan(small_fleet(SUSPENDED))
NETWORK_TWO = StackId("network", "lab-two")
APP = StackId("app", "lab-one", "eu-west-1")
OWN = {StackId("bootstrap-subaccount", "lab-two"), NETWORK_TWO}


def _request(operation: Operation, deployed: frozenset[StackId] = frozenset(), stack: str = "*") -> Request:
    return Request(operation, PLAN, select(PLAN, Selection(stacks=(stack,))), deployed.__contains__)


@pytest.mark.parametrize("operation", list(Operation))
def test_every_operation_leaves_it_alone(operation: Operation) -> None:
    """Its stacks are skipped as suspended, whatever is deployed; the organisation's own stack is not."""
    everything = frozenset(planned.id for planned in PLAN.stacks)
    for deployed in (frozenset[StackId](), everything):
        entries = left_out(_request(operation, deployed))
        assert {stack for stack, entry in entries.items() if entry.reason is Reason.SUSPENDED} == OWN


def test_what_rests_on_it_goes_on() -> None:
    """A workload that comes after one in the suspended account is not kept waiting for it."""
    deployed = frozenset({StackId("network", "lab-one"), StackId("bootstrap-subaccount", "lab-one")})
    assert NETWORK_TWO in PLAN.rests_on[APP]
    assert blocked(_request(Operation.UP, deployed, str(APP))) == {}


def test_what_a_suspended_stack_rests_on_is_not_destroyed() -> None:
    """A destroy that would pull something from under a suspended stack is refused, naming how to go on."""
    plan = make_plan(small_fleet(FLEET.replace("lab-one: {email", "lab-one: {suspended: true, email")))
    deployed = frozenset(planned.id for planned in plan.stacks)
    request = Request(Operation.DESTROY, plan, select(plan, Selection(accounts=("lab-two",))), deployed.__contains__)
    with pytest.raises(StillNeeded, match="fleetyard accounts resume lab-one"):
        refuse_stranding(request, [NETWORK_TWO])


def test_the_suspended_unit_suspends() -> None:
    """Stacks of an account in that unit are left alone as well; a destroy it holds up names the way out of it."""
    one = "    accounts:\n      lab-one"
    moved = FLEET.replace(one, f"  old:\n{one}")
    plan = make_plan(small_fleet(moved.replace("[lab-one]", '["lab-*"]') + "suspended_unit: old\n"))
    request = Request(Operation.UP, plan, plan.stacks, lambda _stack: False)
    assert {stack.account for stack in left_out(request)} == {"lab-one"}
    selected = select(plan, Selection(accounts=("lab-two",)))
    destroy = Request(Operation.DESTROY, plan, selected, lambda _stack: True)
    with pytest.raises(StillNeeded, match="write lab-one under another unit"):
        refuse_stranding(destroy, [NETWORK_TWO])


def test_the_management_account_cannot_be_suspended() -> None:
    """Everything rests on its stacks, so the manifest refuses it with the place."""
    with pytest.raises(ManifestInvalid, match="cannot be suspended") as refused:
        small_fleet(FLEET.replace("management: true", "management: true, suspended: true"))
    assert refused.value.problems[0].place.line == 17


def test_plan_and_status_say_so() -> None:
    """Tables name the account below, the JSON marks its stacks."""
    words = "suspended in the manifest, left alone by runs: lab-two"
    assert plan_as_text(PLAN, PLAN.stacks, LOCK, {}).splitlines()[-1] == words
    stacks = plan_as_json(PLAN, PLAN.stacks, LOCK, {})["stacks"]
    assert isinstance(stacks, list)
    assert {stack["id"] for stack in stacks if stack.get("suspended")} == set(map(str, OWN))
    record = FleetRecord((StackRecord(NETWORK_TWO, "3", None, suspended=True), StackRecord(APP, "2", None)), ())
    assert status_as_text(record, {}).splitlines()[-1] == words
    told = status_as_json(record, {})["stacks"]
    assert isinstance(told, list)
    assert [stack.get("suspended") for stack in told] == [True, None]
    assert "left alone" in REASONS[Reason.SUSPENDED]


def test_validate_and_doctor_say_so(tmp_path: Path) -> None:
    """A fleet's summary and the doctor name the suspended accounts, and no caller of theirs is looked at."""
    fleet = make_fleet_folder(tmp_path, SUSPENDED.replace("suspended: true", "suspended: true, profile: two"))
    manifest = load_manifest(fleet)
    summary = check_fleet(manifest, committed(fleet))
    assert summary_as_text(summary).endswith("; suspended: lab-two")
    assert summary_as_json(summary)["suspended"] == ["lab-two"]
    facts = FleetFacts(manifest, LOCK, tmp_path, tmp_path, tmp_path / "fleet.retired.yaml")
    engine = EngineQuestion({}, EngineChoice(EngineKind.EMBEDDED), ())
    around = Surroundings({}, tmp_path, facts, engine, MemoryQuestion(concurrency=1, per_stack=1, available=1))
    with ThreadPoolExecutor(1) as children:
        checks = checks_for(around, children)
    assert checks["manifest"]()[0].words.endswith("; suspended, left alone by runs: lab-two")
    assert not [caller for caller in expected_callers(manifest, LOCK) if caller.profile == "two"]
