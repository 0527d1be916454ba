"""Monthly budgets of an account, and who is told when a share of them is spent or forecast."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.account_settings import Budget

_OWN_COSTS = "LinkedAccount"


class AccountBudgets(pulumi.ComponentResource):
    """Budgets by name.

    In the management account (`payer_account_id` is its id, else empty) a budget without a filter counts the whole
    organisation: there it is narrowed to what the account itself costs, unless the whole is asked for.
    """

    def __init__(
        self,
        name: str,
        *,
        budgets: Sequence[Budget],
        payer_account_id: str,
        parent: pulumi.Resource,
        provider: aws.Provider,
    ) -> None:
        super().__init__("fleetyard:landingzone:AccountBudgets", name, None, pulumi.ResourceOptions(parent=parent))
        for budget in budgets:
            narrowed = payer_account_id and not budget.whole_organization
            own = aws.budgets.BudgetCostFilterArgs(name=_OWN_COSTS, values=[payer_account_id])
            aws.budgets.Budget(
                budget.name,
                name=budget.name,
                budget_type="COST",
                time_unit="MONTHLY",
                limit_amount=str(budget.limit_usd),
                limit_unit="USD",
                cost_filters=[own] if narrowed else None,
                notifications=[
                    *(_told("ACTUAL", percent, budget.emails) for percent in budget.actual),
                    *(_told("FORECASTED", percent, budget.emails) for percent in budget.forecast),
                ],
                opts=pulumi.ResourceOptions(parent=self, provider=provider),
            )
        self.register_outputs({})


def _told(kind: str, percent: int, emails: Sequence[str]) -> aws.budgets.BudgetNotificationArgs:
    return aws.budgets.BudgetNotificationArgs(
        comparison_operator="GREATER_THAN",
        notification_type=kind,
        threshold=percent,
        threshold_type="PERCENTAGE",
        subscriber_email_addresses=list(emails),
    )
