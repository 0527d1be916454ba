"""Closing accounts on the twin: who is not closed, and that it takes a while."""

from __future__ import annotations

from tests.support.twin_fixtures import MANAGEMENT, TwinAws, refused


def test_an_account_is_closed_after_a_while(aws: TwinAws, account: str) -> None:
    """Asked at once it is being closed, later it is suspended, and it is not closed twice."""
    organizations = aws.client("organizations")
    organizations.close_account(AccountId=account)
    assert organizations.describe_account(AccountId=account)["Account"]["Status"] == "PENDING_CLOSURE"
    assert organizations.describe_account(AccountId=account)["Account"]["Status"] == "SUSPENDED"
    with refused("AccountAlreadyClosedException"):
        organizations.close_account(AccountId=account)


def test_the_management_account_is_never_closed(aws: TwinAws, organization: str) -> None:
    """AWS refuses to close the account that pays."""
    assert organization
    with refused("ConstraintViolationException") as found:
        aws.client("organizations").close_account(AccountId=MANAGEMENT)
    assert found.reason == "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
