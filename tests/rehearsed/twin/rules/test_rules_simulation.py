"""IAM's simulator of policies says what the twin would answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.rehearsed.twin.rules.rule_scene import allow, deny, trusted
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

Client = Any
"""A client of boto3, which has no types."""

ROOT = {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}


@pytest.fixture(scope="module")
def iam(aws: TwinAws, organization: str) -> Client:
    """Return the IAM of an account of this file's own."""
    assert organization
    made = aws.client("organizations").create_account(Email="simulated@example.com", AccountName="simulated")
    return aws.client("iam", aws.into(str(made["CreateAccountStatus"]["AccountId"])))


def _told(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    results = answer["EvaluationResults"]
    return [(each["EvalActionName"], each["EvalResourceName"], each["EvalDecision"]) for each in results]


def test_documents_are_simulated(iam: Client) -> None:
    """SimulateCustomPolicy decides each action on each resource by the documents given.

    IAM API Reference, "SimulateCustomPolicy".
    """
    text = document(allow("s3:Get*", "arn:aws:s3:::b/*"), deny("s3:GetObject", "arn:aws:s3:::b/secret"))
    answer = iam.simulate_custom_policy(
        PolicyInputList=[text],
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::b/x", "arn:aws:s3:::b/secret"],
    )
    assert _told(answer) == [
        ("s3:GetObject", "arn:aws:s3:::b/x", "allowed"),
        ("s3:GetObject", "arn:aws:s3:::b/secret", "explicitDeny"),
        ("s3:PutObject", "arn:aws:s3:::b/x", "implicitDeny"),
        ("s3:PutObject", "arn:aws:s3:::b/secret", "implicitDeny"),
    ]


def test_condition_keys_come_with_a_simulation(iam: Client) -> None:
    """A condition is met by the keys of the request alone.

    IAM API Reference, "SimulateCustomPolicy", ContextEntries.
    """
    where = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    asked = {"PolicyInputList": [document(allow("sqs:*", Condition=where))], "ActionNames": ["sqs:ListQueues"]}
    assert _told(iam.simulate_custom_policy(**asked))[0][2] == "implicitDeny"
    key = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": ["eu-west-1"], "ContextKeyType": "string"}
    assert _told(iam.simulate_custom_policy(**asked, ContextEntries=[key]))[0][2] == "allowed"


def test_a_principal_is_simulated_with_what_it_holds(iam: Client, aws: TwinAws) -> None:
    """SimulatePrincipalPolicy decides by the principal's policies, its boundary and the SCPs over its account.

    IAM API Reference, "SimulatePrincipalPolicy", "EvaluationResult": OrganizationsDecisionDetail,
    PermissionsBoundaryDecisionDetail.
    """
    assert aws
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=document(allow("sqs:*")))["Policy"]["Arn"]
    role = iam.create_role(RoleName="held", AssumeRolePolicyDocument=trusted(ROOT), PermissionsBoundary=boundary)
    iam.put_role_policy(RoleName="held", PolicyName="all", PolicyDocument=document(allow()))
    arn = role["Role"]["Arn"]
    answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["sqs:ListQueues", "sns:ListTopics"])
    assert [decision for _, _, decision in _told(answer)] == ["allowed", "implicitDeny"]
    details = [each["PermissionsBoundaryDecisionDetail"] for each in answer["EvaluationResults"]]
    assert [each["AllowedByPermissionsBoundary"] for each in details] == [True, False]


def test_a_group_and_a_stranger_are_simulated(iam: Client) -> None:
    """A group's policies can be simulated; a principal that is not there cannot.

    IAM API Reference, "SimulatePrincipalPolicy", NoSuchEntity.
    """
    group = iam.create_group(GroupName="simulated")["Group"]["Arn"]
    iam.put_group_policy(GroupName="simulated", PolicyName="some", PolicyDocument=document(allow("sqs:*")))
    answer = iam.simulate_principal_policy(PolicySourceArn=group, ActionNames=["sqs:ListQueues"])
    assert _told(answer) == [("sqs:ListQueues", "*", "allowed")]
    with refused("NoSuchEntity"):
        iam.simulate_principal_policy(PolicySourceArn=f"{group}-missing", ActionNames=["sqs:ListQueues"])
    with refused("InvalidInput"):
        iam.simulate_custom_policy(PolicyInputList=["{}"], ActionNames=["sqs:ListQueues"])


def test_simulating_is_a_right(aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """Who has no right to simulate is denied.

    Service Authorization Reference, "Actions, resources, and condition keys for IAM", SimulateCustomPolicy.
    """
    _, keys = new_user()
    with refused("AccessDenied"):
        aws.client("iam", keys).simulate_custom_policy(
            PolicyInputList=[document(allow())], ActionNames=["sqs:ListQueues"]
        )
