"""The groups and users of an account that holds people: each person's things are that person's own resources."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.documents.people import GROUPS_TAG, groups_tag, may_become, own_credentials
from landing_zone.limits import compact
from landing_zone.stack_config.people import GroupConfig, PeopleConfig, PersonConfig

POLICY_NAME = "fleetyard"
OWN_CREDENTIALS = "fleetyard-own-credentials"


class People(pulumi.ComponentResource):
    """Groups with their rights, and users with their groups.

    A user has no password and no key: whoever gives them one does it by hand, and no state holds it. What the user
    makes later is deleted with the user.
    """

    def __init__(self, name: str, *, config: PeopleConfig, provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:People", name)
        self._child = pulumi.ResourceOptions(parent=self, provider=provider)
        if config.groups:
            own = aws.iam.Policy(
                OWN_CREDENTIALS,
                name=OWN_CREDENTIALS,
                description="Own password, MFA and keys; nothing else without MFA.",
                policy=compact(own_credentials()),
                opts=self._child,
            )
            groups = {group: self._group(group, block, own.arn) for group, block in config.groups.items()}
            for person, block in config.users.items():
                self._person(person, block, groups)
        self.register_outputs({})

    def _group(self, name: str, block: GroupConfig, own_policy: pulumi.Output[str]) -> pulumi.Resource:
        """Make a group and return the resource after which people may join it: the denial without MFA is in force."""
        group = aws.iam.Group(name, name=name, opts=self._child)
        own: pulumi.Resource = aws.iam.GroupPolicyAttachment(
            f"{name}-{OWN_CREDENTIALS}", group=group.name, policy_arn=own_policy, opts=self._child
        )
        after = pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[own]))
        if block.management_roles:
            policy = compact(may_become(block.management_roles))
            aws.iam.GroupPolicy(name, name=POLICY_NAME, group=group.name, policy=policy, opts=after)
        for policy_arn in block.managed_policies:
            short = policy_arn.rpartition("/")[2]
            aws.iam.GroupPolicyAttachment(f"{name}-{short}", group=group.name, policy_arn=policy_arn, opts=after)
        return own

    def _person(self, name: str, block: PersonConfig, groups: dict[str, pulumi.Resource]) -> None:
        user = aws.iam.User(
            name,
            name=name,
            force_destroy=True,
            tags={**block.tags, GROUPS_TAG: groups_tag(block.groups)},
            opts=self._child,
        )
        if not block.groups:  # somebody who changes groups, in the run between leaving and joining
            return
        joined = pulumi.ResourceOptions(depends_on=[groups[group] for group in block.groups])
        aws.iam.UserGroupMembership(
            name,
            user=user.name,
            groups=list(block.groups),
            opts=pulumi.ResourceOptions.merge(self._child, joined),
        )
