"""Makes the `Manifest` out of the validated file: names resolved, grants and workloads spread over accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from landing_zone.boundaries import boundary_of
from landing_zone.fleet import (
    Account,
    Callers,
    ManagementRole,
    Manifest,
    OidcTrust,
    Role,
    SamlTrust,
    Trust,
    Unit,
    Workload,
    WorkloadState,
)
from landing_zone.identifiers import managed_policy_arn
from landing_zone.manifest.build_management import (
    build_state_buckets,
    identity_center_of,
    listed_selector,
    rights_of,
)
from landing_zone.manifest.file_model import (
    AccountBlock,
    FleetBlock,
    ManagementRoleBlock,
    TrustBlock,
    UnitBlock,
    WorkloadBlock,
)
from landing_zone.manifest.outline import RegionVars
from landing_zone.manifest.selection import is_within, select


def build_manifest(fleet: FleetBlock, path: Path, region_vars: RegionVars) -> Manifest:
    """Return the manifest of a file that has no problems; `region_vars` is what accounts have by their region."""
    found = _accounts(fleet.units, fleet.management_account_id, "")
    accounts = tuple(
        replace(_as_its_unit(each, fleet.suspended_unit), region_vars=region_vars.get(each.name, {})) for each in found
    )
    return Manifest(
        path=path,
        organization=fleet.organization,
        region=fleet.region,
        callers=Callers(fleet.callers.administrator, fleet.callers.management),
        workload_state=WorkloadState(fleet.workload_state),
        log_archive=fleet.log_archive,
        policy_types=tuple(fleet.policy_types),
        known_roles=tuple(fleet.known_roles),
        units=tuple(_units(fleet.units, "")),
        accounts=accounts,
        roles={
            name: Role(
                name,
                tuple(managed_policy_arn(policy) for policy in block.managed_policies),
                block.description,
                boundary_of(block.permissions_boundary or fleet.permissions_boundary),
                tuple(block.permissions),
            )
            for name, block in fleet.roles.items()
        },
        management_roles={
            name: _management_role(name, block, accounts, fleet) for name, block in fleet.management_roles.items()
        },
        workloads={
            name: _workload(name, block, accounts, path.resolve().parent, fleet)
            for name, block in fleet.workloads.items()
        },
        state_buckets=build_state_buckets(fleet, accounts),
    )


def _units(blocks: Mapping[str, UnitBlock], parent: str) -> Iterator[Unit]:
    for name, block in blocks.items():
        path = f"{parent}/{name}" if parent else name
        yield Unit(path, name, parent, block.aws_name, block.adopted, block.tags, block.root)
        yield from _units(block.units, path)


def _accounts(blocks: Mapping[str, UnitBlock], management_account_id: str, above: str) -> Iterator[Account]:
    for unit, block in blocks.items():
        path = f"{above}{unit}"
        for name, fields in block.accounts.items():
            yield _account(name, fields, path, management_account_id)
        yield from _accounts(block.units, management_account_id, f"{path}/")


def _account(name: str, fields: AccountBlock, unit: str, management_account_id: str) -> Account:
    return Account(
        name=name,
        email=fields.email,
        unit=unit,
        stage=fields.stage,
        id=management_account_id if fields.management else fields.id,
        profile=fields.profile,
        management=fields.management,
        tags=fields.tags,
        vars=fields.vars,
        aws_name=fields.aws_name,
        adopted=fields.adopted,
        suspended=fields.suspended,
    )


def _as_its_unit(account: Account, suspended_unit: str) -> Account:
    """Return the account, suspended where its unit is: the policy over that one refuses whatever a run would do."""
    if suspended_unit and is_within(account.unit, suspended_unit):
        return replace(account, suspended=True, in_suspended_unit=True)
    return account


def _management_role(
    name: str, block: ManagementRoleBlock, accounts: tuple[Account, ...], fleet: FleetBlock
) -> ManagementRole:
    granted: dict[str, set[str]] = {}
    for grant in block.grants:
        for account in select(accounts, listed_selector(grant, fleet.account_lists)):
            granted.setdefault(account.name, set()).update(grant.roles)
    state, bucket_rights = rights_of(block.state)
    return ManagementRole(
        name=name,
        trust=_trust(block.trusted),
        state=state,
        bucket_rights=bucket_rights,
        boundary=boundary_of(block.permissions_boundary),
        granted={
            account.name: tuple(role for role in fleet.roles if role in granted[account.name])
            for account in accounts
            if account.name in granted
        },
        session_hours=block.session_hours,
        description=block.description,
    )


def _trust(block: TrustBlock) -> Trust:
    return Trust(
        users=tuple(block.users),
        mfa=block.mfa,
        saml=SamlTrust(block.saml.provider) if block.saml else None,
        oidc=OidcTrust(block.oidc.provider, block.oidc.audience, tuple(block.oidc.subjects)) if block.oidc else None,
        identity_center=identity_center_of(block.identity_center),
    )


def _workload(
    name: str, block: WorkloadBlock, accounts: tuple[Account, ...], base: Path, fleet: FleetBlock
) -> Workload:
    return Workload(
        name=name,
        accounts=tuple(account.name for account in select(accounts, listed_selector(block, fleet.account_lists))),
        role=block.role,
        regions=tuple(block.regions),
        after=tuple(block.after),
        folder=(base / block.folder).resolve() if block.folder else None,
        config=block.config,
        protected=block.protected,
    )
