"""Retiring accounts: the order of the steps, what is noted, what is refused, how the quota makes them wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from landing_zone.fleet import Manifest
from landing_zone.manifest import parse_manifest
from landing_zone.organization_policies import SUSPENDED_POLICY
from orchestrator.accounts.adoption.found import FoundPolicy, FoundUnit
from orchestrator.accounts.errors import EditRefused
from orchestrator.accounts.organization_acts import GONE, Act, Acted, ActKind
from orchestrator.accounts.overview import AccountLine
from orchestrator.accounts.retirement.errors import (
    RetiredFileUnreadable,
    RetirementRefused,
    RetirementStopped,
    RetirementUnderWay,
)
from orchestrator.accounts.retirement.obstacles import Leaving, Loss, Obstacle
from orchestrator.accounts.retirement.retire import AwsSide, Retiring
from orchestrator.accounts.retirement.retire_alone import alone
from orchestrator.accounts.retirement.retired_file import (
    Retirement,
    Step,
    being_retired,
    load_retired,
    on_its_way,
    retired_path,
    write_retired,
)
from orchestrator.accounts.retirement.retired_lines import retired_account, with_retired
from orchestrator.accounts.retirement.retired_report import (
    losses_as_json,
    losses_as_text,
    retired_as_json,
    retired_as_text,
)
from orchestrator.accounts.retirement.rules import only_in, refuse_unretirable, suspended_unit_id
from orchestrator.planning.plan import make_plan
from tests.unit.orchestrator.fleets import FLEET, MANAGEMENT_ID, small_fleet
from tests.unit.orchestrator.organizations import ROOT_ID, SMALL

WHEN = "2026-01-01T12:00:00+00:00"
ONE, TWO = "200000000002", "300000000003"
STEPS = ["destroy lab-one", "quarantine lab-one", "note lab-one in ou-suspended", f"drop lab-one {ONE}"]
"""What is done to the fleet by a retirement."""


@dataclass
class Fleet:
    """A fleet that notes what is done to it, and may be killed on the way."""

    path: Path
    did: list[str] = field(default_factory=list)
    killed_at: str = ""
    held: list[tuple[str, ...]] = field(default_factory=list)
    """What is deployed in an account at each look, the first one first; nothing after the last."""

    def left(self, _name: str) -> tuple[str, ...]:
        """Return what is still there."""
        return self.held.pop(0) if self.held else ()

    def quarantined(self, name: str) -> bool:
        """Return whether that was done."""
        return f"quarantine {name}" in self.did

    def quarantine(self, name: str) -> None:
        """Note it."""
        self._note(f"quarantine {name}")

    def note_move(self, account_id: str, unit_id: str) -> None:
        """Note it."""
        (name,) = (each.name for each in load_retired(self.path) if each.id == account_id)
        self._note(f"note {name} in {unit_id}")

    def destroy(self, name: str) -> None:
        """Note it."""
        self._note(f"destroy {name}")

    def drop(self, name: str, account_id: str) -> None:
        """Note it."""
        self._note(f"drop {name} {account_id}")

    def _note(self, words: str) -> None:
        noted = [each for each in load_retired(self.path) if each.name in words]
        assert any(each.doing is not None for each in noted)  # before the step it says what is being done
        if words.startswith(self.killed_at or "-"):
            raise KeyboardInterrupt
        self.did.append(words)


@dataclass
class Aws:
    """AWS that closes so many accounts, and after that says the quota is used up."""

    quota: int = 9
    refuses: str = ""
    did: list[str] = field(default_factory=list)
    status: dict[str, str] = field(default_factory=dict)

    def perform(self, act: Act) -> Acted:
        """Do it as AWS would."""
        if act.kind is ActKind.LOOK:
            return Acted(done=True, status=self.status.get(act.account_id, "ACTIVE"))
        if act.kind == self.refuses:
            return Acted(done=False, words="AccessDenied")
        if act.kind is ActKind.CLOSE and self.quota == 0:
            return Acted(done=False, words="CLOSE_ACCOUNT_QUOTA_EXCEEDED", later=True)
        self.did.append(f"{act.kind} {act.account_id} {act.parent_id}".strip())
        if act.kind is ActKind.CLOSE:
            self.quota -= 1
            self.status[act.account_id] = "PENDING_CLOSURE"
        return Acted(done=True)


def retiring(path: Path, fleet: Fleet, aws: Aws, tell: Callable[[str], None] = lambda _words: None) -> Retiring:
    """Return what retires, with doubles for the fleet and AWS."""
    side = AwsSide(aws.perform, lambda kind, each, parent: Act({}, kind, each, parent), lambda: "ou-suspended")
    return Retiring(path, fleet, side, tell, lambda: WHEN)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the file of retired accounts is."""
    return retired_path(tmp_path / "fleet.lock.yaml")


def test_the_steps_come_in_their_order_and_end_with_a_date(path: Path) -> None:
    """Destroyed, moved, dropped, closed; the final day is 90 days after AWS was asked to close."""
    fleet, aws = Fleet(path), Aws()
    work = retiring(path, fleet, aws)
    work.begin("lab-one", ONE, "one@small.example")
    (closing,) = work.carry_on()
    assert fleet.did == STEPS
    assert aws.did == [f"move {ONE} ou-suspended", f"close {ONE}"]
    assert closing.word == "being closed, gone for good on 2026-04-01"
    aws.status[ONE] = "SUSPENDED"
    (closed,) = retiring(path, fleet, aws).carry_on()
    assert (closed.finished, closed.word) == (True, "closed, gone for good on 2026-04-01")
    aws.status[ONE] = GONE
    (gone,) = retiring(path, fleet, aws).carry_on()
    assert gone.word == "gone from the organisation since 2026-01-01"


def test_a_move_that_was_not_noted_yet_is_noted(path: Path) -> None:
    """Cut short after AWS has moved the account, the move is gone through again, and the state says it before drop."""
    aws, first, second = Aws(), Fleet(path, killed_at="note"), Fleet(path)
    work = retiring(path, first, aws)
    work.begin("lab-one", ONE, "one@small.example")
    with pytest.raises(KeyboardInterrupt):
        work.carry_on()
    assert aws.did == [f"move {ONE} ou-suspended"]
    (noted,) = load_retired(path)
    assert (noted.doing, noted.next_step) == (Step.MOVE, Step.MOVE)
    retiring(path, second, aws).carry_on()
    assert second.did == STEPS[1:]


@pytest.mark.parametrize("killed_at", ["destroy", "drop"])
def test_what_was_cut_short_goes_on_with_the_step_it_was_in(path: Path, killed_at: str) -> None:
    """Nothing that was done is done again, and nothing is left out."""
    aws = Aws()
    first = Fleet(path, killed_at=killed_at)
    work = retiring(path, first, aws)
    work.begin("lab-one", ONE, "one@small.example")
    with pytest.raises(KeyboardInterrupt):
        work.carry_on()
    (noted,) = load_retired(path)
    assert noted.doing == Step(killed_at)
    second = Fleet(path)
    retiring(path, second, aws).carry_on()
    assert [*first.did, *second.did] == STEPS
    assert aws.did == [f"move {ONE} ou-suspended", f"close {ONE}"]


def test_what_aws_does_not_close_yet_waits_in_the_file(path: Path) -> None:
    """Once the quota is used up nobody else asks in that run; the next run goes on with those that wait."""
    fleet, aws = Fleet(path), Aws(quota=0)
    work = retiring(path, fleet, aws)
    work.begin("lab-one", ONE, "one@small.example")
    work.begin("lab-two", TWO, "two@small.example")
    one, two = work.carry_on()
    assert one.word == "waits to be closed: AWS's quota of 30 days"  # AWS's own words would fill a table's line
    assert retired_as_text((one, two)).count("AWS said: CLOSE_ACCOUNT_QUOTA_EXCEEDED") == 1
    assert (two.word, two.next_step) == ("waits to be closed", Step.CLOSE)
    assert "accounts retire --continue" in retired_as_text((one, two))
    aws.quota = 1
    one, two = retiring(path, fleet, aws).carry_on()
    assert (one.done[Step.CLOSE], two.next_step) == (WHEN, Step.CLOSE)
    assert retired_as_json(one)["final_date"] == "2026-04-01"


def test_a_step_that_aws_refuses_stops_there(path: Path) -> None:
    """AWS's words are told, and the account is not closed before it is where everything is denied."""
    fleet, aws = Fleet(path), Aws(refuses="move")
    work = retiring(path, fleet, aws)
    work.begin("lab-one", ONE, "one@small.example")
    with pytest.raises(RetirementStopped, match=r"FY379.*\n.*AccessDenied"):
        work.carry_on()
    assert aws.did == []
    assert load_retired(path)[0].word == "retiring: destroyed, move begun and not finished, next: move"


def test_one_that_is_stuck_does_not_hold_the_others(path: Path) -> None:
    """The error is told at the end, when the others are as far as they can be."""

    class Stuck(Fleet):
        def destroy(self, name: str) -> None:
            """Refuse one account."""
            if name == "lab-one":
                raise RetirementStopped("stack is protected")
            super().destroy(name)

    fleet, aws = Stuck(path), Aws()
    work = retiring(path, fleet, aws)
    work.begin("lab-one", ONE, "one@small.example")
    work.begin("lab-two", TWO, "two@small.example")
    with pytest.raises(RetirementStopped, match="stack is protected"):
        work.carry_on()
    assert aws.did == [f"move {TWO} ou-suspended", f"close {TWO}"]


def test_an_error_of_any_kind_holds_its_own_account_only(path: Path) -> None:
    """Several are told one by one, and the end is one error with exit code 1; what the others do goes on."""
    told: list[str] = []

    class Refusing(Fleet):
        def quarantine(self, name: str) -> None:
            """Refuse two accounts."""
            if name != "lab-two":
                raise EditRefused(f"{name} is needed", why="a grant names it", hint="change the grant")
            super().quarantine(name)

    fleet, aws = Refusing(path), Aws()
    work = retiring(path, fleet, aws, told.append)
    for name, account_id in (("lab-one", ONE), ("lab-three", "400000000004"), ("lab-two", TWO)):
        work.begin(name, account_id, "")
    with pytest.raises(RetirementStopped, match="2 accounts stopped") as stopped:
        work.carry_on()
    assert stopped.value.exit_code == 1
    assert aws.did == [f"move {TWO} ou-suspended", f"close {TWO}"]
    words = "\n".join(told)
    assert "lab-one stopped before: move" in words
    assert "FY360 lab-three is needed: a grant names it" in words
    assert "change the grant; then: fleetyard accounts retire --continue" in words


def test_what_another_wrote_meanwhile_is_not_lost(path: Path) -> None:
    """Each note is put into the file as it is then, not as it was read at the beginning."""

    class Shared(Fleet):
        def destroy(self, name: str) -> None:
            """Let another begin with its account while this one is destroyed."""
            super().destroy(name)
            retiring(path, Fleet(path), Aws()).begin("lab-two", TWO, "")

    work = retiring(path, Shared(path), Aws())
    work.begin("lab-one", ONE, "")
    work.carry_on((ONE,))
    assert [(each.name, Step.CLOSE in each.done) for each in load_retired(path)] == [
        ("lab-one", True),
        ("lab-two", False),
    ]


def test_one_retirement_at_a_time(path: Path) -> None:
    """The second is refused and told whose the first is; afterwards the way is free."""
    with alone(path):
        with pytest.raises(RetirementUnderWay, match=r"FY382.*\n.*process \d+ on") as refused, alone(path):
            pytest.fail("two at once")
        assert "wait until it has ended" in refused.value.hint
    with alone(path):
        assert load_retired(path) == ()


def test_what_was_deployed_again_is_destroyed_before_the_move(path: Path) -> None:
    """After the move nothing can be destroyed, so what came back is destroyed first."""
    fleet, aws = Fleet(path, held=[("network/lab-one (2 resources)",)]), Aws()
    work = retiring(path, fleet, aws)
    work.begin("lab-one", ONE, "")
    work.carry_on()
    assert fleet.did[:3] == ["destroy lab-one", "destroy lab-one", "quarantine lab-one"]


def test_what_is_found_in_the_suspended_unit_is_not_destroyed(path: Path) -> None:
    """Everything is denied there: a move that was cut short goes on, and dropping tells what can be done."""
    fleet, aws = Fleet(path), Aws(refuses="move")
    work = retiring(path, fleet, aws)
    work.begin("lab-one", ONE, "")
    with pytest.raises(RetirementStopped):
        work.carry_on()
    aws.refuses, fleet.held = "", [("late/lab-one",)]
    work.carry_on()
    assert fleet.did.count("destroy lab-one") == 1
    assert fleet.did[-1] == f"drop lab-one {ONE}"


def test_what_no_destroy_takes_away_stops_before_the_move(path: Path) -> None:
    """It is destroyed once more and not for ever; what is left is named."""
    fleet, aws = Fleet(path, held=[("network lab-one",)] * 3), Aws()
    work = retiring(path, fleet, aws)
    work.begin("lab-one", ONE, "")
    with pytest.raises(RetirementStopped, match="network lab-one"):
        work.carry_on()
    assert (fleet.did, aws.did) == (["destroy lab-one", "destroy lab-one"], [])


def test_the_manifest_has_the_account_in_the_suspended_unit_before_aws_has(path: Path) -> None:
    """However it is cut short, a run of the organisation never moves it back."""
    fleet, aws = Fleet(path, killed_at="quarantine"), Aws()
    work = retiring(path, fleet, aws)
    work.begin("lab-one", ONE, "")
    with pytest.raises(KeyboardInterrupt):
        work.carry_on()
    assert aws.did == []


def test_a_run_is_named_when_there_is_something_to_take_out(path: Path) -> None:
    """After the drop; the account map is spoken of only where the manifest has one."""
    run = "next: fleetyard preview, then: fleetyard up"
    waiting = Retirement("lab-one", ONE, done=dict.fromkeys(list(Step)[:3], WHEN))
    assert "account map" in retired_as_text((waiting,), account_map=True)
    assert "account map" not in retired_as_text((waiting,))
    assert run in retired_as_text((waiting,))
    assert run not in retired_as_text((waiting.again(),), account_map=True)
    write_retired(path, (waiting, Retirement("lab-two", TWO)))
    assert being_retired(path) == {"lab-two"}


def test_the_file_is_read_as_it_was_written(path: Path) -> None:
    """Names, ids with leading zeros, steps and AWS's words come back; without a file nothing is retired."""
    assert load_retired(path) == ()
    accounts = (
        Retirement("lab-one", "000000000002", "one@small.example", WHEN, {Step.DESTROY: WHEN}, Step.MOVE),
        Retirement("true", TWO, done=dict.fromkeys((Step.DESTROY, Step.MOVE, Step.DROP), WHEN), said='"quota": é'),
    )
    write_retired(path, accounts)
    assert load_retired(path) == accounts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("accounts: [a]", "it has no accounts"),
        ("accounts: {a: {name: x}}", "no id of 12 digits"),
        ('accounts: {"200000000002": {begun: ""}}', "has no name"),
        ('accounts: {"200000000002": {name: a, more: 1}}', "unknown key more"),
        ('accounts: {"200000000002": {name: a, done: {close: "2026-01-01"}}}', "out of order"),
        ('accounts: {"200000000002": {name: a, done: {destroy: soon}}}', "soon"),
        ('accounts: {"200000000002": 1}', "holds nothing"),
        ("accounts: {", "fleet.retired.yaml"),
    ],
)
def test_a_damaged_file_is_refused(path: Path, text: str, why: str) -> None:
    """Whoever cannot read what was done must not go on."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RetiredFileUnreadable, match=f"FY380.*\n.*{why}"):
        load_retired(path)


def test_a_damaged_file_of_a_rehearsal_is_not_looked_for_in_git(tmp_path: Path) -> None:
    """What is below .fleetyard/ is in no history; elsewhere the last good file is."""
    for folder, step in ((".fleetyard/rehearsal", "fleetyard rehearse --keep"), ("fleet", "git checkout -- ")):
        file = tmp_path / folder / "fleet.retired.yaml"
        file.parent.mkdir(parents=True)
        file.write_text("accounts: [a]", encoding="utf-8")
        with pytest.raises(RetiredFileUnreadable) as refused:
            load_retired(file)
        assert step in refused.value.hint
        assert ("git checkout" in refused.value.hint) == (folder == "fleet")


def test_a_name_may_come_again(path: Path) -> None:
    """A new account with the name of one that is gone is another account: the ids tell them apart."""
    done = dict.fromkeys(Step, WHEN)
    write_retired(path, (Retirement("lab-one", "900000000009", done=done, closed=WHEN, gone=WHEN),))
    assert on_its_way(load_retired(path), "lab-one", ONE) is None
    work = retiring(path, Fleet(path), Aws())
    work.begin("lab-one", ONE, "one@small.example")
    work.carry_on((ONE,))
    assert [(each.id, Step.CLOSE in each.done) for each in load_retired(path)] == [("900000000009", True), (ONE, True)]
    assert on_its_way(load_retired(path), "lab-one", ONE) == load_retired(path)[1]


GUARDED = FLEET.replace(
    "workloads:\n", "trusted_services: [guardduty.amazonaws.com]\nsuspended_unit: suspended\nworkloads:\n", 1
).replace("trusted_services:", "delegated_administrators: {guardduty.amazonaws.com: lab-one}\ntrusted_services:")


def why_not(manifest: Manifest, name: str, account_id: str, **found: object) -> str:
    """Return why an account is refused."""
    with pytest.raises(RetirementRefused, match="FY378") as refused:
        refuse_unretirable(manifest, manifest.account(name), account_id, replace(SMALL, **found))  # type: ignore[arg-type]
    return refused.value.why


def test_an_account_that_others_need_is_not_retired() -> None:
    """The management account, those that the manifest or AWS gives a task, one that runs leave alone, one not made."""
    manifest = parse_manifest(GUARDED, small_fleet().path)
    assert "never closed" in why_not(manifest, "root", MANAGEMENT_ID)
    assert "administers guardduty.amazonaws.com" in why_not(manifest, "lab-one", ONE)
    words = why_not(small_fleet(), "lab-one", ONE, delegated={ONE: ("sso.amazonaws.com",)})
    assert "delegated administrator of sso.amazonaws.com" in words
    assert "not made it yet" in why_not(small_fleet(), "lab-one", "")
    assert "has no account 400000000004" in why_not(small_fleet(), "lab-one", "400000000004")
    closed = tuple(replace(each, status="SUSPENDED") if each.id == ONE else each for each in SMALL.accounts)
    words = why_not(small_fleet(), "lab-one", ONE, accounts=closed)
    assert "closed it already (SUSPENDED)" in words
    assert "fleetyard accounts release" in words
    suspended = parse_manifest(FLEET.replace("lab-one: {", "lab-one: {suspended: true, "), small_fleet().path)
    assert "resume it first" in why_not(suspended, "lab-one", ONE)
    one = "    accounts:\n      lab-one"
    closed = FLEET.replace(one, f"  old:\n{one}").replace("accounts: [lab-one]", 'accounts: ["lab-*"]')
    in_it = parse_manifest(f"{closed}suspended_unit: old\n", small_fleet().path)
    assert "write it under another unit" in why_not(in_it, "lab-one", ONE)
    with pytest.raises(RetirementRefused) as refused:
        refuse_unretirable(suspended, suspended.account("lab-one"), ONE, SMALL)
    assert refused.value.hint == "fleetyard accounts resume lab-one, then repeat the command"
    refuse_unretirable(small_fleet(), small_fleet().account("lab-two"), TWO, SMALL)


def test_retired_accounts_go_where_everything_is_denied() -> None:
    """Without the unit in the manifest, in AWS, or without its policy, nothing is retired."""
    manifest = parse_manifest(GUARDED, small_fleet().path)
    unit = FoundUnit("ou-ab12-suspend0", ("suspended",), ROOT_ID)
    policy = FoundPolicy("p-1", f"small-{SUSPENDED_POLICY}", "SERVICE_CONTROL_POLICY", (unit.id,))
    found = replace(SMALL, units=(*SMALL.units, unit), policies=(policy,))
    assert suspended_unit_id(manifest, found) == unit.id
    for lacking, there in (
        (small_fleet(), found),
        (manifest, SMALL),
        (manifest, replace(found, policies=())),
        (manifest, replace(found, policies=(replace(policy, targets=()),))),
    ):
        with pytest.raises(RetirementRefused, match="no unit for retired accounts"):
            suspended_unit_id(lacking, there)


def test_what_rests_on_its_stacks_elsewhere_does_not_hold_it() -> None:
    """`after` orders the whole fleet; with one account alone, its stacks rest on its own only."""
    plan = make_plan(only_in(small_fleet(), "lab-two"))
    assert {str(each.id) for each in plan.stacks if each.workload} == {"network/lab-two"}
    both = make_plan(only_in(small_fleet(), "lab-one"))
    assert {str(each.id) for each in both.stacks if each.workload} == {
        "network/lab-one",
        "app/lab-one/eu-west-1",
        "app/lab-one/eu-north-1",
    }


def test_what_would_be_lost_is_counted_by_type() -> None:
    """Each stack with its resources, protected workloads marked, and what is in the way."""
    losses = (
        Loss("network/lab-one", {"aws:ec2/vpc:Vpc": 1, "aws:ec2/subnet:Subnet": 2}, kept=True),
        Loss("app/lab-one", problem="app/lab-one: a protected resource"),
    )
    obstacles = (Obstacle("app/lab-one", "a protected resource", "take protect out"),)
    leaving = Leaving("lab-one", ONE, "one@small.example", losses)
    words = losses_as_text(leaving, obstacles)
    assert "2 stacks with 3 resources" in words
    assert "network/lab-one (protected): 1 Vpc, 2 Subnet" in words
    assert "  app/lab-one: a protected resource\n    next: take protect out" in words
    assert "AWS closes it" not in words
    assert "AWS closes it" in losses_as_text(replace(leaving, losses=losses[:1]))
    empty = losses_as_text(replace(leaving, losses=()))
    assert empty.startswith("Retiring lab-one: there is nothing to destroy.\nThen the account")
    given = losses_as_json(leaving, obstacles)
    assert given["resources"] == 3
    assert given["in_the_way"] == [
        {"stack": "app/lab-one", "words": "a protected resource", "next": "take protect out"}
    ]


def test_that_the_email_is_used_up_is_said_before() -> None:
    """A closed account keeps its email, so whoever wants it again changes it while the account is open."""
    leaving = Leaving("lab-one", ONE, "one@small.example")
    assert "Its email one@small.example can never be another account's afterwards" in losses_as_text(leaving)
    assert losses_as_json(leaving)["email"] == "one@small.example"


def test_accounts_that_are_retired_are_listed(path: Path) -> None:
    """With how far they are and the day on which they are gone, while the manifest has them too."""
    done = dict.fromkeys(Step, WHEN)
    write_retired(path, (Retirement("old", ONE, "old@small.example", WHEN, done), Retirement("lab-two", TWO)))
    lock = path.with_name("fleet.lock.yaml")
    lines = with_retired((AccountLine("lab-two", TWO, "created", unit="lab"),), lock)
    assert [(line.name, line.state) for line in lines] == [
        ("lab-two", "retiring: nothing is done, next: destroy (fleetyard accounts retire --continue)"),
        ("old", "being closed, gone for good on 2026-04-01"),
    ]
    assert retired_account(small_fleet(), "lab-two", lock) is None
    gone = retired_account(small_fleet(), "old", lock)
    assert gone is not None
    assert gone.final_date == "2026-04-01"
