"""Rules of AWS Organizations about accounts: made, moved, closed, let go."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.twin.errors import BadTwinOption
from tests.support.organization_fixtures import NewAccount, Organized, Settings
from tests.support.twin_fixtures import MANAGEMENT, TwinAws, refused


def look(org: Organized, status: dict[str, Any]) -> dict[str, Any]:
    """Return a request's status as it is now."""
    answer = org.client.describe_create_account_status(CreateAccountRequestId=status["Id"])
    return dict(answer["CreateAccountStatus"])


def test_an_account_takes_its_time(org: Organized, settings: Settings, aws: TwinAws) -> None:
    """An account is IN_PROGRESS, unlisted and without an id, until AWS has made it.

    Source: API Reference, "CreateAccount" (asynchronous), "CreateAccountStatus" (AccountId if it was created).
    """
    name = org.name()
    settings(account_delay_s=600)
    status = org.request(name)
    assert (status["State"], "AccountId" in status) == ("IN_PROGRESS", False)
    emails = [
        each["Email"] for page in org.client.get_paginator("list_accounts").paginate() for each in page["Accounts"]
    ]
    assert f"{name}@example.com" not in emails
    settings(clock_ahead_s=601)
    done = look(org, status)
    assert done["State"] == "SUCCEEDED"
    aws.client("iam", aws.into(done["AccountId"])).list_roles()


def test_an_email_in_use_fails_later(org: Organized, settings: Settings) -> None:
    """An email in use fails the request while AWS works at it, in any spelling, also one that is only asked for yet.

    Source: API Reference, "CreateAccountStatus", FailureReason EMAIL_ALREADY_EXISTS.
    """
    name = org.name()
    settings(account_delay_s=600)
    org.request(name)
    status = org.request(name, Email=f"{name}@example.com".upper())
    assert status["State"] == "IN_PROGRESS"
    settings(clock_ahead_s=601)
    failed = look(org, status)
    assert (failed["State"], failed["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert "AccountId" not in failed


def test_a_sixth_account_at_a_time_is_refused(org: Organized, settings: Settings) -> None:
    """Five accounts are made at a time.

    Source: User Guide, "Quotas and service limits"; ConstraintViolationException ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED.
    """
    name = org.name()
    settings(account_delay_s=600)
    for number in range(5):
        org.request(f"{name}-{number}")
    with refused("ConstraintViolationException") as found:
        org.request(f"{name}-5")
    assert found.reason == "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"
    settings(clock_ahead_s=601)
    org.request(f"{name}-5")


def test_accounts_have_a_quota(org: Organized, settings: Settings) -> None:
    """An organisation has so many accounts. Source: ConstraintViolationException ACCOUNT_NUMBER_LIMIT_EXCEEDED."""
    name = org.name()
    settings(quotas={"accounts": 1})
    with refused("ConstraintViolationException") as found:
        org.request(name)
    assert found.reason == "ACCOUNT_NUMBER_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("quotas", "words"),
    [
        ({"acounts": 1}, "there is no quota 'acounts'; the nearest is accounts; known: accounts"),
        ({"accounts": -1}, "quotas.accounts must be a whole number from 0, not -1"),
        ({"accounts": True}, "quotas.accounts must be a whole number from 0, not True"),
        (5, "accounts_in_creation"),
    ],
)
def test_quotas_are_known_by_name(settings: Settings, quotas: object, words: str) -> None:
    """A quota that AWS has not is refused with the names there are, a value that is none with what it must be."""
    with pytest.raises(BadTwinOption) as found:
        settings(quotas=quotas)
    assert words in str(found.value)


def test_requests_are_known_by_id(org: Organized) -> None:
    """A request that nobody made is not found. Source: API Reference, "DescribeCreateAccountStatus"."""
    with refused("CreateAccountStatusNotFoundException"):
        org.client.describe_create_account_status(CreateAccountRequestId="car-00000000")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"Email": "no address"}, "INVALID_PATTERN"),
        ({"AccountName": "n" * 51}, "MAX_LENGTH_EXCEEDED"),
        ({"RoleName": "AWSServiceRoleForMe"}, "INVALID_ROLE_NAME"),
        ({"IamUserAccessToBilling": "PERHAPS"}, "INVALID_ENUM"),
    ],
)
def test_requests_are_checked(org: Organized, changed: dict[str, str], reason: str) -> None:
    """Parameters are held to the service's model. Source: API Reference, InvalidInputException."""
    name = org.name()
    with refused("InvalidInputException") as found:
        org.request(name, **changed)
    assert found.reason == reason


def test_statuses_come_in_pages_that_end(org: Organized, new_account: NewAccount) -> None:
    """Every request is listed once, however small the pages; the management account, which nobody asked for, is not.

    Source: API Reference, "ListCreateAccountStatus".
    """
    wanted = {new_account() for _ in range(3)}
    pages = org.client.get_paginator("list_create_account_status").paginate(PaginationConfig={"PageSize": 1})
    ids = [each["Id"] for page in pages for each in page["CreateAccountStatuses"]]
    assert len(ids) == len(set(ids))
    made = org.client.get_paginator("list_create_account_status").paginate(States=["SUCCEEDED"])
    found = [each["AccountId"] for page in made for each in page["CreateAccountStatuses"]]
    assert wanted <= set(found)
    assert MANAGEMENT not in found


def test_pages_are_of_twenty(org: Organized, new_account: NewAccount) -> None:
    """No page has more than 20 items, and a token that AWS did not give is refused.

    Source: API Reference, MaxResults; InvalidInputException INVALID_NEXT_TOKEN.
    """
    for _ in range(21):
        new_account()
    pages = [page["Accounts"] for page in org.client.get_paginator("list_accounts").paginate()]
    ids = [account["Id"] for page in pages for account in page]
    assert max(map(len, pages)) == 20
    assert len(ids) == len(set(ids)) > 20
    with refused("InvalidInputException") as found:
        org.client.list_accounts(NextToken="2")
    assert found.reason == "INVALID_NEXT_TOKEN"


def test_an_account_is_described(org: Organized, account: str, organization: str) -> None:
    """An account has Status and State, how it joined, and where it is. Source: API Reference, "Account"."""
    found = org.client.describe_account(AccountId=account)["Account"]
    assert (found["Status"], found["State"], found["JoinedMethod"]) == ("ACTIVE", "ACTIVE", "CREATED")
    assert found["Paths"] == [f"{organization}/{org.root}/{account}/"]
    with refused("AccountNotFoundException"):
        org.client.describe_account(AccountId="000000000000")


def test_an_account_moves_from_where_it_is(org: Organized, account: str) -> None:
    """Moving names the parent an account is in, another one that exists, and not the one it is in already.

    Source: API Reference, "MoveAccount": SourceParentNotFound, DestinationParentNotFound, DuplicateAccount.
    """
    move, one = org.client.move_account, org.unit()
    nowhere = one[:-8] + "00000000"
    with refused("SourceParentNotFoundException"):
        move(AccountId=account, SourceParentId=nowhere, DestinationParentId=one)
    with refused("DestinationParentNotFoundException"):
        move(AccountId=account, SourceParentId=org.root, DestinationParentId=nowhere)
    with refused("AccountNotFoundException"):
        move(AccountId="000000000000", SourceParentId=org.root, DestinationParentId=one)
    with refused("DuplicateAccountException"):
        move(AccountId=account, SourceParentId=org.root, DestinationParentId=org.root)
    move(AccountId=account, SourceParentId=org.root, DestinationParentId=one)
    with refused("SourceParentNotFoundException"):
        move(AccountId=account, SourceParentId=org.root, DestinationParentId=org.unit())
    assert org.client.list_parents(ChildId=account)["Parents"] == [{"Id": one, "Type": "ORGANIZATIONAL_UNIT"}]


def test_closing_takes_its_time(org: Organized, settings: Settings, account: str, aws: TwinAws) -> None:
    """An account is PENDING_CLOSURE and works until it is closed: Status SUSPENDED, State CLOSED.

    Source: API Reference, "CloseAccount"; User Guide, "Monitor the state of your AWS accounts".
    """
    keys = aws.into(account)
    settings(account_delay_s=600)
    org.client.close_account(AccountId=account)
    pending = org.client.describe_account(AccountId=account)["Account"]
    assert (pending["Status"], pending["State"]) == ("PENDING_CLOSURE", "PENDING_CLOSURE")
    aws.client("iam", keys).list_roles()
    with refused("ConflictException"):
        org.client.close_account(AccountId=account)
    settings(clock_ahead_s=601)
    closed = org.client.describe_account(AccountId=account)["Account"]
    assert (closed["Status"], closed["State"]) == ("SUSPENDED", "CLOSED")
    with refused("InvalidClientTokenId"):
        aws.client("iam", keys).list_roles()
    with refused("AccountAlreadyClosedException"):
        org.client.close_account(AccountId=account)


def test_a_fourth_closing_at_a_time_is_refused(org: Organized, settings: Settings, new_account: NewAccount) -> None:
    """Three accounts are closed at a time. Source: User Guide, "Quotas"; CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED."""
    accounts = [new_account() for _ in range(4)]
    settings(account_delay_s=600)
    for each in accounts[:3]:
        org.client.close_account(AccountId=each)
    with refused("ConstraintViolationException") as found:
        org.client.close_account(AccountId=accounts[3])
    assert found.reason == "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"
    settings(clock_ahead_s=601)
    org.client.describe_account(AccountId=accounts[0])


def test_closings_have_a_quota(org: Organized, settings: Settings, new_account: NewAccount) -> None:
    """In 30 days so many accounts are closed, or a share of the members if that is more; then again.

    Source: API Reference, "CloseAccount"; ConstraintViolationException CLOSE_ACCOUNT_QUOTA_EXCEEDED.
    """
    one, other = new_account(), new_account()
    org.client.close_account(AccountId=one)
    settings(quotas={"closings": 1, "closings_percent": 0})
    with refused("ConstraintViolationException") as found:
        org.client.close_account(AccountId=other)
    assert found.reason == "CLOSE_ACCOUNT_QUOTA_EXCEEDED"
    settings(clock_ahead_s=30 * 24 * 3600 + 1)
    org.client.close_account(AccountId=other)


def test_the_management_account_is_neither_closed_nor_removed(org: Organized) -> None:
    """The management account stays. Source: API Reference, "CloseAccount", "RemoveAccountFromOrganization"."""
    with refused("ConstraintViolationException") as found:
        org.client.close_account(AccountId=MANAGEMENT)
    assert found.reason == "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
    with refused("MasterCannotLeaveOrganizationException"):
        org.client.remove_account_from_organization(AccountId=MANAGEMENT)
    with refused("MasterCannotLeaveOrganizationException"):
        org.client.leave_organization()


def test_a_new_account_stays_four_days(org: Organized, settings: Settings, account: str, aws: TwinAws) -> None:
    """An account made in the organisation can go four days later at the earliest, and is then in none.

    Source: API Reference, "LeaveOrganization": the waiting period; WAIT_PERIOD_ACTIVE.
    """
    keys = aws.into(account)
    settings(quotas={})
    with refused("ConstraintViolationException") as found:
        org.client.remove_account_from_organization(AccountId=account)
    assert found.reason == "WAIT_PERIOD_ACTIVE"
    settings(quotas={"account_age_days": 0})
    aws.client("organizations", keys).leave_organization()
    with refused("AWSOrganizationsNotInUseException"):
        aws.client("organizations", keys).describe_organization()
    with refused("AccountNotFoundException"):
        org.client.describe_account(AccountId=account)


def test_a_full_organisation_is_not_deleted(org: Organized, account: str) -> None:
    """An organisation with members stays. Source: API Reference, "DeleteOrganization": OrganizationNotEmpty."""
    assert account
    with refused("OrganizationNotEmptyException"):
        org.client.delete_organization()


def test_gov_cloud_accounts_are_refused(org: Organized) -> None:
    """No account of the twin has a partner in GovCloud. Source: MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED."""
    name = org.name()
    with refused("ConstraintViolationException") as found:
        org.client.create_gov_cloud_account(Email=f"{name}@example.com", AccountName=name)
    assert found.reason == "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED"
