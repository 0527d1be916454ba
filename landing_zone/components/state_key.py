"""The key that encrypts a state bucket and the secrets of the stacks in it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.documents.access import state_key_policy
from landing_zone.fleet import StateRights
from landing_zone.identifiers import role_arn
from landing_zone.limits import compact
from landing_zone.naming import state_key_alias
from landing_zone.stack_config import ManagementRoleConfig
from landing_zone.state_buckets import DEFAULT_BUCKET

DELETION_WINDOW_DAYS = 30
"""The longest AWS grants: without this key no state can be read again. Source: AWS KMS API, ScheduleKeyDeletion."""


class StateKey(pulumi.ComponentResource):
    """A rotated, protected key that only management roles with rights to its bucket may use. `arn` is the key's ARN.

    `bucket` is the bucket's name in the manifest.
    """

    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        account_id: str,
        roles: Sequence[ManagementRoleConfig],
        provider: aws.Provider,
        bucket: str = DEFAULT_BUCKET,
    ) -> None:
        super().__init__("fleetyard:landingzone:StateKey", name)
        child = pulumi.ResourceOptions(parent=self, provider=provider, protect=True)
        policy = state_key_policy(
            account_id,
            [role_arn(account_id, role.name) for role in roles if role.rights(bucket) is StateRights.WRITE],
            [role_arn(account_id, role.name) for role in roles if role.rights(bucket) is StateRights.READ],
        )
        key = aws.kms.Key(
            name,
            description="Encrypts Pulumi state and secrets of the organisation's workloads"
            + ("" if bucket == DEFAULT_BUCKET else f": {bucket}"),
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=compact(policy),
            opts=child,
        )
        aws.kms.Alias(name, name=state_key_alias(bucket), target_key_id=key.key_id, opts=child)
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})
