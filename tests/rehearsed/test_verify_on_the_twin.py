"""`verify` on a twin: every pair and every probe is really called, and what is wrong there is found.

One small fleet with policies is deployed for all tests; each that spoils something puts it back.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from landing_zone.errors import PolicyLocksOut
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE
from landing_zone.manifest import load_manifest
from orchestrator.callers import AnswerKind, Identity
from orchestrator.cli.app import run
from orchestrator.cli.world import real_world
from orchestrator.lockout.policy_lockout import refuse_lockouts
from orchestrator.rehearse.access import Credentials
from orchestrator.rehearse.profiles import ProfileFiles
from orchestrator.rehearse.proofs.probes import prove_probes
from orchestrator.rehearse.proofs.scene import Scene
from orchestrator.rehearse.proofs.ways_in import prove_no_other_way_in
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import deploy, scene_of
from orchestrator.running.job import Operation, StackStatus
from orchestrator.stack_id import StackId
from orchestrator.verify.answers import Found, How, Outcome, Row
from orchestrator.verify.attached import attached_policies
from orchestrator.verify.errors import NobodyToAskAs, NoRowOfItsOwn, PoliciesUnreadable
from orchestrator.verify.own_row import OwnRow, own_row
from orchestrator.verify.prober_role import PROBER, prober_trust
from orchestrator.verify.probing import SignedIn
from orchestrator.verify.report import as_text
from orchestrator.verify.verification import Verification, Verifier, all_accounts
from orchestrator.verify.ways_in import Looked, WayIn
from orchestrator.workers.environment import RUN_FILE_VARIABLE, caller_environment
from orchestrator.workers.pool import ForkPool
from tests.support.pocket_fleet import POCKET_FLEET
from tests.support.twin_gate import gate_off

SUBACCOUNT = StackId("bootstrap-subaccount", "plat-dev")
GOVERNED = (
    POCKET_FLEET.partition("workloads:")[0]
    + """\
policies:
  deny-leaving: {file: starter/deny-leaving, root: true}
  region-lock: {file: starter/region-lock, units: [plat]}
  baseline: {file: starter/protect-baseline, root: true}
"""
)
PROBES = """\
probes:
  leaving: {actions: [organizations:LeaveOrganization], accounts: ["*"], expect: deny, by: scp}
  abroad:
    actions: [ec2:RunInstances, sqs:ListQueues]
    accounts: [plat-dev]
    region: us-east-1
    expect: deny
    by: scp
  here:
    actions: [ec2:RunInstances, sqs:ListQueues, iam:ListRoles, iam:CreateUser]
    accounts: [plat-dev]
    expect: allow
  roles:
    actions: [iam:UpdateAssumeRolePolicy, iam:DetachRolePolicy, iam:DeleteRole]
    accounts: [plat-dev]
    resource: "arn:aws:iam::${account.id}:role/Admin"
    expect: deny
    by: scp
  keeper:
    actions: [iam:UpdateAssumeRolePolicy, iam:DetachRolePolicy]
    accounts: [plat-dev]
    role: OrganizationAccountAccessRole
    resource: "arn:aws:iam::${account.id}:role/Admin"
    expect: allow
  reader: {actions: [iam:CreateRole, s3:PutBucketPolicy], accounts: ["*"], role: ReadOnly, expect: deny, by: identity}
"""


@dataclass(frozen=True)
class Verified:
    """A deployed fleet, and who asks."""

    scene: Scene
    folder: Path
    env: Mapping[str, str]
    """Leads to the twin and its rehearsal."""

    def typed(self, env: Mapping[str, str], *arguments: str) -> tuple[int, dict[str, Any]]:
        """Type the command, and return how it ends and what it writes."""
        out = io.StringIO()
        world = dataclasses.replace(real_world(), env=env, folder=self.folder, out=out, err=io.StringIO())
        return run(("verify", "--format", "json", *arguments), world), json.loads(out.getvalue())

    @property
    def signed_in(self) -> SignedIn:
        """Everybody of the rehearsal."""
        return SignedIn(self.scene.access, self.scene.administrator, self.scene.management_roles)

    @property
    def verifier(self) -> Verifier:
        """What asks for everything in every account."""
        manifest = self.scene.manifest
        return Verifier(manifest, self.scene.lock, all_accounts(manifest))

    def verify(self) -> Verification:
        """Ask for everything as everybody."""
        return self.verifier.on_twin(self.signed_in)

    def keepers(self, service: str, account: str) -> Any:
        """Return a client as the administrator of an account."""
        return self.scene.access.client(service, self.scene.administrator_of(account))


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verified]:
    """Deploy the fleet on a twin of its own."""
    folder = tmp_path_factory.mktemp("verified")
    fleet = folder / "fleet.yaml"
    fleet.write_text(GOVERNED + PROBES, encoding="utf-8")
    with staged(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, before = deploy(stage)
        assert [r.error for r in results if r.error] == []
        yield Verified(scene_of(stage, before), folder, stage.env)


@pytest.fixture(scope="module")
def found(verified: Verified) -> Verification:
    """Ask for everything once, for the tests that look at the same answer."""
    return verified.verify()


def _told(rows: Sequence[Row], outcome: Outcome = Outcome.DIFFERS) -> list[tuple[str, ...]]:
    return [(row.asked.account, row.asked.role, row.answer.found.value) for row in rows if row.outcome is outcome]


def test_everything_is_called(found: Verification) -> None:
    """Every pair is asked of STS and every probe is made, but for the one that would really make something."""
    assert (_told(found.rows), _told(found.rows, Outcome.UNKNOWN), found.exit_code) == ([], [], 0)
    assert {row.answer.how for row in found.reach} == {How.CALLED}
    computed = [row.asked.action for row in found.probes if row.answer.how is How.COMPUTED]  # type: ignore[union-attr]
    assert computed == ["iam:CreateUser"]
    assert (len(found.reach), len(found.probes)) == (12, 15)


def test_the_twin_decides_as_the_documents_say(verified: Verified, found: Verification) -> None:
    """What is computed from the manifest alone is what the twin answers to the same calls."""
    computed = verified.verifier.compute()
    assert [row.answer.found for row in computed.rows] == [row.answer.found for row in found.rows]


def test_a_trust_that_was_widened_is_found(verified: Verified) -> None:
    """A role that trusts more than it is granted to is told: who reaches it, and that the documents say otherwise."""
    iam = verified.keepers("iam", "plat-prod")
    before = iam.get_role(RoleName="ReadOnly")["Role"]["AssumeRolePolicyDocument"]
    anybody = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::100000000009:root"}, "Action": "sts:AssumeRole"}
    keys = verified.scene.access.client("iam", verified.scene.administrator)
    reach = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    iam.update_assume_role_policy(RoleName="ReadOnly", PolicyDocument=_document(anybody))
    keys.put_role_policy(RoleName="Management-Admin", PolicyName="wide", PolicyDocument=_document(reach))
    try:
        found = verified.verify()
    finally:
        iam.update_assume_role_policy(RoleName="ReadOnly", PolicyDocument=json.dumps(before))
        keys.delete_role_policy(RoleName="Management-Admin", PolicyName="wide")
    assert _told(found.reach) == [("plat-prod", "ReadOnly", "allow")]
    (row,) = [row for row in found.reach if row.outcome is Outcome.DIFFERS]
    assert row.answer.words == "the documents say deny"
    assert found.exit_code == 1


def test_a_role_that_was_made_by_hand_is_found(verified: Verified) -> None:
    """A role that lets another account in and is not in the manifest is told, on a twin and by a row of one's own."""
    iam = verified.keepers("iam", "plat-prod")
    outside = "arn:aws:iam::999999999999:root"
    trust = {"Effect": "Allow", "Principal": {"AWS": outside}, "Action": "sts:AssumeRole"}
    env, identity = _own(verified, "developer", verified.scene.management_roles["Management-Developer"])
    own = own_row(verified.scene.manifest, "developer", env, lambda _asked: [identity])
    assert prove_no_other_way_in(verified.scene).word == "holds"
    iam.create_role(RoleName="Backdoor", AssumeRolePolicyDocument=_document(trust))
    try:
        found, proof = verified.verify(), prove_no_other_way_in(verified.scene)
        with ForkPool(2) as children:
            by_own_row = verified.verifier.on_aws(own, children)
    finally:
        iam.delete_role(RoleName="Backdoor")
    way = WayIn("plat-prod", "Backdoor", (outside,), known=False, statements=(trust,))
    assert (found.looked, found.exit_code) == (Looked((way,), ("plat-prod", "plat-dev")), 1)
    assert (proof.word, f"Backdoor in plat-prod lets in {outside}" in proof.detail) == ("FAILS", True)
    left_out = {"plat-dev": "Management-Developer is granted no role there"}
    assert (by_own_row.looked, by_own_row.exit_code) == (Looked((way,), ("plat-prod",), left_out), 1)


def test_a_role_of_the_manifest_is_put_back_as_told(verified: Verified) -> None:
    """The step works as it is typed: refresh takes the change into the state, and up puts the trust back."""
    iam = verified.keepers("iam", "plat-dev")
    before = iam.get_role(RoleName="Admin")["Role"]["AssumeRolePolicyDocument"]
    anybody = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName="Admin", PolicyDocument=_document(*before["Statement"], anybody))
    try:
        text = as_text(Verification((), (), looked=verified.verifier.looked(verified.signed_in)), {})
        (told,) = re.findall(r"put roles of the manifest back: fleetyard (.+), then: fleetyard (.+)", text)
        world = dataclasses.replace(
            real_world(), env=verified.env, folder=verified.folder, out=io.StringIO(), err=io.StringIO()
        )
        codes = [run(shlex.split(command), world) for command in told]
        after = iam.get_role(RoleName="Admin")["Role"]["AssumeRolePolicyDocument"]
    finally:
        iam.update_assume_role_policy(RoleName="Admin", PolicyDocument=json.dumps(before))
    assert (codes, after) == ([0, 0], before)


def test_a_policy_that_was_detached_is_found(verified: Verified) -> None:
    """Without its policy each probe of it is allowed, and a rehearsal's proof of the probes does not hold."""
    organizations = verified.scene.access.client("organizations", verified.scene.administrator)
    root = verified.scene.lock.root_id
    attached = organizations.list_policies_for_target(TargetId=root, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    policy = next(each["Id"] for each in attached if each["Name"] == "pocket-baseline")
    assert prove_probes(verified.scene).word == "holds"
    organizations.detach_policy(PolicyId=policy, TargetId=root)
    try:
        found, proof = verified.verify(), prove_probes(verified.scene)
    finally:
        organizations.attach_policy(PolicyId=policy, TargetId=root)
    assert _told(found.probes) == [("plat-dev", "", "allow")] * 3
    assert proof.word == "FAILS"
    assert "roles, iam:DeleteRole in plat-dev: allow" in proof.detail


def test_with_the_gate_off_nothing_is_taken_for_denied(verified: Verified) -> None:
    """Without authorisation every denial that is expected differs; none is taken on trust."""
    with gate_off(verified.scene.workspace):
        found = verified.verify()
    denied = [row for row in found.rows if row.asked.expect == "deny"]
    assert {row.answer.found for row in denied if row.answer.how is How.CALLED} <= {Found.ALLOW, Found.UNKNOWN}
    assert not [row for row in denied if row.outcome is Outcome.OK and row.answer.how is How.CALLED]


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _own(verified: Verified, profile: str, who: Credentials) -> tuple[dict[str, str], Identity]:
    """Write a profile of somebody, and return an environment of it with who AWS says it is."""
    files = ProfileFiles(verified.folder / "aws")
    files.write(profile, "eu-west-1", who)
    env = {**files.environment(), "AWS_ENDPOINT_URL": verified.scene.access.endpoint, "AWS_REGION": "eu-west-1"}
    caller = verified.scene.access.client("sts", who).get_caller_identity()
    return env, Identity(AnswerKind.KNOWN, caller["Account"], caller["Arn"])


def test_on_aws_one_row_is_asked_and_the_rest_is_computed(verified: Verified) -> None:
    """As a management role its own row is really asked; no probe is performed, and each answer says how it was got."""
    env, identity = _own(verified, "developer", verified.scene.management_roles["Management-Developer"])
    own = own_row(verified.scene.manifest, "developer", env, lambda _asked: [identity])
    assert own.role == "Management-Developer"
    with ForkPool(2) as children:
        found = verified.verifier.on_aws(own, children)
    how = {row.asked.caller: row.answer.how for row in found.reach}  # type: ignore[union-attr]
    assert how == {"Management-Admin": How.COMPUTED, "Management-Developer": How.CALLED}
    assert {row.answer.how for row in found.probes} == {How.COMPUTED}
    assert found.exit_code == 0


def test_an_answer_that_does_not_come_is_not_known(verified: Verified) -> None:
    """Where AWS refuses the credentials themselves nothing is known of the row, and all is not well."""
    nobody = Credentials("AKIAAAAAAAAAAAAAAAAA", "none")
    files = ProfileFiles(verified.folder / "nobody")
    files.write("nobody", "eu-west-1", nobody)
    env = {**files.environment(), "AWS_ENDPOINT_URL": verified.scene.access.endpoint}
    own = OwnRow("Management-Developer", caller_environment(env, "nobody", "eu-west-1"))
    with ForkPool(1) as children:
        found = verified.verifier.on_aws(own, children)
    rows = [row for row in found.reach if row.asked.caller == "Management-Developer"]  # type: ignore[union-attr]
    assert {row.outcome for row in rows} == {Outcome.UNKNOWN}
    assert "InvalidClientTokenId" in rows[0].answer.words
    assert found.exit_code == 1


def test_in_a_kept_rehearsal(verified: Verified) -> None:
    """Whoever has joined one types `verify` and nothing else: everybody of the rehearsal is signed in."""
    code, data = verified.typed(verified.env, "--account", "plat-dev")
    assert (code, data["outcomes"]) == (0, {"ok": 16, "differs": 0, "unknown": 0})
    assert {row["how"] for row in data["reach"]} == {"called"}


def test_who_cannot_sign_in_any_more(verified: Verified) -> None:
    """A management role whose trust was changed is not known, with the twin's words; all others are asked."""
    iam = verified.scene.access.client("iam", verified.scene.administrator)
    before = iam.get_role(RoleName="Management-Developer")["Role"]["AssumeRolePolicyDocument"]
    closed = {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::100000000009:root"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName="Management-Developer", PolicyDocument=_document(closed))
    try:
        code, data = verified.typed(verified.env, "--account", "plat-prod")
    finally:
        iam.update_assume_role_policy(RoleName="Management-Developer", PolicyDocument=json.dumps(before))
    unknown = {row["caller"] for row in data["reach"] if row["outcome"] == "unknown"}
    assert (code, unknown) == (1, {"Management-Developer"})
    words = {row["words"] for row in data["reach"] if row["outcome"] == "unknown"}
    assert all(each.startswith("nobody could become Management-Developer: ") for each in words)
    (reader, *_) = [row for row in data["probes"] if row["role"] == "ReadOnly"]
    assert (reader["outcome"], "granted to Management-Developer" in reader["words"]) == ("unknown", True)


def test_whoever_tries_is_gone_afterwards(verified: Verified) -> None:
    """What was made for probes is removed, also what a run left that was ended in the middle; all else is as it was."""
    iam = verified.keepers("iam", "plat-dev")
    before = iam.list_roles()["Roles"]
    trust = prober_trust(verified.scene.manifest.management_account.id)
    iam.create_role(RoleName=PROBER, AssumeRolePolicyDocument=json.dumps(trust))
    assert verified.verify().exit_code == 0
    assert iam.list_roles()["Roles"] == before


def test_a_role_of_that_name_that_somebody_else_made(verified: Verified) -> None:
    """It is told as a way in, gets no rights, and is still there afterwards; what it would have tried is not known."""
    iam = verified.keepers("iam", "plat-dev")
    management = f"arn:aws:iam::{verified.scene.manifest.management_account.id}:root"
    trust = {"Effect": "Allow", "Principal": {"AWS": management}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    iam.create_role(RoleName=PROBER, AssumeRolePolicyDocument=_document(trust))
    try:
        found = verified.verify()
        attached = iam.list_attached_role_policies(RoleName=PROBER)["AttachedPolicies"]
    finally:
        iam.delete_role(RoleName=PROBER)
    assert [(way.account, way.role) for way in found.looked.ways] == [("plat-dev", PROBER)]
    assert attached == []
    words = {row.answer.words for row in found.probes if row.outcome is Outcome.UNKNOWN}
    owner = verified.scene.lock.accounts["plat-dev"]
    told = f"arn:aws:iam::{owner}:role/{PROBER} is there already, and verify did not make it"
    assert [told in each for each in words] == [True]


def test_on_a_twin_without_a_rehearsal(verified: Verified, tmp_path: Path) -> None:
    """There one is whom one's profile is, as on AWS, and probes are called all the same."""
    shutil.copy(verified.env[RUN_FILE_VARIABLE], tmp_path / "twin.json")
    shutil.copy(verified.folder / "fleet.yaml", tmp_path / "fleet.yaml")
    shutil.copy(verified.scene.workspace.lock_path, tmp_path / "fleet.lock.yaml")
    env, _ = _own(verified, "developer", verified.scene.management_roles["Management-Developer"])
    joined = {**env, RUN_FILE_VARIABLE: str(tmp_path / "twin.json"), "AWS_EC2_METADATA_DISABLED": "true"}
    fleet = ("--fleet", str(tmp_path / "fleet.yaml"), "--account", "plat-dev")
    code, data = verified.typed(joined, "--profile", "developer", *fleet)
    assert (code, data["outcomes"]) == (0, {"ok": 16, "differs": 0, "unknown": 0})
    how = {row["caller"]: row["how"] for row in data["reach"]}
    assert how == {"Management-Admin": "computed", "Management-Developer": "called"}
    assert {row["probe"]: row["how"] for row in data["probes"]}["leaving"] == "called"


def test_the_policies_that_are_attached(verified: Verified) -> None:
    """With `--attached` it is decided by what is over each account in AWS, which is what the manifest has."""
    code, data = verified.typed(verified.env, "--computed", "--attached")
    assert (code, data["outcomes"], data["lockouts"]) == (0, {"ok": 27, "differs": 0, "unknown": 0}, [])
    (roles,) = [each for each in data["probes"] if each["action"] == "iam:DeleteRole"]
    assert (roles["how"], roles["policy"], roles["statement"]) == ("computed", "baseline on the root", "ProtectRoles")


def test_a_policy_that_was_attached_by_hand(verified: Verified) -> None:
    """What the manifest does not know of is seen there: probes that it denies, and whom it locks out."""
    deny = {"Sid": "Hand", "Effect": "Deny", "Action": ["iam:*", "sqs:*"], "Resource": "*"}
    with _attached(verified, deny):
        code, data = verified.typed(verified.env, "--computed", "--attached", "--account", "plat-dev")
    differing = [(each["action"], each["policy"]) for each in data["probes"] if each["outcome"] == "differs"]
    by_hand = "own on account plat-dev"
    assert differing == [
        (action, by_hand)
        for action in (
            "sqs:ListQueues",
            "iam:ListRoles",
            "iam:CreateUser",
            "iam:UpdateAssumeRolePolicy",
            "iam:DetachRolePolicy",
        )
    ]
    keeper = f"{ACCOUNT_ACCESS_ROLE} in plat-dev could not do iam:CreateRole and 12 more on the role Admin"
    assert data["lockouts"] == [f"{by_hand}, statement Hand: {keeper}"]
    assert code == 1


def test_who_may_not_read_them(verified: Verified) -> None:
    """Where AWS refuses to tell which policies there are, that is said, with its words."""
    env, _ = _own(verified, "pocket-administrator", verified.scene.management_roles["Management-Developer"])
    with ForkPool(1) as children, pytest.raises(PoliciesUnreadable) as refused:
        attached_policies(verified.scene.manifest, env, children)
    assert "is not authorized to perform: organizations:ListRoots" in refused.value.why
    nobody = {**env, "AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none"}
    with ForkPool(1) as children, pytest.raises(NobodyToAskAs):
        attached_policies(verified.scene.manifest, nobody, children)


def test_who_has_no_row(verified: Verified) -> None:
    """An administrator is no management role: the matrix has no row of theirs, and they are told what to do."""
    env, identity = _own(verified, "keeper", verified.scene.administrator)
    with pytest.raises(NoRowOfItsOwn, match="keeper is no management role") as refused:
        own_row(verified.scene.manifest, "keeper", env, lambda _asked: [identity])
    assert "--computed" in refused.value.hint
    with pytest.raises(NobodyToAskAs):
        own_row(
            verified.scene.manifest, "x", env, lambda _asked: [Identity(AnswerKind.MISSING, words="no such profile")]
        )


@contextmanager
def _attached(verified: Verified, statement: dict[str, Any]) -> Iterator[None]:
    """Attach a policy of one statement to an account, by hand."""
    organizations = verified.scene.access.client("organizations", verified.scene.administrator)
    content, kind = _document({"Resource": "*", **statement}), "SERVICE_CONTROL_POLICY"
    made = organizations.create_policy(Name="own", Description="", Type=kind, Content=content)
    policy, target = made["Policy"]["PolicySummary"]["Id"], verified.scene.lock.accounts["plat-dev"]
    organizations.attach_policy(PolicyId=policy, TargetId=target)
    try:
        yield
    finally:
        organizations.detach_policy(PolicyId=policy, TargetId=target)
        organizations.delete_policy(PolicyId=policy)


KEEPER = f"arn:aws:iam::*:role/{ACCOUNT_ACCESS_ROLE}"
EXEMPT = {"ArnNotLike": {"aws:PrincipalArn": KEEPER}}
ABROAD = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}


@contextmanager
def _under(verified: Verified, statement: dict[str, Any]) -> Iterator[bool]:
    """Attach a policy of one statement to the unit; yields whether the guard would let it through."""
    (verified.folder / "own.json").write_text(_document({"Resource": "*", **statement}), encoding="utf-8")
    fleet = verified.folder / "other.yaml"
    own = "policies:\n  own: {file: own.json, accounts: [plat-dev]}\n"
    fleet.write_text(GOVERNED.replace("policies:\n", own), encoding="utf-8")
    manifest = load_manifest(fleet)
    try:
        refuse_lockouts(manifest)
    except PolicyLocksOut:
        let_through = False
    else:
        let_through = True
    with _attached(verified, statement):
        yield let_through


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            {"Effect": "Deny", "NotAction": ["iam:*", "ssm:*", "sts:*"], "Condition": EXEMPT}, id="not-action"
        ),
        pytest.param({"Effect": "Deny", "Action": "*", "Condition": {**EXEMPT, **ABROAD}}, id="regions, exempt"),
        pytest.param({"Effect": "Deny", "NotAction": "iam:*", "Condition": ABROAD}, id="regions, but for iam"),
        pytest.param({"Effect": "Deny", "Action": "*", "Condition": ABROAD}, id="regions, iam included"),
        pytest.param({"Effect": "Deny", "Action": ["iam:CreateRole", "iam:Put*"]}, id="roles, nobody exempt"),
        pytest.param({"Effect": "Deny", "Action": "ssm:PutParameter"}, id="parameters, nobody exempt"),
    ],
)
def test_the_guard_is_right(verified: Verified, statement: dict[str, Any]) -> None:
    """What the guard lets through deploys under the policy, and what it refuses does not."""
    driver = verified.scene.driver
    with _under(verified, statement) as let_through:
        # Nothing changes by itself: the stack is made anew, as for a new account.
        results = [*driver.run(Operation.DESTROY, (SUBACCOUNT,)), *driver.run(Operation.UP, (SUBACCOUNT,))]
    deployed = all(result.status is StackStatus.SUCCEEDED for result in results)
    if not deployed:
        (mended,) = driver.run(Operation.UP, (SUBACCOUNT,))
        assert mended.status is StackStatus.SUCCEEDED
    assert deployed is let_through
