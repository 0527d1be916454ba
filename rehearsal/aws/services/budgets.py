"""Budgets, with their notifications, which are calls of their own.

Source: pulumi_aws 7.51.1 (`budgets/budget.py`), terraform-provider-aws `internal/service/budgets/budget.go`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.aws_errors import code_of
from rehearsal.aws.call import Call
from rehearsal.aws.kinds import NUMBER, TEXT_LIST, TEXT_SET, Alike, set_of
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging
from rehearsal.aws.tags import tags_to_aws
from rehearsal.aws.wire import Value

_MISSING = "NotFoundException"
_MOMENT = "%Y-%m-%d_%H:%M"
_LAST_END = "2087-06-15_00:00"
_EMAIL, _SNS = "EMAIL", "SNS"
_PERCENTAGE = "PERCENTAGE"


def _amount(text: str) -> str:
    """Return the one spelling of an amount: AWS answers 100 with 100.0."""
    try:
        return str(Decimal(text).normalize())
    except InvalidOperation:
        return text


_NOTIFICATIONS = set_of(
    Property("comparisonOperator", required=True, one_of=("GREATER_THAN", "LESS_THAN", "EQUAL_TO")),
    Property("notificationType", required=True, one_of=("ACTUAL", "FORECASTED")),
    Property("subscriberEmailAddresses", TEXT_SET),
    Property("subscriberSnsTopicArns", TEXT_SET),
    Property("threshold", NUMBER, required=True),
    Property("thresholdType", required=True, one_of=(_PERCENTAGE, "ABSOLUTE_VALUE")),
)
_FILTERS = set_of(Property("name", required=True), Property("values", TEXT_LIST, required=True))


def _budget(call: Call) -> dict[str, Value]:
    """Return the budget as AWS takes it whole; what is not given stays as it is known."""
    amount, filters = call.known("limitAmount"), call.known("costFilters")
    ends = {"Start": call.known("timePeriodStart"), "End": call.known("timePeriodEnd")}
    budget = {
        "BudgetName": call["name"],
        "BudgetType": call["budgetType"],
        "TimeUnit": call["timeUnit"],
        "TimePeriod": {name: _to_moment(text) for name, text in ends.items() if text},
        "BudgetLimit": {"Amount": amount, "Unit": call.known("limitUnit")} if amount else None,
        "CostFilters": {item["name"]: list(item["values"]) for item in filters} if filters else None,
    }
    return {name: value for name, value in budget.items() if value is not None}


def _create(call: Call) -> Any:
    account_id = call["accountId"] or call.account.account_id
    tags = {"ResourceTags": tags_to_aws(call.tags, BUDGET.tagging.shape)} if call.tags and BUDGET.tagging else {}
    call.aws.create_budget(AccountId=account_id, Budget=_budget(call), **tags)
    return {"Id": f"{account_id}:{call['name']}"}


def _read(call: Call) -> Any:
    account_id, _, name = call.id.partition(":")
    which = {"AccountId": account_id, "BudgetName": name}
    found = call.aws.describe_budget(**which)["Budget"]
    period, limit = found.get("TimePeriod", {}), found.get("BudgetLimit", {})
    arn = _arn(call)
    return {
        "AccountId": account_id,
        "Arn": arn,
        "Name": found["BudgetName"],
        "BudgetType": found["BudgetType"],
        "TimeUnit": found["TimeUnit"],
        "LimitAmount": limit.get("Amount"),
        "LimitUnit": limit.get("Unit"),
        "CostFilters": [{"Name": key, "Values": values} for key, values in (found.get("CostFilters") or {}).items()],
        "TimePeriodStart": _from_moment(period.get("Start")),
        "TimePeriodEnd": _from_moment(period.get("End")),
        "Notifications": [_notification(call, which, item) for item in _notifications(call, which)],
        "Tags": call.aws.list_tags_for_resource(ResourceARN=arn).get("ResourceTags"),
    }


def _arn(call: Call) -> str:
    account_id, _, name = call.id.partition(":")
    return f"arn:{call.account.partition}:budgets::{account_id}:budget/{name}"


def _notifications(call: Call, which: dict[str, str]) -> list[Any]:
    return list(call.pages("describe_notifications_for_budget", "Notifications", **which))


def _notification(call: Call, which: dict[str, str], found: Any) -> dict[str, Value]:
    subscribers = call.pages("describe_subscribers_for_notification", "Subscribers", **which, Notification=found)
    by_type: dict[str, list[Value]] = {_EMAIL: [], _SNS: []}
    for subscriber in subscribers:
        by_type[subscriber["SubscriptionType"]].append(subscriber["Address"])
    return {
        "ComparisonOperator": found["ComparisonOperator"],
        "NotificationType": found["NotificationType"],
        "Threshold": found["Threshold"],
        # AWS does not tell the type of a percentage.
        "ThresholdType": found.get("ThresholdType") or _PERCENTAGE,
        "SubscriberEmailAddresses": by_type[_EMAIL] or None,
        "SubscriberSnsTopicArns": by_type[_SNS] or None,
    }


def _update(call: Call) -> None:
    call.aws.update_budget(AccountId=call.id.partition(":")[0], NewBudget=_budget(call))


def _change_notifications(call: Call) -> None:
    account_id, _, name = call.id.partition(":")
    which = {"AccountId": account_id, "BudgetName": name}
    lost, gained = call.lost_and_gained("notifications")
    for item in lost:
        _unless_missing(lambda gone: call.aws.delete_notification(**which, Notification=gone), _bare(item))
    for item in gained:
        call.aws.create_notification(**which, Notification=_bare(item), Subscribers=_subscribers(item))


def _unless_missing(delete: Any, item: dict[str, Value]) -> None:
    try:
        delete(item)
    except ClientError as error:
        if code_of(error) != _MISSING:
            raise


def _bare(item: dict[str, Value]) -> dict[str, Value]:
    names = {"comparisonOperator": "ComparisonOperator", "notificationType": "NotificationType"}
    return {aws: item[name] for name, aws in names.items()} | {
        "Threshold": float(item["threshold"]),
        "ThresholdType": item["thresholdType"],
    }


def _subscribers(item: dict[str, Value]) -> list[dict[str, str]]:
    kinds = {_EMAIL: "subscriberEmailAddresses", _SNS: "subscriberSnsTopicArns"}
    return [
        {"SubscriptionType": kind, "Address": address}
        for kind, name in kinds.items()
        for address in item.get(name) or ()
    ]


def _delete(call: Call) -> None:
    account_id, _, name = call.id.partition(":")
    call.aws.delete_budget(AccountId=account_id, BudgetName=name)


def _add_tags(call: Call) -> None:
    tags = [{"Key": key, "Value": value} for key, value in sorted(call.tags.items())]
    call.aws.tag_resource(ResourceARN=_arn(call), ResourceTags=tags)


def _remove_tags(call: Call) -> None:
    call.aws.untag_resource(ResourceARN=_arn(call), ResourceTagKeys=sorted(call.tags))


def _to_moment(text: str) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)


def _from_moment(found: datetime | None) -> str | None:
    return found.astimezone(UTC).strftime(_MOMENT) if found else None


BUDGET = ResourceType(
    type="aws:budgets/budget:Budget",
    title="Budget",
    service="budgets",
    regional=False,
    properties=(
        Property("accountId", replaces=True, computed=True),
        Property("name", replaces=True, auto_name=AutoName(longest=100)),
        Property("budgetType", required=True),
        Property("timeUnit", required=True, one_of=("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM")),
        Property("limitAmount", Alike("text", str, _amount), computed=True),
        Property("limitUnit", computed=True),
        Property("costFilters", _FILTERS, computed=True),
        Property("notifications", _NOTIFICATIONS),
        Property("timePeriodStart", computed=True),
        Property("timePeriodEnd", default=_LAST_END),
        output("arn"),
    ),
    id="Id",
    create=_create,
    read=_read,
    changes=(
        Change(
            ("budgetType", "timeUnit", "limitAmount", "limitUnit", "costFilters", "timePeriodStart", "timePeriodEnd"),
            _update,
        ),
        Change(("notifications",), _change_notifications),
    ),
    delete=_delete,
    tagging=Tagging(add=_add_tags, remove=_remove_tags),
    not_found=(_MISSING,),
    already_exists=("DuplicateRecordException",),
    find=lambda call: f"{call['accountId'] or call.account.account_id}:{call['name']}",
)

TYPES = (BUDGET,)
