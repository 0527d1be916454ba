"""A role of the management account: who becomes it, which roles of member accounts it reaches, which state."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.access_documents import document, management_role_trust, state_statements
from landing_zone.limits import compact
from landing_zone.policy_sizes import AssumeRight
from landing_zone.stack_config import BootstrapConfig, ManagementRoleConfig

POLICY_NAME = "fleetyard"
SECONDS_PER_HOUR = 3600


class ManagementRole(pulumi.ComponentResource):
    """A management role with exactly its grants and its state rights. `arn` is the role's ARN.

    It may do nothing else in the management account, so that a resource made there by mistake is refused.
    """

    arn: pulumi.Output[str]

    def __init__(
        self,
        role: ManagementRoleConfig,
        *,
        config: BootstrapConfig,
        key_arn: pulumi.Output[str],
        provider: aws.Provider,
    ) -> None:
        super().__init__("fleetyard:landingzone:ManagementRole", role.name)
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        made = aws.iam.Role(
            role.name,
            name=role.name,
            description=role.description or None,
            assume_role_policy=compact(management_role_trust(config.account_id, role.trust)),
            max_session_duration=role.session_hours * SECONDS_PER_HOUR,
            opts=child,
        )
        if policy := _policy(role, config, key_arn):
            aws.iam.RolePolicy(role.name, name=POLICY_NAME, role=made.name, policy=policy, opts=child)
        self.arn = made.arn
        self.register_outputs({"arn": self.arn})


def _policy(
    role: ManagementRoleConfig, config: BootstrapConfig, key_arn: pulumi.Output[str]
) -> pulumi.Output[str] | str | None:
    """Return the role's policy, or None for a role that reaches nothing; AWS takes no empty document."""
    assume = AssumeRight(role.assume, role.by_name).statement(config.organization_id)
    reach = [assume] if assume else []
    if not state_statements(role.state, config.state_bucket, ""):
        return compact(document(*reach)) if reach else None
    return key_arn.apply(lambda key: compact(document(*reach, *state_statements(role.state, config.state_bucket, key))))
