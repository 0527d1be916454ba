"""The organisation, its units and its member accounts; run by the management account's administrator."""

from __future__ import annotations

import pulumi

from landing_zone.components.organization import Accounts, Organization, Units
from landing_zone.providers import caller_provider
from landing_zone.stack_config import OrganizationConfig

config = OrganizationConfig.from_stack()
provider = caller_provider(config)

organization = Organization("organization", provider=provider)
units = Units("units", paths=config.units, root_id=organization.root_id, provider=provider)
accounts = Accounts("accounts", accounts=config.accounts, unit_ids=units.ids, provider=provider)

pulumi.export("organization_id", organization.organization_id)
pulumi.export("root_id", organization.root_id)
pulumi.export("accounts", {config.account: config.account_id, **accounts.ids})
pulumi.export("units", units.ids)
