"""What KMS operations ask for: the key policy always has a say, and a key's grants with it.

Source: AWS KMS Developer Guide, "AWS KMS permissions", "Grants in AWS KMS" and "AWS KMS condition keys".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from iam_decision import ResourceKind
from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.kms_grants import with_grants
from rehearsal.twin.actions.request_tags import request_tags
from rehearsal.twin.requests.refusals import Refusal

_NO_KEY = frozenset({"CreateKey", "ListKeys", "ListAliases", "GenerateRandom", "ListRetirableGrants"})
_ALIAS = frozenset({"CreateAlias", "UpdateAlias", "DeleteAlias"})
_CRYPTOGRAPHIC = frozenset(
    {"Decrypt", "Encrypt", "ReEncrypt", "Sign", "Verify", "GenerateMac", "VerifyMac", "GenerateDataKey"}
    | {"GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"}
)
_CIPHERTEXT_KEY_ID = slice(0, 36)  # moto writes the key's id before the ciphertext


def kms_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a KMS request asks for.

    For a key that does not exist it asks of the ARN the key would have, so that moto can say what is missing.
    """
    operation = asked.operation
    if operation.name in _NO_KEY:
        demands = [Demand(f"kms:{operation.name}", context=_context(asked))]
        if operation.name == "CreateKey" and request_tags(operation).given:
            demands.append(Demand("kms:TagResource", asked.arn("kms", "key/*"), context=_context(asked)))
        return tuple(demands)
    if operation.name in _ALIAS:
        return _alias_demands(asked)
    if operation.name == "ReEncrypt":
        source = _key_id(asked, "SourceKeyId")
        return (
            _on_key(asked, "kms:ReEncryptFrom", source),
            _on_key(asked, "kms:ReEncryptTo", operation.text("DestinationKeyId")),
        )
    return (_on_key(asked, f"kms:{operation.name}", _key_id(asked, "KeyId")),)


def key_demand(action: str, key: Any, context: Mapping[str, str | list[str]]) -> Demand:
    """Return the demand of an action on a key."""
    return Demand(action, key.arn, key.account_id, with_grants(key), ResourceKind.KEY, {**_of_key(key), **context})


def _of_key(key: Any) -> dict[str, str | list[str]]:
    """Return the condition keys of a key that is there."""
    found: dict[str, str | list[str]] = {
        "kms:KeyOrigin": str(key.origin),
        "kms:KeySpec": str(key.key_spec),
        "kms:KeyUsage": str(key.key_usage),
        "kms:MultiRegion": "true" if key.multi_region else "false",
    }
    if key.aliases:
        found["kms:ResourceAliases"] = sorted(key.aliases)
    return found


def key_owner(asked: Asked) -> str:
    """Return the account of the key a request works on: KMS keys can be used from other accounts by their ARN."""
    key_id = _key_id(asked, "KeyId")
    key = asked.state.key(asked.caller.account_id, asked.operation.region, key_id) if key_id else None
    return str(key.account_id) if key is not None else asked.caller.account_id


def _on_key(asked: Asked, action: str, key_id: str) -> Demand:
    key = asked.state.key(asked.caller.account_id, asked.operation.region, key_id) if key_id else None
    if key is not None:
        _refuse_unusable(asked, key)
        return key_demand(action, key, _context(asked))
    arn = key_id if key_id.startswith("arn:") else asked.arn("kms", f"key/{key_id or '*'}")
    return Demand(action, arn, context=_context(asked))


def _refuse_unusable(asked: Asked, key: Any) -> None:
    """Refuse to encrypt or decrypt under a key that is disabled or pending deletion, which moto would do.

    Source: AWS KMS Developer Guide, "Key states of AWS KMS keys".
    """
    if asked.operation.name not in _CRYPTOGRAPHIC or key.key_state == "Enabled":
        return
    if key.deletion_date:
        raise Refusal.of("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    raise Refusal.of("DisabledException", f"{key.arn} is disabled.")


def _alias_demands(asked: Asked) -> tuple[Demand, ...]:
    operation = asked.operation
    action, alias = f"kms:{operation.name}", operation.text("AliasName")
    demands = [Demand(action, asked.arn("kms", alias), context=_context(asked))]
    demands += [_on_key(asked, action, operation.text("TargetKeyId"))] if operation.text("TargetKeyId") else []
    current = asked.state.key(asked.caller.account_id, operation.region, alias)
    if current is not None and operation.name != "CreateAlias":
        demands.append(key_demand(action, current, _context(asked)))
    return tuple(demands)


def _key_id(asked: Asked, parameter: str) -> str:
    named = asked.operation.text(parameter)
    if named or not asked.operation.text("CiphertextBlob"):
        return named
    try:
        blob = base64.b64decode(asked.operation.text("CiphertextBlob"), validate=True)
    except binascii.Error:
        return ""
    return blob[_CIPHERTEXT_KEY_ID].decode("ascii", "ignore")


# Condition keys that a parameter gives. Source: AWS KMS Developer Guide, "AWS KMS condition keys".
_KEYS_OF_TEXTS = {
    "kms:DataKeyPairSpec": "KeyPairSpec",
    "kms:EncryptionAlgorithm": "EncryptionAlgorithm",
    "kms:ExpirationModel": "ExpirationModel",
    "kms:GranteePrincipal": "GranteePrincipal",
    "kms:KeyOrigin": "Origin",
    "kms:KeyUsage": "KeyUsage",
    "kms:MacAlgorithm": "MacAlgorithm",
    "kms:MessageType": "MessageType",
    "kms:ReplicaRegion": "ReplicaRegion",
    "kms:RetiringPrincipal": "RetiringPrincipal",
    "kms:SigningAlgorithm": "SigningAlgorithm",
}
_KEYS_OF_NUMBERS = {
    "kms:RotationPeriodInDays": "RotationPeriodInDays",
    "kms:ScheduleKeyDeletionPendingWindowInDays": "PendingWindowInDays",
}
_KEYS_OF_CREATION = {"kms:KeyOrigin": "AWS_KMS", "kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT"}


def _context(asked: Asked) -> dict[str, str | list[str]]:
    operation = asked.operation
    context: dict[str, str | list[str]] = {"kms:CallerAccount": asked.caller.account_id}
    encryption = operation.params.get("EncryptionContext")
    if isinstance(encryption, dict):
        context |= {f"kms:EncryptionContext:{name}": str(value) for name, value in encryption.items()}
        context["kms:EncryptionContextKeys"] = [str(name) for name in encryption]
    context |= {key: text for key, name in _KEYS_OF_TEXTS.items() if (text := operation.text(name))}
    for key, name in _KEYS_OF_NUMBERS.items():
        if isinstance(operation.params.get(name), int):
            context[key] = str(operation.params[name])
    if operation.text("KeyId").startswith("alias/") or ":alias/" in operation.text("KeyId"):
        context["kms:RequestAlias"] = operation.text("KeyId").partition(":alias/")[2] or operation.text("KeyId")
    if operation.name in ("CreateKey", "PutKeyPolicy"):
        bypass = operation.params.get("BypassPolicyLockoutSafetyCheck") is True
        context["kms:BypassPolicyLockoutSafetyCheck"] = "true" if bypass else "false"
    if operation.name == "CreateKey":
        context |= _of_new_key(asked)
    return context | (_of_grant(asked) if operation.name == "CreateGrant" else {})


def _of_new_key(asked: Asked) -> dict[str, str | list[str]]:
    operation = asked.operation
    found: dict[str, str | list[str]] = {**_KEYS_OF_CREATION}
    found |= {key: text for key, name in _KEYS_OF_TEXTS.items() if (text := operation.text(name))}
    spec = operation.text("KeySpec") or operation.text("CustomerMasterKeySpec")
    if spec:
        found["kms:KeySpec"] = spec
    found["kms:MultiRegion"] = "true" if operation.params.get("MultiRegion") is True else "false"
    return found


def _of_grant(asked: Asked) -> dict[str, str | list[str]]:
    """Return the condition keys of a new grant; none made here is for an AWS resource."""
    operation = asked.operation
    found: dict[str, str | list[str]] = {
        "kms:GrantIsForAWSResource": "false",
        "kms:GrantOperations": operation.listed("Operations"),
    }
    constraints = operation.params.get("Constraints")
    if isinstance(constraints, dict) and constraints:
        found["kms:GrantConstraintType"] = next(iter(constraints))
    return found
