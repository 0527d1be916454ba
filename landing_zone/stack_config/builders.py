"""Builds each stack's config from manifest and lock.

Every builder raises AccountNotCreated where it needs the id of an account that AWS has not made yet, and LockConflict
where manifest and lock name different ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from landing_zone.errors import AccountNotCreated
from landing_zone.fleet import Account, ManagementRole, Manifest
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, role_arn
from landing_zone.lock import Lock, resolve_lock
from landing_zone.naming import BOOTSTRAP_PROJECT, ORGANIZATION_PROJECT, SUBACCOUNT_PROJECT, state_bucket
from landing_zone.sizes.policies import assume_right
from landing_zone.stack_config.access import (
    account_map,
    hub_config,
    mapped_accounts,
    organization_reader_config,
    permissions_config,
    role_boundaries,
    spoke_config,
)
from landing_zone.stack_config.adoption import OrganizationImports, unit_settings
from landing_zone.stack_config.governance import governance_config
from landing_zone.stack_config.management import (
    boundary_config,
    boundary_documents,
    bucket_rights,
    state_buckets_config,
)
from landing_zone.stack_config.models import (
    BootstrapConfig,
    ManagementRoleConfig,
    MemberRoleConfig,
    OrganizationAccount,
    OrganizationConfig,
    SubaccountConfig,
    WorkloadConfig,
)
from landing_zone.stack_config.people import (
    issuers_config,
    last_resort_config,
    people_account_id,
    people_config,
    pipelines_config,
)
from landing_zone.stack_config.settings import settings_of
from landing_zone.substitution import ACCOUNTS, account_in, substitute


def for_organization(manifest: Manifest, imports: OrganizationImports | None = None) -> OrganizationConfig:
    """Return the config of the organisation's stack; it needs no lock, since it is what fills it.

    `imports` is what this one run takes into the state.
    """
    management = manifest.management_account
    return OrganizationConfig(
        organization=manifest.organization,
        account=management.name,
        account_id=management.id,
        region=manifest.region,
        tags=_tags(manifest, ORGANIZATION_PROJECT, {}),
        units=tuple(unit.path for unit in manifest.units),
        accounts=tuple(
            OrganizationAccount(
                name=account.name,
                email=account.email,
                unit=account.unit,
                id=account.id,
                tags=dict(account.tags),
                aws_name=account.aws_name,
                adopted=account.adopted,
            )
            for account in manifest.members
        ),
        log_archive=manifest.log_archive,
        unit_settings=unit_settings(manifest),
        policy_types=manifest.policy_types,
        imports=imports or OrganizationImports(),
        governance=governance_config(manifest.governance),
    )


def for_bootstrap(manifest: Manifest, lock: Lock) -> BootstrapConfig:
    """Return the config of the management account's bootstrap; needs the id of every account that is granted."""
    lock = resolve_lock(manifest, lock)
    management = manifest.management_account
    if lock.is_empty:
        raise AccountNotCreated(management.name)
    ids = {name: lock.account_id(name) for role in manifest.management_roles.values() for name in role.granted}
    if manifest.access.hub is not None:
        ids[manifest.access.hub.account] = lock.account_id(manifest.access.hub.account)
    people_id = people_account_id(manifest, lock)
    return BootstrapConfig(
        organization=manifest.organization,
        account=management.name,
        account_id=management.id,
        region=manifest.region,
        tags=_tags(manifest, BOOTSTRAP_PROJECT, management.tags),
        unit=management.unit,
        stage=management.stage,
        organization_id=lock.organization_id,
        state_bucket=state_bucket(manifest.organization, management.id, manifest.region),
        management_roles=tuple(
            _management_role(manifest, role, ids, people_id) for role in manifest.management_roles.values()
        ),
        people=people_config(manifest, management.name),
        last_resort=last_resort_config(manifest),
        settings=settings_of(manifest, management, management.id),
        quotas=management.quotas,
        issuers=issuers_config(manifest),
        states=state_buckets_config(manifest),
        boundaries=boundary_documents(role.boundary for role in manifest.management_roles.values()),
        account_map=mapped_accounts(manifest, lock),
        organization_reader=organization_reader_config(manifest, lock),
    )


def for_subaccount(manifest: Manifest, lock: Lock, account: str) -> SubaccountConfig:
    """Return the config of a member account's bootstrap-subaccount; `account` is its name."""
    found = manifest.account(account)
    lock = resolve_lock(manifest, lock)
    account_id = lock.account_id(account)
    management_id = manifest.management_account.id
    return SubaccountConfig(
        organization=manifest.organization,
        account=account,
        account_id=account_id,
        region=manifest.region,
        tags=_tags(manifest, SUBACCOUNT_PROJECT, found.tags),
        unit=found.unit,
        stage=found.stage,
        management_account_id=management_id,
        access="profile" if found.profile else "role",
        role_arn=role_arn(account_id, ACCOUNT_ACCESS_ROLE),
        roles=tuple(
            MemberRoleConfig(
                name=here.role.name,
                description=here.role.description,
                managed_policies=here.role.managed_policies,
                permissions=here.role.permissions,
                trusted=tuple(role_arn(management_id, name) for name in here.allowed),
                permission_sets=here.permission_sets,
                boundary=boundary_config(here.role.boundary, account_id),
            )
            for here in manifest.roles_in(account)
        ),
        boundaries=boundary_documents(role_boundaries(manifest, account)),
        people=people_config(manifest, account),
        settings=settings_of(manifest, found, account_id),
        quotas=found.quotas,
        permissions=permissions_config(manifest, lock, found),
        hub=hub_config(manifest, lock, account),
        spoke=spoke_config(manifest, lock, account_id),
    )


def for_workload(manifest: Manifest, lock: Lock, workload: str, account: str, region: str = "") -> WorkloadConfig:
    """Return the config of a workload in an account; workload and account are names.

    `region` is one of the workload's own, or empty for the fleet's. An unknown `${...}` can't occur in a manifest that
    was loaded, but an account named in `${accounts.NAME.id}` may not be created yet.
    """
    found = manifest.account(account)
    lock = resolve_lock(manifest, lock)
    what = manifest.workloads[workload]
    here = region or manifest.region
    account_id = lock.account_id(account)
    return WorkloadConfig(
        organization=manifest.organization,
        account=account,
        account_id=account_id,
        region=here,
        tags=_tags(manifest, workload, found.tags),
        workload=workload,
        role_arn=role_arn(account_id, what.role),
        values=substitute(what.config, _lookup(manifest, lock, found, here)),
    )


def _tags(manifest: Manifest, program: str, own: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of everything a stack makes: whose it is, which program made it, and the account's own."""
    return {"fleetyard:organization": manifest.organization, "fleetyard:program": program, **own}


def _management_role(
    manifest: Manifest, role: ManagementRole, ids: Mapping[str, str], people_id: str
) -> ManagementRoleConfig:
    right = assume_right(manifest, role, ids)
    saml, oidc = role.trust.saml, role.trust.oidc
    return ManagementRoleConfig(
        name=role.name,
        description=role.description,
        users=role.trust.users,
        mfa=role.trust.mfa,
        saml_provider=saml.provider if saml else "",
        oidc_provider=oidc.provider if oidc else "",
        oidc_audience=oidc.audience if oidc else "",
        oidc_subjects=oidc.subjects if oidc else (),
        permission_sets=role.trust.identity_center.permission_sets if role.trust.identity_center else (),
        session_hours=role.session_hours,
        state=role.state,
        bucket_rights=bucket_rights(manifest, role),
        boundary=boundary_config(role.boundary, manifest.management_account.id),
        assume=right.resources,
        by_name=right.by_name,
        people_groups=role.trust.people.groups if role.trust.people else (),
        people_account_id=people_id if role.trust.people else "",
        pipelines=pipelines_config(role),
        reads_account_map=manifest.access.reads_map(role.name),
    )


def _lookup(manifest: Manifest, lock: Lock, account: Account, region: str) -> Callable[[str], Any]:
    plain: dict[str, Any] = {
        "account.name": account.name,
        "account.id": lock.account_id(account.name),
        "account.stage": account.stage,
        "account.unit": account.unit,
        "account.email": account.email,
        "organization": manifest.organization,
        "management_account_id": manifest.management_account.id,
        "organization_id": lock.organization_id,
        "region": region,
        **{f"vars.{name}": value for name, value in account.vars_in(region).items()},
    }

    def value_of(reference: str) -> Any:  # noqa: ANN401  (a JSON value)
        if reference == ACCOUNTS:
            return [entry.model_dump() for entry in account_map(manifest, lock)]
        other = account_in(reference)
        return lock.account_id(other) if other else plain[reference]

    return value_of
