"""The organisation's policies level by level, as the programs attach them: root, units, account.

AWS's own policies of full access stay attached at every level: the programs never detach them. What somebody attached
or detached by hand is not seen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from iam_decision import PolicyKind
from landing_zone.documents.log_archive import log_archive_guard
from landing_zone.fleet import Account, Manifest
from landing_zone.lock import Lock, resolve_lock
from landing_zone.organization_policies import OrganizationPolicy, PolicyType, filled
from landing_zone.sizes.policies import LONGEST_ORGANIZATION_ID
from orchestrator.lockout.known_policies import KnownPolicy

GUARD = "log-archive-guard"
ON = " on "
"""Stands between the name of a policy and that of the level where it is attached."""
_FULL_ACCESS = KnownPolicy.of(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
    "FullAWSAccess",
    PolicyKind.SCP,
)


@dataclass(frozen=True, slots=True)
class Level:
    """One level over an account, the root first: its name, and the SCPs and RCPs that are attached to it."""

    name: str
    scps: tuple[KnownPolicy, ...] = ()
    rcps: tuple[KnownPolicy, ...] = ()


def completed(manifest: Manifest, lock: Lock) -> Lock:
    """Return the lock with ids that stand for those that AWS has yet to give; raises LockConflict."""
    known = resolve_lock(manifest, lock)
    ids = {account.name: known.accounts.get(account.name, f"{at:012}") for at, account in enumerate(manifest.accounts)}
    ids[manifest.management_account.name] = manifest.management_account.id
    return replace(known, organization_id=known.organization_id or LONGEST_ORGANIZATION_ID, accounts=ids)


@dataclass(frozen=True)
class OrganizationLevels:
    """A fleet's policies by level; `lock` is complete."""

    manifest: Manifest
    lock: Lock
    _levels: dict[str, Level] = field(default_factory=dict, repr=False)
    _parsed: dict[str, KnownPolicy] = field(default_factory=dict, repr=False)

    def over(self, account: Account) -> tuple[Level, ...]:
        """Return the levels over an account; none over the management account, which no policy reaches."""
        if account.management:
            return ()
        units = [unit for unit in _path(account.unit) if not self._stands_for_root(unit)]
        names = ["the root", *(f"unit {unit}" for unit in units), f"account {account.name}"]
        return tuple(self._level(name) for name in names)

    def _stands_for_root(self, path: str) -> bool:
        return any(unit.root and unit.path == path for unit in self.manifest.units)

    def _level(self, name: str) -> Level:
        if name not in self._levels:
            attached = [
                (policy.type, _named(self._known(policy), name)) for policy in self._attached.get(name, ())
            ] + self._guard(name)
            scps = tuple(known for kind, known in attached if kind is PolicyType.SCP)
            rcps = tuple(known for kind, known in attached if kind is PolicyType.RCP)
            self._levels[name] = Level(name, (_named(_FULL_ACCESS, name), *scps), rcps)
        return self._levels[name]

    @cached_property
    def _attached(self) -> Mapping[str, Sequence[OrganizationPolicy]]:
        by_level: dict[str, list[OrganizationPolicy]] = {}
        for policy in self.manifest.governance.policies:
            for level in _targets(policy):
                by_level.setdefault(level, []).append(policy)
        return by_level

    def _known(self, policy: OrganizationPolicy) -> KnownPolicy:
        if policy.name not in self._parsed:
            kind = PolicyKind.SCP if policy.type is PolicyType.SCP else PolicyKind.RCP
            self._parsed[policy.name] = KnownPolicy.of(filled(policy.template, self._values), policy.name, kind)
        return self._parsed[policy.name]

    def _guard(self, level: str) -> list[tuple[PolicyType, KnownPolicy]]:
        """Return the log archive's guard where it is attached."""
        archive = self.manifest.log_archive
        if not archive or level != f"account {archive}":
            return []
        guard = log_archive_guard(self.manifest.organization, self.lock.account_id(archive))
        return [(PolicyType.SCP, _named(KnownPolicy.of(guard, GUARD, PolicyKind.SCP), level))]

    @cached_property
    def _values(self) -> Mapping[str, str]:
        ids = {f"accounts.{name}.id": account_id for name, account_id in self.lock.accounts.items()}
        return {"organization_id": self.lock.organization_id, **ids}


def scp_levels(levels: Sequence[Level]) -> tuple[tuple[KnownPolicy, ...], ...] | None:
    """Return the SCPs of an account's levels as a decision takes them: None where none apply."""
    return tuple(level.scps for level in levels) if levels else None


def rcps(levels: Sequence[Level]) -> tuple[KnownPolicy, ...]:
    """Return the RCPs of all of an account's levels."""
    return tuple(policy for level in levels for policy in level.rcps)


def _named(known: KnownPolicy, level: str) -> KnownPolicy:
    """Return a policy as it is attached to a level, which is part of its name."""
    return replace(known, policy=replace(known.policy, name=f"{known.policy.name}{ON}{level}"))


def _path(unit: str) -> list[str]:
    parts = unit.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _targets(policy: OrganizationPolicy) -> Iterator[str]:
    if policy.targets.root:
        yield "the root"
    yield from (f"unit {unit}" for unit in policy.targets.units)
    yield from (f"account {name}" for name in policy.targets.accounts)
