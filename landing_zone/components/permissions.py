"""Permissions of one's own: a customer managed policy of each, and what is attached to a role."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.fleet_access import POLICY_PATH
from landing_zone.limits import compact
from landing_zone.stack_config.access import PermissionsConfig


class PermissionsPolicies:
    """Makes an account's policies, and attaches them to roles beside AWS's own."""

    def __init__(self, permissions: Sequence[PermissionsConfig], provider: aws.Provider) -> None:
        self._made = {
            one.name: aws.iam.Policy(
                f"permissions-{one.name}",
                name=one.name,
                path=POLICY_PATH,
                description=one.description or None,
                policy=compact(one.document),
                opts=pulumi.ResourceOptions(provider=provider),
            )
            for one in permissions
        }

    def attach(
        self,
        role: aws.iam.Role,
        name: str,
        managed_policies: Sequence[str],
        permissions: Sequence[str],
        options: pulumi.ResourceOptions,
    ) -> None:
        """Attach managed policies, by ARN, and permissions, by name, to a role of this name."""
        for policy_arn in managed_policies:
            short = policy_arn.rpartition("/")[2]
            aws.iam.RolePolicyAttachment(f"{name}-{short}", role=role.name, policy_arn=policy_arn, opts=options)
        for one in permissions:
            policy = self._made[one]
            aws.iam.RolePolicyAttachment(
                f"{name}-permissions-{one}", role=role.name, policy_arn=policy.arn, opts=options
            )
