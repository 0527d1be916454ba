"""Reads YAML without losing what was written: account ids keep their zeros, versions their last digit.

Two readings of one node: `exact`, every scalar as its text; `typed`, plain scalars as Pulumi's CLI types them, except
that digits with a leading zero stay text. Source: yaml.v3 `resolve.go`, which the CLI reads with.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import yaml  # type: ignore[import-untyped]  # comes with the Pulumi SDK, without types

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
_RADIX = re.compile(r"[-+]?0(x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9_]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

Node: TypeAlias = Any
"""A composed YAML node: scalar, sequence or mapping."""


class MalformedYamlError(ValueError):
    """Says in one line where a text is no YAML, or uses what Pulumi's files may not hold."""


def compose(text: str) -> Node | None:
    """Return the root node of a document, None if it is empty; raises MalformedYamlError."""
    try:
        return yaml.compose(text.removeprefix("\ufeff"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise MalformedYamlError(" ".join(str(error).split())) from error


def members(node: Node | None, what: str) -> dict[str, Node]:
    """Return a mapping's nodes by key, in order; raises MalformedYamlError if it is none, or names a key twice."""
    if node is None or _is_null(node):
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise MalformedYamlError(f"{what} must be a mapping ({_place(node)})")
    found: dict[str, Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise MalformedYamlError(f"a key of {what} is not text ({_place(key)})")
        if key.value == "<<" and not key.style:
            raise MalformedYamlError(f"{what} uses a merge key, which is not supported ({_place(key)})")
        if key.value in found:
            raise MalformedYamlError(f"{what} names {key.value!r} twice ({_place(key)})")
        found[key.value] = value
    return found


def is_scalar(node: Node) -> bool:
    """Tell whether a node is a single value."""
    return isinstance(node, yaml.ScalarNode)


def text(node: Node | None, what: str) -> str:
    """Return a scalar's text, empty for null; raises MalformedYamlError if it is none."""
    if node is None or _is_null(node):
        return ""
    if not isinstance(node, yaml.ScalarNode):
        raise MalformedYamlError(f"{what} must be a single value ({_place(node)})")
    return str(node.value)


def typed(node: Node) -> Any:
    """Return a node's data with plain scalars typed."""
    if isinstance(node, yaml.SequenceNode):
        return [typed(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {key: typed(value) for key, value in members(node, "a mapping").items()}
    return node.value if node.style else plain_scalar(node.value)


def plain_scalar(value: str) -> str | bool | int | float | None:
    """Type an unquoted scalar."""
    if value in _NULLS:
        return None
    if value in _BOOLEANS:
        return _BOOLEANS[value]
    digits = value.replace("_", "")
    if _DECIMAL.fullmatch(value):
        return int(digits)
    if _RADIX.fullmatch(value):
        return int(digits, 0)
    return float(digits) if _FLOAT.fullmatch(value) else value


def _is_null(node: Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in _NULLS


def _place(node: Node) -> str:
    return f"line {node.start_mark.line + 1}, column {node.start_mark.column + 1}"
