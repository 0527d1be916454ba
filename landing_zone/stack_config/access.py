"""What the programs are told of the account map, hub and spoke, and permissions: models of stack config, and builders.

The builders raise AccountNotCreated where they need the id of an account that AWS has not made yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from landing_zone.account_map import AccountEntry
from landing_zone.boundaries import Boundary
from landing_zone.fleet import Account, Manifest
from landing_zone.fleet_access import Hub
from landing_zone.identifiers import role_arn
from landing_zone.lock import Lock
from landing_zone.organization_policies import is_iams_own
from landing_zone.stack_config.management import BoundaryConfig, boundary_config
from landing_zone.substitution import account_in, substitute

ACCOUNT_FIELDS = ("account.id", "account.name", "account.stage", "account.unit")
FLEET_FIELDS = ("organization", "organization_id", "region", "management_account_id")
"""What `${...}` of permissions may name, beside `accounts.NAME.id` and what is IAM's own."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PermissionsConfig(_Frozen):
    """A policy to make in an account: its document has no `${...}` left but IAM's own."""

    name: str
    description: str = ""
    document: dict[str, Any]


class OrganizationReaderConfig(_Frozen):
    """The organisation reader of the management account, and the hub that may become it."""

    name: str
    hub_account_id: str
    hub_role_arn: str


class HubConfig(_Frozen):
    """The hub role of an account. `management_roles` are ARNs; `reader_arn` is empty without an organisation reader."""

    name: str
    organization_id: str
    management_roles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    spoke_role: str
    reader_arn: str = ""


class SpokeConfig(_Frozen):
    """The spoke role of an account: the hub that may become it, and what it may do; `managed_policies` are ARNs."""

    name: str
    organization_id: str
    hub_account_id: str
    hub_role_arn: str
    managed_policies: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    boundary: BoundaryConfig = BoundaryConfig()


def account_map(manifest: Manifest, lock: Lock) -> tuple[AccountEntry, ...]:
    """Return an entry for each account of the manifest, in its order; needs the id of every one."""
    return tuple(account_entry(manifest, account, lock.account_id(account.name)) for account in manifest.accounts)


def account_entry(manifest: Manifest, account: Account, account_id: str) -> AccountEntry:
    """Return what the map says of an account: the roles that somebody is granted there, and the hub's spoke."""
    names = [] if account.management else [here.role.name for here in manifest.roles_in(account.name)]
    if manifest.access.hub is not None and not account.management:
        names.append(manifest.access.hub.spoke.role)
    return AccountEntry(
        name=account.name,
        id=account_id,
        unit=account.unit,
        stage=account.stage,
        management=account.management,
        roles={name: role_arn(account_id, name) for name in names},
    )


def mapped_accounts(manifest: Manifest, lock: Lock) -> tuple[AccountEntry, ...]:
    """Return what `bootstrap` writes as parameters: nothing unless the manifest asks for a map."""
    return account_map(manifest, lock) if manifest.access.has_map else ()


def organization_reader_config(manifest: Manifest, lock: Lock) -> OrganizationReaderConfig | None:
    """Return the organisation reader, None where the manifest has none."""
    hub, name = manifest.access.hub, manifest.access.organization_reader
    if hub is None or not name:
        return None
    hub_id = lock.account_id(hub.account)
    return OrganizationReaderConfig(name=name, hub_account_id=hub_id, hub_role_arn=role_arn(hub_id, hub.role))


def hub_config(manifest: Manifest, lock: Lock, account: str) -> HubConfig | None:
    """Return the hub role where the account is the hub's, else None."""
    hub, reader = manifest.access.hub, manifest.access.organization_reader
    if hub is None or hub.account != account:
        return None
    management_id = manifest.management_account.id
    return HubConfig(
        name=hub.role,
        organization_id=lock.organization_id,
        management_roles=tuple(role_arn(management_id, name) for name in hub.management_roles),
        services=hub.services,
        spoke_role=hub.spoke.role,
        reader_arn=role_arn(management_id, reader) if reader else "",
    )


def spoke_config(manifest: Manifest, lock: Lock, account_id: str) -> SpokeConfig | None:
    """Return the spoke role that every member account has, None without a hub."""
    hub = manifest.access.hub
    if hub is None:
        return None
    hub_id = lock.account_id(hub.account)
    return SpokeConfig(
        name=hub.spoke.role,
        organization_id=lock.organization_id,
        hub_account_id=hub_id,
        hub_role_arn=role_arn(hub_id, hub.role),
        managed_policies=hub.spoke.managed_policies,
        permissions=hub.spoke.permissions,
        boundary=boundary_config(hub.spoke.boundary, account_id),
    )


def role_boundaries(manifest: Manifest, account: str) -> Iterator[Boundary | None]:
    """Yield the boundaries of the roles of a member account, the spoke's included."""
    yield from (here.role.boundary for here in manifest.roles_in(account))
    if manifest.access.hub is not None:
        yield manifest.access.hub.spoke.boundary


def permissions_config(manifest: Manifest, lock: Lock, account: Account) -> tuple[PermissionsConfig, ...]:
    """Return the policies that an account needs: those that a role of it uses, each with the account's own values."""
    used = used_permissions(manifest, account.name)
    lookup = _lookup(manifest, lock, account)
    return tuple(
        PermissionsConfig(name=name, description=one.description, document=substitute(one.document, lookup))
        for name, one in manifest.access.permissions.items()
        if name in used
    )


def used_permissions(manifest: Manifest, account: str) -> frozenset[str]:
    """Return the names of the permissions that the roles of a member account use."""
    granted = (name for here in manifest.roles_in(account) for name in here.role.permissions)
    return frozenset((*granted, *_spoke_permissions(manifest.access.hub)))


def _spoke_permissions(hub: Hub | None) -> Iterable[str]:
    return hub.spoke.permissions if hub is not None else ()


def _lookup(manifest: Manifest, lock: Lock, account: Account) -> Callable[[str], str]:
    known = {
        "account.id": lock.account_id(account.name),
        "account.name": account.name,
        "account.stage": account.stage,
        "account.unit": account.unit,
        "organization": manifest.organization,
        "organization_id": lock.organization_id,
        "region": manifest.region,
        "management_account_id": manifest.management_account.id,
    }

    def value_of(reference: str) -> str:
        if is_iams_own(reference):
            return "${" + reference + "}"
        other = account_in(reference)
        return lock.account_id(other) if other else known[reference]

    return value_of
