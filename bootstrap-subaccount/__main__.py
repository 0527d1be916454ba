"""A member account's roles, as granted in the manifest; run by an administrator of that account."""

from __future__ import annotations

import pulumi

from landing_zone.account_settings import AccountSettings
from landing_zone.components.account_parameters import say_which_account
from landing_zone.components.account_settings import AccountBaseline
from landing_zone.components.boundaries import Boundaries
from landing_zone.components.hub_and_spoke import HubRole, SpokeRole
from landing_zone.components.member_role import MemberRole
from landing_zone.components.people import People
from landing_zone.components.permissions import PermissionsPolicies
from landing_zone.components.quota_requests import QuotaRequests
from landing_zone.providers import subaccount_provider
from landing_zone.stack_config import SubaccountConfig

config = SubaccountConfig.from_stack()
provider = subaccount_provider(config)

boundaries = Boundaries(config.boundaries, provider)
permissions = PermissionsPolicies(config.permissions, provider)
roles = {
    role.name: MemberRole(
        role,
        management_account_id=config.management_account_id,
        boundaries=boundaries,
        permissions=permissions,
        provider=provider,
    )
    for role in config.roles
}
if config.hub:
    HubRole(config.hub, management_account_id=config.management_account_id, provider=provider)
if config.spoke:
    SpokeRole(config.spoke, boundaries=boundaries, permissions=permissions, provider=provider)
if config.people.groups:
    People("people", config=config.people, provider=provider)
say_which_account(config, provider)
if config.settings != AccountSettings():
    AccountBaseline(
        "settings", settings=config.settings, account_id=config.account_id, management=False, provider=provider
    )
if config.quotas:
    QuotaRequests("quotas", quotas=config.quotas, provider=provider)

pulumi.export("roles", {name: role.arn for name, role in roles.items()})
