"""What is changed in moto's Budgets, which has neither updates, subscribers nor tags.

moto's modules have no types and are changed here, hence `Any` for them.
Source: AWS Budgets API Reference: "CreateBudget", "UpdateBudget", "CreateNotification", "Notification".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

_MOST_NOTIFICATIONS = 10
_MOST_EMAILS, _MOST_TOPICS = 10, 1
_CALLS = ("create_budget", "describe_budget", "describe_budgets", "delete_budget")


def make_budgets_like_aws(budgets: Any, error: Any) -> None:
    """Change moto's package: its responses and models."""
    response, model = budgets.responses.BudgetsResponse, budgets.models.Budget
    missing = budgets.exceptions.NotFoundException
    _write_amounts_as_aws_does(model)
    _begin_with_the_month(model)
    _keep_tags(response, missing)
    _update(response, missing)
    _keep_subscribers(response, missing, error)
    for name in (*_CALLS, "update_budget", *_OF_NOTIFICATIONS):
        setattr(response, name, _for_the_own_account(getattr(response, name), error))


_OF_NOTIFICATIONS = (
    "create_notification",
    "delete_notification",
    "describe_notifications_for_budget",
    "describe_subscribers_for_notification",
)


def _for_the_own_account(plain: Callable[[Any], str], error: Any) -> Callable[[Any], str]:
    """Refuse budgets of other accounts: moto keeps them for whichever account is named."""

    @wraps(plain)
    def call(self: Any) -> str:
        named = self._get_param("AccountId")
        if named != self.current_account:
            words = f"Account {self.current_account} is not authorized to access budgets of {named}."
            raise error("AccessDeniedException", words)
        return plain(self)

    return call


def _write_amounts_as_aws_does(model: Any) -> None:
    """Answer an amount of 100 with 100.0, as AWS does."""
    plain = model.to_dict

    @wraps(plain)
    def to_dict(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = plain(self)
        limit = found.get("BudgetLimit")
        return {**found, "BudgetLimit": {**limit, "Amount": str(float(limit["Amount"]))}} if limit else found

    model.to_dict = to_dict


def _begin_with_the_month(model: Any) -> None:
    """Let a period of which only the end is given begin with this month: moto then leaves the beginning out."""
    plain = model.__init__

    @wraps(plain)
    def begin(self: Any, budget: dict[str, Any], notifications: list[Any]) -> None:
        given = budget.pop("TimePeriod", {})
        plain(self, budget, notifications)
        self.budget["TimePeriod"] = {**self.budget["TimePeriod"], **given}

    model.__init__ = begin


def _named(response: Any, missing: Any) -> Any:
    """Return the budget that a request names; raises moto's NotFoundException."""
    name = response._get_param("BudgetName")
    found = response.backend.budgets[response.current_account].get(name)
    if found is None:
        raise missing(f"Unable to get budget: {name} - the budget doesn't exist.")
    return found


def _keep_tags(response: Any, missing: Any) -> None:
    create = response.create_budget

    def tags_of(self: Any) -> dict[str, str]:
        name = self._get_param("ResourceARN").partition(":budget/")[2]
        found = self.backend.budgets[self.current_account].get(name)
        if found is None:
            raise missing(f"Unable to get budget: {name} - the budget doesn't exist.")
        tags: dict[str, str] = found.__dict__.setdefault("tags", {})
        return tags

    @wraps(create)
    def create_budget(self: Any) -> str:
        answer: str = create(self)
        made = self.backend.budgets[self.current_account][self._get_param("Budget")["BudgetName"]]
        made.tags = {tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags") or ()}
        return answer

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in tags_of(self).items()]})

    def tag_resource(self: Any) -> str:
        tags_of(self).update({tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags")})
        return "{}"

    def untag_resource(self: Any) -> str:
        for key in self._get_param("ResourceTagKeys"):
            tags_of(self).pop(key, None)
        return "{}"

    response.create_budget = create_budget
    response.list_tags_for_resource = list_tags_for_resource
    response.tag_resource = tag_resource
    response.untag_resource = untag_resource


def _update(response: Any, missing: Any) -> None:
    def update_budget(self: Any) -> str:
        new = self._get_param("NewBudget")
        found = self.backend.budgets[self.current_account].get(new["BudgetName"])
        if found is None:
            raise missing(f"Unable to update budget: {new['BudgetName']} - the budget doesn't exist.")
        found.budget = {"TimePeriod": found.budget["TimePeriod"], **new}
        return "{}"

    response.update_budget = update_budget


def _keep_subscribers(response: Any, missing: Any, error: Any) -> None:
    """Tell subscribers, and hold AWS's limits: moto takes any number, and one notification any number of times."""
    create = response.create_notification

    def key(details: dict[str, Any]) -> tuple[Any, ...]:
        kind = details.get("ThresholdType", "PERCENTAGE")
        return details["NotificationType"], details["ComparisonOperator"], float(details["Threshold"]), kind

    def the_one(self: Any) -> Any:
        asked = key(self._get_param("Notification"))
        found = next((item for item in _named(self, missing).notifications if key(item.details) == asked), None)
        if found is None:
            raise missing("Unable to get notification - the notification doesn't exist.")
        return found

    @wraps(create)
    def create_notification(self: Any) -> str:
        there = [key(item.details) for item in _named(self, missing).notifications]
        if key(self._get_param("Notification")) in there:
            raise error("DuplicateRecordException", "Error creating notification - the notification already exists.")
        kinds = [each["SubscriptionType"] for each in self._get_param("Subscribers")]
        too_many = kinds.count("EMAIL") > _MOST_EMAILS or kinds.count("SNS") > _MOST_TOPICS
        if len(there) >= _MOST_NOTIFICATIONS or too_many:
            words = "Unable to create notification - the notification or subscriber limit is exceeded."
            raise error("CreationLimitExceededException", words)
        answer: str = create(self)
        return answer

    def delete_notification(self: Any) -> str:
        gone = the_one(self)
        _named(self, missing).notifications.remove(gone)
        return "{}"

    def describe_notifications_for_budget(self: Any) -> str:
        return json.dumps({"Notifications": [item.details for item in _named(self, missing).notifications]})

    def describe_subscribers_for_notification(self: Any) -> str:
        return json.dumps({"Subscribers": the_one(self).subscribers})

    response.create_notification = create_notification
    response.delete_notification = delete_notification
    response.describe_notifications_for_budget = describe_notifications_for_budget
    response.describe_subscribers_for_notification = describe_subscribers_for_notification
