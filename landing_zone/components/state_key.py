"""The key that encrypts the state bucket and every stack's secrets."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.access_documents import state_key_policy
from landing_zone.fleet import StateRights
from landing_zone.identifiers import role_arn
from landing_zone.limits import compact
from landing_zone.naming import STATE_KEY_ALIAS
from landing_zone.stack_config import ManagementRoleConfig

DELETION_WINDOW_DAYS = 30
"""The longest AWS grants: without this key no state can be read again. Source: AWS KMS API, ScheduleKeyDeletion."""


class StateKey(pulumi.ComponentResource):
    """A rotated, protected key that only management roles with state rights may use. `arn` is the key's ARN."""

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, *, account_id: str, roles: Sequence[ManagementRoleConfig], provider: aws.Provider
    ) -> None:
        super().__init__("fleetyard:landingzone:StateKey", name)
        child = pulumi.ResourceOptions(parent=self, provider=provider, protect=True)
        policy = state_key_policy(
            account_id,
            [role_arn(account_id, role.name) for role in roles if role.state is StateRights.WRITE],
            [role_arn(account_id, role.name) for role in roles if role.state is StateRights.READ],
        )
        key = aws.kms.Key(
            name,
            description="Encrypts Pulumi state and secrets of the organisation's workloads",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=compact(policy),
            opts=child,
        )
        aws.kms.Alias(name, name=STATE_KEY_ALIAS, target_key_id=key.key_id, opts=child)
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})
