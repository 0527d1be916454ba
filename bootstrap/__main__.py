"""The management account: state keys, state buckets, management roles; run by its administrator."""

from __future__ import annotations

import pulumi

from landing_zone.account_settings import AccountSettings
from landing_zone.components.account_parameters import AccountMapParameters, say_which_account
from landing_zone.components.account_settings import AccountBaseline
from landing_zone.components.boundaries import Boundaries
from landing_zone.components.hub_and_spoke import OrganizationReader
from landing_zone.components.last_resort import LastResort
from landing_zone.components.management_role import ManagementRole
from landing_zone.components.people import People
from landing_zone.components.pipelines import Issuers
from landing_zone.components.quota_requests import QuotaRequests
from landing_zone.components.state_homes import StateHomes
from landing_zone.providers import caller_provider
from landing_zone.stack_config import BootstrapConfig

config = BootstrapConfig.from_stack()
provider = caller_provider(config)

states = StateHomes(config, provider)
boundaries = Boundaries(config.boundaries, provider)
issuers = Issuers("pipelines", issuers=config.issuers, provider=provider).made if config.issuers else []
roles = {
    role.name: ManagementRole(
        role, config=config, key_arns=states.key_arns, boundaries=boundaries, provider=provider, after=issuers
    )
    for role in config.management_roles
}
if config.people.groups:
    People("people", config=config.people, provider=provider)
if config.last_resort.users:
    LastResort("last-resort", config=config, provider=provider)
say_which_account(config, provider)
if config.account_map:
    AccountMapParameters("account-map", entries=config.account_map, provider=provider)
if config.organization_reader:
    OrganizationReader(config.organization_reader, config=config, provider=provider)
if config.settings != AccountSettings():
    AccountBaseline(
        "settings", settings=config.settings, account_id=config.account_id, management=True, provider=provider
    )
if config.quotas:
    QuotaRequests("quotas", quotas=config.quotas, provider=provider)

pulumi.export("state_bucket", states.bucket)
pulumi.export("state_key_arn", states.key_arn)
if states.others:
    pulumi.export("state_buckets", states.others)
pulumi.export("management_roles", {name: role.arn for name, role in roles.items()})
