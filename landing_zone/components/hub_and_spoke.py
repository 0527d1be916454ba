"""One role that reaches all member accounts: the hub, its spoke in each account, and its view of the organisation."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.components.boundaries import Boundaries
from landing_zone.components.permissions import PermissionsPolicies
from landing_zone.documents.hub import hub_only_trust, hub_policy, hub_trust, organization_reader_policy
from landing_zone.limits import Document, compact
from landing_zone.stack_config import BootstrapConfig
from landing_zone.stack_config.access import HubConfig, OrganizationReaderConfig, SpokeConfig

POLICY_NAME = "fleetyard"


class HubRole(pulumi.ComponentResource):
    """The hub role. `arn` is the role's ARN."""

    arn: pulumi.Output[str]

    def __init__(self, hub: HubConfig, *, management_account_id: str, provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:HubRole", hub.name)
        self.arn = _role(
            self,
            hub.name,
            "Reaches the spoke role of every member account",
            trust=hub_trust(management_account_id, hub.management_roles, hub.services),
            policy=hub_policy(hub.spoke_role, hub.organization_id, hub.reader_arn),
            provider=provider,
        )
        self.register_outputs({"arn": self.arn})


class OrganizationReader(pulumi.ComponentResource):
    """The role of the management account in which the hub lists the organisation's accounts."""

    arn: pulumi.Output[str]

    def __init__(self, reader: OrganizationReaderConfig, *, config: BootstrapConfig, provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:OrganizationReader", reader.name)
        self.arn = _role(
            self,
            reader.name,
            "Lists the accounts of the organisation, for the hub",
            trust=hub_only_trust(reader.hub_account_id, reader.hub_role_arn, config.organization_id),
            policy=organization_reader_policy(config.account_id, config.region, has_map=bool(config.account_map)),
            provider=provider,
        )
        self.register_outputs({"arn": self.arn})


class SpokeRole(pulumi.ComponentResource):
    """A spoke role: it trusts exactly the hub. `arn` is the role's ARN."""

    arn: pulumi.Output[str]

    def __init__(
        self, spoke: SpokeConfig, *, boundaries: Boundaries, permissions: PermissionsPolicies, provider: aws.Provider
    ) -> None:
        super().__init__("fleetyard:landingzone:SpokeRole", spoke.name)
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        made = aws.iam.Role(
            spoke.name,
            name=spoke.name,
            description="For the hub alone",
            permissions_boundary=boundaries.arn(spoke.boundary),
            assume_role_policy=compact(hub_only_trust(spoke.hub_account_id, spoke.hub_role_arn, spoke.organization_id)),
            opts=child,
        )
        permissions.attach(made, spoke.name, spoke.managed_policies, spoke.permissions, child)
        self.arn = made.arn
        self.register_outputs({"arn": self.arn})


def _role(
    parent: pulumi.ComponentResource,
    name: str,
    description: str,
    *,
    trust: Document,
    policy: Document,
    provider: aws.Provider,
) -> pulumi.Output[str]:
    child = pulumi.ResourceOptions(parent=parent, provider=provider)
    made = aws.iam.Role(name, name=name, description=description, assume_role_policy=compact(trust), opts=child)
    aws.iam.RolePolicy(name, name=POLICY_NAME, role=made.name, policy=compact(policy), opts=child)
    arn: pulumi.Output[str] = made.arn
    return arn
