"""What services do with a caller's rights: the keys of a forward access session, and the context they encrypt under.

Source: IAM User Guide, "Forward access sessions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.twin.client import last_denials
from tests.rehearsed.twin.rules.rule_scene import Subject, allow, allowed, deny
from tests.support.twin_fixtures import refused

Call = Callable[[], object]


@pytest.fixture(scope="module")
def key(subject: Subject) -> str:
    """Make a KMS key and, under it, an object, a secret and a parameter."""
    arn = str(subject.aws.client("kms", subject.admin).create_key()["KeyMetadata"]["Arn"])
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}
    buckets = subject.aws.client("s3", subject.admin)
    buckets.put_object(Bucket=subject.bucket, Key="under-key", Body=b"x", **encryption)
    buckets.put_object(Bucket=subject.bucket, Key="under-bucket-key", Body=b"x", BucketKeyEnabled=True, **encryption)
    secret = {"Name": "on-behalf", "SecretString": "hidden", "KmsKeyId": arn}
    subject.aws.client("secretsmanager", subject.admin).create_secret(**secret)
    parameter = {"Name": "on-behalf", "Value": "hidden", "Type": "SecureString", "KeyId": arn}
    subject.aws.client("ssm", subject.admin).put_parameter(**parameter)
    return arn


def reading(subject: Subject, service: str) -> Call:
    """Return a call that makes a service use the key for the subject."""
    match service:
        case "s3":
            return lambda: subject.client("s3").get_object(Bucket=subject.bucket, Key="under-key")
        case "secretsmanager":
            return lambda: subject.client("secretsmanager").get_secret_value(SecretId="on-behalf")
        case _:
            return lambda: subject.client("ssm").get_parameter(Name="on-behalf", WithDecryption=True)


@pytest.mark.parametrize("service", ["s3", "secretsmanager", "ssm"])
@pytest.mark.parametrize(
    ("operator", "name", "values"),
    [
        ("Bool", "aws:ViaAWSService", ("true", "false")),
        ("ForAnyValue:StringEquals", "aws:CalledVia", ("{service}.amazonaws.com", "athena.amazonaws.com")),
        ("StringEquals", "aws:CalledViaFirst", ("{service}.amazonaws.com", "athena.amazonaws.com")),
        ("StringEquals", "aws:CalledViaLast", ("{service}.amazonaws.com", "athena.amazonaws.com")),
        ("StringEquals", "kms:ViaService", ("{service}.us-east-1.amazonaws.com", "{service}.eu-west-1.amazonaws.com")),
        ("ArnEquals", "aws:PrincipalArn", ("{role}", "arn:aws:iam::{account}:role/other")),
    ],
)
def test_a_service_uses_a_key_for_its_caller(
    subject: Subject, key: str, service: str, operator: str, name: str, values: tuple[str, str]
) -> None:
    """KMS sees the caller's identity, and by aws:ViaAWSService, aws:CalledVia and kms:ViaService who asks for it.

    Source: IAM User Guide, "AWS global condition context keys", aws:CalledVia, aws:ViaAWSService; AWS KMS Developer
    Guide, "kms:ViaService". Of the two values the request has the first.
    """
    words = {"service": service, "account": subject.account, "role": subject.role_arn}
    for value, expected in zip(values, (True, False), strict=True):
        condition = {operator: {name: value.format(**words)}}
        subject.holds(allow([f"{service}:*"]), allow("kms:Decrypt", key, Condition=condition))
        assert allowed(reading(subject, service)) is expected


def test_a_callers_own_request_is_via_nobody(subject: Subject, key: str) -> None:
    """A caller that asks KMS itself has no aws:CalledVia, and a false aws:ViaAWSService."""
    describe = subject.client("kms").describe_key
    for condition in ({"Null": {"aws:CalledVia": "true"}}, {"Bool": {"aws:ViaAWSService": "false"}}):
        subject.holds(allow("kms:DescribeKey", key, Condition=condition))
        assert allowed(describe, KeyId=key)


def test_a_deny_by_address_reaches_what_services_do(subject: Subject, key: str) -> None:
    """A Deny on every address but one's own stops services too, unless it leaves out what they do by aws:ViaAWSService.

    Source: IAM User Guide, "AWS: Denies access to AWS based on the source IP".
    """
    assert key
    elsewhere: dict[str, Any] = {"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    subject.holds(allow(), deny(Condition=elsewhere))
    assert allowed(subject.client("s3").get_object, Bucket=subject.bucket, Key="Team-A/x")
    assert not allowed(reading(subject, "s3"))
    assert last_denials(subject.aws.run, 1)[0]["action"] == "kms:Decrypt"
    subject.holds(allow(), deny(Condition={**elsewhere, "Bool": {"aws:ViaAWSService": "false"}}))
    assert allowed(reading(subject, "s3"))


@pytest.mark.parametrize(("name", "end"), [("under-key", "/under-key"), ("under-bucket-key", "")])
def test_an_object_is_encrypted_for_itself_or_its_bucket(subject: Subject, key: str, name: str, end: str) -> None:
    """The encryption context names the object, or the bucket where the object is under an S3 Bucket Key.

    Source: Amazon S3 User Guide, "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys", encryption context.
    """
    buckets = subject.client("s3")
    for arn, expected in ((f"arn:aws:s3:::{subject.bucket}{end}", True), ("arn:aws:s3:::other", False)):
        condition = {
            "StringEquals": {"kms:EncryptionContext:aws:s3:arn": arn},
            "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "aws:s3:arn"},
        }
        subject.holds(allow("s3:*"), allow("kms:Decrypt", key, Condition=condition))
        assert allowed(buckets.get_object, Bucket=subject.bucket, Key=name) is expected


def test_a_bucket_key_is_asked_for_when_writing(subject: Subject, key: str) -> None:
    """A write that asks for an S3 Bucket Key is encrypted for the bucket (the same page)."""
    condition = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{subject.bucket}"}}
    subject.holds(allow("s3:*"), allow("kms:GenerateDataKey", key, Condition=condition))
    wanted = {"Bucket": subject.bucket, "Key": "new", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    assert allowed(subject.client("s3").put_object, **wanted, BucketKeyEnabled=True)
    with refused("AccessDenied"):
        subject.client("s3").put_object(**wanted)
