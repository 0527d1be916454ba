"""When two IAM documents say the same: order, single values as lists, and the long and short names of an account aside.

AWS stores documents reformatted, and people write them by hand, so text can't be compared.
Source: IAM user guide, "Grammar of the IAM JSON policy language" and "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_LISTS = {"Action", "NotAction", "Resource", "NotResource"}
_PRINCIPALS = {"Principal", "NotPrincipal"}
_ACCOUNT_ID = re.compile(r"\d{12}")
_PARTITION_OF_IDS = "aws"


def canonical_document(text: str) -> str:
    """Return a text that is equal for documents that say the same; text that is no JSON object is returned as it is."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    if not isinstance(document, dict):
        return text
    if "Statement" in document:
        statements = [_statement(item) for item in _as_list(document["Statement"])]
        document = {**document, "Statement": sorted(statements, key=_text)}
    return _text(document)


def document_problem(text: str) -> str:
    """Return what is wrong with the text as a JSON document, or an empty string."""
    try:
        document = json.loads(text)
    except ValueError as error:
        return f"contains an invalid JSON policy: {error}"
    return "" if isinstance(document, dict) else "contains an invalid JSON policy: it is no JSON object"


def _statement(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    return {key: _element(key, value) for key, value in statement.items() if value not in ("", None)}


def _element(key: str, value: Any) -> Any:
    if key in _LISTS:
        return _value_set(value)
    if key in _PRINCIPALS:
        principals = {"AWS": "*"} if value == "*" else value
        return _each(principals, lambda names: _value_set(names, _principal))
    if key == "Condition":
        return _each(value, lambda test: _each(test, _value_set))
    return value


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    return {name: change(item) for name, item in value.items()} if isinstance(value, dict) else value


def _principal(name: str) -> str:
    return f"arn:{_PARTITION_OF_IDS}:iam::{name}:root" if _ACCOUNT_ID.fullmatch(name) else name


def _value_set(value: Any, rename: Callable[[str], str] = str) -> list[str]:
    return sorted({rename(_scalar(item)) for item in _as_list(value)})


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
