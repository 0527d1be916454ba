"""The condition keys of DynamoDB's requests: keys of items, attributes, what is asked back, the transaction around it.

Source: Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control"; Service
Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"; Amazon DynamoDB API Reference,
"Query" and "Scan" for what is taken where a parameter is left out. Statements of PartiQL are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rehearsal.twin.emulator.backends import backend_of

Keys = dict[str, str | list[str]]

_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
_PATH = re.compile(r"(?<![:\w#.\]])([A-Za-z_#][\w#-]*)(\s*\()?")
_EQUALS = re.compile(r"([#\w-]+)\s*=\s*(:\w+)|(:\w+)\s*=\s*([#\w-]+)")
_WORDS = frozenset({"ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET"})
_READS = frozenset({"BatchGetItem", "Get", "GetItem", "Query", "Scan", "TransactGetItems"})
_WRITES = frozenset({"ConditionCheck", "Delete", "DeleteItem", "Put", "PutItem", "Update", "UpdateItem"})


def item_keys(arn: str, operation: str, content: Mapping[str, Any]) -> Keys:
    """Return the keys of what a request says of one table: `content` is the request, or its part for that table.

    `operation` is the request's, or the kind of the transaction's part (`Put`). A scan has no leading keys, as in AWS.
    """
    found: Keys = {"dynamodb:ReturnConsumedCapacity": _text(content, "ReturnConsumedCapacity") or "NONE"}
    if operation in _READS:
        found["dynamodb:Select"] = _select(content)
    if operation in _WRITES:
        asked_back = _text(content, "ReturnValues") or _text(content, "ReturnValuesOnConditionCheckFailure")
        found["dynamodb:ReturnValues"] = asked_back or "NONE"
    hash_keys = _hash_keys(arn, _text(content, "IndexName"))
    for ordinal, name in zip(("First", "Second", "Third", "Fourth"), hash_keys, strict=False):
        if values := list(dict.fromkeys(_values_of(content, name))):
            found[f"dynamodb:{ordinal}PartitionKeyValues"] = values
            if ordinal == "First":
                found["dynamodb:LeadingKeys"] = values
    if attributes := list(dict.fromkeys(_attributes(content))):
        found["dynamodb:Attributes"] = attributes
    return found


def _select(content: Mapping[str, Any]) -> str:
    if given := _text(content, "Select"):
        return given
    if content.get("ProjectionExpression") or content.get("AttributesToGet"):
        return "SPECIFIC_ATTRIBUTES"
    return "ALL_PROJECTED_ATTRIBUTES" if content.get("IndexName") else "ALL_ATTRIBUTES"


def _hash_keys(arn: str, index: str) -> list[str]:
    """Return the names of the partition key of the table, or index, that is asked for; none if it is not there."""
    parts = arn.split(":", 5)
    backend = backend_of("dynamodb", "dynamodb", parts[4], parts[3]) if len(parts) == 6 else None
    table = backend.tables.get(parts[5].split("/")[1]) if backend is not None and "/" in parts[5] else None
    if table is None:
        return []
    schemas = [each.schema for each in table.all_indexes() if each.name == index] if index else [table.schema]
    return [str(key["AttributeName"]) for schema in schemas for key in schema if key["KeyType"] == "HASH"]


def _items(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the items, and the keys of items, in a request or in its part for one table."""
    keys, writes = content.get("Keys"), content.get("Writes")
    found = [content.get("Key"), content.get("Item"), *(keys if isinstance(keys, list) else ())]
    for write in writes if isinstance(writes, list) else ():
        if isinstance(write, Mapping):
            found += [each.get("Item") or each.get("Key") for each in write.values() if isinstance(each, Mapping)]
    yield from (each for each in found if isinstance(each, Mapping))


def _values_of(content: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the values that a request names of a part of the partition key."""
    for item in _items(content):
        yield from _plain(item.get(name))
    condition = _map(_map(content, "KeyConditions"), name)
    listed = condition.get("AttributeValueList")
    for value in listed if isinstance(listed, list) else ():
        yield from _plain(value)
    names, values = _map(content, "ExpressionAttributeNames"), _map(content, "ExpressionAttributeValues")
    for left, right, first, second in _EQUALS.findall(_text(content, "KeyConditionExpression")):
        path, value = (left, right) if left else (second, first)
        if names.get(path, path) == name:
            yield from _plain(values.get(value))


def _attributes(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the top-level attributes that a request names."""
    for item in _items(content):
        yield from map(str, item)
    listed = content.get("AttributesToGet")
    yield from map(str, listed if isinstance(listed, list) else ())
    for parameter in ("AttributeUpdates", "Expected", "KeyConditions", "QueryFilter", "ScanFilter"):
        yield from map(str, _map(content, parameter))
    names = _map(content, "ExpressionAttributeNames")
    for parameter in _EXPRESSIONS:
        for path, called in _PATH.findall(_text(content, parameter)):
            if not called and path.upper() not in _WORDS:
                yield str(names.get(path, path))


def _plain(value: object) -> Iterable[str]:
    """Return the text of an attribute's value as DynamoDB writes it, `{"S": …}`."""
    return [each for each in value.values() if isinstance(each, str)] if isinstance(value, Mapping) else []


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _map(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    return value if isinstance(value, Mapping) else {}
