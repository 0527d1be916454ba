"""People, last-resort users and pipelines on a twin: who gets in, who does not, and in which order people go.

One small fleet is deployed once; its people are in a member account, as a company with an account for users has them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from botocore.exceptions import ClientError

from landing_zone.lock import load_lock
from landing_zone.manifest import load_manifest
from orchestrator.driver import Driver
from orchestrator.people.aws_profiles import Person, holder_id, profiles_for
from orchestrator.people.errors import RoleRefused
from orchestrator.people.granted_roles import granted
from orchestrator.people.management_session import assume, read_user_key
from orchestrator.rehearse.access import Credentials, credentials_of, error_code
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, deploy
from orchestrator.rehearse.token_issuer import TokenIssuer
from orchestrator.running.job import Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId
from rehearsal.twin.client import change_settings, last_events
from rehearsal.twin.run_file import TwinRun, read_run_file

ROOT = "100000000009"
IDENTITY = StackId("bootstrap-subaccount", "core-identity")
BOOTSTRAP = StackId("bootstrap", "core-root")
GITHUB, AUDIENCE = "token.actions.githubusercontent.com", "sts.amazonaws.com"
REPOSITORY = "repo:pocket/fleet"
USERS = """\
    ana: {groups: [Operators, Developers]}
    bob: {groups: [Developers]}
"""
FLEET = """\
organization: pocket
management_account_id: "100000000009"
region: eu-west-1
callers: {administrator: pocket-administrator, management: pocket-management}
roles:
  Admin: {managed_policies: [AdministratorAccess]}
  ReadOnly: {managed_policies: [ReadOnlyAccess]}
management_roles:
  Management-Admin:
    trusted: {users: [ops]}
    state: write
    grants: [{roles: [Admin], accounts: ["*"]}]
  Management-Developer:
    state: none
    grants: [{roles: [ReadOnly], accounts: [plat-dev]}]
  Management-Plan:
    state: read
    grants: [{roles: [ReadOnly], accounts: ["*"]}]
  Management-Apply:
    state: write
    grants: [{roles: [Admin], accounts: [plat-dev]}]
people:
  account: core-identity
  groups:
    Operators: {management_roles: [Management-Admin]}
    Developers: {management_roles: [Management-Developer], managed_policies: [IAMReadOnlyAccess]}
  users:
USERSlast_resort:
  users: [last-resort-1]
  alarm: {email: security@pocket.example}
ci:
  github:
    repositories:
      pocket/fleet:
        plan: {role: Management-Plan, pull_requests: true, branches: ["*"]}
        apply: {role: Management-Apply, branches: [main]}
units:
  plat:
    accounts:
      core-root: {email: root@pocket.example, management: true}
      core-identity: {email: identity@pocket.example}
      plat-dev: {email: dev@pocket.example}
"""


@dataclass(frozen=True)
class Hands:
    """What a person holds: a key and a device, both made by hand."""

    key: Credentials
    serial: str
    seed: str

    @property
    def code(self) -> str:
        """The code that the device shows now."""
        return pyotp.TOTP(self.seed).now()


@dataclass(frozen=True)
class Fleet:
    """The deployed fleet, and its twin."""

    stage: Stage
    run: TwinRun
    folder: Path
    issuer: TokenIssuer
    held: dict[str, Hands] = field(default_factory=dict)

    @property
    def accounts(self) -> Mapping[str, str]:
        """Account ids by name."""
        return load_lock(self.stage.workspace.lock_path).accounts

    def client(self, service: str, who: Credentials) -> Any:
        """Return a client of a service."""
        return self.stage.access.client(service, who)

    def administrator_of(self, account: str) -> Credentials:
        """Return the administrator of an account: of the management account, or in the account access role."""
        if account == "core-root":
            return self.stage.administrator
        arn = f"arn:aws:iam::{self.accounts[account]}:role/OrganizationAccountAccessRole"
        return self.stage.access.assume(self.stage.administrator, arn, "tests")

    def hands(self, account: str, user: str) -> Hands:
        """Return a user's key and device: the rehearsal's own, or made once by an administrator of the account."""
        if user in self.stage.joined:
            joined = self.stage.joined[user]
            return Hands(joined.key, joined.mfa_serial, joined.mfa_seed)
        if user not in self.held:
            self.held[user] = self._hand_out(account, user)
        return self.held[user]

    def _hand_out(self, account: str, user: str) -> Hands:
        iam = self.client("iam", self.administrator_of(account))
        key = iam.create_access_key(UserName=user)["AccessKey"]
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
        seed = bytes(device["Base32StringSeed"]).decode()
        now, codes = datetime.now(tz=UTC), pyotp.TOTP(seed)
        iam.enable_mfa_device(
            UserName=user,
            SerialNumber=device["SerialNumber"],
            AuthenticationCode1=codes.at(now - timedelta(seconds=30)),
            AuthenticationCode2=codes.at(now),
        )
        return Hands(Credentials(key["AccessKeyId"], key["SecretAccessKey"]), device["SerialNumber"], seed)

    def become(self, hands: Hands, role_arn: str, *, mfa: bool = True) -> Credentials:
        """Assume a role with a key, and with a code unless told otherwise."""
        code = {"SerialNumber": hands.serial, "TokenCode": hands.code} if mfa else {}
        sts = self.client("sts", hands.key)
        return credentials_of(sts.assume_role(RoleArn=role_arn, RoleSessionName="tests", **code)["Credentials"])

    def become_by_token(self, role: str, subject: str) -> Credentials:
        """Become a management role with a token of the pipelines' issuer."""
        sts = self.client("sts", self.stage.administrator)
        answer = sts.assume_role_with_web_identity(
            RoleArn=management_role(role), RoleSessionName="run", WebIdentityToken=self.issuer.token(subject, AUDIENCE)
        )
        return credentials_of(answer["Credentials"])

    def up(self, users: str, *stacks: StackId, operation: Operation = Operation.UP) -> tuple[StackResult, ...]:
        """Run stacks with other people in the manifest."""
        path = self.folder / "changed.yaml"
        path.write_text(FLEET.replace("USERS", users), encoding="utf-8")
        driver = Driver(load_manifest(path), self.stage.workspace, self.stage.driver.tools)
        results = driver.run(operation, stacks)
        assert [(r.status, r.error) for r in results if r.status is not StackStatus.SUCCEEDED] == []
        return results


def management_role(name: str) -> str:
    """Return a management role's ARN."""
    return f"arn:aws:iam::{ROOT}:role/{name}"


def steps(results: tuple[StackResult, ...]) -> set[str]:
    """Return what was done to which resource, without the components around them."""
    found = (f"{change.op} {change.urn.split('::', 2)[2]}" for result in results for change in result.changes)
    return {line.replace("fleetyard:landingzone:People$", "") for line in found}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Deploy the fleet on a twin of its own, and hand the twin the pipelines' issuer."""
    folder = tmp_path_factory.mktemp("people")
    path = folder / "fleet.yaml"
    path.write_text(FLEET.replace("USERS", USERS), encoding="utf-8")
    with staged(RehearsalOptions(fleet=path, env=dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, _ = deploy(stage)
        assert [r.error for r in results if r.error] == []
        run, issuer = read_run_file(folder / "twin.json"), TokenIssuer(GITHUB)
        change_settings(run, issuers={issuer.host: issuer.jwks})
        yield Fleet(stage, run, folder, issuer)


def test_a_person_becomes_the_role_of_the_group(fleet: Fleet) -> None:
    """Somebody in Operators, held by another account, becomes Management-Admin with MFA and goes on to an account."""
    ana = fleet.hands("core-identity", "ana")
    session = fleet.become(ana, management_role("Management-Admin"))
    there = fleet.stage.access.assume(session, f"arn:aws:iam::{fleet.accounts['plat-dev']}:role/Admin", "ana")
    assert fleet.client("sts", there).get_caller_identity()["Account"] == fleet.accounts["plat-dev"]


def test_a_person_signs_in_and_writes_profiles(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """`profiles` leads somebody held by another account in as well: the device is looked for where the user is."""
    ana, manifest = fleet.hands("core-identity", "ana"), fleet.stage.manifest
    lock = load_lock(fleet.stage.workspace.lock_path)
    config = fleet.folder / "aws-config"
    key = f"aws_access_key_id = {ana.key.access_key_id}\naws_secret_access_key = {ana.key.secret_access_key}\n"
    config.write_text(f"[profile ana]\n{key}", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ENDPOINT_URL", fleet.run.endpoint)
    role = manifest.management_roles["Management-Admin"]
    found = read_user_key("ana", manifest, role, "")
    assert found.mfa_serial == ana.serial
    session = assume(found, manifest, role, 60, ana.code)
    assert session.arn == f"arn:aws:sts::{ROOT}:assumed-role/Management-Admin/ana"
    person = Person("ana", "ana", account_id=holder_id(manifest, lock, "ana"))
    made = {each.name: each.settings for each in profiles_for(manifest, granted(manifest, lock), person).profiles}
    assert made["pocket-management"]["mfa_serial"] == made["pocket/Management-Developer"]["mfa_serial"] == ana.serial
    with pytest.raises(RoleRefused, match="ana is not trusted to become Management-Plan"):
        read_user_key("ana", manifest, manifest.management_roles["Management-Plan"], "")


def test_without_mfa_a_person_may_only_set_it_up(fleet: Fleet) -> None:
    """With the key alone neither a role nor the group's own rights are had; looking after one's device is."""
    ana = fleet.hands("core-identity", "ana")
    for act in (
        lambda: fleet.become(ana, management_role("Management-Admin"), mfa=False),
        lambda: fleet.client("iam", ana.key).list_users(),
        lambda: fleet.client("iam", ana.key).create_access_key(UserName="ana"),
    ):
        with pytest.raises(ClientError) as refused:
            act()
        assert error_code(refused.value) == "AccessDenied"
    assert fleet.client("iam", ana.key).list_mfa_devices(UserName="ana")["MFADevices"] != []


def test_another_groups_role_is_refused(fleet: Fleet) -> None:
    """Somebody in Developers alone becomes Management-Developer and not Management-Admin."""
    bob = fleet.hands("core-identity", "bob")
    assert fleet.become(bob, management_role("Management-Developer")).session_token
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        fleet.become(bob, management_role("Management-Admin"))


def test_a_role_with_the_tag_of_a_group_is_no_person(fleet: Fleet) -> None:
    """A session of a role of that account which carries the groups' tag is not let in: only users are."""
    iam = fleet.client("iam", fleet.administrator_of("core-identity"))
    account = fleet.accounts["core-identity"]
    allow = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"]}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Principal": {"AWS": account}}]})
    iam.create_role(RoleName="Pretender", AssumeRolePolicyDocument=trust)
    may = json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Resource": "*"}]})
    iam.put_role_policy(RoleName="Pretender", PolicyName="all", PolicyDocument=may)
    tags = [{"Key": "fleetyard:groups", "Value": ":Operators:"}]
    sts = fleet.client("sts", fleet.administrator_of("core-identity"))
    pretender = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/Pretender", RoleSessionName="xx", Tags=tags)
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        fleet.stage.access.assume(
            credentials_of(pretender["Credentials"]), management_role("Management-Admin"), "pretender"
        )


def test_people_come_and_go(fleet: Fleet) -> None:
    """One more person is that person's resources; whoever leaves has no access before anything new is made."""
    iam = "aws:iam"
    more = f"{USERS}    cid: {{groups: [Developers]}}\n"
    assert steps(fleet.up(more, BOOTSTRAP, IDENTITY)) == {
        f"create {iam}/user:User::cid",
        f"create {iam}/userGroupMembership:UserGroupMembership::cid",
    }
    cid = fleet.hands("core-identity", "cid")
    swapped = f"{USERS}    dan: {{groups: [Developers]}}\n"
    assert steps(fleet.up(swapped, BOOTSTRAP, IDENTITY)) == {
        f"{op} {iam}/{kind}::{name}"
        for op, name in (("delete", "cid"), ("create", "dan"))
        for kind in ("user:User", "userGroupMembership:UserGroupMembership")
    }
    order = [
        (event["detail"]["eventName"], event["detail"]["requestParameters"].get("userName"))
        for event in last_events(fleet.run, 500)
    ]
    taken = order.index(("RemoveUserFromGroup", "cid"))
    assert taken < order.index(("DeleteUser", "cid")) < order.index(("CreateUser", "dan"))
    with pytest.raises(ClientError) as refused:
        fleet.become(cid, management_role("Management-Developer"))
    assert error_code(refused.value) == "InvalidClientTokenId"
    assert steps(fleet.up(swapped, BOOTSTRAP, IDENTITY, operation=Operation.PREVIEW)) == set()
    assert steps(fleet.up(USERS, IDENTITY)) == {
        f"delete {iam}/{kind}::dan" for kind in ("user:User", "userGroupMembership:UserGroupMembership")
    }


def test_a_pipeline_applies_from_its_branch(fleet: Fleet) -> None:
    """A run on main becomes Management-Apply and goes on to the account it is granted."""
    session = fleet.become_by_token("Management-Apply", f"{REPOSITORY}:ref:refs/heads/main")
    there = fleet.stage.access.assume(session, f"arn:aws:iam::{fleet.accounts['plat-dev']}:role/Admin", "run")
    assert fleet.client("sts", there).get_caller_identity()["Account"] == fleet.accounts["plat-dev"]


@pytest.mark.parametrize(
    ("role", "subject"),
    [
        ("Management-Apply", f"{REPOSITORY}:ref:refs/heads/feature"),
        ("Management-Apply", f"{REPOSITORY}:pull_request"),
        ("Management-Apply", "repo:pocket/other:ref:refs/heads/main"),
        ("Management-Plan", "repo:pocket/fleet-2:pull_request"),
        ("Management-Admin", f"{REPOSITORY}:ref:refs/heads/main"),
    ],
)
def test_other_runs_are_refused(fleet: Fleet, role: str, subject: str) -> None:
    """Another branch, a pull request, another repository: none becomes a role that does not name it."""
    with pytest.raises(ClientError, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        fleet.become_by_token(role, subject)


def test_a_pull_request_reads_state_and_does_not_write_it(fleet: Fleet) -> None:
    """A run of a pull request becomes Management-Plan, which lists the state and is denied to change it."""
    s3 = fleet.client("s3", fleet.become_by_token("Management-Plan", f"{REPOSITORY}:pull_request"))
    bucket = f"pocket-state-{ROOT}-eu-west-1"
    assert s3.list_objects_v2(Bucket=bucket, Prefix=".pulumi/")["KeyCount"] == 0
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key=".pulumi/meta.yaml", Body=b"{}")
    assert error_code(refused.value) == "AccessDenied"


def test_the_drill(fleet: Fleet) -> None:
    """With every management role out of reach, a last-resort user gets in with MFA only, and the alarm's rule fires."""
    iam = fleet.client("iam", fleet.stage.administrator)
    user = fleet.hands("core-root", "last-resort-1")
    door = f"arn:aws:iam::{fleet.accounts['plat-dev']}:role/OrganizationAccountAccessRole"
    before = {name: iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] for name in ("Management-Admin",)}
    iam.update_assume_role_policy(RoleName="Management-Admin", PolicyDocument=_NOBODY)
    try:
        with pytest.raises(ClientError, match="not authorized"):
            fleet.become(fleet.hands("core-identity", "ana"), management_role("Management-Admin"))
        with pytest.raises(ClientError, match="not authorized"):
            fleet.become(user, door, mfa=False)
        inside = fleet.become(user, door)
        assert fleet.client("sts", inside).get_caller_identity()["Account"] == fleet.accounts["plat-dev"]
    finally:
        for name, document in before.items():
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))
    used = [event for event in last_events(fleet.run, 500) if event["detail"]["eventName"] == "AssumeRole"]
    by_user = [e for e in used if e["detail"]["userIdentity"].get("userName") == "last-resort-1"]
    others = [e for e in used if e not in by_user]
    assert by_user
    assert others
    assert all(_fires(fleet, event) for event in by_user)
    assert not any(_fires(fleet, event) for event in others)


@pytest.mark.parametrize(("user", "fires"), [("last-resort-1", True), ("ops", False)])
def test_a_console_sign_in_raises_the_alarm(fleet: Fleet, user: str, fires: bool) -> None:
    """The rule fits the event that AWS documents for a console sign-in, of these users and of nobody else."""
    assert _fires(fleet, _console_sign_in(user)) is fires


def test_the_alarm_leads_to_somebody(fleet: Fleet) -> None:
    """Every region's rule sees reading events, and leads by way of the fleet's region to the confirmed address."""
    sns, where = fleet.client("sns", fleet.stage.administrator), fleet.stage.manifest.last_resort.regions
    (topic,) = [each["TopicArn"] for each in sns.list_topics()["Topics"]]
    (told,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (told["Protocol"], told["Endpoint"]) == ("email", "security@pocket.example")
    for region in where:
        events = _events(fleet, region)
        assert events.describe_rule(Name="fleetyard-last-resort")["State"].endswith("MANAGEMENT_EVENTS")
        (target,) = events.list_targets_by_rule(Rule="fleetyard-last-resort")["Targets"]
        bus = f"arn:aws:events:eu-west-1:{ROOT}:event-bus/default"
        assert target["Arn"] == (topic if region == "eu-west-1" else bus)


_NOBODY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}
)


def _console_sign_in(user: str) -> dict[str, Any]:
    """Return the event of a sign-in. Source: AWS CloudTrail User Guide, "AWS Management Console sign-in events"."""
    identity = {"type": "IAMUser", "principalId": "AIDA1", "accountId": ROOT, "userName": user}
    return {
        "id": "1",
        "account": ROOT,
        "source": "aws.signin",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-north-1",
        "resources": [],
        "detail-type": "AWS Console Sign In via CloudTrail",
        "detail": {
            "userIdentity": {**identity, "arn": f"arn:aws:iam::{ROOT}:user/{user}"},
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
            "awsRegion": "eu-north-1",
            "responseElements": {"ConsoleLogin": "Success"},
            "additionalEventData": {"MFAUsed": "Yes"},
            "eventType": "AwsConsoleSignIn",
        },
    }


def _events(fleet: Fleet, region: str) -> Any:
    return replace(fleet.stage.access, region=region).client("events", fleet.stage.administrator)


def _fires(fleet: Fleet, event: dict[str, Any]) -> bool:
    """Ask EventBridge whether the alarm's rule fits an event."""
    events = _events(fleet, "us-east-1")
    pattern = events.describe_rule(Name="fleetyard-last-resort")["EventPattern"]
    return bool(events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"])
