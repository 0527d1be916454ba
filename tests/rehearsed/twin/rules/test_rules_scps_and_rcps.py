"""Policies of the organisation, SCPs and RCPs, one rule each.

Sources: AWS Organizations User Guide, "Service control policies (SCPs)", "SCP evaluation", "SCP effects on
permissions", "Resource control policies (RCPs)", "RCP effects on permissions".
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from orchestrator.rehearse.saml_issuer import SamlIssuer
from orchestrator.rehearse.token_issuer import TokenIssuer
from rehearsal.twin.client import change_settings, make_root_key
from rehearsal.twin.run_file import TwinRun
from tests.rehearsed.twin.rules.rule_scene import allow, allowed, deny
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

NewUser = Callable[..., tuple[str, Keys]]
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


@pytest.fixture(scope="module")
def counter() -> Iterator[int]:
    """Count, so that names differ."""
    return itertools.count(1)


@dataclass(frozen=True, slots=True)
class Member:
    """A member account two units below the root, with a role of every right; SCPs and RCPs are switched on."""

    aws: TwinAws
    client: Any
    root: str
    upper: str
    unit: str
    account: str
    keys: Keys
    counter: Iterator[int]

    def attach(self, target: str, *statements: dict[str, object], kind: str = SCP) -> str:
        """Make a policy, attach it, and return its id."""
        made = self.client.create_policy(
            Name=f"rule-{next(self.counter)}-{self.account}", Description="", Type=kind, Content=document(*statements)
        )
        policy = str(made["Policy"]["PolicySummary"]["Id"])
        self.client.attach_policy(PolicyId=policy, TargetId=target)
        return policy

    def only(self, target: str, *statements: dict[str, object]) -> None:
        """Attach an SCP in place of AWS's own of full access."""
        self.attach(target, *statements)
        self.client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=target)

    def may_list(self) -> bool:
        """Tell whether the account's role may list queues."""
        return allowed(self.aws.client("sqs", self.keys).list_queues)


@pytest.fixture
def member(aws: TwinAws, organization: str, account: str, counter: Iterator[int]) -> Iterator[Member]:
    """Return a member account, with both types of policies switched on until the test ends."""
    assert organization
    client = aws.client("organizations")
    root = client.list_roots()["Roots"][0]["Id"]
    for kind in (SCP, RCP):
        with suppress(client.exceptions.PolicyTypeAlreadyEnabledException):
            client.enable_policy_type(RootId=root, PolicyType=kind)
    upper = client.create_organizational_unit(ParentId=root, Name=f"upper-{account}")["OrganizationalUnit"]["Id"]
    unit = client.create_organizational_unit(ParentId=upper, Name="unit")["OrganizationalUnit"]["Id"]
    client.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    yield Member(aws, client, root, upper, unit, account, aws.into(account), counter)
    for kind in (SCP, RCP):
        with suppress(client.exceptions.PolicyTypeNotEnabledException):
            client.disable_policy_type(RootId=root, PolicyType=kind)


@pytest.mark.parametrize("level", ["upper", "unit", "account"])
def test_a_deny_on_any_level_denies(member: Member, level: str) -> None:
    """An SCP that denies, on any level from root to account, denies ("How SCPs work with Deny")."""
    assert member.may_list()
    member.attach(getattr(member, level), deny("sqs:ListQueues"))
    assert not member.may_list()


def test_a_deny_on_the_root_denies(member: Member) -> None:
    """An SCP of the root binds every member account ("How SCPs work with Deny")."""
    policy = member.attach(member.root, deny("sqs:ListQueues"))
    listed = member.may_list()
    member.client.detach_policy(PolicyId=policy, TargetId=member.root)
    assert not listed
    assert member.may_list()


@pytest.mark.parametrize("level", ["upper", "unit", "account"])
def test_every_level_has_to_allow(member: Member, level: str) -> None:
    """A level whose SCPs do not allow denies, whatever the others allow ("How SCPs work with Allow")."""
    member.only(getattr(member, level), allow("iam:*"))
    assert not member.may_list()


def test_the_root_has_to_allow(member: Member) -> None:
    """The SCPs of the root have to allow as those of every other level ("How SCPs work with Allow")."""
    policy = member.attach(member.root, allow("iam:*"))
    member.client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=member.root)
    listed = member.may_list()
    member.client.attach_policy(PolicyId="p-FullAWSAccess", TargetId=member.root)
    member.client.detach_policy(PolicyId=policy, TargetId=member.root)
    assert not listed
    assert member.may_list()


def test_one_scp_of_a_level_is_enough(member: Member) -> None:
    """Of several SCPs of one level one has to allow ("How SCPs work with Allow")."""
    member.only(member.unit, allow("iam:*"))
    member.attach(member.unit, allow("sqs:*"))
    assert member.may_list()


def test_scps_grant_nothing(member: Member, new_user: NewUser) -> None:
    """An SCP that allows gives no permission ("SCP effects on permissions")."""
    _, keys = new_user("", member.keys)
    assert not allowed(member.aws.client("sqs", keys).list_queues)


def test_the_management_account_is_free(member: Member) -> None:
    """SCPs do not bind the management account, attached to the root or not ("Service control policies")."""
    policy = member.attach(member.root, deny("sqs:ListQueues"))
    listed = allowed(member.aws.client("sqs").list_queues)
    member.client.detach_policy(PolicyId=policy, TargetId=member.root)
    assert listed


def test_an_scp_limits_what_a_resource_policy_grants(member: Member, new_user: NewUser) -> None:
    """An SCP limits the account's principals, granted by resource policies or not ("SCP effects on permissions")."""
    name, keys = new_user("", member.keys)
    grant = allow("sqs:SendMessage", Principal={"AWS": f"arn:aws:iam::{member.account}:user/{name}"})
    admin, sender = member.aws.client("sqs", member.keys), member.aws.client("sqs", keys)
    url = admin.create_queue(QueueName="granted", Attributes={"Policy": document(grant)})["QueueUrl"]
    assert allowed(sender.send_message, QueueUrl=url, MessageBody="x")
    member.attach(member.unit, deny("sqs:SendMessage"))
    assert not allowed(sender.send_message, QueueUrl=url, MessageBody="x")


def test_an_scp_does_not_bind_callers_from_elsewhere(member: Member, new_user: NewUser) -> None:
    """SCPs bind principals of their accounts, not callers of their resources ("Service control policies")."""
    name, keys = new_user(document(allow("sqs:*")))
    grant = allow("sqs:SendMessage", Principal={"AWS": f"arn:aws:iam::{MANAGEMENT}:user/{name}"})
    admin = member.aws.client("sqs", member.keys)
    url = admin.create_queue(QueueName="open", Attributes={"Policy": document(grant)})["QueueUrl"]
    member.attach(member.unit, deny("sqs:SendMessage"))
    assert allowed(member.aws.client("sqs", keys).send_message, QueueUrl=url, MessageBody="x")


def test_a_condition_of_an_scp_counts(member: Member) -> None:
    """An SCP can spare a role by aws:PrincipalArn ("SCP syntax", Condition)."""
    spared = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/OrganizationAccountAccessRole"}}
    member.attach(member.unit, deny("sqs:ListQueues", Condition=spared))
    assert member.may_list()
    other = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Break-Glass"}}
    member.attach(member.unit, deny("sqs:ListQueues", Condition=other))
    assert not member.may_list()


# Resource control policies


def rcp_deny(action: str, **more: object) -> dict[str, object]:
    """Return a statement of an RCP."""
    return deny(action, Principal="*", **more)


def test_an_rcp_binds_the_accounts_own_principals(member: Member) -> None:
    """An RCP binds the principals of the account itself ("RCP effects on permissions")."""
    member.attach(member.unit, rcp_deny("sqs:GetQueueUrl"), kind=RCP)
    sqs = member.aws.client("sqs", member.keys)
    sqs.create_queue(QueueName="bound")
    assert not allowed(sqs.get_queue_url, QueueName="bound")


def test_an_rcp_binds_callers_from_elsewhere(member: Member, new_user: NewUser) -> None:
    """An RCP binds callers from outside the account, whatever is granted ("RCP effects on permissions")."""
    name, keys = new_user(document(allow("sqs:*")))
    grant = allow("sqs:SendMessage", Principal={"AWS": f"arn:aws:iam::{MANAGEMENT}:user/{name}"})
    admin = member.aws.client("sqs", member.keys)
    url = admin.create_queue(QueueName="open", Attributes={"Policy": document(grant)})["QueueUrl"]
    sender = member.aws.client("sqs", keys)
    assert allowed(sender.send_message, QueueUrl=url, MessageBody="x")
    member.attach(member.upper, rcp_deny("sqs:SendMessage"), kind=RCP)
    assert not allowed(sender.send_message, QueueUrl=url, MessageBody="x")


def test_an_rcp_binds_services(member: Member) -> None:
    """An RCP binds AWS services, unless it spares them by aws:PrincipalIsAWSService ("RCP effects on permissions")."""
    bucket, service = f"rcp-trail-{member.account}", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}
    arn = f"arn:aws:s3:::{bucket}"
    s3, trails = member.aws.client("s3", member.keys), member.aws.client("cloudtrail", member.keys)
    s3.create_bucket(Bucket=bucket)
    policy = document(allow("s3:GetBucketAcl", arn, **service), allow("s3:PutObject", f"{arn}/*", **service))
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    spared = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    member.attach(member.unit, rcp_deny("s3:PutObject", Condition=spared), kind=RCP)
    trails.create_trail(Name="spared", S3BucketName=bucket)
    member.attach(member.unit, rcp_deny("s3:PutObject"), kind=RCP)
    with refused("InsufficientS3BucketPolicyException"):
        trails.create_trail(Name="bound", S3BucketName=bucket)


def test_an_rcp_closes_a_role(member: Member) -> None:
    """An RCP on sts:AssumeRole binds who would assume a role of the account ("RCP effects on permissions")."""
    role = f"arn:aws:iam::{member.account}:role/OrganizationAccountAccessRole"
    assume = member.aws.client("sts").assume_role
    assert allowed(assume, RoleArn=role, RoleSessionName="rcp")
    outside = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-another000"}}
    member.attach(member.unit, rcp_deny("sts:AssumeRole", Condition=outside), kind=RCP)
    assert not allowed(assume, RoleArn=role, RoleSessionName="rcp")


def test_an_scp_stops_root_users(member: Member, twin: TwinRun) -> None:
    """SCPs bind the root users of member accounts ("SCP effects on permissions")."""
    made = make_root_key(twin, member.account)
    sqs = member.aws.client("sqs", Keys(made["access_key_id"], made["secret_access_key"]))
    assert allowed(sqs.list_queues)
    member.attach(member.unit, deny("sqs:ListQueues"))
    assert not allowed(sqs.list_queues)


def test_an_rcp_stops_root_users(member: Member, twin: TwinRun) -> None:
    """RCPs bind the root users of the accounts whose resources they are over ("RCP effects on permissions")."""
    made = make_root_key(twin, member.account)
    sqs = member.aws.client("sqs", Keys(made["access_key_id"], made["secret_access_key"]))
    queue = sqs.create_queue(QueueName="roots")["QueueUrl"]
    assert allowed(sqs.list_queue_tags, QueueUrl=queue)
    member.attach(member.unit, rcp_deny("sqs:ListQueueTags"), kind=RCP)
    assert not allowed(sqs.list_queue_tags, QueueUrl=queue)


def test_an_scp_does_not_stop_the_management_accounts_root(member: Member, twin: TwinRun) -> None:
    """SCPs do not affect the management account, its root user included ("SCP effects on permissions")."""
    made = make_root_key(twin, MANAGEMENT)
    keys = Keys(made["access_key_id"], made["secret_access_key"])
    policy = member.attach(MANAGEMENT, deny("*"))
    found = allowed(member.aws.client("sqs", keys).list_queues)
    member.client.detach_policy(PolicyId=policy, TargetId=MANAGEMENT)
    member.aws.client("iam", keys).delete_access_key(AccessKeyId=keys.access_key_id)
    assert found


def test_an_rcp_closes_a_role_to_tokens(member: Member, twin: TwinRun) -> None:
    """An RCP on sts:AssumeRoleWithWebIdentity binds who comes with a token ("RCP effects on permissions")."""
    issuer = TokenIssuer(host="rcp.acme.example")
    change_settings(twin, issuers={issuer.host: issuer.jwks})
    iam = member.aws.client("iam", member.keys)
    provider = iam.create_open_id_connect_provider(Url=f"https://{issuer.host}", ClientIDList=["acme"])
    principal = {"Federated": provider["OpenIDConnectProviderArn"]}
    trust = document(
        {
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{issuer.host}:aud": "acme"}},
        }
    )
    role = iam.create_role(RoleName="by-token", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    asked = {"RoleArn": role, "RoleSessionName": "token", "WebIdentityToken": issuer.token("repo:acme/x", "acme")}
    become = member.aws.client("sts").assume_role_with_web_identity
    try:
        assert allowed(become, **asked)
        member.attach(member.unit, rcp_deny("sts:AssumeRoleWithWebIdentity"), kind=RCP)
        assert not allowed(become, **asked)
    finally:
        change_settings(twin, issuers={})


def test_an_rcp_closes_a_role_to_saml(member: Member) -> None:
    """An RCP on sts:AssumeRoleWithSAML binds who comes with a SAML response ("RCP effects on permissions")."""
    issuer = SamlIssuer("https://rcp.acme.example/saml")
    iam = member.aws.client("iam", member.keys)
    provider = iam.create_saml_provider(Name="rcp", SAMLMetadataDocument=issuer.metadata)["SAMLProviderArn"]
    trust = document({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithSAML"})
    role = iam.create_role(RoleName="by-saml", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    asked = {"RoleArn": role, "PrincipalArn": provider, "SAMLAssertion": issuer.response(role, provider, "ann")}
    become = member.aws.client("sts").assume_role_with_saml
    assert allowed(become, **asked)
    member.attach(member.unit, rcp_deny("sts:AssumeRoleWithSAML"), kind=RCP)
    assert not allowed(become, **asked)


def test_rcps_do_not_bind_the_management_accounts_resources(member: Member, counter: Iterator[int]) -> None:
    """RCPs do not affect resources of the management account ("RCPs don't affect resources in ...")."""
    sqs = member.aws.client("sqs")
    name = f"management-{next(counter)}"
    sqs.create_queue(QueueName=name)
    policy = member.attach(member.root, rcp_deny("sqs:GetQueueUrl"), kind=RCP)
    found = allowed(sqs.get_queue_url, QueueName=name)
    member.client.detach_policy(PolicyId=policy, TargetId=member.root)
    assert found


def test_retiring_a_grant_is_free_of_rcps(member: Member) -> None:
    """No RCP denies kms:RetireGrant ("Resources and entities not restricted by RCPs")."""
    kms = member.aws.client("kms", member.keys)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    principal = f"arn:aws:iam::{member.account}:role/OrganizationAccountAccessRole"
    grant = kms.create_grant(KeyId=key, GranteePrincipal=principal, Operations=["Decrypt"])["GrantId"]
    member.attach(member.unit, rcp_deny("kms:*"), kind=RCP)
    assert not allowed(kms.describe_key, KeyId=key)
    assert allowed(kms.retire_grant, KeyId=key, GrantId=grant)
