"""What may be named once only: policies of a role or group, names in AWS of units under one parent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from landing_zone.identifiers import managed_policy_arn
from landing_zone.manifest.access_lines import AccessLines
from landing_zone.manifest.outline import Outline, Text
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems

RESERVED = "fleetyard-"
"""What the names of Fleetyard's own policies, rules and topics begin with."""


def check_named_once(outline: Outline, document: Document, problems: Problems) -> None:
    """Note policies that one role or group is given twice, units of one name, and names that are Fleetyard's own."""
    lines = outline.access or AccessLines()
    for role in lines.used:
        _check_policies(role.managed_policies, document, problems)
        _check_texts(role.permissions, document, problems)
    groups = _mapping(_mapping(document.values.get("people")).get("groups"))
    for name, group in groups.items():
        for key, check in (("managed_policies", _check_policies), ("management_roles", _check_texts)):
            check(_texts(_mapping(group).get(key), ("people", "groups", name, key)), document, problems)
    _check_unit_names(document, problems)
    for name, path in _reservable(outline, groups, lines):
        if name.lower().startswith(RESERVED):
            problems.add(document.key(*path), f'"{name}": names that begin with {RESERVED} are Fleetyard\'s own')


def _check_policies(policies: Iterable[Text], document: Document, problems: Problems) -> None:
    """Note policies that are the same one, or of one name: each is attached under its name without path."""
    first: dict[str, str] = {}
    for policy in policies:
        arn = managed_policy_arn(policy.value)
        name = arn.rpartition("/")[2]
        other = first.get(name.lower())
        if other == arn:
            problems.add(document.value(*policy.path), f"{name} stands here twice")
        elif other is not None:
            problems.add(document.value(*policy.path), f"{other} and {arn} have one name, {name}; give one of them")
        first.setdefault(name.lower(), arn)


def _check_texts(texts: Iterable[Text], document: Document, problems: Problems) -> None:
    seen: set[str] = set()
    for text in texts:
        if text.value in seen:
            problems.add(document.value(*text.path), f"{text.value} stands here twice")
        seen.add(text.value)


def _check_unit_names(document: Document, problems: Problems) -> None:
    """Source: AWS Organizations API Reference, CreateOrganizationalUnit, DuplicateOrganizationalUnitException."""
    suspended = document.values.get("suspended_unit")
    for units, above in _siblings(document.values.get("units"), ("units",)):
        first: dict[str, str] = {}
        if above == ("units",) and isinstance(suspended, str) and suspended and suspended not in units:
            first[suspended] = "suspended_unit"
        for name, block in units.items():
            fields = _mapping(block)
            if fields.get("root") is True:
                continue
            given = fields.get("aws_name")
            aws_name = given if isinstance(given, str) and given else str(name)
            other = first.setdefault(aws_name, str(name))
            if other != name:
                place = document.value(*above, name, "aws_name") if given else document.key(*above, name)
                what = f'{other} and {name} would both be called "{aws_name}" in AWS'
                problems.add(place, f"{what}, which takes a name once under one parent")


def _siblings(units: object, path: Path) -> Iterator[tuple[Mapping[str, Any], Path]]:
    """Yield the units of each parent, and the path to them."""
    if isinstance(units, Mapping):
        yield units, path
        for name, block in units.items():
            yield from _siblings(_mapping(block).get("units"), (*path, name, "units"))


def _reservable(outline: Outline, groups: Mapping[str, Any], lines: AccessLines) -> Iterator[tuple[str, Path]]:
    yield from ((name, ("people", "groups", name)) for name in groups)
    yield from ((line.name, line.path) for line in lines.permissions or ())
    yield from ((role.name, role.path) for role in outline.management_roles)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(values: object, path: Path) -> Iterator[Text]:
    for at, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, str):
            yield Text(value, (*path, at))
