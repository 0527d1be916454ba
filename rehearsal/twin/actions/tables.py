"""What DynamoDB operations ask for: each table and index that a request names, batches and transactions included.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"; Amazon DynamoDB
Developer Guide, "DynamoDB transactions", IAM (they need the rights of the operations in them).
"""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import demand_on, generic_demands

_OF_MANY = frozenset({"BatchGetItem", "BatchWriteItem"})
_IN_TRANSACTIONS = {
    "Get": "dynamodb:GetItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}


def dynamodb_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a DynamoDB request asks for."""
    operation = asked.operation
    if operation.name in _OF_MANY:
        tables = operation.params.get("RequestItems")
        named = list(tables) if isinstance(tables, dict) else []
        return tuple(_on_table(asked, f"dynamodb:{operation.name}", str(table)) for table in named or ["*"])
    if operation.name in ("TransactGetItems", "TransactWriteItems"):
        return tuple(_of_transaction(asked)) or (_on_table(asked, "dynamodb:GetItem", "*"),)
    if operation.name in ("Query", "Scan") and (index := operation.text("IndexName")):
        return (_on_table(asked, f"dynamodb:{operation.name}", operation.text("TableName"), f"/index/{index}"),)
    return generic_demands(asked)


def _of_transaction(asked: Asked) -> Iterator[Demand]:
    items = asked.operation.params.get("TransactItems")
    for item in items if isinstance(items, list) else ():
        for kind, content in item.items() if isinstance(item, dict) else ():
            if kind in _IN_TRANSACTIONS and isinstance(content, dict):
                yield _on_table(asked, _IN_TRANSACTIONS[kind], str(content.get("TableName", "*")))


def _on_table(asked: Asked, action: str, table: str, rest: str = "") -> Demand:
    arn = table if table.startswith("arn:") else asked.arn("dynamodb", f"table/{table}")
    return demand_on(asked, action, f"{arn}{rest}")
