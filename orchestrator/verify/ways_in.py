"""Ways into an account beyond the manifest: its roles that let somebody in from outside whom the manifest does not.

Outside is whoever is not of the account itself: principals of other accounts, identity providers, anybody, holders of
certificates. AWS's other services act for somebody else: they are told where a role of the manifest lets in one that
the manifest does not. Roles that AWS makes itself are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from landing_zone.fleet import Manifest
from orchestrator.verify.documents import FleetDocuments
from orchestrator.verify.prober_role import is_prober
from orchestrator.verify.trusts import lets_in, plain_statement, statements_of

_OF_AWS = ("/aws-service-role/", "/aws-reserved/")
"""Paths of roles that AWS makes and keeps: of its services, and of Identity Center.

Source: IAM User Guide, "Create a service-linked role"; IAM Identity Center User Guide, "Referencing permission sets in
resource policies".
"""


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
    statements: tuple[Mapping[str, Any], ...] = ()
    """The statements that let them in, those that the manifest has left out."""


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


def ways_in(account: str, roles: Sequence[RoleFound], documents: FleetDocuments, *, on_twin: bool) -> tuple[WayIn, ...]:
    """Return the roles of an account that let in from outside whom the manifest does not, by name.

    Roles that the manifest says are known are left out, and `on_twin` whoever tries probes: on AWS nobody does.
    """
    manifest = documents.manifest
    account_id = documents.lock.account_id(account)
    found = []
    for role in sorted(roles, key=lambda each: each.name):
        ours = documents.role(account, role.name)
        if role.path.startswith(_OF_AWS) or (ours is None and _is_known(role, manifest, on_twin=on_twin)):
            continue
        let_in: dict[str, None] = {}
        statements = []
        for statement in _not_expected(role.trust, ours.trusts if ours else {}):
            if others := tuple(lets_in(statement, account_id, services=ours is not None)):
                let_in.update(dict.fromkeys(others))
                statements.append(statement)
        if statements:
            found.append(WayIn(account, role.name, tuple(let_in), ours is not None, tuple(statements)))
    return tuple(found)


def _is_known(role: RoleFound, manifest: Manifest, *, on_twin: bool) -> bool:
    """Tell whether a role that is none of the manifest's is one that the manifest vouches for, or verify's own."""
    if any(fnmatchcase(role.name, name) for name in manifest.known_roles):
        return True
    return on_twin and is_prober(role.name, role.trust, manifest.management_account.id)


def _not_expected(trust: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    known = {plain_statement(each) for each in statements_of(expected)}
    yield from (each for each in statements_of(trust) if plain_statement(each) not in known)
