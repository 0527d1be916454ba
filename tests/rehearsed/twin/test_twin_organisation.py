"""The organisation as a landing zone meets it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.twin_fixtures import MANAGEMENT, TwinAws, refused


def test_the_organisation_belongs_to_the_account_of_the_options(aws: TwinAws, organization: str) -> None:
    """The organisation's management account is the one the twin was started with."""
    found = aws.client("organizations").describe_organization()["Organization"]
    assert (found["Id"], found["MasterAccountId"]) == (organization, MANAGEMENT)


def test_a_member_sees_its_organisation(aws: TwinAws, organization: str, account: str) -> None:
    """A member account is told the organisation it is in."""
    found = aws.client("organizations", aws.into(account)).describe_organization()["Organization"]
    assert found["Id"] == organization


def test_an_email_is_good_for_one_account(aws: TwinAws, account: str) -> None:
    """A second account with an email in use fails with EMAIL_ALREADY_EXISTS, and stays failed when asked again."""
    organizations = aws.client("organizations")
    email = organizations.describe_account(AccountId=account)["Account"]["Email"]
    status = organizations.create_account(Email=email.upper(), AccountName="again")["CreateAccountStatus"]
    assert (status["State"], status["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    again = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])
    assert again["CreateAccountStatus"]["State"] == "FAILED"


def test_accounts_can_name_their_access_role(aws: TwinAws, organization: str) -> None:
    """The role an account is made with has the name asked for."""
    assert organization
    answer = aws.client("organizations").create_account(
        Email="named-role@example.com", AccountName="named-role", RoleName="Breakglass"
    )
    account_id = answer["CreateAccountStatus"]["AccountId"]
    aws.client("iam", aws.into(account_id, "Breakglass")).list_roles()
    with refused("AccessDenied"):
        aws.into(account_id)


def test_new_accounts_hold_the_access_role_only(aws: TwinAws, account: str) -> None:
    """A new account has one role, no user and no policy of its own."""
    iam = aws.client("iam", aws.into(account))
    details = iam.get_account_authorization_details(Filter=["Role", "User", "LocalManagedPolicy"])
    assert [role["RoleName"] for role in details["RoleDetailList"]] == ["OrganizationAccountAccessRole"]
    assert details["UserDetailList"] == details["Policies"] == []


@pytest.mark.parametrize("service", ["cloudtrail.amazonaws.com", "sso.amazonaws.com", "config.amazonaws.com"])
def test_services_can_be_delegated(aws: TwinAws, account: str, service: str) -> None:
    """A landing zone's services can have trusted access and a delegated administrator."""
    organizations = aws.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal=service)
    organizations.register_delegated_administrator(AccountId=account, ServicePrincipal=service)
    found = organizations.list_delegated_services_for_account(AccountId=account)["DelegatedServices"]
    assert [each["ServicePrincipal"] for each in found] == [service]


def test_accounts_are_apart_under_load(aws: TwinAws, organization: str) -> None:
    """Sixteen clients on sixteen accounts at once: nothing is lost, nothing lands elsewhere."""
    assert organization
    organizations = aws.client("organizations")
    making_clients = threading.Lock()

    def fill(number: int) -> tuple[str, set[str]]:
        made = organizations.create_account(Email=f"load-{number}@example.com", AccountName=f"load-{number}")
        account_id = made["CreateAccountStatus"]["AccountId"]
        keys = aws.into(account_id)
        with making_clients:
            iam = aws.client("iam", keys)
        for index in range(10):
            iam.create_user(UserName=f"{account_id}-{index}")
        return account_id, {user["UserName"] for user in iam.list_users()["Users"]}

    with ThreadPoolExecutor(16) as pool:
        filled = dict(pool.map(fill, range(16)))
    assert len(filled) == 16
    for account_id, users in filled.items():
        assert users == {f"{account_id}-{index}" for index in range(10)}
