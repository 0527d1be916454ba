"""What S3 refuses about a bucket whoever asks: names, unexpected owners, policies for something else; deletions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rehearsed.twin.rules.rule_scene import allow
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

STRANGER = "999999999999"
PEOPLE = {"Principal": {"AWS": MANAGEMENT}}
NO_ACTION = "Action does not apply to any resource(s) in statement"
NewUser = Callable[..., tuple[str, Keys]]


@pytest.fixture
def s3(aws: TwinAws, account: str) -> Any:
    """Return S3 as the administrator of an account of the test's own."""
    return aws.client("s3", aws.into(account))


@pytest.fixture
def bucket(s3: Any, numbers: Iterator[int]) -> str:
    """Make a bucket with one object; return its name."""
    name = f"rules-of-buckets-{next(numbers)}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"x")
    return name


@pytest.mark.parametrize(
    "name",
    ["Bad_Name", "192.168.1.1", "xn--abc", "abc-s3alias", "a..b", "-abc", "abc-", "sthree-abc", "abc--ol-s3", "ab_c"],
)
def test_bucket_names_follow_rules(s3: Any, name: str) -> None:
    """A bucket's name has small letters, numbers, dots and hyphens, is no address, has no reserved prefix or suffix.

    Amazon S3 User Guide, "General purpose bucket naming rules".
    """
    with refused("InvalidBucketName") as refusal:
        s3.create_bucket(Bucket=name)
    assert (refusal.status, refusal.message) == (400, "The specified bucket is not valid.")


def test_bucket_names_may_have_dots(s3: Any, account: str) -> None:
    """Dots between letters or numbers are part of a bucket's name.

    Amazon S3 User Guide, "General purpose bucket naming rules".
    """
    s3.create_bucket(Bucket=f"a.b-c.{account}")
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == [f"a.b-c.{account}"]


def test_a_bucket_of_an_owner_not_expected_is_left_alone(s3: Any, account: str, bucket: str) -> None:
    """A request that expects another owner of its bucket is denied, one that expects the right owner is not.

    Amazon S3 User Guide, "Verifying bucket ownership with bucket owner condition".
    """
    with refused("AccessDenied") as refusal:
        s3.put_object(Bucket=bucket, Key="b", Body=b"x", ExpectedBucketOwner=STRANGER)
    assert refusal.status == 403
    s3.put_object(Bucket=bucket, Key="c", Body=b"x", ExpectedBucketOwner=account)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a", "c"]


def test_a_copy_s_source_has_an_expected_owner_too(s3: Any, account: str, bucket: str) -> None:
    """A copy that expects another owner of its source is denied.

    Amazon S3 API Reference, "CopyObject", x-amz-source-expected-bucket-owner.
    """
    copy = {"Bucket": bucket, "Key": "b", "CopySource": f"{bucket}/a"}
    with refused("AccessDenied"):
        s3.copy_object(**copy, ExpectedSourceBucketOwner=STRANGER)
    assert s3.copy_object(**copy, ExpectedSourceBucketOwner=account)["CopyObjectResult"]


@pytest.mark.parametrize(
    ("action", "resource", "words"),
    [
        ("s3:GetObject", "arn:aws:s3:::of-somebody-else/*", "Policy has invalid resource"),
        ("s3:ListBucket", ["arn:aws:s3:::{}", "arn:aws:s3:::{}-other"], "Policy has invalid resource"),
        ("s3:GetObject", "arn:aws:s3:::{}", NO_ACTION),
        ("s3:ListBucket", "arn:aws:s3:::{}/*", NO_ACTION),
        (
            ["s3:GetObject", "s3:ListBucket"],
            "arn:aws:s3:::{}/*",
            NO_ACTION,
        ),
    ],
)
def test_a_bucket_s_policy_is_for_the_bucket(
    s3: Any,
    bucket: str,
    action: str | list[str],
    resource: str | list[str],
    words: str,
) -> None:
    """A bucket's policy names the bucket or its objects, and for each action something that it applies to.

    Amazon S3 User Guide, "Policies and permissions in Amazon S3"; Service Authorization Reference, Amazon S3.
    """
    named = [one.format(bucket) for one in ([resource] if isinstance(resource, str) else resource)]
    policy = document(allow(action, named, Principal={"AWS": MANAGEMENT}))
    with refused("MalformedPolicy") as refusal:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert refusal.message == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Action": "iam:ListUsers"}, "Policy has invalid action"),
        ({"Action": ["s3:GetObject", "s3:GetFoo"]}, "Policy has invalid action"),
        ({"Action": "s3:Foo*"}, "Policy has invalid action"),
        ({"Condition": {"StringEquals": {"s3:foo": "x"}}}, "Policy has an invalid condition key"),
        ({"Condition": {"StringEquals": {"iam:PassedToService": "x"}}}, "Policy has an invalid condition key"),
    ],
)
def test_a_bucket_s_policy_names_what_s3_has(s3: Any, bucket: str, changes: dict[str, Any], words: str) -> None:
    """A bucket's policy has actions and condition keys of S3, and global keys.

    Service Authorization Reference, Amazon S3; Amazon S3 User Guide, "Policies and permissions in Amazon S3".
    """
    policy = document({**allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*", **PEOPLE), **changes})
    with refused("MalformedPolicy") as refusal:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert refusal.message == words


@pytest.mark.parametrize(
    "key",
    ["S3:ExistingObjectTag/team", "s3:VersionId", "aws:SourceVpce", "saml:aud", "token.example.com:sub"],
)
def test_a_bucket_s_policy_s_keys_are_taken(s3: Any, bucket: str, key: str) -> None:
    """Keys of S3, global keys and those of federated callers may stand in a bucket's policy, whatever their case.

    Service Authorization Reference, Amazon S3; IAM User Guide, "IAM and AWS STS condition context keys".
    """
    statement = allow("s3:getobject*", f"arn:aws:s3:::{bucket}/*", Condition={"StringEquals": {key: "x"}}, **PEOPLE)
    s3.put_bucket_policy(Bucket=bucket, Policy=document(statement))
    assert key in s3.get_bucket_policy(Bucket=bucket)["Policy"]


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("put_object", {"Key": "k" * 1025}, "KeyTooLongError"),
        ("put_object", {"Key": "é" * 513}, "KeyTooLongError"),
        ("put_object", {"Key": "a", "ServerSideEncryption": "foo"}, "InvalidArgument"),
        ("put_bucket_versioning", {"VersioningConfiguration": {}}, "IllegalVersioningConfigurationException"),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Foo"}}, "MalformedXML"),
        ("list_objects_v2", {"MaxKeys": -1}, "InvalidArgument"),
        ("list_parts", {"Key": "a", "UploadId": "x", "MaxParts": 10**12}, "InvalidArgument"),
    ],
)
def test_s3_refuses_bad_parameters(s3: Any, bucket: str, operation: str, arguments: dict[str, Any], code: str) -> None:
    """S3 refuses keys of more than 1,024 bytes, encryption and versioning of no kind, counts that are none.

    Amazon S3 API Reference, "Error responses"; Amazon S3 User Guide, "Naming Amazon S3 objects".
    """
    with refused(code) as refusal:
        getattr(s3, operation)(Bucket=bucket, **arguments)
    assert refusal.status == 400


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"ContentMD5": "QpDkGPLPHQ+T/dLsgQzECA=="}, "BadDigest"),
        ({"ContentMD5": "AAAA"}, "InvalidDigest"),
        ({"ContentMD5": "?"}, "InvalidDigest"),
        ({"ChecksumSHA256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}, "BadDigest"),
        ({"ChecksumSHA1": "2jmj7l5rSw0yVb/vlWAYkK/YBwk="}, "BadDigest"),
        ({"ChecksumCRC32": "AAAAAA=="}, "BadDigest"),
        ({"ChecksumCRC32": "AA"}, "InvalidRequest"),
    ],
)
def test_checksums_in_headers_are_compared(s3: Any, bucket: str, arguments: dict[str, str], code: str) -> None:
    """An upload with a checksum of something else is refused, and so is one whose checksum is none.

    Amazon S3 User Guide, "Checking object integrity in Amazon S3"; Amazon S3 API Reference, "Error responses".
    """
    with refused(code) as refusal:
        s3.put_object(Bucket=bucket, Key="b", Body=b"x", **arguments)
    assert refusal.status == 400
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a"]


def test_right_checksums_are_taken(s3: Any, bucket: str) -> None:
    """Of parts the data's checksum is compared, of a whole upload that is completed none of its request.

    Amazon S3 User Guide, "Checking object integrity in Amazon S3"; Amazon S3 API Reference, "CompleteMultipartUpload".
    """
    right = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    md5 = base64.b64encode(hashlib.md5(b"x", usedforsecurity=False).digest()).decode()
    s3.put_object(Bucket=bucket, Key="b", Body=b"x", ContentMD5=md5, ChecksumSHA256=right)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="c", ChecksumAlgorithm="SHA256")["UploadId"]
    part = {"Bucket": bucket, "Key": "c", "UploadId": upload, "PartNumber": 1, "Body": b"x"}
    with refused("BadDigest"):
        s3.upload_part(**{**part, "Body": b"y"}, ChecksumSHA256=right)
    tag = s3.upload_part(**part, ChecksumSHA256=right)["ETag"]
    parts = {"Parts": [{"ETag": tag, "PartNumber": 1, "ChecksumSHA256": right}]}
    whole = "vtU3gdynTiZyNQ/x6LMGrASJ4gJyKBYGFTsx4GhXgfs="
    s3.complete_multipart_upload(Bucket=bucket, Key="c", UploadId=upload, MultipartUpload=parts, ChecksumSHA256=whole)
    assert s3.get_object(Bucket=bucket, Key="c")["Body"].read() == b"x"


def test_an_upload_that_is_not_there_is_not_completed(s3: Any, bucket: str) -> None:
    """Parts and the end of an upload name one that goes on (Amazon S3 API Reference, "CompleteMultipartUpload")."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key="c")["UploadId"]
    part = {"Bucket": bucket, "Key": "c", "UploadId": upload, "PartNumber": 1, "Body": b"x"}
    parts = {"Parts": [{"ETag": s3.upload_part(**part)["ETag"], "PartNumber": 1}]}
    with refused("NoSuchUpload") as refusal:
        s3.complete_multipart_upload(Bucket=bucket, Key="c", UploadId="none", MultipartUpload=parts)
    assert refusal.status == 404
    s3.abort_multipart_upload(Bucket=bucket, Key="c", UploadId=upload)
    with refused("NoSuchUpload"):
        s3.upload_part(**part)


def test_s3_takes_the_longest_key(s3: Any, bucket: str) -> None:
    """A key has 1,024 bytes at most; S3's encryption is asked for by name (Amazon S3 API Reference, "PutObject")."""
    s3.put_object(Bucket=bucket, Key="k" * 1024, Body=b"x", ServerSideEncryption="AES256")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert [len(one["Key"]) for one in s3.list_objects_v2(Bucket=bucket, MaxKeys=9)["Contents"]] == [1, 1024]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:*", ["arn:aws:s3:::{}", "arn:aws:s3:::{}/*"]),
        ("s3:*", ["arn:aws:s3:::{}/*"]),
        (["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::{}", "arn:aws:s3:::{}/a/*"]),
        (["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::{}*"]),
        ("s3:GetObject", ["arn:aws:s3:::{}/${{aws:PrincipalTag/team}}/*"]),
    ],
)
def test_a_bucket_s_policy_for_it_and_its_objects_is_taken(
    s3: Any,
    bucket: str,
    action: str | list[str],
    resource: list[str],
) -> None:
    """A bucket's policy may name the bucket, its objects, and patterns of these.

    Amazon S3 User Guide, "Policies and permissions in Amazon S3".
    """
    policy = document(allow(action, [one.format(bucket) for one in resource], Principal={"AWS": MANAGEMENT}))
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == policy


def test_each_object_of_a_deletion_is_decided_alone(
    aws: TwinAws,
    s3: Any,
    account: str,
    bucket: str,
    new_user: NewUser,
) -> None:
    """A deletion of many deletes what it may, and tells of the others that they are denied.

    Amazon S3 API Reference, "DeleteObjects".
    """
    s3.put_object(Bucket=bucket, Key="b&c", Body=b"x")
    _, keys = new_user(document(allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/a")), aws.into(account))
    asked = {"Objects": [{"Key": "a"}, {"Key": "b&c"}]}
    answer = aws.client("s3", keys).delete_objects(Bucket=bucket, Delete=asked)
    assert [one["Key"] for one in answer["Deleted"]] == ["a"]
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("b&c", "AccessDenied")]
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["b&c"]


def test_a_deletion_of_which_nothing_is_allowed_deletes_nothing(
    aws: TwinAws,
    s3: Any,
    account: str,
    bucket: str,
    new_user: NewUser,
) -> None:
    """A deletion of many by who may delete none succeeds, with an error for each object.

    Amazon S3 API Reference, "DeleteObjects".
    """
    _, keys = new_user(document(allow("s3:ListBucket")), aws.into(account))
    answer = aws.client("s3", keys).delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}]})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert ("Deleted" in answer, [one["Code"] for one in answer["Errors"]]) == (False, ["AccessDenied"])
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a"]
