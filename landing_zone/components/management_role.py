"""A role of the management account: who becomes it, which roles of member accounts it reaches, which state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from landing_zone.components.boundaries import Boundaries
from landing_zone.documents.access import management_role_trust, rights_statements
from landing_zone.documents.hub import read_account_map
from landing_zone.documents.statements import document
from landing_zone.fleet import StateRights
from landing_zone.limits import compact
from landing_zone.sizes.policies import AssumeRight
from landing_zone.stack_config import BootstrapConfig, ManagementRoleConfig
from landing_zone.state_buckets import DEFAULT_BUCKET

POLICY_NAME = "fleetyard"
SECONDS_PER_HOUR = 3600


class ManagementRole(pulumi.ComponentResource):
    """A management role with exactly its grants and its state rights. `arn` is the role's ARN.

    It may do nothing else in the management account, so that a resource made there by mistake is refused. `key_arns`
    are those of the state buckets' keys, by the buckets' names in the manifest; `after` is what its trust names.
    """

    arn: pulumi.Output[str]

    def __init__(
        self,
        role: ManagementRoleConfig,
        *,
        config: BootstrapConfig,
        key_arns: Mapping[str, pulumi.Output[str]],
        boundaries: Boundaries,
        provider: aws.Provider,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        super().__init__("fleetyard:landingzone:ManagementRole", role.name)
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        made = aws.iam.Role(
            role.name,
            name=role.name,
            description=role.description or None,
            assume_role_policy=compact(management_role_trust(config.account_id, role.trust)),
            max_session_duration=role.session_hours * SECONDS_PER_HOUR,
            permissions_boundary=boundaries.arn(role.boundary),
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=list(after))),
        )
        if policy := _policy(role, config, key_arns):
            aws.iam.RolePolicy(role.name, name=POLICY_NAME, role=made.name, policy=policy, opts=child)
        self.arn = made.arn
        self.register_outputs({"arn": self.arn})


def _policy(
    role: ManagementRoleConfig, config: BootstrapConfig, key_arns: Mapping[str, pulumi.Output[str]]
) -> pulumi.Output[str] | str | None:
    """Return the role's policy, or None for a role that reaches nothing; AWS takes no empty document."""
    assume = AssumeRight(role.assume, role.by_name).statement(config.organization_id)
    reach = [assume] if assume else []
    if role.reads_account_map:
        reach.append(read_account_map(config.account_id, config.region))
    buckets = {DEFAULT_BUCKET: config.state_bucket, **config.states.buckets}
    used = [name for name in buckets if role.rights(name) is not StateRights.NONE]
    if not used:
        return compact(document(*reach)) if reach else None

    def with_keys(keys: Sequence[Any]) -> str:
        rights = [(role.rights(name), buckets[name], key) for name, key in zip(used, keys, strict=True)]
        return compact(document(*reach, *rights_statements(rights)))

    return pulumi.Output.all(*(key_arns[name] for name in used)).apply(with_keys)
