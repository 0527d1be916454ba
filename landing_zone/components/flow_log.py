"""A VPC's flow log: every connection's record in a log group of the account."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from landing_zone.documents.statements import document
from landing_zone.limits import compact


class FlowLog(pulumi.ComponentResource):
    """A flow log of all traffic of a VPC, with the log group and the role that may write to it and to nothing else.

    `where` names account and region by id, for the trust's conditions and for names unique in the account.
    """

    def __init__(
        self, name: str, *, vpc_id: pulumi.Output[str], where: tuple[str, str], days: int, provider: aws.Provider
    ) -> None:
        super().__init__("fleetyard:landingzone:FlowLog", name)
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        account_id, region = where
        group = aws.cloudwatch.LogGroup(name, name=f"/fleetyard/{name}", retention_in_days=days, opts=child)
        writer = aws.iam.Role(
            name,
            name=f"{name}-{region}",
            description="Writes VPC flow logs to their log group",
            assume_role_policy=compact(flow_log_trust(account_id, region)),
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            name,
            name="write",
            role=writer.name,
            policy=group.arn.apply(lambda arn: compact(flow_log_policy(arn))),
            opts=child,
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=writer.arn,
            tags={"Name": name},
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[policy])),
        )
        self.log_group = group.name
        self.register_outputs({"log_group": self.log_group})


def flow_log_trust(account_id: str, region: str) -> dict[str, Any]:
    """Return who may become the writer: the flow log service, for flow logs of this account and region.

    Source: Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs".
    """
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{region}:{account_id}:vpc-flow-log/*"},
            },
        }
    )


def flow_log_policy(log_group_arn: str) -> dict[str, Any]:
    """Return the writer's rights: streams and events of this log group; the group itself is ours."""
    return document(
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [log_group_arn, f"{log_group_arn}:*"],
        },
        {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"},
    )
