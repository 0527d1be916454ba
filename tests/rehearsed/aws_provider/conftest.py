"""The session's twin, and providers that act on it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rehearsal.aws.plugin import AwsProvider
from tests.rehearsed.aws_provider.world import World
from tests.support.twin_fixtures import (
    RunningTwin,
    TwinAws,
    account,
    aws,
    gate_off,
    new_account,
    new_role,
    new_user,
    numbers,
    organization,
    running_twin,
    twin,
    twin_session,
)
from tests.unit.aws_provider.driving import Driver

__all__ = [
    "account",
    "aws",
    "gate_off",
    "new_account",
    "new_role",
    "new_user",
    "numbers",
    "organization",
    "running_twin",
    "twin",
    "twin_session",
]

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def management(running_twin: RunningTwin, aws: TwinAws) -> Driver:
    """Return a provider that acts in the management account as the administrator."""
    env = running_twin.environment(aws.administrator)
    return Driver(AwsProvider(env), region=REGION, defaultTags=json.dumps({"tags": {"org": "acme"}})).configure()


@pytest.fixture(scope="session")
def world(
    running_twin: RunningTwin, aws: TwinAws, organization: str, management: Driver, numbers: Iterator[int]
) -> World:
    """Return a member account of these tests, with a provider that assumes a role to get there."""
    assert organization
    status = aws.client("organizations").create_account(Email="provider@example.com", AccountName="provider")
    account_id = str(status["CreateAccountStatus"]["AccountId"])
    role = {"roleArn": f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole", "sessionName": "provider-tests"}
    settings = {
        "region": REGION,
        "assumeRoles": json.dumps([role]),
        "allowedAccountIds": json.dumps([account_id]),
        "defaultTags": json.dumps({"tags": {"org": "acme"}}),
    }
    hand = Driver(AwsProvider(running_twin.environment(aws.administrator)), **settings).configure()
    return World(hand, management, aws, aws.into(account_id), account_id, REGION, numbers)
