"""Which resources the operations of a landing zone ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.twin.client import last_denials
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, refused

IAM = f"arn:aws:iam::{MANAGEMENT}"
OF_REGION = f"us-east-1:{MANAGEMENT}"


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "resource"),
    [
        ("iam", "create_role", {"RoleName": "n", "Path": "/p/", "AssumeRolePolicyDocument": "{}"}, f"{IAM}:role/p/n"),
        ("iam", "create_policy", {"PolicyName": "n", "PolicyDocument": "{}"}, f"{IAM}:policy/n"),
        ("iam", "get_policy", {"PolicyArn": f"{IAM}:policy/some/n"}, f"{IAM}:policy/some/n"),
        ("iam", "add_user_to_group", {"GroupName": "g", "UserName": "u"}, f"{IAM}:group/g"),
        ("iam", "create_virtual_mfa_device", {"VirtualMFADeviceName": "m"}, f"{IAM}:mfa/m"),
        ("iam", "create_instance_profile", {"InstanceProfileName": "i"}, f"{IAM}:instance-profile/i"),
        ("iam", "create_saml_provider", {"Name": "s", "SAMLMetadataDocument": "x" * 1000}, f"{IAM}:saml-provider/s"),
        ("iam", "list_roles", {}, "*"),
        ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, f"arn:aws:ec2:{OF_REGION}:vpc/*"),
        ("ec2", "delete_vpc", {"VpcId": "vpc-0123456789abcdef0"}, f"arn:aws:ec2:{OF_REGION}:vpc/vpc-0123456789abcdef0"),
        ("ec2", "describe_subnets", {}, "*"),
        ("logs", "create_log_group", {"logGroupName": "/flow/a"}, f"arn:aws:logs:{OF_REGION}:log-group:/flow/a:*"),
        ("logs", "describe_log_groups", {}, f"arn:aws:logs:{OF_REGION}:log-group:*"),
        ("ssm", "get_parameter", {"Name": "/a/b"}, f"arn:aws:ssm:{OF_REGION}:parameter/a/b"),
        ("ssm", "describe_parameters", {}, "*"),
        ("cloudtrail", "delete_trail", {"Name": "t"}, f"arn:aws:cloudtrail:{OF_REGION}:trail/t"),
        ("cloudtrail", "create_trail", {"Name": "t", "S3BucketName": "b"}, f"arn:aws:cloudtrail:{OF_REGION}:trail/t"),
        ("cloudtrail", "list_tags", {"ResourceIdList": ["arn:aws:cloudtrail:::t"]}, "arn:aws:cloudtrail:::t"),
        ("cloudtrail", "list_trails", {}, "*"),
        ("kms", "create_key", {}, "*"),
        ("kms", "describe_key", {"KeyId": "k"}, f"arn:aws:kms:{OF_REGION}:key/k"),
        ("s3", "create_bucket", {"Bucket": "b-123"}, "arn:aws:s3:::b-123"),
        ("s3", "put_object", {"Bucket": "b-123", "Key": "a b"}, "arn:aws:s3:::b-123/a b"),
        ("sqs", "create_queue", {"QueueName": "q"}, f"arn:aws:sqs:{OF_REGION}:q"),
        ("sqs", "get_queue_url", {"QueueName": "q"}, f"arn:aws:sqs:{OF_REGION}:q"),
        ("sqs", "delete_queue", {"QueueUrl": "q"}, f"arn:aws:sqs:{OF_REGION}:q"),
        ("sqs", "start_message_move_task", {"SourceArn": f"arn:aws:sqs:{OF_REGION}:q"}, f"arn:aws:sqs:{OF_REGION}:q"),
        ("sqs", "list_queues", {}, "*"),
        ("guardduty", "list_detectors", {}, "*"),
    ],
)
def test_an_operation_asks_for_its_resource(
    aws: TwinAws,
    new_user: Callable[..., tuple[str, Keys]],
    service: str,
    operation: str,
    arguments: dict[str, Any],
    resource: str,
) -> None:
    """An operation is decided on the resource that AWS lists for it."""
    _, keys = new_user()
    with refused("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"):
        getattr(aws.client(service, keys), operation)(**arguments)
    assert last_denials(aws.run, 1)[0]["resource"] == resource


def test_entities_of_the_organisation_are_named_by_their_arn(
    aws: TwinAws, organization: str, account: str, new_user: Callable[..., tuple[str, Keys]]
) -> None:
    """An Organizations operation asks for the ARN of the account or unit that it names by id."""
    _, keys = new_user()
    with refused("AccessDeniedException"):
        aws.client("organizations", keys).describe_account(AccountId=account)
    expected = f"arn:aws:organizations::{MANAGEMENT}:account/{organization}/{account}"
    assert last_denials(aws.run, 1)[0]["resource"] == expected
