"""Access beyond people's grants: permissions of one's own, the account map's readers, hub and spoke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from landing_zone.boundaries import Boundary

POLICY_PATH = "/fleetyard/"
"""The IAM path of the policies that are made of `permissions`, apart from any other policy of an account."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """Permissions of one's own: a policy document that still holds its `${...}`, and where each statement stands.

    `also_known` are actions that AWS has and the linter does not know yet.
    """

    name: str
    document: Mapping[str, Any]
    description: str = ""
    also_known: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoke:
    """The role that the hub finds in every member account; `managed_policies` are ARNs.

    Its boundary is the fleet's, as that of every role of member accounts.
    """

    role: str
    permissions: tuple[str, ...] = ()
    managed_policies: tuple[str, ...] = ()
    boundary: Boundary | None = None


@dataclass(frozen=True, slots=True)
class Hub:
    """The role of one member account that reaches the spoke role of every member account, and who may become it.

    `management_roles` are names, `services` principals such as lambda.amazonaws.com.
    """

    account: str
    role: str
    spoke: Spoke
    management_roles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FleetAccess:
    """All of it; everything is empty unless the manifest asks for it.

    `map_readers` are management roles, None when there is no account map. `organization_reader` is a role's name.
    """

    permissions: Mapping[str, Permissions] = field(default_factory=dict)
    map_readers: tuple[str, ...] | None = None
    organization_reader: str = ""
    hub: Hub | None = None

    @property
    def has_map(self) -> bool:
        """Whether there is an account map."""
        return self.map_readers is not None

    def reads_map(self, management_role: str) -> bool:
        """Tell whether a management role reads the account map."""
        return management_role in (self.map_readers or ())

    def becomes_hub(self, management_role: str) -> bool:
        """Tell whether a management role may assume the hub role."""
        return self.hub is not None and management_role in self.hub.management_roles
