"""Which condition keys a request has, and with what values. Each test cites the page that describes the key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused, trusting
from tests.support.twin_rules import allowed

HERE = f"us-east-1:{MANAGEMENT}"
BOUNDARY = f"arn:aws:iam::{MANAGEMENT}:policy/boundary-of-keys"
Users = Callable[..., tuple[str, Keys]]


@pytest.fixture(scope="module")
def boundary(aws: TwinAws) -> str:
    """Make a policy that can be a boundary, and return its ARN."""
    allow = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    aws.client("iam").create_policy(PolicyName="boundary-of-keys", PolicyDocument=allow)
    return BOUNDARY


@dataclass(frozen=True)
class Case:
    """A request, and a condition that it meets only with these arguments."""

    service: str
    operation: str
    arguments: dict[str, Any]
    condition: dict[str, Any]
    otherwise: dict[str, Any]
    """What makes it fail the condition: other arguments, added to or put in place of those above."""


CASES = [
    pytest.param(
        Case(
            "sns",
            "create_topic",
            {"Name": "t", "Tags": [{"Key": "team", "Value": "a"}]},
            {"StringEquals": {"aws:RequestTag/team": "a"}},
            {"Tags": [{"Key": "team", "Value": "b"}]},
        ),
        id="aws-RequestTag-list-of-Key-and-Value",
    ),
    pytest.param(
        Case(
            "kms",
            "create_key",
            {"Tags": [{"TagKey": "team", "TagValue": "a"}]},
            {"StringEquals": {"aws:RequestTag/team": "a"}},
            {"Tags": [{"TagKey": "team", "TagValue": "b"}]},
        ),
        id="aws-RequestTag-list-of-TagKey-and-TagValue",
    ),
    pytest.param(
        Case(
            "logs",
            "create_log_group",
            {"logGroupName": "of-keys-1", "tags": {"team": "a"}},
            {"StringEquals": {"aws:RequestTag/team": "a"}},
            {"logGroupName": "of-keys-2", "tags": {"team": "b"}},
        ),
        id="aws-RequestTag-map",
    ),
    pytest.param(
        Case(
            "ec2",
            "create_internet_gateway",
            {"TagSpecifications": [{"ResourceType": "internet-gateway", "Tags": [{"Key": "team", "Value": "a"}]}]},
            {"StringEquals": {"aws:RequestTag/team": "a"}},
            {"TagSpecifications": [{"ResourceType": "internet-gateway", "Tags": [{"Key": "team", "Value": "b"}]}]},
        ),
        id="aws-RequestTag-EC2-tag-specification",
    ),
    pytest.param(
        Case(
            "ecs",
            "create_cluster",
            {"clusterName": "of-keys", "tags": [{"key": "team", "value": "a"}]},
            {"StringEquals": {"aws:RequestTag/team": "a"}},
            {"tags": [{"key": "team", "value": "b"}]},
        ),
        id="aws-RequestTag-list-of-key-and-value",
    ),
    pytest.param(
        Case(
            "sqs",
            "create_queue",
            {"QueueName": "of-keys", "tags": {"team": "a"}},
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
            {"tags": {"team": "a", "more": "b"}},
        ),
        id="aws-TagKeys",
    ),
    pytest.param(
        Case(
            "ec2",
            "create_volume",
            {"AvailabilityZone": "us-east-1a", "Size": 1, "Encrypted": True},
            {"Bool": {"ec2:Encrypted": "true"}},
            {"Encrypted": False},
        ),
        id="ec2-Encrypted",
    ),
    pytest.param(
        Case(
            "ec2",
            "create_volume",
            {"AvailabilityZone": "us-east-1a", "Size": 1, "VolumeType": "gp3"},
            {"StringEquals": {"ec2:VolumeType": "gp3"}},
            {"VolumeType": "io1"},
        ),
        id="ec2-VolumeType",
    ),
    pytest.param(
        Case(
            "iam",
            "create_user",
            {"UserName": "of-keys-with", "PermissionsBoundary": BOUNDARY},
            {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}},
            {"UserName": "of-keys-without", "PermissionsBoundary": f"arn:aws:iam::{MANAGEMENT}:policy/other"},
        ),
        id="iam-PermissionsBoundary",
    ),
    pytest.param(
        Case(
            "iam",
            "attach_role_policy",
            {"RoleName": "of-keys", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
            {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        id="iam-PolicyARN",
    ),
    pytest.param(
        Case(
            "iam",
            "create_service_linked_role",
            {"AWSServiceName": "autoscaling.amazonaws.com"},
            {"StringEquals": {"iam:AWSServiceName": "autoscaling.amazonaws.com"}},
            {"AWSServiceName": "ecs.amazonaws.com"},
        ),
        id="iam-AWSServiceName",
    ),
    pytest.param(
        Case("kms", "create_key", {}, {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}}, {"KeySpec": "HMAC_256"}),
        id="kms-KeySpec",
    ),
    pytest.param(
        Case("kms", "create_key", {}, {"Bool": {"kms:MultiRegion": "false"}}, {"MultiRegion": True}),
        id="kms-MultiRegion",
    ),
    pytest.param(
        Case("kms", "create_key", {}, {"StringEquals": {"kms:KeyOrigin": "AWS_KMS"}}, {"Origin": "EXTERNAL"}),
        id="kms-KeyOrigin",
    ),
    pytest.param(
        Case(
            "kms",
            "create_key",
            {},
            {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "false"}},
            {"BypassPolicyLockoutSafetyCheck": True},
        ),
        id="kms-BypassPolicyLockoutSafetyCheck",
    ),
    pytest.param(
        Case(
            "organizations",
            "enable_aws_service_access",
            {"ServicePrincipal": "config.amazonaws.com"},
            {"StringEquals": {"organizations:ServicePrincipal": "config.amazonaws.com"}},
            {"ServicePrincipal": "guardduty.amazonaws.com"},
        ),
        id="organizations-ServicePrincipal",
    ),
    pytest.param(
        Case(
            "organizations",
            "list_policies",
            {"Filter": "SERVICE_CONTROL_POLICY"},
            {"StringEquals": {"organizations:PolicyType": "SERVICE_CONTROL_POLICY"}},
            {"Filter": "TAG_POLICY"},
        ),
        id="organizations-PolicyType",
    ),
    pytest.param(
        Case("iam", "list_users", {}, {"StringEquals": {"aws:ResourceAccount": MANAGEMENT}}, {}),
        id="aws-ResourceAccount",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_a_request_has_the_key(aws: TwinAws, organization: str, boundary: str, new_user: Users, case: Case) -> None:
    """A key has the value that the request gives it, and no other.

    Source: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference, condition keys of the
    services named.
    """
    assert organization
    assert boundary
    _, keys = new_user(document({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": case.condition}))
    client = aws.client(case.service, keys)
    if case.otherwise:
        assert not allowed(client, case.operation, {**case.arguments, **case.otherwise})
    assert allowed(client, case.operation, case.arguments)


@pytest.fixture
def placed(aws: TwinAws, organization: str, account: str) -> Iterator[tuple[str, str]]:
    """Put a new account into a unit of its own; return the account and its path."""
    organizations = aws.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name=f"of-{account}")["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    yield account, f"{organization}/{root}/{unit}/"
    organizations.move_account(AccountId=account, SourceParentId=unit, DestinationParentId=root)


def test_a_principal_s_place_in_the_organisation_is_a_condition(
    aws: TwinAws, placed: tuple[str, str], twin_session: Callable[..., Keys]
) -> None:
    """`aws:PrincipalOrgPaths` is the path of the unit that the caller's account is in.

    Source: IAM User Guide, "Understand the AWS Organizations entity path".
    """
    account, path = placed
    topics = aws.client("sns")
    topic = topics.create_topic(Name=f"for-{account}")["TopicArn"]
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
    publish = aws.client("sns", twin_session(account)).publish
    elsewhere = path.replace("/ou-", "/ou-x-")
    for paths, outcome in (([f"{elsewhere}*"], False), ([f"{path}*"], True)):
        condition = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": paths}}
        policy = document({**allow, "Condition": condition})
        topics.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        if outcome:
            assert publish(TopicArn=topic, Message="m")["MessageId"]
        else:
            with refused("AuthorizationError", "AccessDenied", "AuthorizationErrorException"):
                publish(TopicArn=topic, Message="m")


@pytest.mark.parametrize("key", ["aws:ResourceOrgPaths", "aws:ResourceOrgID", "aws:ResourceAccount"])
def test_a_resource_s_place_is_a_condition(aws: TwinAws, placed: tuple[str, str], new_user: Users, key: str) -> None:
    """`aws:ResourceOrgPaths`, `aws:ResourceOrgID` and `aws:ResourceAccount` are those of the resource's owner.

    Source: IAM User Guide, "AWS global condition context keys", properties of the resource.
    """
    account, path = placed
    right = {"aws:ResourceOrgPaths": path, "aws:ResourceOrgID": path.partition("/")[0], "aws:ResourceAccount": account}
    bucket = f"bucket-of-{account}-{key.lower().partition(':')[2]}"
    buckets = aws.client("s3", aws.into(account))
    buckets.create_bucket(Bucket=bucket)
    everyone = {"Effect": "Allow", "Principal": {"AWS": MANAGEMENT}, "Action": "s3:*"}
    policy = document({**everyone, "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]})
    buckets.put_bucket_policy(Bucket=bucket, Policy=policy)
    operator = "ForAnyValue:StringEquals" if key.endswith("Paths") else "StringEquals"
    for value in (right[key], "other"):
        condition = {operator: {key: [value]}}
        _, keys = new_user(document({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}))
        assert allowed(aws.client("s3", keys), "list_objects_v2", {"Bucket": bucket}) is (value == right[key])


def test_a_boundary_that_an_entity_has_is_a_condition(aws: TwinAws, boundary: str, new_user: Users) -> None:
    """`iam:PermissionsBoundary` is the boundary that the role already has where a request sets none.

    Source: IAM User Guide, "Delegating responsibility to others using permissions boundaries".
    """
    iam = aws.client("iam")
    for name, more in (("bounded-role", {"PermissionsBoundary": boundary}), ("free-role", {})):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(MANAGEMENT), **more)
    condition = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    _, keys = new_user(document({"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": condition}))
    inline = {"PolicyName": "p", "PolicyDocument": document({"Effect": "Allow", "Action": "*", "Resource": "*"})}
    delegate = aws.client("iam", keys)
    delegate.put_role_policy(RoleName="bounded-role", **inline)
    with refused("AccessDenied"):
        delegate.put_role_policy(RoleName="free-role", **inline)
