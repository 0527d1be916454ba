"""Buckets and objects: bucket policies, TLS, owners, encryption keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.twin.client import last_denials
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
S3_ONLY = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})


@pytest.fixture
def bucket(aws: TwinAws, account: str) -> str:
    """Make a bucket in this test's account, with one object."""
    s3 = aws.client("s3", aws.into(account))
    name = f"bucket-{account}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="state/one", Body=b"content")
    return name


def _statement(bucket: str, **more: object) -> dict[str, Any]:
    arn = f"arn:aws:s3:::{bucket}"
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"], **more}


def _set_policy(aws: TwinAws, account: str, bucket: str, *statements: dict[str, Any]) -> None:
    aws.client("s3", aws.into(account)).put_bucket_policy(Bucket=bucket, Policy=document(*statements))


def test_a_condition_in_a_bucket_deny_is_evaluated(aws: TwinAws, account: str, bucket: str) -> None:
    """A policy that denies insecure transport lets TLS requests pass and refuses those of the insecure port."""
    deny = _statement(bucket, Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    _set_policy(aws, account, bucket, deny)
    keys = aws.into(account)
    aws.client("s3", keys).get_object(Bucket=bucket, Key="state/one")
    with refused("AccessDenied") as denial:
        aws.client("s3", keys, insecure=True).get_object(Bucket=bucket, Key="state/one")
    assert denial.message.endswith("with an explicit deny in a resource-based policy")


def test_another_account_needs_the_bucket_policy(aws: TwinAws, account: str, bucket: str, new_user: NewUser) -> None:
    """A bucket of another account opens when its policy names the caller, who needs the right as well."""
    name, keys = new_user(S3_ONLY)
    unable_name, unable = new_user()
    s3 = aws.client("s3", keys)
    with refused("AccessDenied"):
        s3.get_object(Bucket=bucket, Key="state/one")
    users = [f"arn:aws:iam::{MANAGEMENT}:user/{each}" for each in (name, unable_name)]
    _set_policy(aws, account, bucket, _statement(bucket, Principal={"AWS": users}))
    assert s3.get_object(Bucket=bucket, Key="state/one")["Body"].read() == b"content"
    with refused("AccessDenied"):
        aws.client("s3", unable).get_object(Bucket=bucket, Key="state/one")


def test_an_object_written_from_outside_is_in_the_owners_bucket(
    aws: TwinAws, account: str, bucket: str, new_user: NewUser
) -> None:
    """What another account writes lands in the bucket's own account."""
    name, keys = new_user(S3_ONLY)
    user = f"arn:aws:iam::{MANAGEMENT}:user/{name}"
    _set_policy(aws, account, bucket, _statement(bucket, Principal={"AWS": user}))
    aws.client("s3", keys).put_object(Bucket=bucket, Key="outside", Body=b"x")
    owner = aws.client("s3", aws.into(account))
    assert owner.get_object(Bucket=bucket, Key="outside")["Body"].read() == b"x"


def test_rights_can_end_at_a_prefix(aws: TwinAws, account: str, bucket: str, new_role: NewRole) -> None:
    """A right on one prefix is none on another; listing is told apart by s3:prefix."""
    arn = f"arn:aws:s3:::{bucket}"
    own = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"{arn}/state/*"}
    listing = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": arn,
        "Condition": {"StringLike": {"s3:prefix": "state/*"}},
    }
    s3 = aws.client("s3", aws.assume(new_role(account, trusting(ROOT), document(own, listing))))
    s3.put_object(Bucket=bucket, Key="state/two", Body=b"")
    assert s3.list_objects_v2(Bucket=bucket, Prefix="state/")["KeyCount"] == 2
    with refused("AccessDenied"):
        s3.put_object(Bucket=bucket, Key="foundation/two", Body=b"")
    with refused("AccessDenied"):
        s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize(
    ("operation", "arguments", "action"),
    [
        ("get_bucket_encryption", {}, "s3:GetEncryptionConfiguration"),
        ("get_public_access_block", {}, "s3:GetBucketPublicAccessBlock"),
        ("get_bucket_versioning", {}, "s3:GetBucketVersioning"),
        ("list_objects_v2", {}, "s3:ListBucket"),
        ("delete_object", {"Key": "x"}, "s3:DeleteObject"),
        ("delete_object", {"Key": "x", "VersionId": "v"}, "s3:DeleteObjectVersion"),
        ("delete_bucket_policy", {}, "s3:DeleteBucketPolicy"),
        ("delete_objects", {"Delete": {"Objects": [{"Key": "a"}]}}, "s3:DeleteObject"),
        (
            "delete_objects",
            {"Delete": {"Objects": [{"Key": "a", "VersionId": "1"}]}},
            "s3:DeleteObjectVersion",
        ),
        ("create_multipart_upload", {"Key": "x"}, "s3:PutObject"),
        ("get_bucket_lifecycle_configuration", {}, "s3:GetLifecycleConfiguration"),
        ("put_bucket_tagging", {"Tagging": {"TagSet": []}}, "s3:PutBucketTagging"),
    ],
)
def test_operations_ask_for_their_actions(
    aws: TwinAws, bucket: str, new_user: NewUser, operation: str, arguments: dict[str, Any], action: str
) -> None:
    """An S3 operation asks for the action that AWS lists for it, which often has another name."""
    _, keys = new_user()
    _set_policy(aws, bucket.removeprefix("bucket-"), bucket, _statement(bucket, Principal={"AWS": MANAGEMENT}))
    if operation == "delete_objects":
        assert aws.client("s3", keys).delete_objects(Bucket=bucket, **arguments)["Errors"]
    else:
        with refused("AccessDenied"):
            getattr(aws.client("s3", keys), operation)(Bucket=bucket, **arguments)
    assert _last_action(aws) == action


def test_what_is_missing_is_hidden_from_who_may_not_list(
    aws: TwinAws, account: str, bucket: str, new_role: NewRole
) -> None:
    """Without s3:ListBucket a missing object is 403, with it 404."""
    get = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    blind = aws.assume(new_role(account, trusting(ROOT), document(get)))
    seeing = aws.assume(new_role(account, trusting(ROOT), document(get, listing)))
    with refused("AccessDenied"):
        aws.client("s3", blind).get_object(Bucket=bucket, Key="missing")
    with refused("NoSuchKey"):
        aws.client("s3", seeing).get_object(Bucket=bucket, Key="missing")
    with refused("403"):
        aws.client("s3", blind).head_object(Bucket=bucket, Key="missing")
    with refused("404"):
        aws.client("s3", seeing).head_object(Bucket=bucket, Key="missing")


def test_a_bucket_name_is_taken_in_every_account(aws: TwinAws, bucket: str, new_account: Callable[[], str]) -> None:
    """A bucket's name cannot be used again by another account."""
    with refused("BucketAlreadyExists"):
        aws.client("s3", aws.into(new_account())).create_bucket(Bucket=bucket)


def test_encrypted_objects_need_their_key(aws: TwinAws, account: str, bucket: str, new_role: NewRole) -> None:
    """In a bucket encrypted by default, rights on S3 alone neither write nor read; the key must let the caller."""
    admin = aws.into(account)
    s3_alone = new_role(account, trusting(ROOT), S3_ONLY)
    with_key = new_role(account, trusting(ROOT), S3_ONLY)
    users = {
        "Effect": "Allow",
        "Principal": {"AWS": with_key},
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
        "Resource": "*",
    }
    owner = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    key = aws.client("kms", admin).create_key(Policy=document(owner, users))["KeyMetadata"]["Arn"]
    aws.client("s3", admin).put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}]
        },
    )
    writer, stranger = aws.client("s3", aws.assume(with_key)), aws.client("s3", aws.assume(s3_alone))
    writer.put_object(Bucket=bucket, Key="secret", Body=b"s")
    assert writer.get_object(Bucket=bucket, Key="secret")["Body"].read() == b"s"
    with refused("AccessDenied") as denial:
        stranger.get_object(Bucket=bucket, Key="secret")
    assert "kms:Decrypt" in denial.message
    with refused("AccessDenied") as denial:
        stranger.put_object(Bucket=bucket, Key="other", Body=b"s")
    assert "kms:GenerateDataKey" in denial.message


def test_a_copy_reads_its_source(aws: TwinAws, account: str, bucket: str, new_role: NewRole) -> None:
    """Copying asks for reading the source as well as for writing the target."""
    put = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    get = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    source = {"Bucket": bucket, "Key": "state/one"}
    with refused("AccessDenied") as denial:
        writer = aws.client("s3", aws.assume(new_role(account, trusting(ROOT), document(put))))
        writer.copy_object(Bucket=bucket, Key="copy", CopySource=source)
    assert "s3:GetObject" in denial.message
    both = aws.client("s3", aws.assume(new_role(account, trusting(ROOT), document(put, get))))
    both.copy_object(Bucket=bucket, Key="copy", CopySource=source)


def test_headers_ask_for_what_they_set(aws: TwinAws, account: str, bucket: str, new_role: NewRole) -> None:
    """Writing an object with tags or an ACL asks for the right to set those, too."""
    put = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    s3 = aws.client("s3", aws.assume(new_role(account, trusting(ROOT), document(put))))
    s3.put_object(Bucket=bucket, Key="plain", Body=b"")
    for header, action in (({"Tagging": "a=b"}, "s3:PutObjectTagging"), ({"ACL": "private"}, "s3:PutObjectAcl")):
        with refused("AccessDenied") as denial:
            s3.put_object(Bucket=bucket, Key="more", Body=b"", **header)
        assert action in denial.message


def test_one_object_beyond_reach_stays(aws: TwinAws, account: str, bucket: str, new_role: NewRole) -> None:
    """A deletion of several objects leaves the one that may not be deleted, whatever signs its name has."""
    right = {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{bucket}/a&b/*"}
    s3 = aws.client("s3", aws.assume(new_role(account, trusting(ROOT), document(right))))
    asked = {"Objects": [{"Key": "a&b/1"}, {"Key": "state/one"}]}
    answer = s3.delete_objects(Bucket=bucket, Delete=asked)
    assert [one["Key"] for one in answer["Deleted"]] == ["a&b/1"]
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("state/one", "AccessDenied")]


def test_odd_names_survive_signing(aws: TwinAws, account: str, bucket: str) -> None:
    """Object names with spaces, slashes, plus signs and letters beyond ASCII are signed and found alike."""
    s3 = aws.client("s3", aws.into(account))
    names = ["a b/c", "plus+sign", "tilde~", "Umlaut-ü", "a//b", "percent%41", "trailing/"]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode())
        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == name.encode()


def test_bucket_policies_come_back_as_they_were(aws: TwinAws, account: str, bucket: str) -> None:
    """A bucket policy is read back as it was put."""
    statement = _statement(bucket, Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    _set_policy(aws, account, bucket, statement)
    stored = aws.client("s3", aws.into(account)).get_bucket_policy(Bucket=bucket)["Policy"]
    assert json.loads(stored)["Statement"] == [statement]


def _last_action(aws: TwinAws) -> str:
    return str(last_denials(aws.run, 1)[0]["action"])
