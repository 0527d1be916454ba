"""Measures every IAM document a fleet asks for against AWS's limits, before anything is started.

Ids that AWS gives later (organisation, key, accounts) are stood in for by texts of their greatest length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from landing_zone import limits
from landing_zone.access_documents import (
    Document,
    Statement,
    assume_by_name,
    assume_exactly,
    document,
    management_role_trust,
    member_role_trust,
    state_bucket_policy,
    state_key_policy,
    state_statements,
)
from landing_zone.errors import PolicyTooLarge
from landing_zone.fleet import ManagementRole, Manifest, StateRights
from landing_zone.identifiers import key_arn, role_arn
from landing_zone.naming import state_bucket

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
    policy = _own_policy(manifest, role, AssumeRight(exact, by_name=False))
    if not policy or limits.measure(policy) <= limits.ROLE_INLINE_POLICIES:
        return AssumeRight(exact, by_name=False)
    names = dict.fromkeys(name for granted in role.granted.values() for name in granted)
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
        hint="grant fewer different roles, or trust fewer principals, then: fleetyard validate",
    )


def measure_policies(manifest: Manifest) -> Iterator[Measured]:
    """Yield every kind of document the programs make for this fleet; equal ones are measured once."""
    management_id = manifest.management_account.id
    any_ids = {account.name: _ANY_ACCOUNT_ID for account in manifest.accounts}
    for role in manifest.management_roles.values():
        path: Path = ("management_roles", role.name)
        trust = management_role_trust(management_id, role.trust)
        yield Measured(f"trust of {role.name}", limits.measure(trust), limits.TRUST_POLICY, (*path, "trusted"))
        policy = _own_policy(manifest, role, assume_right(manifest, role, any_ids))
        size = limits.measure(policy) if policy else 0
        yield Measured(f"policy of {role.name}", size, limits.ROLE_INLINE_POLICIES, path)
    yield from _member_trusts(manifest, management_id)
    bucket = state_bucket(manifest.organization, management_id, manifest.region)
    size = limits.measure(state_bucket_policy(bucket))
    yield Measured("policy of the state bucket", size, limits.BUCKET_POLICY, ("organization",))
    arns = {
        rights: [
            role_arn(management_id, role.name) for role in manifest.management_roles.values() if role.state is rights
        ]
        for rights in StateRights
    }
    key_policy = state_key_policy(management_id, arns[StateRights.WRITE], arns[StateRights.READ])
    yield Measured("policy of the state key", limits.measure(key_policy), limits.KEY_POLICY, ("management_roles",))


def _member_trusts(manifest: Manifest, management_id: str) -> Iterator[Measured]:
    seen: set[tuple[str, ...]] = set()
    for account in manifest.members:
        for found in manifest.roles_in(account.name):
            if found.allowed not in seen:
                seen.add(found.allowed)
                trust = member_role_trust(management_id, [role_arn(management_id, name) for name in found.allowed])
                what = f"trust of {found.role.name} in {account.name}"
                yield Measured(what, limits.measure(trust), limits.TRUST_POLICY, ("roles", found.role.name))


def _own_policy(manifest: Manifest, role: ManagementRole, right: AssumeRight) -> Document | None:
    management_id = manifest.management_account.id
    bucket = state_bucket(manifest.organization, management_id, manifest.region)
    key = key_arn(management_id, manifest.region, _ANY_KEY_ID)
    assume = right.statement(LONGEST_ORGANIZATION_ID)
    statements = ([assume] if assume else []) + list(state_statements(role.state, bucket, key))
    return document(*statements) if statements else None
