"""A key's grants, written as statements of its policy: that is how they count.

Source: AWS KMS Developer Guide, "Grants in AWS KMS": a grant allows its grantee the operations it lists, in the key's
account and others; it never denies. "Grant constraints": the encryption context must equal, or hold, the grant's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_EQUALS, _SUBSET = "EncryptionContextEquals", "EncryptionContextSubset"
_RETIRE = "RetireGrant"
# The operations that constraints are for: those that take an encryption context.
_WITH_CONTEXT = frozenset(
    {"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"}
    | {"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"}
)


def with_grants(key: Any) -> str:
    """Return a key's policy with what its grants allow."""
    grants = list(key.grants.values())
    if not grants:
        return str(key.policy)
    try:
        document = json.loads(key.policy)
    except ValueError:
        return str(key.policy)
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return json.dumps({**document, "Statement": [*listed, *(each for grant in grants for each in _statements(grant))]})


def _statements(grant: Any) -> Iterator[dict[str, Any]]:
    constraints = dict(grant.constraints or {})
    conditions = [_condition(name, pairs) for name, pairs in constraints.items()] or [{}]
    plain = [each for each in grant.operations if each not in _WITH_CONTEXT and each != _RETIRE]
    constrained = [each for each in grant.operations if each in _WITH_CONTEXT]
    yield from _statement(f"Grant{grant.id[:16]}", grant.grantee_principal, plain, {})
    for number, condition in enumerate(conditions):
        yield from _statement(f"Grant{grant.id[:16]}C{number}", grant.grantee_principal, constrained, condition)
    may_retire = grant.retiring_principal or (grant.grantee_principal if _RETIRE in grant.operations else "")
    yield from _statement(f"Retire{grant.id[:16]}", may_retire, [_RETIRE], {})


def _statement(
    sid: str, principal: str, operations: list[str], condition: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    if principal and operations:
        yield {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": [f"kms:{operation}" for operation in operations],
            "Resource": "*",
            **({"Condition": condition} if condition else {}),
        }


def _condition(name: str, pairs: Mapping[str, str]) -> dict[str, Any]:
    equal = {f"kms:EncryptionContext:{key}": value for key, value in pairs.items()}
    if name == _SUBSET:
        return {"StringEquals": equal}
    if name == _EQUALS:
        return {"StringEquals": equal, "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": sorted(pairs)}}
    # One that is not known lets nobody in.
    return {"StringEquals": {"kms:GrantConstraintType": name}}
