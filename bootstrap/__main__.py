"""The management account: state key, state bucket, management roles; run by its administrator."""

from __future__ import annotations

import pulumi

from landing_zone.components.management_role import ManagementRole
from landing_zone.components.state_bucket import StateBucket
from landing_zone.components.state_key import StateKey
from landing_zone.providers import caller_provider
from landing_zone.stack_config import BootstrapConfig

config = BootstrapConfig.from_stack()
provider = caller_provider(config)

key = StateKey("state", account_id=config.account_id, roles=config.management_roles, provider=provider)
bucket = StateBucket("state", bucket_name=config.state_bucket, key_arn=key.arn, provider=provider)
roles = {
    role.name: ManagementRole(role, config=config, key_arn=key.arn, provider=provider)
    for role in config.management_roles
}

pulumi.export("state_bucket", bucket.bucket)
pulumi.export("state_key_arn", key.arn)
pulumi.export("management_roles", {name: role.arn for name, role in roles.items()})
