"""A role with the actions that a workload's types call, and no others, is enough; without any one of them it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from rehearsal.aws.plugin import AwsProvider
from tests.rehearsed.aws_provider import (
    cases_of_functions,
    cases_of_gateways,
    cases_of_shares,
    cases_of_tables,
)
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.conftest import REGION
from tests.rehearsed.aws_provider.world import World
from tests.support.twin_fixtures import MANAGEMENT, RunningTwin, TwinAws, document, trusting
from tests.unit.aws_provider.driving import AbortedError, Driver

CASES = {
    case.name: case
    for case in (
        *cases_of_gateways.GATEWAYS,
        *cases_of_shares.SHARES,
        *cases_of_tables.TABLES,
        *cases_of_functions.FUNCTIONS,
    )
}
RETAGGED: tuple[dict[str, Any], ...] = ({"tags": {"b": "2"}},)


@dataclass(frozen=True, slots=True)
class Needs:
    """The actions a case needs, and changes to its inputs that ask for each of those a change needs."""

    actions: tuple[str, ...]
    changes: tuple[dict[str, Any], ...] = field(default=RETAGGED)


NEEDS = {
    "aws:ec2/natGateway:NatGateway": Needs(
        (
            "ec2:CreateNatGateway",
            "ec2:CreateTags",
            "ec2:DeleteNatGateway",
            "ec2:DeleteTags",
            "ec2:DescribeNatGateways",
        ),
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint interface": Needs(
        (
            "ec2:CreateTags",
            "ec2:CreateVpcEndpoint",
            "ec2:DeleteTags",
            "ec2:DeleteVpcEndpoints",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribePrefixLists",
            "ec2:DescribeVpcEndpoints",
            "ec2:ModifyVpcEndpoint",
        ),
        ({"privateDnsEnabled": True}, *RETAGGED),
    ),
    "aws:ram/resourceShare:ResourceShare": Needs(
        (
            "ram:CreateResourceShare",
            "ram:DeleteResourceShare",
            "ram:GetResourceShares",
            "ram:ListResourceSharePermissions",
            "ram:TagResource",
            "ram:UntagResource",
            "ram:UpdateResourceShare",
        ),
        ({"name": "renamed"}, *RETAGGED),
    ),
    "aws:ram/resourceAssociation:ResourceAssociation": Needs(
        ("ram:AssociateResourceShare", "ram:DisassociateResourceShare", "ram:GetResourceShareAssociations"), ()
    ),
    "aws:ram/principalAssociation:PrincipalAssociation": Needs(
        ("ram:AssociateResourceShare", "ram:DisassociateResourceShare", "ram:GetResourceShareAssociations"), ()
    ),
    "aws:dynamodb/table:Table": Needs(
        (
            "dynamodb:CreateTable",
            "dynamodb:DeleteTable",
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:ListTagsOfResource",
            "dynamodb:TagResource",
            "dynamodb:UntagResource",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
        ),
        (
            {
                "billingMode": "PAY_PER_REQUEST",
                "readCapacity": None,
                "writeCapacity": None,
                "pointInTimeRecovery": {"enabled": True},
                "ttl": {"attributeName": "ends", "enabled": True},
            },
            *RETAGGED,
        ),
    ),
    "aws:lambda/function:Function": Needs(
        (
            "iam:PassRole",
            "lambda:CreateFunction",
            "lambda:DeleteFunction",
            "lambda:DeleteFunctionConcurrency",
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:ListVersionsByFunction",
            "lambda:PublishVersion",
            "lambda:PutFunctionConcurrency",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
        ),
        (
            {
                "code": cases_of_functions.code("second"),
                "timeout": 9,
                "reservedConcurrentExecutions": 5,
                "publish": True,
            },
            {"reservedConcurrentExecutions": None, **RETAGGED[0]},
        ),
    ),
    "aws:lambda/function:Function from a bucket": Needs(
        (
            "iam:PassRole",
            "lambda:CreateFunction",
            "lambda:DeleteFunction",
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:ListVersionsByFunction",
            "lambda:TagResource",
            "s3:GetObject",
        ),
        (),
    ),
    "aws:lambda/permission:Permission": Needs(
        ("lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"), ()
    ),
}


@pytest.fixture
def limited(
    world: World, running_twin: RunningTwin, aws: TwinAws, new_role: Callable[..., str]
) -> tuple[Driver, Callable[[list[str]], None]]:
    """Return a provider that acts as a role of the account, and what sets the actions that the role may call."""
    role = new_role(world.account_id, trusting(MANAGEMENT))
    roles = json.dumps([{"roleArn": role, "sessionName": "workload"}])
    tags = json.dumps({"tags": {"org": "acme"}})
    hand = Driver(
        AwsProvider(running_twin.environment(aws.administrator)), region=REGION, assumeRoles=roles, defaultTags=tags
    ).configure()

    def may(actions: list[str]) -> None:
        allowed = document({"Effect": "Allow", "Action": actions, "Resource": "*"})
        name = role.rpartition("/")[2]
        world.client("iam").put_role_policy(RoleName=name, PolicyName="workload", PolicyDocument=allowed)

    return hand, may


def _live(case: Case, hand: Driver, world: World, changes: tuple[dict[str, Any], ...]) -> None:
    """Make, change, read and delete a resource."""
    inputs = case.inputs(world)
    made = hand.create(case.kind.type, world.name("made"), inputs)
    for change in changes:
        inputs = {name: value for name, value in {**inputs, **change}.items() if value is not None}
        made = hand.update(made, inputs)
    assert hand.refresh(made) is not None
    hand.delete(made)


@pytest.mark.parametrize("name", NEEDS)
def test_the_actions_of_a_workloads_type_are_all_needed(
    name: str, world: World, limited: tuple[Driver, Callable[[list[str]], None]]
) -> None:
    """With its actions alone a role makes, changes and deletes the type; without one it is told which it lacks."""
    (hand, may), needs = limited, NEEDS[name]
    may([*needs.actions])
    _live(CASES[name], hand, world, needs.changes)
    for lacking in needs.actions:
        may([action for action in needs.actions if action != lacking])
        with pytest.raises(AbortedError, match=rf"not authorized to perform: {lacking}\b"):
            _live(CASES[name], hand, world, needs.changes)
