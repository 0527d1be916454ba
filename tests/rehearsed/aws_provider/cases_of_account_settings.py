"""The cases of settings that an account has once (alias, password policy, contacts ...), of budgets and of quotas."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.services import (
    account_contacts,
    budgets,
    ec2_account,
    iam_account,
    s3_account,
    service_quotas,
)
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World

CONTACT = {"emailAddress": "soc@acme.example", "name": "On Call", "phoneNumber": "+44 1", "title": "Security"}
VPCS, RULES = "L-F678F1CE", "L-0EA8095F"


def _notified(percent: float, *emails: str) -> dict[str, Any]:
    return {
        "comparisonOperator": "GREATER_THAN",
        "notificationType": "ACTUAL",
        "subscriberEmailAddresses": list(emails),
        "threshold": percent,
        "thresholdType": "PERCENTAGE",
    }


def _their_contact(world: World) -> None:
    world.client("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        EmailAddress="theirs@acme.example",
        Name="On Call",
        PhoneNumber="+44 1",
        Title="Security",
    )


def _forget_notification(world: World, budget: str) -> None:
    account_id, _, name = budget.partition(":")
    client, which = world.client("budgets"), {"AccountId": account_id, "BudgetName": name}
    (found,) = client.describe_notifications_for_budget(**which)["Notifications"]
    client.delete_notification(**which, Notification=found)


ACCOUNT_SETTINGS = [
    Case(
        kind=iam_account.ACCOUNT_ALIAS,
        inputs=lambda w: {"accountAlias": w.name("alias")},
        updates=lambda *_: [],
        replacements=lambda w: {"accountAlias": w.name("other")},
        drift=lambda w, r: w.client("iam").delete_account_alias(AccountAlias=r.id),
        drifted=frozenset({"gone"}),
        own_account=True,
    ),
    Case(
        kind=iam_account.PASSWORD_POLICY,
        inputs=lambda *_: {"minimumPasswordLength": 14, "requireNumbers": True, "maxPasswordAge": 90},
        updates=lambda *_: [
            {"requireLowercaseCharacters": True, "requireSymbols": True, "requireUppercaseCharacters": True},
            {"requireNumbers": False, "minimumPasswordLength": None},
            {"hardExpiry": True, "allowUsersToChangePassword": False},
            {"maxPasswordAge": 30, "passwordReusePrevention": 24},
        ],
        replacements=lambda *_: {},
        drift=lambda w, _: w.client("iam").update_account_password_policy(
            MinimumPasswordLength=8, RequireNumbers=True, MaxPasswordAge=90, AllowUsersToChangePassword=True
        ),
        drifted=frozenset({"minimumPasswordLength"}),
        own_account=True,
    ),
    Case(
        kind=ec2_account.ENCRYPTION_BY_DEFAULT,
        inputs=lambda *_: {},
        updates=lambda *_: [{"enabled": False}, {"enabled": True}],
        replacements=lambda *_: {"region": "us-east-1"},
        drift=lambda w, _: w.client("ec2").disable_ebs_encryption_by_default(),
        drifted=frozenset({"enabled"}),
        stays=True,
        own_account=True,
    ),
    Case(
        kind=ec2_account.METADATA_DEFAULTS,
        inputs=lambda *_: {"httpTokens": "required"},
        updates=lambda *_: [
            {"httpPutResponseHopLimit": 2, "instanceMetadataTags": "enabled"},
            {"httpTokens": "optional", "httpEndpoint": "enabled"},
            {"httpTokens": None, "httpPutResponseHopLimit": None},
        ],
        replacements=lambda *_: {"region": "us-east-1"},
        drift=lambda w, _: w.client("ec2").modify_instance_metadata_defaults(HttpTokens="optional"),
        drifted=frozenset({"httpTokens"}),
        stays=True,
        own_account=True,
    ),
    Case(
        kind=s3_account.ACCOUNT_PUBLIC_ACCESS_BLOCK,
        inputs=lambda *_: {"blockPublicAcls": True, "blockPublicPolicy": True},
        updates=lambda *_: [
            {"ignorePublicAcls": True, "restrictPublicBuckets": True},
            {"blockPublicAcls": False, "blockPublicPolicy": None},
        ],
        replacements=lambda *_: {"accountId": "999988887777"},
        drift=lambda w, r: w.client("s3control").delete_public_access_block(AccountId=r.id),
        drifted=frozenset({"gone"}),
        own_account=True,
    ),
    Case(
        kind=account_contacts.ALTERNATIVE_CONTACT,
        inputs=lambda *_: {"alternateContactType": "SECURITY", **CONTACT},
        updates=lambda *_: [
            {"emailAddress": "other@acme.example", "name": "Other"},
            {"phoneNumber": "+44 2", "title": "Other"},
        ],
        replacements=lambda *_: {"alternateContactType": "BILLING"},
        drift=lambda w, _: _their_contact(w),
        drifted=frozenset({"emailAddress"}),
        own_account=True,
    ),
    Case(
        kind=budgets.BUDGET,
        inputs=lambda w: {
            "name": w.name("budget"),
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "100",
            "limitUnit": "USD",
            "notifications": [_notified(80, "a@acme.example")],
            "tags": {"a": "1"},
        },
        updates=lambda *_: [
            {"limitAmount": "250.5"},
            {"notifications": [_notified(80, "a@acme.example", "b@acme.example"), _notified(99.5, "a@acme.example")]},
            {"notifications": None},
            {"costFilters": [{"name": "LinkedAccount", "values": ["111122223333"]}]},
            {"timePeriodStart": "2026-01-01_00:00", "timePeriodEnd": "2030-01-01_00:00"},
            {"timeUnit": "DAILY"},
            {"budgetType": "USAGE", "limitUnit": "GB"},
            {"tags": {"b": "2"}},
            {"tags": None},
        ],
        replacements=lambda w: {"name": w.name("other"), "accountId": "999988887777"},
        drift=lambda w, r: _forget_notification(w, r.id),
        drifted=frozenset({"notifications"}),
    ),
    Case(
        kind=service_quotas.SERVICE_QUOTA,
        inputs=lambda *_: {"serviceCode": "vpc", "quotaCode": VPCS, "value": 8},
        updates=lambda *_: [{"value": 100}],
        replacements=lambda *_: {"serviceCode": "ec2", "quotaCode": RULES, "region": "us-east-1"},
        # What somebody else asks for is no drift until AWS grants it.
        drift=lambda w, _: w.client("service-quotas").request_service_quota_increase(
            ServiceCode="vpc", QuotaCode=VPCS, DesiredValue=1000
        ),
        drifted=frozenset(),
        stays=True,
        own_account=True,
    ),
]
