"""An organisation as AWS has it: what was read, as data that travels between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ACTIVE = "ACTIVE"
"""Of an account that can be used. Source: AWS Organizations API Reference, Account, State."""


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """An organisational unit; `names` are the names from the root down, its own last."""

    id: str
    names: tuple[str, ...]
    parent_id: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundAccount:
    """An account; `parent_id` is a unit's or the root's."""

    id: str
    name: str
    email: str
    status: str
    parent_id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    joined: str = ""
    """When, in ISO 8601."""

    @property
    def active(self) -> bool:
        """Whether it can be used; one that is being closed or is closed cannot."""
        return self.status == ACTIVE


@dataclass(frozen=True, slots=True)
class FoundPolicy:
    """A policy that AWS does not manage itself, and the ids it is attached to."""

    id: str
    name: str
    type: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundOrganization:
    """A whole organisation. `calls` is how many calls of the Organizations API it took to read it.

    `delegated` maps ids of accounts to the services they administer. `tags` are there only if they were asked for.
    """

    id: str
    root_id: str
    management_account_id: str
    feature_set: str
    policy_types: tuple[str, ...] = ()
    trusted_services: tuple[str, ...] = ()
    units: tuple[FoundUnit, ...] = ()
    accounts: tuple[FoundAccount, ...] = ()
    policies: tuple[FoundPolicy, ...] = ()
    delegated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calls: int = 0

    def names_of(self, parent_id: str) -> tuple[str, ...]:
        """Return the names of a unit from the root down; none for the root itself."""
        return next((unit.names for unit in self.units if unit.id == parent_id), ())


class ReadingKind(StrEnum):
    """What came of reading an organisation."""

    FOUND = "found"
    NO_ORGANIZATION = "no_organization"
    NOT_MANAGEMENT = "not_management"
    REFUSED = "refused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Reading:
    """An organisation, or why there is none to show: `words` are AWS's. `account` and `arn` are the caller's."""

    kind: ReadingKind
    organization: FoundOrganization | None = None
    account: str = ""
    arn: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What to read, as whom: `env` names the profile. Tags cost one call for each account and unit."""

    env: Mapping[str, str] = field(repr=False)
    tags: bool = False
