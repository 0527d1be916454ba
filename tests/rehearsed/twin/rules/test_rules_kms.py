"""What a KMS key's state lets one do, how often it is rotated, when it is deleted, what its alias may be called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.twin_fixtures import TwinAws, refused

Client = Any
"""A client of boto3, which has no types."""


@pytest.fixture(scope="module")
def kms(aws: TwinAws, organization: str) -> Client:
    """Return the KMS of an account of this file's own."""
    assert organization
    made = aws.client("organizations").create_account(Email="rules-of-kms@example.com", AccountName="rules-of-kms")
    return aws.client("kms", aws.into(str(made["CreateAccountStatus"]["AccountId"])))


@pytest.fixture
def key(kms: Client) -> str:
    """Make a key; return its ARN."""
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def _pending(kms: Client, key: str) -> str:
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    return f"{key} is pending deletion."


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("encrypt", {"Plaintext": b"x"}),
        ("generate_data_key", {"KeySpec": "AES_256"}),
        ("enable_key", {}),
        ("disable_key", {}),
        ("enable_key_rotation", {}),
        ("disable_key_rotation", {}),
        ("schedule_key_deletion", {}),
        ("tag_resource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ("untag_resource", {"TagKeys": ["a"]}),
        ("update_key_description", {"Description": "x"}),
    ],
)
def test_a_key_pending_deletion_can_hardly_be_changed(
    kms: Client, key: str, operation: str, parameters: dict[str, object]
) -> None:
    """While a key's deletion is pending most operations on it fail.

    AWS KMS Developer Guide, "Key states of AWS KMS keys", [3].
    """
    words = _pending(kms, key)
    with refused("KMSInvalidStateException") as refusal:
        getattr(kms, operation)(KeyId=key, **parameters)
    assert refusal.message == words


def test_a_key_pending_deletion_can_be_looked_at(kms: Client, key: str) -> None:
    """While a key's deletion is pending it can be read, its policy changed, and its deletion taken back: disabled then.

    AWS KMS Developer Guide, "Key states of AWS KMS keys"; AWS KMS API Reference, "CancelKeyDeletion".
    """
    kms.enable_key_rotation(KeyId=key)
    _pending(kms, key)
    policy = kms.get_key_policy(KeyId=key)["Policy"]
    kms.put_key_policy(KeyId=key, Policy=policy)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    assert kms.cancel_key_deletion(KeyId=key)["KeyId"] == key
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    with refused("KMSInvalidStateException") as refusal:
        kms.cancel_key_deletion(KeyId=key)
    assert refusal.message == f"{key} is not pending deletion."


def test_a_key_pending_deletion_gets_no_alias(kms: Client, key: str, numbers: Iterator[int]) -> None:
    """No alias can be pointed at a key whose deletion is pending.

    AWS KMS Developer Guide, "Key states of AWS KMS keys", CreateAlias.
    """
    _pending(kms, key)
    with refused("KMSInvalidStateException"):
        kms.create_alias(AliasName=f"alias/pending-{next(numbers)}", TargetKeyId=key)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("encrypt", {"Plaintext": b"x"}),
        ("generate_data_key", {"KeySpec": "AES_256"}),
        ("enable_key_rotation", {}),
        ("disable_key_rotation", {}),
    ],
)
def test_a_disabled_key_is_not_used(kms: Client, key: str, operation: str, parameters: dict[str, object]) -> None:
    """A disabled key neither encrypts nor has its rotation changed.

    AWS KMS Developer Guide, "Key states of AWS KMS keys", [1].
    """
    kms.disable_key(KeyId=key)
    with refused("DisabledException") as refusal:
        getattr(kms, operation)(KeyId=key, **parameters)
    assert refusal.message == f"{key} is disabled."


@pytest.mark.parametrize(("given", "kept"), [({}, 365), ({"RotationPeriodInDays": 90}, 90)])
def test_a_rotation_has_a_period(kms: Client, key: str, given: dict[str, int], kept: int) -> None:
    """A key's rotation keeps its period, a year unless another is named.

    AWS KMS API Reference, "EnableKeyRotation", RotationPeriodInDays; "GetKeyRotationStatus".
    """
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key, **given)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyId"], status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (key, True, kept)
    made = kms.describe_key(KeyId=key)["KeyMetadata"]["CreationDate"]
    assert (status["NextRotationDate"] - made).days in (kept, kept - 1)


def test_a_rotation_has_a_longest_period(kms: Client, key: str) -> None:
    """A rotation's period is 2,560 days at most.

    AWS KMS API Reference, "EnableKeyRotation", RotationPeriodInDays.
    """
    with refused("ValidationException"):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=2561)


def test_asymmetric_keys_do_not_rotate(kms: Client) -> None:
    """Only symmetric keys rotate by themselves.

    AWS KMS Developer Guide, "Key states of AWS KMS keys", [7]; AWS KMS API Reference, "EnableKeyRotation".
    """
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    with refused("UnsupportedOperationException"):
        kms.enable_key_rotation(KeyId=made)


@pytest.mark.parametrize("days", [6, 31])
def test_deletion_has_a_window(kms: Client, key: str, days: int) -> None:
    """A key's deletion waits 7 to 30 days.

    AWS KMS API Reference, "ScheduleKeyDeletion", PendingWindowInDays.
    """
    with refused("ValidationException"):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=days)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_deletion_waits_thirty_days_at_first(kms: Client, key: str) -> None:
    """A key's deletion waits thirty days unless told otherwise, and tells so.

    AWS KMS API Reference, "ScheduleKeyDeletion".
    """
    answer = kms.schedule_key_deletion(KeyId=key)
    assert (answer["KeyId"], answer["KeyState"], answer["PendingWindowInDays"]) == (key, "PendingDeletion", 30)


def test_an_alias_is_unique_and_not_aws_s(kms: Client, key: str, numbers: Iterator[int]) -> None:
    """An alias is there once in an account and region, and does not begin like those of AWS's own keys.

    AWS KMS API Reference, "CreateAlias": AliasName, AlreadyExistsException.
    """
    alias = f"alias/once-{next(numbers)}"
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    with refused("AlreadyExistsException"):
        kms.create_alias(AliasName=alias, TargetKeyId=key)
    with refused("NotAuthorizedException"):
        kms.create_alias(AliasName="alias/aws/of-mine", TargetKeyId=key)
    with refused("NotFoundException"):
        kms.update_alias(AliasName=f"{alias}-missing", TargetKeyId=key)
    with refused("NotFoundException"):
        kms.delete_alias(AliasName=f"{alias}-missing")


@pytest.mark.parametrize(
    ("spec", "usage", "fits", "not_"),
    [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "GenerateDataKey", "Sign"),
        ("RSA_2048", "ENCRYPT_DECRYPT", "GetPublicKey", "GenerateDataKey"),
        ("RSA_2048", "SIGN_VERIFY", "Sign", "Encrypt"),
        ("HMAC_256", "GENERATE_VERIFY_MAC", "VerifyMac", "Verify"),
    ],
)
def test_a_grant_is_for_what_its_key_does(kms: Client, spec: str, usage: str, fits: str, not_: str) -> None:
    """A grant names operations that its key supports (AWS KMS API Reference, "CreateGrant", Operations)."""
    made = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
    grant = {"KeyId": made["Arn"], "GranteePrincipal": f"arn:aws:iam::{made['AWSAccountId']}:root"}
    assert kms.create_grant(**grant, Operations=[fits, "DescribeKey"])["GrantId"]
    with refused("ValidationException"):
        kms.create_grant(**grant, Operations=[fits, not_])
