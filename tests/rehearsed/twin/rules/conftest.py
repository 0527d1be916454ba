"""What the rules of evaluation share."""

from __future__ import annotations

import pytest

from tests.rehearsed.twin.rules.rule_scene import Subject, new_subject
from tests.support.twin_fixtures import TwinAws


@pytest.fixture(scope="session")
def subject(aws: TwinAws, organization: str) -> Subject:
    """Return the role that the rules of one session are tried on, in an account of its own."""
    assert organization
    status = aws.client("organizations").create_account(Email="rules@example.com", AccountName="rules")
    return new_subject(aws, str(status["CreateAccountStatus"]["AccountId"]))
