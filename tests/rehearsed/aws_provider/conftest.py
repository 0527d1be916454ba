"""The session's twin, and providers that act on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from rehearsal.aws.plugin import AwsProvider
from rehearsal.twin.client import change_settings
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
def new_world(
    running_twin: RunningTwin, aws: TwinAws, organization: str, management: Driver, numbers: Iterator[int]
) -> Callable[[], World]:
    """Return a maker of member accounts, each with a provider that assumes a role to get there."""
    assert organization
    # Accounts are removed as soon as they are made, and renamed by their management account.
    change_settings(running_twin.run, quotas={"account_age_days": 0})
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")

    def make() -> World:
        email = f"provider-{next(numbers)}@example.com"
        status = aws.client("organizations").create_account(Email=email, AccountName="provider")
        account_id = str(status["CreateAccountStatus"]["AccountId"])
        role_arn = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
        settings = {
            "region": REGION,
            "assumeRoles": json.dumps([{"roleArn": role_arn, "sessionName": "provider-tests"}]),
            "allowedAccountIds": json.dumps([account_id]),
            "defaultTags": json.dumps({"tags": {"org": "acme"}}),
        }
        hand = Driver(AwsProvider(running_twin.environment(aws.administrator)), **settings).configure()
        return World(hand, management, aws, aws.into(account_id), account_id, REGION, numbers)

    return make


@pytest.fixture(scope="session")
def world(new_world: Callable[[], World]) -> World:
    """Return a member account of these tests."""
    return new_world()
