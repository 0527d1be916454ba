"""Object Lock and keys as an archive needs them: what is retained stays, and who may go past that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.twin_fixtures import Keys, TwinAws, document, refused

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NO_BYPASS = {"Effect": "Deny", "Action": "s3:BypassGovernanceRetention", "Resource": "*"}


@pytest.fixture
def retained(aws: TwinAws, account: str) -> tuple[str, str]:
    """Return a bucket that retains what it holds for a day, and the version of the object `log` in it."""
    s3, bucket = aws.client("s3", aws.into(account)), f"retained-{account}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    _retain(s3, bucket, "GOVERNANCE")
    return bucket, str(s3.put_object(Bucket=bucket, Key="log", Body=b"x")["VersionId"])


def _retain(s3: Any, bucket: str, mode: str) -> None:
    rule = {"DefaultRetention": {"Mode": mode, "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )


def test_governance_is_passed_with_a_right_of_its_own(
    aws: TwinAws, account: str, retained: tuple[str, str], new_user: Callable[..., tuple[str, Keys]]
) -> None:
    """A retained version goes only when asked to past governance, and only for who has that right as well."""
    bucket, version = retained
    _, without = new_user(document(EVERYTHING, NO_BYPASS), aws.into(account))
    _, with_right = new_user(document(EVERYTHING), aws.into(account))
    wanted = {"Bucket": bucket, "Key": "log", "VersionId": version}
    with refused("AccessDenied"):
        aws.client("s3", with_right).delete_object(**wanted)
    with refused("AccessDenied") as found:
        aws.client("s3", without).delete_object(**wanted, BypassGovernanceRetention=True)
    assert "s3:BypassGovernanceRetention" in found.message
    many = {"Objects": [{"Key": "log", "VersionId": version}]}
    kept = aws.client("s3", without).delete_objects(Bucket=bucket, Delete=many, BypassGovernanceRetention=True)
    assert [(one["Key"], one["Code"]) for one in kept["Errors"]] == [("log", "AccessDenied")]
    aws.client("s3", with_right).delete_object(**wanted, BypassGovernanceRetention=True)


def test_compliance_is_passed_by_nobody(aws: TwinAws, account: str, retained: tuple[str, str]) -> None:
    """A default retention can be changed on a bucket that holds something; under compliance nobody deletes."""
    bucket, _ = retained
    s3 = aws.client("s3", aws.into(account))
    _retain(s3, bucket, "COMPLIANCE")
    version = s3.put_object(Bucket=bucket, Key="strict", Body=b"x")["VersionId"]
    with refused("AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="strict", VersionId=version, BypassGovernanceRetention=True)


@pytest.mark.parametrize("named_by", ["KeyId", "Arn"])
def test_keys_are_switched_by_id_and_by_arn(aws: TwinAws, account: str, named_by: str) -> None:
    """A key is disabled, enabled, scheduled for deletion and kept after all, however it is named."""
    kms = aws.client("kms", aws.into(account))
    key = kms.create_key()["KeyMetadata"][named_by]

    def state() -> str:
        return str(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])

    kms.disable_key(KeyId=key)
    assert state() == "Disabled"
    kms.enable_key(KeyId=key)
    assert state() == "Enabled"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert state() == "PendingDeletion"
    kms.cancel_key_deletion(KeyId=key)
    assert state() == "Disabled"
