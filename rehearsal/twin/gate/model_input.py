"""Parameters against the lengths, ranges, patterns and enumerations of a service's model, which moto does not look at.

Source: botocore's models of the services; the words are those of AWS's own validation of requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_Shape = Any
"""A shape of botocore's, which has no types."""
_UNICODE = {r"\p{L}\p{Z}\p{N}_": r"\w \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"}
"""Patterns of IAM's that `re` does not read, as it does: letters, separators, numbers."""
_UNREADABLE = r"\p{"
_NAMES = r"[\w+=,.@-]+"
_PATHS = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"
_WORDED = {
    _NAMES: "The specified value for {} is invalid. "
    "It must contain only alphanumeric characters and/or the following: +=,.@_-",
    _PATHS: "The specified value for {} is invalid. "
    "It must begin and end with / and contain only alphanumeric characters and/or / characters.",
}
"""Patterns that IAM explains rather than quotes."""
_DEEPEST = 8
"""Parts of a flat parameter's name that are looked at; no model has more."""
_DIGITS = 20
"""More of a number than any range has."""


def problem_of(service: str, operation: str, params: Mapping[str, Any], *, whole: bool = False) -> str:
    """Return AWS's words for what the model does not allow in a query or JSON request's parameters, "" for nothing.

    `whole` tells that these are all its parameters, so that what is required has to be among them.
    """
    shape = _input_shape(service, operation)
    if shape is None:
        return ""
    worded: list[str] = []
    plain: list[str] = []
    for path, member, value in _texts(shape, params, "", _Places(_heads(params), whole)):
        if isinstance(value, _Problem):
            plain.append(f"Value {value.told} at '{path}' failed to satisfy constraint: Member must {value.constraint}")
            continue
        words = _WORDED.get(member.metadata.get("pattern", ""))
        if words and value and not _matches(member, value):
            worded.append(words.format(path))
        elif constraint := _broken(member, value):
            plain.append(f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {constraint}")
    if worded:
        return worded[0]
    return f"{len(plain)} validation error{'s' * (len(plain) > 1)} detected: {'; '.join(plain)}" if plain else ""


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is wrong with a parameter that has no one value: how AWS tells it, what it must be."""

    told: str
    constraint: str


@dataclass(frozen=True, slots=True)
class _Places:
    """The names of a request's flat parameters and of all that holds them (`Tags`, `Tags.member.1`)."""

    names: frozenset[str]
    whole: bool


_Found = Iterator[tuple[str, _Shape, str | _Problem]]
"""Parameters: path as AWS tells it, shape, value or what is wrong with it."""
_MISSING = _Problem("null", "not be null")


def _heads(params: Mapping[str, Any]) -> frozenset[str]:
    found = set(params)
    for name in params:
        parts = name.split(".", _DEEPEST)
        found.update(".".join(parts[:number]) for number in range(1, len(parts)))
    return frozenset(found)


def _texts(shape: _Shape, params: Mapping[str, Any], before: str, places: _Places) -> _Found:
    """Yield the flat parameters of a structure."""
    for name, member in shape.members.items():
        key = f"{before}{name}"
        if key not in places.names:
            if places.whole and name in shape.required_members:
                yield _told(key), member, _MISSING
        elif member.type_name == "list":
            yield from _items(member, params, key, places)
        elif member.type_name in ("string", "integer") and key in params:
            yield _told(key), member, str(params[key])


def _items(shape: _Shape, params: Mapping[str, Any], key: str, places: _Places) -> _Found:
    count = 0
    while f"{key}.member.{count + 1}" in places.names:
        count += 1
    most = shape.metadata.get("max", count)
    if count > most:
        yield _told(key), shape, _Problem(f"'[{count} members]'", f"have length less than or equal to {most}")
        return
    for place in (f"{key}.member.{number}" for number in range(1, count + 1)):
        if shape.member.type_name == "structure":
            yield from _texts(shape.member, params, f"{place}.", places)
        elif place in params:
            yield _told(place), shape.member, str(params[place])


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
    number = int(value[:_DIGITS])
    if number < limits.get("min", number):
        return f"have value greater than or equal to {limits['min']}"
    return f"have value less than or equal to {limits['max']}" if number > limits.get("max", number) else ""


def _matches(shape: _Shape, value: str) -> bool:
    pattern = _readable(shape.metadata.get("pattern", ""))
    return not pattern or _UNREADABLE in pattern or _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=256)
def _readable(pattern: str) -> str:
    for given, read in _UNICODE.items():
        if given in pattern:
            return f"(?u){pattern.replace(given, read)}"
    return pattern


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, 0 if pattern.startswith("(?u)") else re.ASCII)


@lru_cache(maxsize=512)
def _input_shape(service: str, operation: str) -> _Shape | None:
    model = _model(service)
    return model.operation_model(operation).input_shape if operation in model.operation_names else None


@lru_cache(maxsize=8)
def _model(service: str) -> Any:
    import botocore.session

    return botocore.session.get_session().get_service_model(service)
