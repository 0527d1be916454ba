"""KMS: the key policy always has a say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
KMS_ONLY = document({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})


def _allow(principal: str, *actions: str, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions), "Resource": "*", **more}


def _root_of(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


def test_identity_policies_count_only_where_the_key_lets_them(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A key whose policy names one role only is closed to an administrator of its account."""
    owner = new_role(account, trusting(ROOT), KMS_ONLY)
    kms = aws.client("kms", aws.assume(owner))
    key = kms.create_key(Policy=document(_allow(owner, "kms:*")))["KeyMetadata"]["KeyId"]
    kms.describe_key(KeyId=key)
    with refused("AccessDeniedException") as denial:
        aws.client("kms", aws.into(account)).describe_key(KeyId=key)
    assert denial.message.endswith("because no resource-based policy allows the kms:DescribeKey action")


def test_the_default_key_policy_leaves_it_to_identity_policies(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A key with the default policy is open to who has the right by identity policy, and to nobody else."""
    key = aws.client("kms", aws.into(account)).create_key()["KeyMetadata"]["KeyId"]
    able = new_role(account, trusting(ROOT), KMS_ONLY)
    aws.client("kms", aws.assume(able)).encrypt(KeyId=key, Plaintext=b"x")
    with refused("AccessDeniedException"):
        aws.client("kms", aws.assume(new_role(account, trusting(ROOT)))).encrypt(KeyId=key, Plaintext=b"x")


def test_a_condition_in_a_key_deny_is_evaluated(aws: TwinAws, account: str) -> None:
    """A conditional Deny of a key policy bites only when its condition is met."""
    deny = _allow("*", "kms:*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    keys = aws.into(account)
    policy = document(_allow(_root_of(account), "kms:*"), deny)
    key = aws.client("kms", keys).create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    aws.client("kms", keys).describe_key(KeyId=key)
    with refused("AccessDeniedException"):
        aws.client("kms", keys, insecure=True).describe_key(KeyId=key)


def test_a_key_can_be_used_from_another_account(aws: TwinAws, account: str, new_user: NewUser) -> None:
    """A key is used across accounts by its ARN when both sides allow; decrypting finds it by the ciphertext."""
    name, keys = new_user(KMS_ONLY)
    user = f"arn:aws:iam::{MANAGEMENT}:user/{name}"
    policy = document(_allow(_root_of(account), "kms:*"), _allow(user, "kms:Encrypt", "kms:Decrypt"))
    arn = aws.client("kms", aws.into(account)).create_key(Policy=policy)["KeyMetadata"]["Arn"]
    kms = aws.client("kms", keys)
    sealed = kms.encrypt(KeyId=arn, Plaintext=b"text")["CiphertextBlob"]
    assert kms.decrypt(KeyId=arn, CiphertextBlob=sealed)["Plaintext"] == b"text"
    with refused("AccessDeniedException") as denial:
        kms.describe_key(KeyId=arn)
    assert "the resource does not exist in this Region, no resource-based policies allow access" in denial.message


def test_decrypting_needs_the_right_on_the_key_that_encrypted(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """Decrypt without a key id is decided on the key the ciphertext was made with."""
    admin = aws.client("kms", aws.into(account))
    mine, other = (admin.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    right = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": mine}
    kms = aws.client("kms", aws.assume(new_role(account, trusting(ROOT), document(right))))
    kms.decrypt(CiphertextBlob=admin.encrypt(KeyId=mine, Plaintext=b"x")["CiphertextBlob"])
    with refused("AccessDeniedException"):
        kms.decrypt(CiphertextBlob=admin.encrypt(KeyId=other, Plaintext=b"x")["CiphertextBlob"])


def test_an_alias_stands_for_its_key(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A right on a key covers its use by alias; the alias's own ARN gives none."""
    admin = aws.client("kms", aws.into(account))
    arn = admin.create_key()["KeyMetadata"]["Arn"]
    admin.create_alias(AliasName="alias/mine", TargetKeyId=arn)
    by_key = new_role(account, trusting(ROOT), document({"Effect": "Allow", "Action": "kms:*", "Resource": arn}))
    alias_arn = arn.partition(":key/")[0] + ":alias/mine"
    by_alias = new_role(
        account, trusting(ROOT), document({"Effect": "Allow", "Action": "kms:*", "Resource": alias_arn})
    )
    aws.client("kms", aws.assume(by_key)).describe_key(KeyId="alias/mine")
    with refused("AccessDeniedException"):
        aws.client("kms", aws.assume(by_alias)).describe_key(KeyId="alias/mine")


def test_nobody_locks_everybody_out(aws: TwinAws, account: str) -> None:
    """A key policy under which the caller could not change it again is refused, unless asked to be taken anyway."""
    kms = aws.client("kms", aws.into(account))
    policy = document(_allow(_root_of(account), "kms:Describe*"))
    with refused("MalformedPolicyDocumentException") as refusal:
        kms.create_key(Policy=policy)
    assert "will not allow you to update the key policy" in refusal.message
    kms.create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)


def test_the_encryption_context_is_known(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A condition on the encryption context is met by that context only."""
    admin = aws.client("kms", aws.into(account))
    arn = admin.create_key()["KeyMetadata"]["Arn"]
    condition = {"StringEquals": {"kms:EncryptionContext:stack": "a"}}
    right = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": arn, "Condition": condition}
    kms = aws.client("kms", aws.assume(new_role(account, trusting(ROOT), document(right))))
    kms.encrypt(KeyId=arn, Plaintext=b"x", EncryptionContext={"stack": "a"})
    with refused("AccessDeniedException"):
        kms.encrypt(KeyId=arn, Plaintext=b"x", EncryptionContext={"stack": "b"})


def test_a_key_that_is_disabled_or_pending_deletion_encrypts_nothing(aws: TwinAws, account: str) -> None:
    """Encrypt and Decrypt are refused in AWS's words, and work again once the key is enabled."""
    kms = aws.client("kms", aws.into(account))
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    with refused("DisabledException"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    with refused("DisabledException"):
        kms.decrypt(CiphertextBlob=blob)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with refused("KMSInvalidStateException"):
        kms.decrypt(CiphertextBlob=blob)
