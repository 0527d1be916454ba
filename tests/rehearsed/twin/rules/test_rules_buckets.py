"""What S3 refuses about a bucket whoever asks: names, unexpected owners, policies for something else; deletions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rehearsed.twin.rules.rule_scene import allow
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

STRANGER = "999999999999"
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
