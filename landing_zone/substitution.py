"""Fills `${...}` in a workload's config: `${vars.cidr}`, `${account.name}`, `${accounts.core-network.id}`.

A text that is one `${...}` and nothing else takes the value with its type (a number stays a number); inside a longer
text the value is written out. `$${` stands for a plain `${`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]
"""Keys and list indexes from the top of a value to a text in it."""

ACCOUNT_FIELDS = ("account.name", "account.id", "account.stage", "account.unit", "account.email")
ACCOUNTS = "accounts"
"""Stands for the account map: what there is to know of each account, as `landing_zone.account_map` reads it."""
FLEET_FIELDS = ("organization", "organization_id", "region", "management_account_id")

_REFERENCE = re.compile(r"(?P<escaped>\$\$\{)|\$\{(?P<name>(?:(?!\$\{)[^}])*)\}")
_UNCLOSED = re.compile(_REFERENCE.pattern + r"|(?P<unclosed>\$\{(?:(?!\$\{)\S){0,40})")
_OTHER_ACCOUNT = re.compile(r"accounts\.(?P<account>[^.]+)\.id")


def references(value: Any, path: Path = ()) -> Iterator[tuple[str, Path]]:  # noqa: ANN401  (a JSON value)
    """Yield the name in each `${name}` of a value, with the path to the text it stands in."""
    for text, at in _texts(value, path):
        yield from ((found["name"], at) for found in _REFERENCE.finditer(text) if found["name"] is not None)


def unclosed(value: Any, path: Path = ()) -> Iterator[tuple[str, Path]]:  # noqa: ANN401  (a JSON value)
    """Yield the beginning of each `${` that no brace closes, with the path to the text it stands in."""
    for text, at in _texts(value, path):
        yield from ((found["unclosed"], at) for found in _UNCLOSED.finditer(text) if found["unclosed"] is not None)


def _texts(value: Any, path: Path) -> Iterator[tuple[str, Path]]:  # noqa: ANN401  (a JSON value)
    if isinstance(value, str):
        yield value, path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def account_in(reference: str) -> str:
    """Return the account that `accounts.NAME.id` names, or an empty string for other references."""
    found = _OTHER_ACCOUNT.fullmatch(reference)
    return found["account"] if found else ""


def substitute(value: Any, lookup: Callable[[str], Any]) -> Any:  # noqa: ANN401  (a JSON value)
    """Return the value with every reference replaced by what `lookup` says of its name."""
    if isinstance(value, str):
        return _substitute_text(value, lookup)
    if isinstance(value, Mapping):
        return {key: substitute(inner, lookup) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [substitute(inner, lookup) for inner in value]
    return value


def _substitute_text(text: str, lookup: Callable[[str], Any]) -> Any:  # noqa: ANN401  (a JSON value)
    whole = _REFERENCE.fullmatch(text)
    if whole and whole["name"] is not None:
        return lookup(whole["name"])
    return _REFERENCE.sub(lambda found: "${" if found["escaped"] else str(lookup(found["name"])), text)
