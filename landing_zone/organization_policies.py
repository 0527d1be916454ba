"""What the organisation is governed by: its own policies, trusted services, delegated administrators, suspended unit.

A policy is kept as a template: what the manifest knows is filled in, and the ids that AWS gives only when the
organisation is deployed stay as `${organization_id}` and `${accounts.NAME.id}` until the program knows them. IAM's own
variables (`${aws:PrincipalArn}`, `${*}`) are nobody's to fill in and stay for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from landing_zone.substitution import substitute

Template = Mapping[str, Any]
"""A policy document in which `${...}` may stand."""

SUSPENDED_POLICY = "suspended-deny-all"
"""Name of the policy over the suspended unit."""

RESERVED_NAMES = ("log-archive-guard", SUSPENDED_POLICY)
"""Names of policies that Fleetyard makes itself."""


class PolicyType(StrEnum):
    """Service control policies limit what principals of an account may do, resource control policies its resources."""

    SCP = "scp"
    RCP = "rcp"

    @property
    def in_aws(self) -> str:
        """Return AWS's name of the type."""
        return "SERVICE_CONTROL_POLICY" if self is PolicyType.SCP else "RESOURCE_CONTROL_POLICY"

    @property
    def words(self) -> str:
        """Return what people call such policies."""
        return "SCPs" if self is PolicyType.SCP else "RCPs"


@dataclass(frozen=True, slots=True)
class PlacedAction:
    """An action as a policy document names it, perhaps with wildcards, and where: `file:line:column`."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class PlacedKey:
    """A condition key as a policy document names it, and where: `file:line:column`."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class PolicyTargets:
    """What a policy is attached to: the root, units by path, accounts by name."""

    root: bool = False
    units: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrganizationPolicy:
    """A policy of the manifest. `place` is where the manifest has it, `file` the document as the manifest names it."""

    name: str
    type: PolicyType
    template: Template
    targets: PolicyTargets
    description: str = ""
    file: str = ""
    place: str = ""
    allow_lockout: bool = False
    own: bool = False
    """Whether it is Fleetyard's, over the suspended unit, and stands in no block of its own."""
    actions: tuple[PlacedAction, ...] = ()
    """What its statements name under Action and NotAction."""
    keys: tuple[PlacedKey, ...] = ()
    """What its conditions ask for."""


@dataclass(frozen=True, slots=True)
class Governance:
    """All of it. `delegated_administrators` maps service principals to account names."""

    policies: tuple[OrganizationPolicy, ...] = ()
    trusted_services: tuple[str, ...] = ()
    delegated_administrators: Mapping[str, str] = field(default_factory=dict)
    suspended_unit: str = ""


def is_iams_own(reference: str) -> bool:
    """Return whether `${reference}` is a policy variable of IAM's, which AWS fills in with each request.

    Source: IAM User Guide, "IAM policy elements: Variables and tags".
    """
    return ":" in reference or reference in {"*", "?", "$"}


def filled(template: Template, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template with what is known filled in; other references stay. A list in a list becomes part of it."""
    document = substitute(template, lambda name: known[name] if name in known else "${" + name + "}")
    return {key: _spliced(value) for key, value in document.items()}


def _spliced(value: Any) -> Any:  # noqa: ANN401  (a JSON value)
    if isinstance(value, Mapping):
        return {key: _spliced(inner) for key, inner in value.items()}
    if not isinstance(value, list | tuple):
        return value
    return [
        part for entry in value for part in (_spliced(entry) if isinstance(entry, list | tuple) else [_spliced(entry)])
    ]
