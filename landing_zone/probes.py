"""Probes of the organisation's policies: calls of which the manifest says whether AWS has to allow or to deny them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Expect(StrEnum):
    """What AWS has to answer."""

    ALLOW = "allow"
    DENY = "deny"


class DeniedBy(StrEnum):
    """The kind of policy that has to deny: of the organisation, of the role, its boundary, or of the resource."""

    SCP = "scp"
    RCP = "rcp"
    IDENTITY = "identity"
    BOUNDARY = "boundary"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Probe:
    """One line of the manifest's `probes`: every action in every account is one question.

    `accounts` are names; with a `role` those that have it. Without one an administrator of the account is meant whom no
    policy of the organisation names. `resource` may hold `${...}`; empty, it is one that the action takes. `region` is
    empty for the fleet's. `by` is None where it does not matter who denies. `place` is where the manifest has it.
    """

    name: str
    actions: tuple[str, ...]
    accounts: tuple[str, ...]
    expect: Expect
    by: DeniedBy | None = None
    role: str = ""
    region: str = ""
    resource: str = ""
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    description: str = ""
    place: str = ""
