"""State kept apart in several buckets: which stack is asked for where, and what is said of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.lock import Lock, StateHome
from landing_zone.manifest import load_manifest
from orchestrator.by_hand import HandTools
from orchestrator.doctor.finding import Finding, Outcome
from orchestrator.doctor.state_checks import check_bucket_and_key
from orchestrator.doctor.state_probe import StateAnswer, StateQuestion, Tried
from orchestrator.errors import OutputsIncomplete, StateElsewhere, StateHomeReplaced
from orchestrator.files.workspace import Workspace, committed
from orchestrator.planning.plan import Plan, PlannedStack, make_plan
from orchestrator.running.job import EngineChoice, EngineKind
from orchestrator.running.jobs import JobWriter
from orchestrator.running.run import with_state_home
from orchestrator.running.scheduler import Blocked
from orchestrator.stack_id import StackId
from orchestrator.state.backends import Backends, BucketReader
from orchestrator.state.bucket_states import BucketQuery, BucketStates
from orchestrator.state.doctor import Ward, diagnose
from orchestrator.state.findings import Kind
from orchestrator.state.lock_holders import this_machine
from orchestrator.state.places import BackendName, backends_of, place_of
from orchestrator.state.state_files import StackState
from orchestrator.state.survey import Holdings, survey
from tests.cli.fleet_folder import make_fleet_folder
from tests.unit.orchestrator.fleets import BUCKET_FLEET, HOME, LOCK
from tests.unit.orchestrator.state_backends import Objects

ONE, TWO = StackId("network", "lab-one"), StackId("network", "lab-two")
LIVE = StateHome(HOME.bucket.replace("-state-", "-state-live-"), HOME.key_arn.replace("key/1", "key/9"))
SEGMENT = "state_buckets: {live: {accounts: [lab-two]}}\n"
FLEET = BUCKET_FLEET + SEGMENT
MADE = replace(LOCK, state=HOME, state_buckets={"live": LIVE})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a repository whose account lab-two has a state bucket of its own."""
    return committed(make_fleet_folder(tmp_path, FLEET))


def parts(workspace: Workspace) -> tuple[Plan, Backends]:
    """Return the fleet's plan and backends."""
    manifest = load_manifest(workspace.fleet)
    return make_plan(manifest), Backends(manifest, workspace)


def planned(workspace: Workspace, stack: StackId) -> PlannedStack:
    """Return a stack of the plan."""
    return parts(workspace)[0].stack(stack)


def test_a_stack_is_in_the_bucket_of_its_account(workspace: Workspace) -> None:
    """Backend and key are those that the account is assigned to, under the region they are in."""
    plan, backends = parts(workspace)
    assert backends.backend(plan.stack(ONE), MADE) == backends.bucket(HOME)
    assert backends.backend(plan.stack(TWO), MADE) == backends.bucket(LIVE)
    assert LIVE.key_arn in backends.bucket(LIVE).secrets_provider


def test_a_bucket_that_is_not_made_yet_blocks_its_own_stacks_only(workspace: Workspace) -> None:
    """Before bootstrap has made the new bucket the other workloads go on."""
    plan, backends = parts(workspace)
    before = replace(LOCK, state=HOME)
    assert backends.backend(plan.stack(ONE), before) == backends.bucket(HOME)
    with pytest.raises(Blocked):
        backends.backend(plan.stack(TWO), before)


def test_a_stack_whose_settings_name_another_bucket_is_refused(workspace: Workspace) -> None:
    """What was deployed into the default bucket would be deployed again; the message names the move."""
    stack = planned(workspace, TWO)
    settings = workspace.settings_dir(stack) / "Pulumi.lab-two.yaml"
    settings.write_text(f"secretsprovider: awskms:///{HOME.key_arn}?region=eu-west-1\n", encoding="utf-8")
    backends = parts(workspace)[1]
    with pytest.raises(StateElsewhere) as refused:
        backends.backend(stack, MADE)
    assert "the state of network/lab-two is still in the state bucket default" in str(refused.value)
    assert refused.value.hint == "fleetyard state migrate --stack network/lab-two"
    settings.write_text(f"secretsprovider: awskms:///{LIVE.key_arn}?region=eu-west-1\n", encoding="utf-8")
    assert backends.backend(stack, MADE) == backends.bucket(LIVE)


def test_callers_are_the_roles_with_a_right_to_that_bucket(workspace: Workspace) -> None:
    """Who may not touch a stack's bucket is no caller of it, and is refused by name before anything is started."""
    lab = (
        "  Management-Lab:\n    trusted: {users: [ops]}\n    state: {default: write}\n"
        "    grants:\n      - {roles: [Admin], accounts: [lab-one]}\n"
    )
    workspace.fleet.write_text(FLEET.replace("units:\n", f"{lab}units:\n", 1), encoding="utf-8")
    plan, backends = parts(workspace)
    writer = JobWriter(backends.manifest, workspace, EngineChoice(EngineKind.EMBEDDED), {}, backends)
    assert writer.caller(plan.stack(ONE), MADE).roles == ("Management-Admin", "Management-Lab")
    assert writer.caller(plan.stack(TWO), MADE).roles == ("Management-Admin",)


class Buckets:
    """Two buckets as the driver sees them; one may be refused."""

    def __init__(self, refused: str = "") -> None:
        self.refused = refused
        self.asked: list[tuple[str, Sequence[tuple[str, str]]]] = []

    def read(self, query: BucketQuery) -> BucketStates:
        """Answer that everything asked for is deployed."""
        self.asked.append((query.url.partition("?")[0], query.stacks))
        if self.refused and self.refused in query.url:
            return BucketStates(refused="AccessDenied")
        return BucketStates({name: StackState(readable=True, resources=1) for name in query.stacks}, query.stacks)


def test_each_bucket_is_asked_about_its_own_stacks(workspace: Workspace) -> None:
    """Names go to the bucket of their account, regions of a stack's name included; the answers are one."""
    names = [("network", "lab-one"), ("network", "lab-two"), ("app", "lab-one.eu-north-1")]
    buckets = Buckets()
    answer = BucketReader(parts(workspace)[1], {}, buckets.read).deployed(MADE, names)
    assert buckets.asked == [
        (f"s3://{HOME.bucket}", (names[0], names[2])),
        (f"s3://{LIVE.bucket}", (names[1],)),
    ]
    assert set(answer.states) == set(names)


def test_a_refused_bucket_says_nothing_of_the_others_stacks(workspace: Workspace) -> None:
    """AWS's words are told of the stacks in that bucket, and the others are known."""
    one, two = ("network", "lab-one"), ("network", "lab-two")
    answer = BucketReader(parts(workspace)[1], {}, Buckets(LIVE.bucket).read).record(MADE, [one, two])
    assert (answer.words(one), answer.words(two)) == ("", "AccessDenied")
    assert set(answer.states) == {one}


@pytest.mark.parametrize(
    ("arguments", "home"),
    [
        (["preview", "-s", "lab-two"], LIVE),
        (["preview", "--stack=lab-one"], HOME),
        (["stack", "init", "lab-two"], LIVE),
        (["stack", "select", "lab-two"], LIVE),
    ],
)
def test_by_hand_the_named_stack_says_which_bucket(workspace: Workspace, arguments: list[str], home: StateHome) -> None:
    """A program's stacks may be in several buckets; a new one is made in its account's own, under its key."""
    plan, backends = parts(workspace)
    hand = HandTools(backends.manifest, workspace, plan, MADE, backends)
    command = hand.invocation(arguments, workspace.root / "workloads" / "network", {})
    assert command.env["PULUMI_BACKEND_URL"] == backends.bucket(home).url
    if "init" in arguments:
        assert command.arguments[-1] == f"--secrets-provider={backends.bucket(home).secrets_provider}"


def test_the_lock_takes_in_every_bucket_of_bootstrap() -> None:
    """What bootstrap exports beside the default bucket is in the lock; one that it has no more is not."""
    default = {"state_bucket": HOME.bucket, "state_key_arn": HOME.key_arn}
    live = {"live": {"bucket": LIVE.bucket, "key_arn": LIVE.key_arn}}
    made = with_state_home(LOCK, {**default, "state_buckets": live})
    assert made == MADE
    assert with_state_home(made, default) == replace(LOCK, state=HOME)


def test_another_key_for_a_bucket_is_refused() -> None:
    """A key made anew would leave the states under the old one unreadable: the lock keeps what it had."""
    default = {"state_bucket": HOME.bucket, "state_key_arn": HOME.key_arn}
    other = {"live": {"bucket": LIVE.bucket, "key_arn": HOME.key_arn}}
    with pytest.raises(StateHomeReplaced, match="another state bucket or key"):
        with_state_home(MADE, {**default, "state_buckets": other})
    with pytest.raises(OutputsIncomplete, match=r"state_buckets\.live\.key_arn"):
        with_state_home(MADE, {**default, "state_buckets": {"live": {"bucket": LIVE.bucket}}})


def found_by_doctor(workspace: Workspace, refused: str = "") -> list[Finding]:
    """Return what the doctor says of buckets and keys."""

    def ask(question: StateQuestion) -> StateAnswer:
        denied = Tried("s3:ListBucket", "AccessDenied", "no") if question.bucket == refused else Tried()
        return StateAnswer(denied, denied)

    return list(check_bucket_and_key(load_manifest(workspace.fleet), MADE, {}, ask))


def test_doctor_tries_every_bucket_and_names_them(workspace: Workspace) -> None:
    """Each bucket and each key is a check of its own; one that the caller has no right to is a warning."""
    assert [(found.name, found.outcome) for found in found_by_doctor(workspace)] == [
        (name, Outcome.OK) for name in ("state bucket", "state key", "state bucket live", "state key live")
    ]
    refused = found_by_doctor(workspace, LIVE.bucket)
    assert [found.outcome for found in refused[2:]] == [Outcome.WARNING, Outcome.WARNING]
    assert "has no right to it" in refused[2].hint


def test_state_doctor_finds_a_stack_in_another_accounts_bucket(workspace: Workspace) -> None:
    """A state in the wrong bucket is found with the command that moves it, and in both it is half moved."""
    default, live = Objects(), Objects()
    default.put_stack("network/lab-two")
    assert kinds(workspace, MADE, default, live) == [
        (Kind.WRONG_BACKEND, "bucket", "its state is in the state bucket, and belongs into the state bucket live")
    ]
    live.put_stack("network/lab-two")
    assert kinds(workspace, MADE, default, live)[0][:2] == (Kind.HALF_MOVED, "bucket")


def kinds(workspace: Workspace, lock: Lock, default: Objects, live: Objects) -> list[tuple[Kind, str, str]]:
    """Return what `state doctor` finds, and in which backend."""
    plan, backends = parts(workspace)
    holdings = {
        BackendName.FILES: Holdings(),
        BackendName.BUCKET: survey(default),
        BackendName("live"): survey(live),
    }
    places = {name: place_of(name, backends.manifest, workspace, lock) for name in backends_of(lock)}
    ward = Ward(backends.manifest, workspace, plan, lock, backends, places, holdings)
    return [(found.kind, found.backend, found.words) for found in diagnose(ward, this_machine()).findings]
