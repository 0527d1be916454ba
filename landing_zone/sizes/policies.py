"""Measures every IAM document a fleet asks for against AWS's limits, before anything is started.

Ids that AWS gives later (organisation, key, accounts) are stood in for by texts of their greatest length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from landing_zone import limits
from landing_zone.documents.access import (
    assume_by_name,
    assume_exactly,
    management_role_trust,
    member_role_trust,
    rights_statements,
    state_bucket_policy,
    state_key_policy,
)
from landing_zone.documents.hub import read_account_map
from landing_zone.documents.statements import Document, Statement, document
from landing_zone.errors import PolicyTooLarge
from landing_zone.fleet import ManagementRole, Manifest, StateRights
from landing_zone.identifiers import key_arn, role_arn
from landing_zone.naming import state_bucket
from landing_zone.sizes.access import measure_access
from landing_zone.sizes.people import people_sizes
from landing_zone.state_buckets import DEFAULT_BUCKET

LONGEST_ORGANIZATION_ID = "o-" + "x" * 32
"""Source: AWS Organizations API Reference, Organization, Id."""

Path = tuple[str | int, ...]
"""Keys from the top of the manifest to a block."""

_ANY_ACCOUNT_ID = "0" * 12
_ANY_KEY_ID = "0" * 36


@dataclass(frozen=True, slots=True)
class Measured:
    """A document's size beside its limit, and the manifest's block that makes it grow."""

    what: str
    size: int
    limit: int
    path: Path


@dataclass(frozen=True, slots=True)
class AssumeRight:
    """What a management role may assume: ARNs one by one, or patterns with the organisation as condition."""

    resources: tuple[str, ...]
    by_name: bool

    def statement(self, organization_id: str) -> Statement | None:
        """Return the statement, or None when nothing is granted."""
        if not self.resources:
            return None
        return assume_by_name(self.resources, organization_id) if self.by_name else assume_exactly(self.resources)


def assume_right(manifest: Manifest, role: ManagementRole, account_ids: Mapping[str, str]) -> AssumeRight:
    """Return what the role may assume: exactly the granted ARNs while its policy fits into AWS's limit.

    `account_ids` has an id for every account granted; raises KeyError otherwise.
    """
    exact = tuple(role_arn(account_ids[account], name) for account, names in role.granted.items() for name in names)
    hub = manifest.access.hub if manifest.access.becomes_hub(role.name) else None
    if hub is not None:
        exact = (*exact, role_arn(account_ids[hub.account], hub.role))
    policy = _own_policy(manifest, role, AssumeRight(exact, by_name=False))
    if not policy or limits.measure(policy) <= limits.ROLE_INLINE_POLICIES:
        return AssumeRight(exact, by_name=False)
    names = dict.fromkeys(name for granted in role.granted.values() for name in granted)
    names.update(dict.fromkeys([hub.role] if hub is not None else []))
    return AssumeRight(tuple(role_arn("*", name) for name in names), by_name=True)


def check_policy_sizes(manifest: Manifest, place: Callable[..., object]) -> None:
    """Raise PolicyTooLarge, naming each document that is larger than AWS accepts.

    `place` tells where the block at a path of keys stands in the file.
    """
    too_large = [measured for measured in measure_policies(manifest) if measured.size > measured.limit]
    if not too_large:
        return
    lines = [
        f"  {place(*found.path)}: {found.what}: {found.size} characters, AWS takes {found.limit}" for found in too_large
    ]
    raise PolicyTooLarge(
        "\n".join(["IAM documents of this fleet are larger than AWS accepts", *lines]),
        not_run="anything",
        hint=f"{'; '.join(dict.fromkeys(map(next_step, too_large)))}; then: fleetyard validate",
    )


def next_step(found: Measured) -> str:
    """Return what makes a document smaller, by what it grows with."""
    if found.what.startswith("boundary "):
        return "say less in the boundary's file: drop its Sids, join statements, write actions with *"
    if found.what.startswith("trust "):
        return "trust fewer principals, or let fewer management roles be granted the role"
    steps = {
        "permissions": "say less in the permissions' file, or split it into two permissions",
        "last_resort": "name fewer last-resort users, or shorter names",
        "people": "let the group name fewer management roles, or split the group",
        "management_roles": "grant fewer different roles, or have fewer management roles",
    }
    return steps.get(str(found.path[0]), "shorten the names in it")


def measure_policies(manifest: Manifest) -> Iterator[Measured]:
    """Yield every kind of document the programs make for this fleet; equal ones are measured once."""
    management_id = manifest.management_account.id
    any_ids = {account.name: _ANY_ACCOUNT_ID for account in manifest.accounts}
    for role in manifest.management_roles.values():
        path: Path = ("management_roles", role.name)
        trust = management_role_trust(management_id, role.trust.with_people_in(_ANY_ACCOUNT_ID))
        yield Measured(f"trust of {role.name}", limits.measure(trust), limits.TRUST_POLICY, (*path, "trusted"))
        policy = _own_policy(manifest, role, assume_right(manifest, role, any_ids))
        size = limits.measure(policy) if policy else 0
        yield Measured(f"policy of {role.name}", size, limits.ROLE_INLINE_POLICIES, path)
    yield from _member_trusts(manifest, management_id)
    yield from (Measured(*each) for each in measure_access(manifest, LONGEST_ORGANIZATION_ID))
    yield from _boundaries(manifest)
    yield from (Measured(*each) for each in people_sizes(manifest))
    bucket = state_bucket(manifest.organization, management_id, manifest.region)
    size = limits.measure(state_bucket_policy(bucket))
    yield Measured("policy of the state bucket", size, limits.BUCKET_POLICY, ("organization",))
    for name in manifest.state_buckets.all_names:
        arns = {
            rights: [
                role_arn(management_id, role.name)
                for role in manifest.management_roles.values()
                if role.rights(name) is rights
            ]
            for rights in StateRights
        }
        key_policy = state_key_policy(management_id, arns[StateRights.WRITE], arns[StateRights.READ])
        what = "policy of the state key" if name == DEFAULT_BUCKET else f"policy of the state key {name}"
        yield Measured(what, limits.measure(key_policy), limits.KEY_POLICY, ("management_roles",))


def _boundaries(manifest: Manifest) -> Iterator[Measured]:
    of_roles = [("roles", role.name, role.boundary) for role in manifest.roles.values()]
    of_management = [("management_roles", role.name, role.boundary) for role in manifest.management_roles.values()]
    for block, name, boundary in (*of_roles, *of_management):
        if boundary and boundary.document is not None:
            size = limits.measure(boundary.document)
            yield Measured(f"boundary {boundary.source} of {name}", size, limits.MANAGED_POLICY, (block, name))


def _member_trusts(manifest: Manifest, management_id: str) -> Iterator[Measured]:
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for account in manifest.members:
        for found in manifest.roles_in(account.name):
            if (found.allowed, found.permission_sets) not in seen:
                seen.add((found.allowed, found.permission_sets))
                arns = [role_arn(management_id, name) for name in found.allowed]
                trust = member_role_trust(management_id, arns, found.permission_sets)
                what = f"trust of {found.role.name} in {account.name}"
                yield Measured(what, limits.measure(trust), limits.TRUST_POLICY, ("roles", found.role.name))


def _own_policy(manifest: Manifest, role: ManagementRole, right: AssumeRight) -> Document | None:
    management_id = manifest.management_account.id
    parts = (manifest.organization, management_id, manifest.region)
    key = key_arn(management_id, manifest.region, _ANY_KEY_ID)
    assume = right.statement(LONGEST_ORGANIZATION_ID)
    names = manifest.state_buckets.all_names
    states = rights_statements([(role.rights(name), state_bucket(*parts, name), key) for name in names])
    statements = ([assume] if assume else []) + list(states)
    if manifest.access.reads_map(role.name):
        statements.append(read_account_map(management_id, manifest.region))
    return document(*statements) if statements else None
