"""What KMS operations ask for: the key policy always has a say. Grants are kept by moto and give no rights here.

Source: AWS KMS Developer Guide, "AWS KMS permissions".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from iam_decision import ResourceKind
from rehearsal.twin.actions.demand import Asked, Demand
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
        return (Demand(f"kms:{operation.name}", context=_context(asked)),)
    if operation.name in _ALIAS:
        return _alias_demands(asked)
    if operation.name == "ReEncrypt":
        source = _key_id(asked, "SourceKeyId")
        return (
            _on_key(asked, "kms:ReEncryptFrom", source),
            _on_key(asked, "kms:ReEncryptTo", operation.text("DestinationKeyId")),
        )
    return (_on_key(asked, f"kms:{operation.name}", _key_id(asked, "KeyId")),)


def key_demand(action: str, key: Any, context: Mapping[str, str | list[str]]) -> Demand:  # noqa: ANN401 - moto's key
    """Return the demand of an action on a key."""
    return Demand(action, key.arn, key.account_id, key.policy, ResourceKind.KEY, context)


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


def _refuse_unusable(asked: Asked, key: Any) -> None:  # noqa: ANN401 - moto's key
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


def _context(asked: Asked) -> dict[str, str | list[str]]:
    context: dict[str, str | list[str]] = {"kms:CallerAccount": asked.caller.account_id}
    encryption = asked.operation.params.get("EncryptionContext")
    if isinstance(encryption, dict):
        context |= {f"kms:EncryptionContext:{name}": str(value) for name, value in encryption.items()}
        context["kms:EncryptionContextKeys"] = [str(name) for name in encryption]
    return context
