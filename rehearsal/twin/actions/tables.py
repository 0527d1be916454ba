"""What DynamoDB operations ask for: each table and index that a request names, batches and transactions included.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"; Amazon DynamoDB
Developer Guide, "DynamoDB transactions", IAM (they need the rights of the operations in them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import demand_on, generic_demands
from rehearsal.twin.actions.table_keys import item_keys

_OF_MANY = frozenset({"BatchGetItem", "BatchWriteItem"})
_OF_ITEMS = frozenset({"DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"})
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
        named = tables if isinstance(tables, dict) and tables else {"*": {}}
        return tuple(_of_batch(asked, str(table), part) for table, part in named.items())
    if operation.name in ("TransactGetItems", "TransactWriteItems"):
        return tuple(_of_transaction(asked)) or (_on_table(asked, "dynamodb:GetItem", "*"),)
    if operation.name in ("Query", "Scan") and (index := operation.text("IndexName")):
        demand = _on_table(asked, f"dynamodb:{operation.name}", operation.text("TableName"), f"/index/{index}")
        return (_with_keys(demand, operation.name, operation.params),)
    demands = generic_demands(asked)
    if operation.name in _OF_ITEMS:
        return tuple(_with_keys(demand, operation.name, operation.params) for demand in demands)
    return demands


def _of_batch(asked: Asked, table: str, part: object) -> Demand:
    operation = asked.operation
    content = dict(part) if isinstance(part, dict) else {"Writes": part}
    content["ReturnConsumedCapacity"] = operation.text("ReturnConsumedCapacity")
    return _with_keys(_on_table(asked, f"dynamodb:{operation.name}", table), operation.name, content)


def _of_transaction(asked: Asked) -> Iterator[Demand]:
    operation = asked.operation
    items = operation.params.get("TransactItems")
    for item in items if isinstance(items, list) else ():
        for kind, content in item.items() if isinstance(item, dict) else ():
            if kind in _IN_TRANSACTIONS and isinstance(content, dict):
                demand = _on_table(asked, _IN_TRANSACTIONS[kind], str(content.get("TableName", "*")))
                capacity = {"ReturnConsumedCapacity": operation.text("ReturnConsumedCapacity")}
                demand = _with_keys(demand, kind, {**content, **capacity})
                yield replace(demand, context={**demand.context, "dynamodb:EnclosingOperation": operation.name})


def _with_keys(demand: Demand, operation: str, content: Mapping[str, Any]) -> Demand:
    return replace(demand, context={**demand.context, **item_keys(demand.resource, operation, content)})


def _on_table(asked: Asked, action: str, table: str, rest: str = "") -> Demand:
    arn = table if table.startswith("arn:") else asked.arn("dynamodb", f"table/{table}")
    return demand_on(asked, action, f"{arn}{rest}")
