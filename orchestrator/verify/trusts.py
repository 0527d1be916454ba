"""Trust policies as IAM has them: their statements, and whom each lets in from outside of its account.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "Comparing IAM policy elements"; STS API Reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

ANYBODY = "anybody"
ROLES_ANYWHERE = "rolesanywhere.amazonaws.com"
"""The service that lets in holders of certificates, of a certificate authority that may be anywhere.

Source: IAM Roles Anywhere User Guide, "Creating a trust anchor and profile".
"""

_ASSUMING = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
"""Actions in lower case that give a session; sts:TagSession and sts:SetSourceIdentity only go with them."""

_TEXT_IS = frozenset({"StringEquals", "StringLike"})
_ARN_IS = frozenset({"ArnEquals", "ArnLike", "StringEquals", "StringLike"})


def statements_of(trust: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the statements of a document, which IAM takes alone as well."""
    return listed(trust.get("Statement", []))


def lets_in(statement: Mapping[str, Any], account_id: str, *, services: bool) -> Iterator[str]:
    """Yield who gets in by a statement from outside of its account, as it names them, or `anybody`.

    Of AWS's services, which act for somebody else, only the one is told that lets in from outside; with `services` all
    are.
    """
    if statement.get("Effect") != "Allow" or not _gives_sessions(statement):
        return
    within = _is_within(statement, account_id)
    for kind, who in principals(statement):
        if kind == "Service":
            outside = services or who.lower() == ROLES_ANYWHERE
        else:
            outside = not _of_account(who, account_id) and not (within and kind in ("AWS", ""))
        if outside:
            yield who


def principals(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the kind and name of each principal; anybody, and all but those of NotPrincipal, have no kind."""
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):
        yield "", ANYBODY
        return
    for kind, names in principal.items():
        yield from ((kind, ANYBODY if name == "*" else str(name)) for name in listed(names))


def _gives_sessions(statement: Mapping[str, Any]) -> bool:
    """Tell whether a statement allows to assume the role, by any of the calls that do."""
    if "NotAction" in statement:
        left_out = [str(each).lower() for each in listed(statement["NotAction"])]
        return not all(any(fnmatchcase(action, each) for each in left_out) for action in _ASSUMING)
    allowed = [str(each).lower() for each in listed(statement.get("Action", []))]
    return any(fnmatchcase(action, each) for action in _ASSUMING for each in allowed)


def _is_within(statement: Mapping[str, Any], account_id: str) -> bool:
    """Tell whether a condition lets in principals of the account alone; only what surely does counts."""
    arns = tuple(f"arn:aws:{service}::{account_id}:" for service in ("iam", "sts"))
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            given = [str(value) for value in listed(values)]
            if operator in _TEXT_IS and key.lower() == "aws:principalaccount" and set(given) == {account_id}:
                return True
            own = bool(given) and all(value.startswith(arns) for value in given)
            if own and operator in _ARN_IS and key.lower() == "aws:principalarn":
                return True
    return False


def _of_account(who: str, account_id: str) -> bool:
    """Tell whether a principal is of the account itself; its identity providers let in others."""
    return who == account_id or (
        who.startswith((f"arn:aws:iam::{account_id}:", f"arn:aws:sts::{account_id}:"))
        and ":saml-provider/" not in who
        and ":oidc-provider/" not in who
    )


def plain(value: object) -> str:
    """Return a document as a text that is the same however IAM writes it: one for a list of one, any order."""
    return json.dumps(_ordered(value), sort_keys=True)


def plain_statement(statement: Mapping[str, Any]) -> str:
    """Return the same of a statement, whatever its Sid."""
    return plain({key: each for key, each in statement.items() if key != "Sid"})


def _ordered(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _ordered(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        each = sorted((_ordered(one) for one in value), key=str)
        return each[0] if len(each) == 1 else each
    return value


def listed(value: Any) -> list[Any]:
    """Return what stands alone as a list of one."""
    return list(value) if isinstance(value, list | tuple) else [value]


def in_short(statement: Mapping[str, Any]) -> str:
    """Return a statement on one line: principals, actions unless AssumeRole alone, and conditions.

    Whoever wrote the policy chose its values: what is no printable character is escaped.
    """
    parts = [", ".join(f"{kind} {who}".strip() for kind, who in principals(statement))]
    if "NotPrincipal" in statement:
        parts = [f"all but {json.dumps(statement['NotPrincipal'])}"]
    if "NotAction" in statement:
        parts.append(f"all actions but {', '.join(map(str, listed(statement['NotAction'])))}")
    elif (actions := listed(statement.get("Action", []))) != ["sts:AssumeRole"]:
        parts.append(", ".join(map(str, actions)))
    conditions = [
        f"{operator} {key} {' or '.join(map(str, listed(values)))}"
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    ]
    parts.append(f"if {' and '.join(conditions)}" if conditions else "without a condition")
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in "; ".join(parts))


def says_more(statement: Mapping[str, Any]) -> bool:
    """Tell whether a statement says more than who may do AssumeRole."""
    return bool(statement.get("Condition")) or listed(statement.get("Action", [])) != ["sts:AssumeRole"]
