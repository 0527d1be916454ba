"""The tags of what a request is for, as conditions: `aws:ResourceTag` and the services' own keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.function_code import packed
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, trusting
from tests.support.twin_rules import allowed

Users = Callable[..., tuple[str, Keys]]


def tagged_topic(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a topic with tags; return service, operation and arguments of a request for it."""
    arn = aws.client("sns").create_topic(Name=f"tagged-{tags[0]['Value']}", Tags=tags)["TopicArn"]
    return "sns", "get_topic_attributes", {"TopicArn": arn}


def tagged_queue(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a queue with tags."""
    value = tags[0]["Value"]
    url = aws.client("sqs").create_queue(QueueName=f"tagged-{value}", tags={"team": value})["QueueUrl"]
    return "sqs", "get_queue_attributes", {"QueueUrl": url}


def tagged_role(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a role with tags."""
    name = f"tagged-{tags[0]['Value']}"
    aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trusting(MANAGEMENT), Tags=tags)
    return "iam", "get_role", {"RoleName": name}


def tagged_user(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a user with tags."""
    name = f"tagged-{tags[0]['Value']}"
    aws.client("iam").create_user(UserName=name, Tags=tags)
    return "iam", "get_user", {"UserName": name}


def tagged_policy(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a managed policy with tags."""
    allow = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    made = aws.client("iam").create_policy(PolicyName=f"tagged-{tags[0]['Value']}", PolicyDocument=allow, Tags=tags)
    return "iam", "get_policy", {"PolicyArn": made["Policy"]["Arn"]}


def tagged_key(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a key with tags."""
    made = aws.client("kms").create_key(Tags=[{"TagKey": each["Key"], "TagValue": each["Value"]} for each in tags])
    return "kms", "describe_key", {"KeyId": made["KeyMetadata"]["KeyId"]}


def tagged_vpc(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a network with tags."""
    specification = [{"ResourceType": "vpc", "Tags": tags}]
    made = aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specification)
    return "ec2", "delete_vpc", {"VpcId": made["Vpc"]["VpcId"]}


def tagged_parameter(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a parameter with tags."""
    name = f"/tagged/{tags[0]['Value']}"
    aws.client("ssm").put_parameter(Name=name, Value="v", Type="String", Tags=tags)
    return "ssm", "get_parameter", {"Name": name}


def tagged_secret(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a secret with tags."""
    name = f"tagged-{tags[0]['Value']}"
    aws.client("secretsmanager").create_secret(Name=name, SecretString="v", Tags=tags)
    return "secretsmanager", "describe_secret", {"SecretId": name}


def tagged_function(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a function with tags."""
    name = f"tagged-{tags[0]['Value']}"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = aws.client("iam").create_role(RoleName=f"of-{name}", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    aws.client("lambda").create_function(
        FunctionName=name,
        Role=role,
        Code={"ZipFile": packed()},
        Runtime="python3.12",
        Handler="a.b",
        Tags={"team": tags[0]["Value"]},
    )
    return "lambda", "get_function", {"FunctionName": name}


def tagged_repository(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a repository with tags."""
    name = f"tagged-{tags[0]['Value']}"
    aws.client("ecr").create_repository(repositoryName=name, tags=tags)
    return "ecr", "describe_repositories", {"repositoryNames": [name]}


def tagged_log_group(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a log group with tags."""
    name = f"tagged-{tags[0]['Value']}"
    aws.client("logs").create_log_group(logGroupName=name, tags={"team": tags[0]["Value"]})
    return "logs", "describe_log_streams", {"logGroupName": name}


def tagged_table(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make a table with tags."""
    name = f"tagged-{tags[0]['Value']}"
    aws.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tags,
    )
    return "dynamodb", "describe_table", {"TableName": name}


def tagged_account(aws: TwinAws, tags: list[dict[str, str]]) -> tuple[str, str, dict[str, Any]]:
    """Make an account with tags."""
    value = tags[0]["Value"]
    organizations = aws.client("organizations")
    made = organizations.create_account(Email=f"tagged-{value}@example.com", AccountName=f"tagged-{value}", Tags=tags)
    return "organizations", "describe_account", {"AccountId": made["CreateAccountStatus"]["AccountId"]}


TAGGED = [
    tagged_account,
    tagged_function,
    tagged_key,
    tagged_log_group,
    tagged_parameter,
    tagged_policy,
    tagged_queue,
    tagged_repository,
    tagged_role,
    tagged_secret,
    tagged_table,
    tagged_topic,
    tagged_user,
    tagged_vpc,
]


@pytest.mark.parametrize("make", TAGGED, ids=[make.__name__ for make in TAGGED])
def test_a_resource_s_tags_are_a_condition(
    aws: TwinAws, organization: str, new_user: Users, make: Callable[..., tuple[str, str, dict[str, Any]]]
) -> None:
    """`aws:ResourceTag` has the tags of what the request is for.

    Source: IAM User Guide, "AWS global condition context keys", aws:ResourceTag.
    """
    assert organization
    _, keys = new_user(
        document(
            {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/team": "mine"}},
            }
        )
    )
    for value in ("mine", "theirs"):
        service, operation, arguments = make(aws, [{"Key": "team", "Value": value}])
        assert allowed(aws.client(service, keys), operation, arguments) is (value == "mine"), value


@pytest.mark.parametrize(
    ("make", "key"),
    [
        pytest.param(tagged_vpc, "ec2:ResourceTag/team", id="EC2"),
        pytest.param(tagged_role, "iam:ResourceTag/team", id="IAM"),
        pytest.param(tagged_parameter, "ssm:resourceTag/team", id="Systems-Manager"),
        pytest.param(tagged_secret, "secretsmanager:ResourceTag/team", id="Secrets-Manager"),
    ],
)
def test_a_service_s_own_key_has_the_resource_s_tags(
    aws: TwinAws, new_user: Users, make: Callable[..., tuple[str, str, dict[str, Any]]], key: str
) -> None:
    """Services with a key of their own for a resource's tags have it beside the global one.

    Source: Service Authorization Reference, condition keys of the services named.
    """
    condition = {"StringEquals": {key: "own-key"}}
    _, keys = new_user(document({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}))
    service, operation, arguments = make(aws, [{"Key": "team", "Value": "own-key"}])
    assert allowed(aws.client(service, keys), operation, arguments)
    service, operation, arguments = make(aws, [{"Key": "team", "Value": "own-key-not"}])
    assert not allowed(aws.client(service, keys), operation, arguments)
