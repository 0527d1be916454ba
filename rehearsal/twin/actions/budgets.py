"""What Budgets operations ask for: IAM knows two rights for budgets, to see and to change them, beside those of tags.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Budget Service".
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked, Demand

_OF_TAGS = ("TagResource", "UntagResource", "ListTagsForResource")


def budgets_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a Budgets request asks for."""
    operation = asked.operation
    if operation.name in _OF_TAGS:
        return (Demand(f"budgets:{operation.name}", operation.text("ResourceARN") or "*"),)
    action = "ViewBudget" if operation.name.startswith("Describe") else "ModifyBudget"
    resource = asked.arn("budgets", f"budget/{_name(asked)}", region=False)
    demands = [Demand(f"budgets:{action}", resource)]
    if operation.name == "CreateBudget" and operation.params.get("ResourceTags"):
        demands.append(Demand("budgets:TagResource", resource))
    return tuple(demands)


def _name(asked: Asked) -> str:
    params = asked.operation.params
    for parameter in ("Budget", "NewBudget"):
        whole = params.get(parameter)
        if isinstance(whole, dict):
            return str(whole.get("BudgetName", "*"))
    return asked.operation.text("BudgetName") or "*"
