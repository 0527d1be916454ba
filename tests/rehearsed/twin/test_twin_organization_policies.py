"""Policies of an organisation on the twin: what resource control policies decide. What AWS refuses: see `rules/`."""

from __future__ import annotations

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

    def make(self, statement: dict[str, Any]) -> str:
        """Make an RCP, and return its id."""
        made = self.client.create_policy(
            Name=f"made-{next(self.numbers)}", Description="", Type=RCP, Content=document(statement)
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


def _bucket(aws: TwinAws, account: str) -> str:
    """Return a bucket that is open to everybody."""
    s3, name = aws.client("s3", aws.into(account)), f"open-{account}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}"}
    s3.delete_public_access_block(Bucket=name)
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
    policies.attach(policies.make(_only_from(inside)), outside)
    ask.list_objects_v2(Bucket=bucket)
    policies.attach(policies.make(_only_from(inside)), inside)
    with refused("AccessDenied"):
        ask.list_objects_v2(Bucket=bucket)
    aws.client("s3", aws.into(inside)).list_objects_v2(Bucket=bucket)


def test_an_rcp_is_named_to_the_accounts_own(policies: Policies, aws: TwinAws, account: str) -> None:
    """A caller of the account itself is told which kind of policy denied."""
    bucket = _bucket(aws, account)
    policies.attach(policies.make(_only_from(MANAGEMENT)), account)
    with refused("AccessDenied") as denial:
        aws.client("s3", aws.into(account)).list_objects_v2(Bucket=bucket)
    assert "with an explicit deny in a resource control policy: arn:aws:organizations::" in denial.message


def test_an_rcp_closes_roles(policies: Policies, aws: TwinAws, account: str) -> None:
    """A role of an account can't be assumed from outside against the account's RCP; without it, it can."""
    policy = policies.make(_only_from(account, "sts:AssumeRole"))
    policies.attach(policy, account)
    with refused("AccessDenied"):
        aws.into(account)
    policies.client.detach_policy(PolicyId=policy, TargetId=account)
    aws.into(account)


def test_the_management_accounts_resources_are_free(policies: Policies, aws: TwinAws) -> None:
    """An RCP at the root does not reach the management account."""
    policies.attach(policies.make({**DENY, "Principal": "*"}), policies.root)
    aws.client("s3").create_bucket(Bucket="free", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws.client("s3").delete_bucket(Bucket="free")
