"""The condition keys of S3's requests, of KMS's grants, and of what CloudTrail does with a bucket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config

from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused
from tests.support.twin_rules import allowed

Users = Callable[..., tuple[str, Keys]]


@dataclass(frozen=True)
class Case:
    """A request to S3, and a condition that it meets only with these arguments."""

    operation: str
    arguments: dict[str, Any]
    condition: dict[str, Any]
    otherwise: dict[str, Any]
    """What makes it fail the condition: other arguments, None for one that is left out."""


@pytest.fixture(scope="module")
def bucket(aws: TwinAws) -> str:
    """Make a bucket with objects for the keys of S3."""
    name = "bucket-of-s3-keys"
    buckets = aws.client("s3")
    buckets.create_bucket(Bucket=name)
    buckets.put_object(Bucket=name, Key="open", Body=b"x", Tagging="class=open")
    buckets.put_object(Bucket=name, Key="closed", Body=b"x", Tagging="class=closed")
    return name


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            Case(
                "get_object",
                {"Key": "open"},
                {"StringEquals": {"s3:ExistingObjectTag/class": "open"}},
                {"Key": "closed"},
            ),
            id="s3-ExistingObjectTag",
        ),
        pytest.param(
            Case(
                "put_object",
                {"Key": "new", "Tagging": "class=a"},
                {"StringEquals": {"s3:RequestObjectTag/class": "a"}},
                {"Tagging": "class=b"},
            ),
            id="s3-RequestObjectTag",
        ),
        pytest.param(
            Case(
                "put_object",
                {"Key": "new", "StorageClass": "STANDARD_IA"},
                {"StringEquals": {"s3:x-amz-storage-class": "STANDARD_IA"}},
                {"StorageClass": "GLACIER"},
            ),
            id="s3-x-amz-storage-class",
        ),
        pytest.param(
            Case(
                "put_object",
                {"Key": "new", "ServerSideEncryption": "AES256"},
                {"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}},
                {"ServerSideEncryption": "aws:kms"},
            ),
            id="s3-x-amz-server-side-encryption",
        ),
        pytest.param(
            Case(
                "list_objects_v2",
                {"Prefix": "a/"},
                {"StringLike": {"s3:prefix": "a/*"}},
                {"Prefix": "b/"},
            ),
            id="s3-prefix",
        ),
        pytest.param(
            Case(
                "put_object",
                {"Key": "once", "IfNoneMatch": "*"},
                {"Null": {"s3:if-none-match": "false"}},
                {"IfNoneMatch": None},
            ),
            id="s3-if-none-match",
        ),
        pytest.param(
            Case(
                "put_object",
                {"Key": "new"},
                {"StringEquals": {"s3:authType": "REST-HEADER", "s3:signatureversion": "AWS4-HMAC-SHA256"}},
                {},
            ),
            id="s3-authType-and-signatureversion",
        ),
    ],
)
def test_a_request_to_s3_has_the_key(
    aws: TwinAws,
    bucket: str,
    new_user: Users,
    case: Case,
) -> None:
    """S3's keys are those of the request's headers, query and signature, and of the object's tags.

    Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
    """
    _, keys = new_user(document({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": case.condition}))
    buckets = aws.client("s3", keys)
    if case.otherwise:
        changed = {name: value for name, value in {**case.arguments, **case.otherwise}.items() if value is not None}
        assert not allowed(buckets, case.operation, {"Bucket": bucket, **changed})
    assert allowed(buckets, case.operation, {"Bucket": bucket, **case.arguments})


def test_an_old_presigned_address_is_a_condition(aws: TwinAws, bucket: str) -> None:
    """`s3:signatureAge` is how old the signature is, in milliseconds; `s3:authType` tells a presigned address.

    Source: Amazon S3 API Reference, "Bucket policy examples using condition keys: s3:signatureAge".
    """
    buckets = aws.client("s3")
    signing = boto3.client(
        "s3",
        aws_access_key_id=aws.administrator.access_key_id,
        aws_secret_access_key=aws.administrator.secret_access_key,
        region_name=aws.run.region,
        endpoint_url=aws.run.endpoint,
        config=Config(signature_version="s3v4"),
    )
    address = signing.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "open"})
    assert fetched(address) == 200
    for condition in ({"NumericGreaterThan": {"s3:signatureAge": "-1"}}, {"StringEquals": {"s3:authType": QUERY}}):
        deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        buckets.put_bucket_policy(Bucket=bucket, Policy=document({**deny, "Condition": condition}))
        assert fetched(address) == 403
        buckets.delete_bucket_policy(Bucket=bucket)


QUERY = "REST-QUERY-STRING"


def fetched(address: str) -> int:
    """Return the status of a GET."""
    try:
        with urlopen(address) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return int(error.code)


def test_cloudtrail_s_place_in_the_organisation_is_a_condition(
    aws: TwinAws, organization: str, numbers: Iterator[int]
) -> None:
    """What CloudTrail does for an account carries that account's organisation: `aws:SourceOrgID`, `aws:SourceOrgPaths`.

    Source: IAM User Guide, "AWS global condition context keys", aws:SourceOrgID.
    """
    name = f"trail-{next(numbers)}"
    buckets = aws.client("s3")
    buckets.create_bucket(Bucket=name)
    arns = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:*"}
    for organisation in ("o-another0000", organization):
        place = {"ForAnyValue:StringLike": {"aws:SourceOrgPaths": f"{organization}/*"}}
        condition = {"StringEquals": {"aws:SourceOrgID": organisation}, **place}
        policy = document({**allow, "Resource": arns, "Condition": condition})
        buckets.put_bucket_policy(Bucket=name, Policy=policy)
        if organisation == organization:
            assert aws.client("cloudtrail").create_trail(Name=name, S3BucketName=name)["Name"] == name
        else:
            with refused("InsufficientS3BucketPolicyException"):
                aws.client("cloudtrail").create_trail(Name=name, S3BucketName=name)


def test_a_bucket_s_region_is_a_condition(aws: TwinAws, new_user: Users) -> None:
    """`s3:LocationConstraint` is the region that a new bucket is asked for in.

    Source: Amazon S3 User Guide, "Bucket policy examples using condition keys", s3:LocationConstraint.
    """
    condition = {"StringEquals": {"s3:LocationConstraint": "eu-west-1"}}
    _, keys = new_user(document({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}))
    for region, outcome in (("eu-west-1", True), ("eu-central-1", False)):
        arguments = {"Bucket": f"bucket-in-{region}", "CreateBucketConfiguration": {"LocationConstraint": region}}
        assert allowed(aws.client("s3", keys, region=region), "create_bucket", arguments) is outcome


@pytest.mark.parametrize(
    ("more", "condition"),
    [
        pytest.param({}, {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt"]}}, id="kms-GrantOperations"),
        pytest.param({}, {"StringLike": {"kms:GranteePrincipal": "*:user/*"}}, id="kms-GranteePrincipal"),
        pytest.param({}, {"Bool": {"kms:GrantIsForAWSResource": "false"}}, id="kms-GrantIsForAWSResource"),
        pytest.param(
            {"Constraints": {"EncryptionContextEquals": {"a": "b"}}},
            {"StringEquals": {"kms:GrantConstraintType": "EncryptionContextEquals"}},
            id="kms-GrantConstraintType",
        ),
    ],
)
def test_a_grant_s_makings_are_conditions(
    aws: TwinAws, new_user: Users, more: dict[str, Any], condition: dict[str, Any]
) -> None:
    """Who may make which grants is a condition of CreateGrant.

    Source: AWS KMS Developer Guide, "AWS KMS condition keys".
    """
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    name, keys = new_user(document({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": condition}))
    grantee = f"arn:aws:iam::{MANAGEMENT}:user/{name}"
    grant = {"KeyId": key, "GranteePrincipal": grantee, "Operations": ["Encrypt"], **more}
    assert allowed(aws.client("kms", keys), "create_grant", grant)
    denied = json.loads(document({"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": condition}))
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    _, others = new_user(document(allow, *denied["Statement"]))
    assert not allowed(aws.client("kms", others), "create_grant", grant)
