"""The organisation, its units and its member accounts; run by the management account's administrator."""

from __future__ import annotations

import pulumi

from landing_zone.components.governance import DelegatedAdministrators, OrganizationIds, Policies
from landing_zone.components.log_archive_guard import LogArchiveGuard
from landing_zone.components.organization import Accounts, Organization, Units
from landing_zone.documents.log_archive import CLOUDTRAIL
from landing_zone.providers import caller_provider
from landing_zone.stack_config import OrganizationConfig

config = OrganizationConfig.from_stack()
# Units and accounts that were adopted have none of Fleetyard's tags, so the provider gives them to nothing.
provider = caller_provider(config, tagged=False)
imports = config.imports

governance = config.governance
trusted = [*([CLOUDTRAIL] if config.log_archive else []), *governance.trusted_services]
organization = Organization(
    "organization",
    trusted_services=list(dict.fromkeys(trusted)),
    provider=provider,
    policy_types=list(dict.fromkeys((*config.policy_types, *governance.policy_types))),
    import_id=imports.organization,
)
units = Units("units", config=config, root_id=organization.root_id, provider=provider)
accounts = Accounts(
    "accounts",
    accounts=config.accounts,
    unit_ids=units.ids,
    provider=provider,
    tags=config.tags,
    imports=imports.accounts,
)
if config.log_archive:
    LogArchiveGuard(
        "log-archive-guard",
        organization=config.organization,
        account_id=accounts.ids[config.log_archive],
        tags=config.tags,
        opts=pulumi.ResourceOptions(provider=provider, depends_on=[organization.resource]),
    )

if governance.policies:
    Policies(
        "policies",
        organization=config.organization,
        config=governance,
        ids=OrganizationIds(
            organization.organization_id,
            organization.root_id,
            units.ids,
            {config.account: config.account_id, **accounts.ids},
        ),
        tags=config.tags,
        opts=pulumi.ResourceOptions(provider=provider, depends_on=[organization.resource]),
    )
if governance.delegated_administrators:
    DelegatedAdministrators(
        "delegated-administrators",
        accounts={service: accounts.ids[account] for service, account in governance.delegated_administrators.items()},
        opts=pulumi.ResourceOptions(provider=provider, depends_on=[organization.resource]),
    )

pulumi.export("organization_id", organization.organization_id)
pulumi.export("root_id", organization.root_id)
pulumi.export("accounts", {config.account: config.account_id, **accounts.ids})
pulumi.export("units", units.ids)
