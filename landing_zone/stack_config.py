"""Each stack's config: the models, and their builders from manifest and lock.

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
from landing_zone.policy_sizes import assume_right
from landing_zone.stack_config_models import (
    BootstrapConfig,
    ManagementRoleConfig,
    MemberRoleConfig,
    OrganizationAccount,
    OrganizationConfig,
    StackConfig,
    SubaccountConfig,
    WorkloadConfig,
)
from landing_zone.substitution import account_in, substitute

__all__ = [
    "BootstrapConfig",
    "ManagementRoleConfig",
    "MemberRoleConfig",
    "OrganizationAccount",
    "OrganizationConfig",
    "StackConfig",
    "SubaccountConfig",
    "WorkloadConfig",
    "for_bootstrap",
    "for_organization",
    "for_subaccount",
    "for_workload",
]


def for_organization(manifest: Manifest) -> OrganizationConfig:
    """Return the config of the organisation's stack; it needs no lock, since it is what fills it."""
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
                name=account.name, email=account.email, unit=account.unit, id=account.id, tags=dict(account.tags)
            )
            for account in manifest.members
        ),
        log_archive=manifest.log_archive,
    )


def for_bootstrap(manifest: Manifest, lock: Lock) -> BootstrapConfig:
    """Return the config of the management account's bootstrap; needs the id of every account that is granted."""
    lock = resolve_lock(manifest, lock)
    management = manifest.management_account
    if lock.is_empty:
        raise AccountNotCreated(management.name)
    ids = {name: lock.account_id(name) for role in manifest.management_roles.values() for name in role.granted}
    return BootstrapConfig(
        organization=manifest.organization,
        account=management.name,
        account_id=management.id,
        region=manifest.region,
        tags=_tags(manifest, BOOTSTRAP_PROJECT, management.tags),
        organization_id=lock.organization_id,
        state_bucket=state_bucket(manifest.organization, management.id, manifest.region),
        management_roles=tuple(_management_role(manifest, role, ids) for role in manifest.management_roles.values()),
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
        management_account_id=management_id,
        access="profile" if found.profile else "role",
        role_arn=role_arn(account_id, ACCOUNT_ACCESS_ROLE),
        roles=tuple(
            MemberRoleConfig(
                name=here.role.name,
                description=here.role.description,
                managed_policies=here.role.managed_policies,
                trusted=tuple(role_arn(management_id, name) for name in here.allowed),
            )
            for here in manifest.roles_in(account)
        ),
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


def _management_role(manifest: Manifest, role: ManagementRole, ids: Mapping[str, str]) -> ManagementRoleConfig:
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
        session_hours=role.session_hours,
        state=role.state,
        assume=right.resources,
        by_name=right.by_name,
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
        other = account_in(reference)
        return lock.account_id(other) if other else plain[reference]

    return value_of
