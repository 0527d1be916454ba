"""Policies of an organisation on the twin: what AWS refuses, and what resource control policies decide."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.twin_fixtures import MANAGEMENT, TwinAws, document, refused

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
DENY: dict[str, Any] = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
NewAccount = Callable[[], str]


@dataclass(frozen=True)
class Policies:
    """Organizations with both types enabled, and a maker of policies."""

    client: Any
    root: str
    numbers: Iterator[int]

    def make(self, kind: str = SCP, *statements: dict[str, Any]) -> str:
        """Make a policy, and return its id."""
        more = {"Principal": "*"} if kind == RCP else {}
        made = self.client.create_policy(
            Name=f"made-{next(self.numbers)}",
            Description="",
            Type=kind,
            Content=document(*(statements or (DENY | more,))),
        )
        return str(made["Policy"]["PolicySummary"]["Id"])

    def attach(self, policy: str, target: str) -> None:
        """Attach a policy."""
        self.client.attach_policy(PolicyId=policy, TargetId=target)


@pytest.fixture
def policies(aws: TwinAws, organization: str, numbers: Iterator[int]) -> Iterator[Policies]:
    """Switch both types of policies on for one test."""
    assert organization
    client = aws.client("organizations")
    root = client.list_roots()["Roots"][0]["Id"]
    for kind in (SCP, RCP):
        with suppress(client.exceptions.PolicyTypeAlreadyEnabledException):
            client.enable_policy_type(RootId=root, PolicyType=kind)
    yield Policies(client, root, numbers)
    for kind in (SCP, RCP):
        with suppress(client.exceptions.PolicyTypeNotEnabledException):
            client.disable_policy_type(RootId=root, PolicyType=kind)


def test_a_policy_is_attached_once(policies: Policies, account: str) -> None:
    """Attaching a policy where it is attached is refused."""
    policy = policies.make()
    policies.attach(policy, account)
    with refused("DuplicatePolicyAttachmentException"):
        policies.attach(policy, account)


@pytest.mark.parametrize("kind", [SCP, RCP])
def test_a_sixth_policy_is_refused(policies: Policies, account: str, kind: str) -> None:
    """A target takes five policies of a type, AWS's own of full access among them."""
    for _ in range(4):
        policies.attach(policies.make(kind), account)
    with refused("ConstraintViolationException") as denial:
        policies.attach(policies.make(kind), account)
    assert denial.message.startswith("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")


def test_types_have_to_be_enabled(policies: Policies, account: str) -> None:
    """A policy of a type that is not enabled can be made and not attached; disabling a type detaches its policies."""
    policy = policies.make(RCP)
    policies.attach(policy, account)
    policies.client.disable_policy_type(RootId=policies.root, PolicyType=RCP)
    assert policies.client.list_targets_for_policy(PolicyId=policy)["Targets"] == []
    with refused("PolicyTypeNotEnabledException"):
        policies.attach(policy, account)


def test_what_is_attached_is_not_deleted(policies: Policies, account: str) -> None:
    """A policy goes when it is attached nowhere any more."""
    policy = policies.make()
    policies.attach(policy, account)
    with refused("PolicyInUseException"):
        policies.client.delete_policy(PolicyId=policy)
    policies.client.detach_policy(PolicyId=policy, TargetId=account)
    policies.client.delete_policy(PolicyId=policy)


def test_what_is_not_attached_is_not_detached(policies: Policies, account: str) -> None:
    """Detaching a policy where it is not attached is refused."""
    with refused("PolicyNotAttachedException"):
        policies.client.detach_policy(PolicyId=policies.make(), TargetId=account)


def test_one_policy_stays_on_every_target(policies: Policies, account: str) -> None:
    """The last SCP of a target and AWS's own RCP can't be detached."""
    for policy in ("p-FullAWSAccess", "p-RCPFullAWSAccess"):
        with refused("ConstraintViolationException") as denial:
            policies.client.detach_policy(PolicyId=policy, TargetId=account)
        assert denial.message.startswith("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")


def test_names_are_of_one_policy(policies: Policies) -> None:
    """A name that another policy has is refused, for a new policy and for one renamed."""
    first, second = policies.make(), policies.make()
    name = policies.client.describe_policy(PolicyId=first)["Policy"]["PolicySummary"]["Name"]
    with refused("DuplicatePolicyException"):
        policies.client.create_policy(Name=name, Description="", Type=SCP, Content=document(DENY))
    with refused("DuplicatePolicyException"):
        policies.client.update_policy(PolicyId=second, Name=name)


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        (SCP, {**DENY, "Principal": "*"}),
        (SCP, {**DENY, "Effect": "Denied"}),
        (RCP, DENY),
        (RCP, {**DENY, "Principal": "*", "Effect": "Allow"}),
        (RCP, {**DENY, "Principal": "*", "Action": "ec2:*"}),
    ],
)
def test_malformed_documents_are_refused(policies: Policies, kind: str, statement: dict[str, Any]) -> None:
    """Each type has its own grammar."""
    with refused("MalformedPolicyDocumentException"):
        policies.make(kind, statement)


@pytest.mark.parametrize("kind", [SCP, RCP])
def test_large_documents_are_refused(policies: Policies, kind: str) -> None:
    """5,120 characters are the most, white space included."""
    statement = DENY | ({"Principal": "*"} if kind == RCP else {})
    content = json.dumps({"Version": "2012-10-17", "Statement": statement})
    policy = policies.make(kind)
    policies.client.update_policy(PolicyId=policy, Content=content.ljust(5120))
    with refused("ConstraintViolationException") as denial:
        policies.client.update_policy(PolicyId=policy, Content=content.ljust(5121))
    assert denial.message.startswith("POLICY_CONTENT_LIMIT_EXCEEDED")


def test_units_that_hold_something_stay(policies: Policies, account: str) -> None:
    """A unit goes once it is empty, and its policies are then free to go."""
    unit = policies.client.create_organizational_unit(ParentId=policies.root, Name="full")["OrganizationalUnit"]["Id"]
    policy = policies.make()
    policies.attach(policy, unit)
    policies.client.move_account(AccountId=account, SourceParentId=policies.root, DestinationParentId=unit)
    with refused("OrganizationalUnitNotEmptyException"):
        policies.client.delete_organizational_unit(OrganizationalUnitId=unit)
    policies.client.move_account(AccountId=account, SourceParentId=unit, DestinationParentId=policies.root)
    policies.client.delete_organizational_unit(OrganizationalUnitId=unit)
    policies.client.delete_policy(PolicyId=policy)


def test_services_are_trusted_before_they_are_delegated(policies: Policies, account: str) -> None:
    """A service that the organisation does not trust can't be delegated."""
    with refused("ConstraintViolationException") as denial:
        policies.client.register_delegated_administrator(AccountId=account, ServicePrincipal="macie.amazonaws.com")
    assert denial.message.startswith("SERVICE_ACCESS_NOT_ENABLED")


def _bucket(aws: TwinAws, account: str) -> str:
    """Return a bucket that is open to everybody."""
    s3, name = aws.client("s3", aws.into(account)), f"open-{account}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}"}
    s3.put_bucket_policy(Bucket=name, Policy=document(everybody))
    return name


def _only_from(account: str, action: str = "s3:*") -> dict[str, Any]:
    elsewhere = {"StringNotEquals": {"aws:PrincipalAccount": account}}
    return {**DENY, "Sid": "Inside", "Principal": "*", "Action": action, "Condition": elsewhere}


def test_an_rcp_binds_callers_of_other_accounts(policies: Policies, aws: TwinAws, new_account: NewAccount) -> None:
    """The RCP over a bucket's account decides, whoever asks; that over the caller's account does not."""
    inside, outside = new_account(), new_account()
    bucket = _bucket(aws, inside)
    ask = aws.client("s3", aws.into(outside))
    policies.attach(policies.make(RCP, _only_from(inside)), outside)
    ask.list_objects_v2(Bucket=bucket)
    policies.attach(policies.make(RCP, _only_from(inside)), inside)
    with refused("AccessDenied"):
        ask.list_objects_v2(Bucket=bucket)
    aws.client("s3", aws.into(inside)).list_objects_v2(Bucket=bucket)


def test_an_rcp_is_named_to_the_accounts_own(policies: Policies, aws: TwinAws, account: str) -> None:
    """A caller of the account itself is told which kind of policy denied."""
    bucket = _bucket(aws, account)
    policies.attach(policies.make(RCP, _only_from(MANAGEMENT)), account)
    with refused("AccessDenied") as denial:
        aws.client("s3", aws.into(account)).list_objects_v2(Bucket=bucket)
    assert denial.message.endswith("with an explicit deny in a resource control policy")


def test_an_rcp_closes_roles(policies: Policies, aws: TwinAws, account: str) -> None:
    """A role of an account can't be assumed from outside against the account's RCP; without it, it can."""
    policy = policies.make(RCP, _only_from(account, "sts:AssumeRole"))
    policies.attach(policy, account)
    with refused("AccessDenied"):
        aws.into(account)
    policies.client.detach_policy(PolicyId=policy, TargetId=account)
    aws.into(account)


def test_the_management_accounts_resources_are_free(policies: Policies, aws: TwinAws) -> None:
    """An RCP at the root does not reach the management account."""
    policies.attach(policies.make(RCP, {**DENY, "Principal": "*"}), policies.root)
    aws.client("s3").create_bucket(Bucket="free", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws.client("s3").delete_bucket(Bucket="free")
