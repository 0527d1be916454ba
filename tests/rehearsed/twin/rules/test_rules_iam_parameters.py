"""What IAM asks of each request: parameters that may not be left out, and how many tags something has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.rehearsed.twin.rules.rule_scene import allow, trusted
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

TRUST = trusted({"AWS": f"arn:aws:iam::{MANAGEMENT}:root"})
ANYTHING = document(allow("sqs:ListQueues"))
NewUser = Callable[..., tuple[str, Keys]]


def unchecked(aws: TwinAws, service: str, keys: Keys | None = None) -> Any:
    """Return a client that sends what it is told, without its own look at the model."""
    who = keys or aws.administrator
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return boto3.client(
        service,
        aws_access_key_id=who.access_key_id,
        aws_secret_access_key=who.secret_access_key,
        aws_session_token=who.session_token or None,
        region_name=aws.run.region,
        endpoint_url=aws.run.endpoint,
        config=config,
    )


@pytest.mark.parametrize(
    ("operation", "arguments", "missing"),
    [
        ("create_user", {}, "userName"),
        ("delete_user", {}, "userName"),
        ("create_group", {}, "groupName"),
        ("create_role", {"AssumeRolePolicyDocument": TRUST}, "roleName"),
        ("create_role", {"RoleName": "a"}, "assumeRolePolicyDocument"),
        ("delete_role", {}, "roleName"),
        ("put_user_policy", {"UserName": "a", "PolicyDocument": ANYTHING}, "policyName"),
        ("create_policy", {"PolicyDocument": ANYTHING}, "policyName"),
        ("tag_user", {"UserName": "a"}, "tags"),
        ("tag_user", {"UserName": "a", "Tags": [{"Key": "k"}]}, "tags.1.member.value"),
        ("create_user", {"UserName": "a", "Tags": [{"Key": "k"}]}, "tags.1.member.value"),
        ("tag_role", {"RoleName": "a", "Tags": [{"Value": "v"}]}, "tags.1.member.key"),
    ],
)
def test_what_is_required_may_not_be_left_out(
    aws: TwinAws, operation: str, arguments: dict[str, Any], missing: str
) -> None:
    """IAM refuses a request without a parameter that its model requires, a tag's value included.

    IAM API Reference, parameters of each operation (Required); "Common Error Types", ValidationError.
    """
    with refused("ValidationError") as refusal:
        getattr(unchecked(aws, "iam"), operation)(**arguments)
    assert f"Value null at '{missing}' failed to satisfy constraint: Member must not be null" in refusal.message


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("ssm", "put_parameter", {"Name": "/x", "Value": "v", "Type": "String", "Tags": [{"Key": "k"}]}),
        ("kms", "create_key", {"Tags": [{"TagKey": "k"}]}),
        ("secretsmanager", "create_secret", {"Name": "keyless", "SecretString": "x", "Tags": [{"Value": "v"}]}),
        ("organizations", "create_account", {"Email": "x@x", "AccountName": "x", "Tags": [{"Key": "k"}]}),
    ],
)
def test_a_tag_has_a_value(aws: TwinAws, service: str, operation: str, arguments: dict[str, Any]) -> None:
    """Services whose model requires a tag's key and value refuse one without; a secret's needs its key.

    AWS Systems Manager, KMS, Secrets Manager and Organizations API Reference, "Tag".
    """
    with refused("ValidationException", "InvalidInputException", "InvalidParameterException"):
        getattr(unchecked(aws, service), operation)(**arguments)


def test_a_secret_s_tag_may_have_no_value(aws: TwinAws, account: str) -> None:
    """A secret's tag without a value is an empty one.

    AWS Secrets Manager API Reference, "Tag" (nothing of it is required).
    """
    secrets = unchecked(aws, "secretsmanager", aws.into(account))
    secrets.create_secret(Name="s", SecretString="x", Tags=[{"Key": "k"}])
    assert secrets.describe_secret(SecretId="s")["Name"] == "s"


def test_a_tag_of_ec2_may_have_no_value(aws: TwinAws, account: str) -> None:
    """A tag of EC2's without a value is an empty one; deleting a key without one deletes it whatever its value.

    Amazon EC2 API Reference, "CreateTags", "DeleteTags".
    """
    ec2 = unchecked(aws, "ec2", aws.into(account))
    made = {"ResourceType": "vpc", "Tags": [{"Key": "k"}]}
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16", TagSpecifications=[made])["Vpc"]
    assert vpc["Tags"] == [{"Key": "k", "Value": ""}]
    ec2.create_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "m"}, {"Key": "n", "Value": "v"}])
    ec2.delete_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "k"}, {"Key": "n"}])
    assert ec2.describe_vpcs(VpcIds=[vpc["VpcId"]])["Vpcs"][0]["Tags"] == [{"Key": "m", "Value": ""}]


def test_a_list_of_tags_has_fifty(aws: TwinAws, new_user: NewUser) -> None:
    """One request brings fifty tags at most.

    IAM API Reference, "TagUser", Tags; IAM User Guide, "IAM and AWS STS quotas".
    """
    name, _ = new_user()
    many = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
    for call in ("create_user", "tag_user"):
        with refused("ValidationError") as refusal:
            getattr(aws.client("iam"), call)(UserName=name, Tags=many)
        assert refusal.message.endswith("Member must have length less than or equal to 50")


@pytest.mark.parametrize("kind", ["user", "role", "policy"])
def test_nothing_has_more_than_fifty_tags(
    aws: TwinAws, new_user: NewUser, new_role: Callable[..., str], kind: str
) -> None:
    """What has fifty tags gets no other, and may have those it has changed.

    IAM User Guide, "IAM and AWS STS quotas"; IAM API Reference, LimitExceeded.
    """
    iam = aws.client("iam")
    if kind == "user":
        named = {"UserName": new_user()[0]}
    elif kind == "role":
        named = {"RoleName": new_role(MANAGEMENT, TRUST).rpartition("/")[2]}
    else:
        named = {"PolicyArn": iam.create_policy(PolicyName="fifty-tags", PolicyDocument=ANYTHING)["Policy"]["Arn"]}
    tag = getattr(iam, f"tag_{kind}")
    tag(**named, Tags=[{"Key": f"k{number}", "Value": ""} for number in range(30)])
    with refused("LimitExceeded"):
        tag(**named, Tags=[{"Key": f"m{number}", "Value": ""} for number in range(21)])
    tag(**named, Tags=[{"Key": f"m{number}", "Value": ""} for number in range(20)])
    tag(**named, Tags=[{"Key": "k0", "Value": "changed"}])
    assert len(getattr(iam, f"list_{kind}_tags")(**named)["Tags"]) == 50


@pytest.mark.parametrize("kind", ["user", "role"])
def test_tags_of_users_and_roles_know_no_case(
    aws: TwinAws, new_user: NewUser, new_role: Callable[..., str], kind: str
) -> None:
    """A key in another case is the same key, and keys of one request differ in more than their case.

    IAM User Guide, "Tags for IAM resources", case sensitivity; IAM API Reference, InvalidInput.
    """
    iam = aws.client("iam")
    name = new_user()[0] if kind == "user" else new_role(MANAGEMENT, TRUST).rpartition("/")[2]
    named = {f"{kind.capitalize()}Name": name}
    tag = getattr(iam, f"tag_{kind}")
    tag(**named, Tags=[{"Key": "Team", "Value": "a"}])
    tag(**named, Tags=[{"Key": "team", "Value": "b"}])
    assert [each["Value"] for each in getattr(iam, f"list_{kind}_tags")(**named)["Tags"]] == ["b"]
    with refused("InvalidInput"):
        tag(**named, Tags=[{"Key": "Cost", "Value": "a"}, {"Key": "cost", "Value": "b"}])


def test_new_users_have_each_tag_once(aws: TwinAws) -> None:
    """A user is not made with a key in two cases.

    IAM User Guide, "Tags for IAM resources", case sensitivity.
    """
    with refused("InvalidInput"):
        aws.client("iam").create_user(
            UserName="tagged-twice", Tags=[{"Key": "Cost", "Value": "a"}, {"Key": "cost", "Value": "b"}]
        )
    with refused("NoSuchEntity"):
        aws.client("iam").get_user(UserName="tagged-twice")


def test_an_issuer_is_asked_over_tls(aws: TwinAws) -> None:
    """The URL of an OIDC provider begins with https://.

    IAM API Reference, "CreateOpenIDConnectProvider", Url.
    """
    with refused("ValidationError", "InvalidInput"):
        aws.client("iam").create_open_id_connect_provider(Url="http://plain.example", ThumbprintList=["ab" * 20])
