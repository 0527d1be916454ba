"""The organisation, its units and its member accounts; run by the management account's administrator."""

from __future__ import annotations

import pulumi

from landing_zone.components.log_archive_guard import LogArchiveGuard
from landing_zone.components.organization import Accounts, Organization, Units
from landing_zone.log_archive_documents import CLOUDTRAIL
from landing_zone.providers import caller_provider
from landing_zone.stack_config import OrganizationConfig

config = OrganizationConfig.from_stack()
provider = caller_provider(config)

trusted = [CLOUDTRAIL] if config.log_archive else []
organization = Organization("organization", trusted_services=trusted, provider=provider)
units = Units("units", paths=config.units, root_id=organization.root_id, provider=provider)
accounts = Accounts("accounts", accounts=config.accounts, unit_ids=units.ids, provider=provider)
if config.log_archive:
    LogArchiveGuard(
        "log-archive-guard",
        organization=config.organization,
        account_id=accounts.ids[config.log_archive],
        opts=pulumi.ResourceOptions(provider=provider, depends_on=[organization.resource]),
    )

pulumi.export("organization_id", organization.organization_id)
pulumi.export("root_id", organization.root_id)
pulumi.export("accounts", {config.account: config.account_id, **accounts.ids})
pulumi.export("units", units.ids)
