"""A role of a member account, assumed by the management roles that are granted it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.access_documents import member_role_trust
from landing_zone.limits import compact
from landing_zone.stack_config import MemberRoleConfig


class MemberRole(pulumi.ComponentResource):
    """A role with its managed policies. `arn` is the role's ARN."""

    arn: pulumi.Output[str]

    def __init__(self, role: MemberRoleConfig, *, management_account_id: str, provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:MemberRole", role.name)
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        made = aws.iam.Role(
            role.name,
            name=role.name,
            description=role.description or None,
            assume_role_policy=compact(member_role_trust(management_account_id, role.trusted)),
            opts=child,
        )
        for policy_arn in role.managed_policies:
            short = policy_arn.rpartition("/")[2]
            aws.iam.RolePolicyAttachment(f"{role.name}-{short}", role=made.name, policy_arn=policy_arn, opts=child)
        self.arn = made.arn
        self.register_outputs({"arn": self.arn})
