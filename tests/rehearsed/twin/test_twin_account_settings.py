"""Settings of accounts on the twin: what AWS refuses there, which moto would do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.twin_fixtures import MANAGEMENT, TwinAws, refused

CONTACT = {"EmailAddress": "a@acme.example", "Name": "A", "PhoneNumber": "1", "Title": "B"}
SECURITY = {"AlternateContactType": "SECURITY"}
NOTIFICATION = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
ONE = [{"SubscriptionType": "EMAIL", "Address": "a@acme.example"}]


def _budget(aws: TwinAws, account: str) -> tuple[Any, dict[str, str]]:
    client = aws.client("budgets", aws.into(account))
    limit = {"Amount": "100", "Unit": "USD"}
    budget = {"BudgetName": "b", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}
    client.create_budget(AccountId=account, Budget=budget)
    return client, {"AccountId": account, "BudgetName": "b"}


def test_an_alias_is_one_accounts(aws: TwinAws, new_account: Callable[[], str]) -> None:
    """An alias that another account holds is refused, and free again when that one takes another."""
    first, second = (aws.client("iam", aws.into(new_account())) for _ in range(2))
    first.create_account_alias(AccountAlias="taken")
    with refused("EntityAlreadyExists") as said:
        second.create_account_alias(AccountAlias="taken")
    assert said.message == "The account alias taken already exists."
    first.create_account_alias(AccountAlias="moved-on")
    second.create_account_alias(AccountAlias="taken")
    assert first.list_account_aliases()["AccountAliases"] == ["moved-on"]


def test_an_alias_is_deleted_by_its_name(aws: TwinAws, account: str) -> None:
    """Deleting an alias that is not the present one is refused, and leaves the present one."""
    iam = aws.client("iam", aws.into(account))
    iam.create_account_alias(AccountAlias="present")
    with refused("NoSuchEntity"):
        iam.delete_account_alias(AccountAlias="former")
    assert iam.list_account_aliases()["AccountAliases"] == ["present"]


def test_a_text_that_is_no_alias(aws: TwinAws, account: str) -> None:
    """An alias with two hyphens in a row is refused."""
    with refused("ValidationError"):
        aws.client("iam", aws.into(account)).create_account_alias(AccountAlias="a--b")


def test_contacts_of_another_account(aws: TwinAws, new_account: Callable[[], str]) -> None:
    """A member can't touch another account's contacts; the management account can, but not its own by id."""
    one, other = new_account(), new_account()
    with refused("AccessDeniedException"):
        aws.client("account", aws.into(one)).put_alternate_contact(AccountId=other, **SECURITY, **CONTACT)
    aws.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    aws.client("account").put_alternate_contact(AccountId=other, **SECURITY, **CONTACT)
    assert aws.client("account", aws.into(other)).get_alternate_contact(**SECURITY)["AlternateContact"]["Name"] == "A"
    with refused("AccessDeniedException"):
        aws.client("account").get_alternate_contact(AccountId=MANAGEMENT, **SECURITY)


def test_a_contact_that_is_not_there(aws: TwinAws, account: str) -> None:
    """Deleting a contact that was never put is refused."""
    with refused("ResourceNotFoundException"):
        aws.client("account", aws.into(account)).delete_alternate_contact(**SECURITY)


def test_metadata_defaults_are_of_one_region(aws: TwinAws, account: str) -> None:
    """Defaults of instances' metadata hold in the region they were set in, until no preference is said."""
    here, there = (aws.client("ec2", aws.into(account), region=region) for region in ("eu-west-1", "us-east-1"))
    here.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
    found = here.get_instance_metadata_defaults()["AccountLevel"]
    assert (found["HttpTokens"], found["HttpPutResponseHopLimit"]) == ("required", 2)
    assert "HttpTokens" not in there.get_instance_metadata_defaults()["AccountLevel"]
    here.modify_instance_metadata_defaults(HttpTokens="no-preference")
    assert "HttpTokens" not in here.get_instance_metadata_defaults()["AccountLevel"]


def test_a_budgets_notifications_have_limits(aws: TwinAws, account: str) -> None:
    """The same notification twice, an eleventh one, and an eleventh address are refused."""
    client, which = _budget(aws, account)
    client.create_notification(**which, Notification=NOTIFICATION, Subscribers=ONE)
    with refused("DuplicateRecordException"):
        client.create_notification(**which, Notification=NOTIFICATION, Subscribers=ONE)
    eleven = [{"SubscriptionType": "EMAIL", "Address": f"a{n}@acme.example"} for n in range(11)]
    with refused("CreationLimitExceededException"):
        client.create_notification(**which, Notification={**NOTIFICATION, "Threshold": 1}, Subscribers=eleven)
    for percent in range(1, 10):
        client.create_notification(**which, Notification={**NOTIFICATION, "Threshold": percent}, Subscribers=ONE)
    with refused("CreationLimitExceededException"):
        client.create_notification(**which, Notification={**NOTIFICATION, "Threshold": 99}, Subscribers=ONE)


def test_budgets_of_another_account(aws: TwinAws, new_account: Callable[[], str]) -> None:
    """An account reaches its own budgets only."""
    _, which = _budget(aws, new_account())
    with refused("AccessDeniedException"):
        aws.client("budgets").describe_budget(**which)


@pytest.mark.parametrize(
    ("quota", "value", "code"),
    [
        ("L-F678F1CE", 5, "IllegalArgumentException"),
        ("L-3248932A", 99999, "IllegalArgumentException"),
        ("L-00000000", 10, "NoSuchResourceException"),
    ],
)
def test_a_request_for_more_is_refused_at_once(aws: TwinAws, account: str, quota: str, value: int, code: str) -> None:
    """No more than there is, a quota that can't be raised and one that does not exist are refused."""
    client = aws.client("service-quotas", aws.into(account))
    with refused(code):
        client.request_service_quota_increase(ServiceCode="vpc", QuotaCode=quota, DesiredValue=value)


def test_a_quota_that_the_twin_does_not_know(aws: TwinAws, account: str) -> None:
    """Of a quota outside `vpc` there is a default to ask more than, and no value of one's own until more is granted."""
    client, some = aws.client("service-quotas", aws.into(account)), {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
    with refused("NoSuchResourceException"):
        client.get_service_quota(**some)
    assert client.get_aws_default_service_quota(**some)["Quota"]["Value"] == 1
    client.request_service_quota_increase(**some, DesiredValue=2)
    assert client.get_service_quota(**some)["Quota"]["Value"] == 2


def test_a_request_for_more_is_approved_or_left_open(aws: TwinAws, account: str) -> None:
    """Up to twice the value is approved at once; more opens a case, beside which there can't be another."""
    client, vpcs = aws.client("service-quotas", aws.into(account)), {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
    answer = client.request_service_quota_increase(**vpcs, DesiredValue=10)["RequestedQuota"]
    assert (answer["Status"], client.get_service_quota(**vpcs)["Quota"]["Value"]) == ("APPROVED", 10)
    answer = client.request_service_quota_increase(**vpcs, DesiredValue=100)["RequestedQuota"]
    assert (answer["Status"], client.get_service_quota(**vpcs)["Quota"]["Value"]) == ("CASE_OPENED", 10)
    with refused("ResourceAlreadyExistsException"):
        client.request_service_quota_increase(**vpcs, DesiredValue=200)
