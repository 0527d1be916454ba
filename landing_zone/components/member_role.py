"""A role of a member account, assumed by the management roles that are granted it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.components.boundaries import Boundaries
from landing_zone.components.permissions import PermissionsPolicies
from landing_zone.documents.access import member_role_trust
from landing_zone.limits import compact
from landing_zone.stack_config import MemberRoleConfig


class MemberRole(pulumi.ComponentResource):
    """A role with its policies, AWS's and its own. `arn` is the role's ARN."""

    arn: pulumi.Output[str]

    def __init__(
        self,
        role: MemberRoleConfig,
        *,
        management_account_id: str,
        boundaries: Boundaries,
        permissions: PermissionsPolicies,
        provider: aws.Provider,
    ) -> None:
        super().__init__("fleetyard:landingzone:MemberRole", role.name)
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        made = aws.iam.Role(
            role.name,
            name=role.name,
            description=role.description or None,
            assume_role_policy=compact(member_role_trust(management_account_id, role.trusted, role.permission_sets)),
            permissions_boundary=boundaries.arn(role.boundary),
            opts=child,
        )
        permissions.attach(made, role.name, role.managed_policies, role.permissions, child)
        self.arn = made.arn
        self.register_outputs({"arn": self.arn})
