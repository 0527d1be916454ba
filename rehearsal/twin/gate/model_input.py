"""Parameters against the lengths, ranges, patterns and enumerations of a service's model, which moto does not look at.

Source: botocore's models of the services; the words are those of AWS's own validation of requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

_Shape = Any
"""A shape of botocore's, which has no types."""
_UNREADABLE = r"\p{"
"""Of patterns that `re` does not read."""
_NAMES = r"[\w+=,.@-]+"
_PATHS = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"
_WORDED = {
    _NAMES: "The specified value for {} is invalid. "
    "It must contain only alphanumeric characters and/or the following: +=,.@_-",
    _PATHS: "The specified value for {} is invalid. "
    "It must begin and end with / and contain only alphanumeric characters and/or / characters.",
}
"""Patterns that IAM explains rather than quotes."""


def problem_of(service: str, operation: str, params: Mapping[str, Any]) -> str:
    """Return AWS's words for what the model does not allow in a query or JSON request's parameters, "" for nothing."""
    shape = _input_shape(service, operation)
    if shape is None:
        return ""
    worded: list[str] = []
    plain: list[str] = []
    for path, member, value in _texts(shape, params, ""):
        words = _WORDED.get(member.metadata.get("pattern", ""))
        if words and value and not _matches(member, value):
            worded.append(words.format(path))
        elif constraint := _broken(member, value):
            plain.append(f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {constraint}")
    if worded:
        return worded[0]
    return f"{len(plain)} validation error{'s' * (len(plain) > 1)} detected: {'; '.join(plain)}" if plain else ""


def _texts(shape: _Shape, params: Mapping[str, Any], before: str) -> Iterator[tuple[str, _Shape, str]]:
    """Yield the flat parameters of a structure: path as AWS tells it, shape, value."""
    for name, member in shape.members.items():
        key = f"{before}{name}"
        if member.type_name == "list":
            yield from _items(member, params, key)
        elif member.type_name in ("string", "integer") and key in params:
            yield _told(key), member, str(params[key])


def _items(shape: _Shape, params: Mapping[str, Any], key: str) -> Iterator[tuple[str, _Shape, str]]:
    number = 1
    while any(name == f"{key}.member.{number}" or name.startswith(f"{key}.member.{number}.") for name in params):
        place = f"{key}.member.{number}"
        if shape.member.type_name == "structure":
            yield from _texts(shape.member, params, f"{place}.")
        elif place in params:
            yield _told(place), shape.member, str(params[place])
        number += 1


def _told(key: str) -> str:
    """Return a parameter's path as AWS tells it: `tags.1.member.key`."""
    parts = [part[0].lower() + part[1:] for part in key.replace(".member.", ".").split(".")]
    return ".".join(f"{part}.member" if part.isdigit() else part for part in parts)


def _broken(shape: _Shape, value: str) -> str:
    """Return the first constraint that a value does not satisfy, "" for none."""
    limits = shape.metadata
    if shape.type_name == "integer":
        return _out_of_range(limits, value)
    if getattr(shape, "enum", None) and value not in shape.enum:
        return f"satisfy enum value set: [{', '.join(shape.enum)}]"
    if len(value) < limits.get("min", 0):
        return f"have length greater than or equal to {limits['min']}"
    if len(value) > limits.get("max", len(value)):
        return f"have length less than or equal to {limits['max']}"
    return "" if _matches(shape, value) else f"satisfy regular expression pattern: {limits['pattern']}"


def _out_of_range(limits: Mapping[str, Any], value: str) -> str:
    if not re.fullmatch(r"-?\d+", value):
        return "be a number"
    if int(value) < limits.get("min", int(value)):
        return f"have value greater than or equal to {limits['min']}"
    return f"have value less than or equal to {limits['max']}" if int(value) > limits.get("max", int(value)) else ""


def _matches(shape: _Shape, value: str) -> bool:
    pattern = shape.metadata.get("pattern", "")
    return not pattern or _UNREADABLE in pattern or _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@lru_cache(maxsize=512)
def _input_shape(service: str, operation: str) -> _Shape | None:
    model = _model(service)
    return model.operation_model(operation).input_shape if operation in model.operation_names else None


@lru_cache(maxsize=8)
def _model(service: str) -> Any:
    import botocore.session

    return botocore.session.get_session().get_service_model(service)
