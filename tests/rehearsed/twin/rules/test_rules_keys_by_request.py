"""The condition keys that policies of a landing zone use, each by a request that has it.

A Deny on the value that the request has must bite, and one on another value must not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.rehearsed.twin.rules.rule_scene import Subject, allow, deny, trusted
from tests.support.twin_fixtures import TwinAws


@dataclass(frozen=True)
class Case:
    """A request, a condition key that it has, the value it has there and one that it has not.

    Words in braces are the subject's account, bucket, role and key, and the organisation. `region` is where the request
    goes to, if not to the twin's own.
    """

    call: str
    """`service.operation`."""
    key: str
    right: str
    wrong: str
    arguments: dict[str, Any] = field(default_factory=dict)
    operator: str = "StringEquals"
    region: str = ""


_IN_BUCKET = {"Bucket": "{bucket}"}
_OBJECT = {"Bucket": "{bucket}", "Key": "k"}
_READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
_OTHER = "arn:aws:iam::aws:policy/Other"
_ANYBODY = trusted("*").replace("{", "{{").replace("}", "}}")
_ROLE = {"RoleName": "keys", "AssumeRolePolicyDocument": _ANYBODY, "PermissionsBoundary": _READ_ONLY}
_ANALYZER = "access-analyzer.amazonaws.com"
_ENCRYPTION = "s3:x-amz-server-side-encryption"
_SHARE = {"name": "share"}
_GLOBAL = [
    # IAM User Guide, "AWS global condition context keys".
    Case("sqs.list_queues", "aws:PrincipalOrgPaths", "{organization}/*", "o-other/*", operator="StringLike"),
    Case("sqs.list_queues", "aws:ResourceOrgPaths", "{organization}/*", "o-other/*", operator="StringLike"),
    Case("sqs.list_queues", "aws:CalledVia", "true", "false", operator="Null"),
    Case("sqs.list_queues", "aws:Referer", "true", "false", operator="Null"),
    Case("iam.list_roles", "aws:RequestedRegion", "us-east-1", "eu-west-1", region="eu-west-1"),
    Case("cloudfront.list_distributions", "aws:RequestedRegion", "us-east-1", "eu-west-1", region="eu-west-1"),
    Case(
        "networkmanager.describe_global_networks", "aws:RequestedRegion", "us-west-2", "eu-west-1", region="eu-west-1"
    ),
]
_OF_S3 = [
    # Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
    Case("s3.list_objects_v2", "s3:delimiter", "/", "-", {**_IN_BUCKET, "Delimiter": "/"}),
    Case("s3.list_objects_v2", "s3:max-keys", "5", "4", {**_IN_BUCKET, "MaxKeys": 5}, "NumericEquals"),
    Case("s3.list_objects_v2", "s3:ResourceAccount", "{account}", "111122223333", _IN_BUCKET),
    Case("s3.list_objects_v2", "s3:TlsVersion", "1.2", "1.4", _IN_BUCKET, "NumericGreaterThanEquals"),
    Case("s3.put_object", "s3:x-amz-acl", "public-read", "private", {**_OBJECT, "ACL": "public-read"}),
    Case(
        "s3.put_object",
        f"{_ENCRYPTION}-aws-kms-key-id",
        "{key}",
        "arn:aws:kms:us-east-1:111122223333:key/other",
        {**_OBJECT, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "{key}"},
        "ArnEquals",
    ),
]
_OF_IAM = [
    # Service Authorization Reference, "... for AWS Identity and Access Management" and "... for AWS Organizations".
    Case(
        "iam.attach_role_policy",
        "iam:PolicyARN",
        _READ_ONLY,
        _OTHER,
        {"RoleName": "nobody", "PolicyArn": _READ_ONLY},
        "ArnEquals",
    ),
    Case("iam.create_role", "iam:PermissionsBoundary", _READ_ONLY, _OTHER, _ROLE),
    Case("iam.create_service_linked_role", "iam:AWSServiceName", _ANALYZER, "other", {"AWSServiceName": _ANALYZER}),
    Case(
        "iam.generate_organizations_access_report",
        "iam:OrganizationsPolicyId",
        "p-12345678",
        "p-87654321",
        {"EntityPath": "{organization}/r-abcd/", "OrganizationsPolicyId": "p-12345678"},
    ),
    Case(
        "organizations.list_delegated_administrators",
        "organizations:ServicePrincipal",
        "config.amazonaws.com",
        "sso.amazonaws.com",
        {"ServicePrincipal": "config.amazonaws.com"},
    ),
    Case(
        "organizations.list_policies",
        "organizations:PolicyType",
        "SERVICE_CONTROL_POLICY",
        "TAG_POLICY",
        {"Filter": "SERVICE_CONTROL_POLICY"},
    ),
]
_SHARING = {"SnapshotId": "snap-0123456789abcdef0", "Attribute": "createVolumePermission"}
_DATABASE = {"DBInstanceIdentifier": "keyed", "DBInstanceClass": "db.t3.micro", "Engine": "postgres"}
_OF_PARAMETERS = [
    # Service Authorization Reference, the condition keys of each service.
    Case("rds.create_db_instance", "rds:DatabaseClass", "db.t3.micro", "db.r5.large", _DATABASE),
    Case("rds.create_db_instance", "rds:StorageEncrypted", "false", "true", _DATABASE, "Bool"),
    Case("efs.create_file_system", "elasticfilesystem:Encrypted", "true", "false", {"Encrypted": True}, "Bool"),
    Case(
        "ec2.modify_snapshot_attribute",
        "ec2:Add/group",
        "all",
        "none",
        {**_SHARING, "CreateVolumePermission": {"Add": [{"Group": "all"}]}},
    ),
    Case(
        "ec2.modify_snapshot_attribute",
        "ec2:Add/userId",
        "111122223333",
        "444455556666",
        {**_SHARING, "CreateVolumePermission": {"Add": [{"UserId": "111122223333"}]}},
    ),
    Case(
        "cloudformation.create_stack",
        "cloudformation:TemplateUrl",
        "https://a/t",
        "https://b/t",
        {"StackName": "s", "TemplateURL": "https://a/t"},
    ),
    Case(
        "events.put_events",
        "events:source",
        "acme.shop",
        "acme.other",
        {"Entries": [{"Source": "acme.shop", "DetailType": "d", "Detail": "{{}}"}]},
    ),
    Case(
        "lambda.create_function_url_config",
        "lambda:FunctionUrlAuthType",
        "NONE",
        "AWS_IAM",
        {"FunctionName": "f", "AuthType": "NONE"},
    ),
    Case(
        "lambda.add_permission",
        "lambda:Principal",
        "*",
        "sns.amazonaws.com",
        {"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*"},
    ),
    Case("ram.create_resource_share", "ram:RequestedAllowsExternalPrincipals", "true", "false", _SHARE, "Bool"),
    Case(
        "ram.create_resource_share",
        "ram:RequestedAllowsExternalPrincipals",
        "false",
        "true",
        {**_SHARE, "allowExternalPrincipals": False},
        "Bool",
    ),
    Case("secretsmanager.create_secret", "secretsmanager:Name", "app/x", "app/y", {"Name": "app/x"}),
    Case(
        "secretsmanager.put_resource_policy",
        "secretsmanager:BlockPublicPolicy",
        "true",
        "false",
        {"SecretId": "s", "ResourcePolicy": "{{}}", "BlockPublicPolicy": True},
        "Bool",
    ),
    Case(
        "sns.subscribe",
        "sns:Protocol",
        "https",
        "sqs",
        {"TopicArn": "arn:aws:sns:us-east-1:{account}:t", "Protocol": "https", "Endpoint": "https://a.example"},
    ),
    Case(
        "sns.subscribe",
        "sns:Endpoint",
        "https://a.example",
        "https://b.example",
        {"TopicArn": "arn:aws:sns:us-east-1:{account}:t", "Protocol": "https", "Endpoint": "https://a.example"},
    ),
    Case(
        "ssm.put_parameter",
        "ssm:Overwrite",
        "true",
        "false",
        {"Name": "p", "Value": "v", "Type": "String", "Overwrite": True},
        "Bool",
    ),
    Case("ssm.put_parameter", "ssm:Overwrite", "false", "true", {"Name": "p", "Value": "v", "Type": "String"}, "Bool"),
]


_ALL = (*_GLOBAL, *_OF_S3, *_OF_IAM, *_OF_PARAMETERS)


@pytest.mark.parametrize("case", _ALL, ids=lambda case: f"{case.call}-{case.key}-{case.right}")
def test_a_request_has_the_key(subject: Subject, organization: str, key_arn: str, case: Case) -> None:
    """A Deny on the key's value in the request bites, one on another value does not (each service's reference)."""
    words = {"account": subject.account, "organization": organization, "bucket": subject.bucket, "key": key_arn}
    assert is_denied(subject, case, case.right.format(**words), words)
    assert not is_denied(subject, case, case.wrong.format(**words), words)


@pytest.fixture(scope="module")
def key_arn(subject: Subject) -> str:
    """Return a KMS key of the subject's account."""
    return str(subject.aws.client("kms", subject.admin).create_key()["KeyMetadata"]["Arn"])


def is_denied(subject: Subject, case: Case, value: str, words: dict[str, str]) -> bool:
    """Tell whether a Deny under the case's condition refuses its request; what else refuses it does not matter."""
    service, operation = case.call.split(".")
    subject.holds(allow(), deny(Condition={case.operator: {case.key: value}}))
    client = subject.aws.client(service, subject.keys, region=case.region)
    return denies(getattr(client, operation), filled(case.arguments, words))


def denies(call: Callable[..., object], arguments: dict[str, Any]) -> bool:
    """Tell whether an explicit deny refuses a call."""
    try:
        call(**arguments)
    except ClientError as refusal:
        return "explicit deny" in str(refusal)
    return False


def filled(value: Any, words: dict[str, str]) -> Any:
    """Put words in place of those in braces."""
    if isinstance(value, dict):
        return {name: filled(each, words) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, words) for each in value]
    return value.format(**words) if isinstance(value, str) else value


def test_where_a_request_was_linked_from_is_a_condition(aws: TwinAws, subject: Subject) -> None:
    """aws:Referer is the request's header Referer ("AWS global condition context keys", aws:Referer)."""
    keys = subject.keys
    queues = boto3.client(
        "sqs",
        endpoint_url=aws.run.endpoint,
        region_name=aws.run.region,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.session_token,
    )
    queues.meta.events.register(
        "before-sign.sqs", lambda request, **_: request.headers.add_header("Referer", "https://acme.example/a")
    )
    for referrer, denied in (("https://acme.example/*", True), ("https://other.example/*", False)):
        subject.holds(allow(), deny(Condition={"StringLike": {"aws:Referer": referrer}}))
        assert denies(queues.list_queues, {}) is denied
