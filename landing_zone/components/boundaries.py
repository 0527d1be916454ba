"""The permissions boundaries of an account's roles: policies made from documents, and those that exist."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.limits import compact
from landing_zone.stack_config.management import BoundaryConfig, Documents


class Boundaries:
    """Makes a customer managed policy of each document, and tells the ARN of a role's boundary."""

    def __init__(self, documents: Documents, provider: aws.Provider) -> None:
        self._made = {
            name: aws.iam.Policy(
                name,
                name=name,
                description="The most a role may do, whatever else is attached to it",
                policy=compact(document),
                opts=pulumi.ResourceOptions(provider=provider),
            ).arn
            for name, document in documents.items()
        }

    def arn(self, boundary: BoundaryConfig) -> pulumi.Input[str] | None:
        """Return the ARN of a role's boundary, None for a role without one."""
        return self._made[boundary.name] if boundary.name else boundary.arn or None
