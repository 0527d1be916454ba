"""A member account's roles, as granted in the manifest; run by an administrator of that account."""

from __future__ import annotations

import pulumi

from landing_zone.components.member_role import MemberRole
from landing_zone.providers import subaccount_provider
from landing_zone.stack_config import SubaccountConfig

config = SubaccountConfig.from_stack()
provider = subaccount_provider(config)

roles = {
    role.name: MemberRole(role, management_account_id=config.management_account_id, provider=provider)
    for role in config.roles
}

pulumi.export("roles", {name: role.arn for name, role in roles.items()})
