"""When a bucket policy makes its bucket public.

Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of "public"": a policy is
taken to be public, unless each statement that allows something lets in only fixed values (without wildcards) of
principals or of some condition keys.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping

_FIXING_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
_ADDRESS = "aws:sourceip"
_WIDEST = {4: 8, 6: 32}
"""The shortest prefix of a range of addresses that does not count as everybody, by version."""


def is_public(policy: bytes | str) -> bool:
    """Tell whether a bucket policy, well formed, lets in everybody."""
    statements = json.loads(policy).get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return any(_lets_everybody_in(each) for each in listed)


def _lets_everybody_in(statement: Mapping[str, object]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    everybody = "NotPrincipal" in statement or _names_everybody(statement.get("Principal"))
    return everybody and not _is_narrowed(statement.get("Condition"))


def _names_everybody(principal: object) -> bool:
    if isinstance(principal, Mapping):
        return any("*" in _texts(named) for named in principal.values())
    return principal == "*"


def _is_narrowed(condition: object) -> bool:
    """Tell whether a condition lets in fixed values alone; all its keys have to be met, so one of them is enough."""
    if not isinstance(condition, Mapping):
        return False
    return any(
        _fixes(str(operator), str(key).lower(), _texts(values))
        for operator, keys in condition.items()
        if isinstance(keys, Mapping)
        for key, values in keys.items()
    )


def _fixes(operator: str, key: str, values: list[str]) -> bool:
    kind = operator.rpartition(":")[2]
    # Negated operators, and those that let pass whoever has no such key, fix nothing.
    if "Not" in kind or kind.endswith("IfExists") or operator.startswith("ForAllValues") or kind == "Null":
        return False
    if key == _ADDRESS:
        return all(_is_narrow(value) for value in values)
    return key in _FIXING_KEYS and all(_is_fixed(key, value) for value in values)


def _is_fixed(key: str, value: str) -> bool:
    if "${" in value:
        return False
    if key in ("aws:sourcearn", "aws:principalarn", "s3:dataaccesspointarn"):
        parts = value.split(":", 5)
        return len(parts) == 6 and bool(parts[4]) and "*" not in parts[4] and "?" not in parts[4]
    if key == "aws:userid":
        return "*" not in value.partition(":")[0] and "?" not in value.partition(":")[0]
    if key.endswith("orgpaths"):
        return "*" not in value.partition("/")[0] and "?" not in value.partition("/")[0]
    return "*" not in value and "?" not in value


def _is_narrow(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST[network.version]


def _texts(values: object) -> list[str]:
    return (
        [str(each) for each in values]
        if isinstance(values, Iterable) and not isinstance(values, str)
        else [str(values)]
    )
