"""People, last-resort users and pipelines as the manifest names them, every name resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PeopleTrust:
    """Users in one of these groups of the account that holds users; its id is empty until the lock has told it."""

    groups: tuple[str, ...]
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class PipelineTrust:
    """Pipelines of one issuer: tokens for this audience and with one of these subjects, of which `*` fits any text."""

    issuer: str
    """Host and path, without https://."""
    audience: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people: the management roles they may become; `managed_policies` are ARNs for their own account."""

    name: str
    management_roles: tuple[str, ...] = ()
    managed_policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """An IAM user who belongs to a person; the groups are names."""

    name: str
    groups: tuple[str, ...]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody, in the one account that holds users; `account` is empty where the manifest has no people."""

    account: str = ""
    groups: Mapping[str, Group] = field(default_factory=dict)
    users: Mapping[str, Person] = field(default_factory=dict)

    def trust(self, management_role: str) -> PeopleTrust | None:
        """Return the groups that may become a management role, None if none may."""
        groups = tuple(group.name for group in self.groups.values() if management_role in group.management_roles)
        return PeopleTrust(groups) if groups else None

    def who_becomes(self, management_role: str) -> tuple[str, ...]:
        """Return the users who may become a management role, by their names."""
        trust = self.trust(management_role)
        groups = set(trust.groups) if trust else set()
        return tuple(user.name for user in self.users.values() if not groups.isdisjoint(user.groups))


@dataclass(frozen=True, slots=True)
class LastResort:
    """Users of the management account for when nothing else lets anybody in; no names where there are none.

    `regions` are where their use is looked for, the fleet's own first.
    """

    users: tuple[str, ...] = ()
    email: str = ""
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs the tokens of pipelines. `existing`: its provider is in the management account already."""

    host: str
    audience: str
    existing: bool = False


@dataclass(frozen=True, slots=True)
class Pipelines:
    """Pipelines that become management roles: their issuers, and whom each role trusts, by the role's name."""

    issuers: tuple[Issuer, ...] = ()
    trusts: Mapping[str, tuple[PipelineTrust, ...]] = field(default_factory=dict)
