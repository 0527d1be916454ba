"""Last-resort users of the management account, and the alarm that tells of their use in whichever region it is."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.documents.people import (
    alarm_topic_policy,
    forwarding_right,
    forwarding_trust,
    last_resort_guard,
    use_pattern,
)
from landing_zone.identifiers import managed_policy_arn
from landing_zone.limits import compact
from landing_zone.stack_config import BootstrapConfig
from landing_zone.stack_config.people import LastResortConfig

NAME = "fleetyard-last-resort"
ALL_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""Without it a rule does not see AssumeRole, which CloudTrail counts as reading.

Source: EventBridge User Guide, "Receiving read-only management events from AWS services".
"""


class LastResort(pulumi.ComponentResource):
    """A group of administrators that is used only when nothing else works, its users, and the alarm.

    The users get neither password nor key here: both are made by hand once, so that no state ever holds them.
    """

    def __init__(self, name: str, *, config: BootstrapConfig, provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:LastResort", name)
        self._child = pulumi.ResourceOptions(parent=self, provider=provider)
        self._pattern = compact(use_pattern(config.account_id, config.last_resort.users))
        guarded = self._group()
        for user in config.last_resort.users:
            self._user(user, guarded)
        self._alarm(config.last_resort, config.account_id, config.region)
        self.register_outputs({})

    def _group(self) -> pulumi.Resource:
        """Make the group and return the resource after which users may join it."""
        group = aws.iam.Group(NAME, name=NAME, opts=self._child)
        guard = aws.iam.GroupPolicy(
            NAME, name="fleetyard", group=group.name, policy=compact(last_resort_guard()), opts=self._child
        )
        administers: pulumi.Resource = aws.iam.GroupPolicyAttachment(
            NAME,
            group=group.name,
            policy_arn=managed_policy_arn("AdministratorAccess"),
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[guard])),
        )
        return administers

    def _user(self, name: str, guarded: pulumi.Resource) -> None:
        user = aws.iam.User(name, name=name, force_destroy=True, opts=self._child)
        aws.iam.UserGroupMembership(
            name,
            user=user.name,
            groups=[NAME],
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[guarded])),
        )

    def _alarm(self, config: LastResortConfig, account_id: str, region: str) -> None:
        """Make the topic in the fleet's region, and a rule in every region: those elsewhere hand their events on."""
        topic = aws.sns.Topic(NAME, name=NAME, display_name="Last resort used", opts=self._child)
        aws.sns.TopicPolicy(
            NAME, arn=topic.arn, policy=topic.arn.apply(lambda arn: compact(alarm_topic_policy(arn))), opts=self._child
        )
        aws.sns.TopicSubscription(NAME, topic=topic.arn, protocol="email", endpoint=config.email, opts=self._child)
        bus = f"arn:aws:events:{region}:{account_id}:event-bus/default"
        carrier = self._carrier(account_id, bus)
        for where in config.regions:
            rule = aws.cloudwatch.EventRule(
                f"{NAME}-{where}",
                name=NAME,
                region=where,
                description="A last-resort user was used.",
                event_pattern=self._pattern,
                state=ALL_EVENTS,
                opts=self._child,
            )
            home = where == region
            aws.cloudwatch.EventTarget(
                f"{NAME}-{where}",
                rule=rule.name,
                region=where,
                target_id="alarm",
                arn=topic.arn if home else bus,
                role_arn=None if home else carrier,
                opts=self._child,
            )

    def _carrier(self, account_id: str, bus: str) -> pulumi.Output[str]:
        name = f"{NAME}-events"
        role = aws.iam.Role(name, name=name, assume_role_policy=compact(forwarding_trust(account_id)), opts=self._child)
        right = aws.iam.RolePolicy(
            name, name="fleetyard", role=role.name, policy=compact(forwarding_right(bus)), opts=self._child
        )
        return pulumi.Output.all(role.arn, right.id).apply(lambda made: str(made[0]))
