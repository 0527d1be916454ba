"""Ways into an account beyond the manifest: its roles that let somebody in from outside whom the manifest does not.

Outside is whoever is not of the account itself: principals of other accounts, identity providers, anybody. AWS's
services act for somebody else and are left out, as are roles that AWS makes itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from orchestrator.verify.computed import PROBER
from orchestrator.verify.documents import FleetDocuments

_OF_AWS = ("/aws-service-role/", "/aws-reserved/")
"""Paths of roles that AWS makes and keeps: of its services, and of Identity Center.

Source: IAM User Guide, "Create a service-linked role"; IAM Identity Center User Guide, "Referencing permission sets in
resource policies".
"""

_ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class RoleFound:
    """A role as IAM lists it; `trust` is its trust policy."""

    name: str
    path: str
    trust: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WayIn:
    """A role of an account, and who gets in by it: ARNs as the trust policy has them, or `anybody`."""

    account: str
    role: str
    lets_in: tuple[str, ...]
    known: bool
    """Whether the manifest has the role; it lets in more than the manifest says then."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found of ways in, the accounts that were looked into, and why others were not."""

    ways: tuple[WayIn, ...] = ()
    accounts: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


def roles_in(pages: Iterable[Mapping[str, Any]]) -> tuple[RoleFound, ...]:
    """Return the roles in the pages of IAM's ListRoles."""
    return tuple(
        RoleFound(role["RoleName"], role["Path"], role["AssumeRolePolicyDocument"])
        for page in pages
        for role in page["Roles"]
    )


def ways_in(account: str, roles: Sequence[RoleFound], documents: FleetDocuments) -> tuple[WayIn, ...]:
    """Return the roles of an account that let in from outside whom the manifest does not, by name.

    Roles that the manifest says are known are left out, and so is whoever tries probes.
    """
    manifest = documents.manifest
    account_id = documents.lock.account_id(account)
    found = []
    for role in sorted(roles, key=lambda each: each.name):
        ours = documents.role(account, role.name)
        vouched = any(fnmatchcase(role.name, name) for name in manifest.known_roles)
        if role.path.startswith(_OF_AWS) or (ours is None and (vouched or role.name == PROBER)):
            continue
        expected = ours.trusts if ours else {}
        if others := tuple(dict.fromkeys(_outside(role.trust, expected, account_id))):
            found.append(WayIn(account, role.name, others, known=ours is not None))
    return tuple(found)


def _outside(trust: Mapping[str, Any], expected: Mapping[str, Any], account_id: str) -> Iterator[str]:
    """Yield who gets in from outside by statements that are not among the expected ones."""
    known = {_plain(each) for each in _statements(expected)}
    for statement in _statements(trust):
        if statement.get("Effect") == "Allow" and _plain(statement) not in known:
            yield from (who for who in _let_in(statement) if not _of_account(who, account_id))


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return _listed(document.get("Statement", []))


def _let_in(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):  # "*", or all but those that NotPrincipal names
        yield _ANYBODY
        return
    for kind, names in principal.items():
        if kind != "Service":
            yield from (_ANYBODY if name == "*" else str(name) for name in _listed(names))


def _of_account(who: str, account_id: str) -> bool:
    """Tell whether a principal is of the account itself; its identity providers let in others."""
    return who == account_id or (
        who.startswith((f"arn:aws:iam::{account_id}:", f"arn:aws:sts::{account_id}:"))
        and ":saml-provider/" not in who
        and ":oidc-provider/" not in who
    )


def _plain(value: object) -> str:
    """Return a statement as a text that is the same however IAM writes it: one for a list of one, any order."""
    return json.dumps(_ordered(value), sort_keys=True)


def _ordered(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _ordered(each) for key, each in value.items() if key != "Sid"}
    if isinstance(value, list | tuple):
        each = sorted((_ordered(one) for one in value), key=str)
        return each[0] if len(each) == 1 else each
    return value


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
