"""The names that a manifest defines and uses, with their places, read even from a file that has problems.

The rules work on this, not on the validated model, so that a mistyped key in one block does not hide a wrong name in
another. What does not have the right type is left out here: `shape` has reported it. A whole block that can't be read
is None, and then nothing is said to be unknown in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from landing_zone.manifest.positions import Path
from landing_zone.manifest.selection import Selector


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the manifest and the path to it."""

    value: str
    path: Path


Texts = tuple[Text, ...]
RegionVars = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Account name, region: the account's variables in that region."""


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as far as it can be read."""

    name: str
    path: Path
    unit: str
    management: bool
    email: Text | None
    id: Text | None
    stage_text: Text | None
    vars: frozenset[str]
    tags: tuple[str, ...]
    region_vars: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def stage(self) -> str:
        """The stage, or empty."""
        return self.stage_text.value if self.stage_text else ""

    def vars_in(self, region: str) -> frozenset[str]:
        """Return the names of its variables in a region, which may have some by default."""
        return self.region_vars.get(region, self.vars)


@dataclass(frozen=True, slots=True)
class SelectorLine:
    """A selector as far as it can be read; `readable` is false when a list is given and holds no text."""

    path: Path
    accounts: Texts
    stages: Texts
    units: Texts
    readable: bool

    @property
    def selector(self) -> Selector:
        """The selector without places."""
        return Selector(*(tuple(text.value for text in texts) for texts in (self.accounts, self.stages, self.units)))


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One entry of a management role's grants."""

    roles: Texts
    selector: SelectorLine


@dataclass(frozen=True, slots=True)
class ManagementRoleLine:
    """A management role as far as it can be read."""

    name: str
    path: Path
    trusted: Mapping[str, Any] | None
    state: str
    grants: tuple[GrantLine, ...]


@dataclass(frozen=True, slots=True)
class WorkloadLine:
    """A workload as far as it can be read."""

    name: str
    path: Path
    selector: SelectorLine
    role: Text | None
    folder: Text | None
    after: Texts
    regions: Texts
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DefaultsLine:
    """The names that defaults are given for; each path leads to a key."""

    regions: Texts = ()
    units: Texts = ()
    stages: Texts = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole manifest as far as it can be read."""

    organization: Text | None
    management_account_id: Text | None
    region: Text | None
    accounts: tuple[AccountLine, ...] | None
    units: tuple[tuple[str, Path], ...]
    roles: tuple[str, ...] | None
    management_roles: tuple[ManagementRoleLine, ...]
    workloads: tuple[WorkloadLine, ...]
    log_archive: Text | None = None
    defaults: DefaultsLine = field(default_factory=DefaultsLine)


def read_outline(values: Mapping[str, Any], region_vars: RegionVars | None = None) -> Outline:
    """Return the outline of a manifest's plain values; `region_vars` is what accounts have by their region."""
    units = values.get("units")
    roles = values.get("roles")
    return Outline(
        organization=_text(values, "organization", ()),
        management_account_id=_text(values, "management_account_id", ()),
        region=_text(values, "region", ()),
        accounts=tuple(_in_regions(_accounts(units, ("units",), ""), region_vars or {}))
        if isinstance(units, Mapping)
        else None,
        units=tuple(_units(units, ("units",), "")),
        roles=tuple(roles) if isinstance(roles, Mapping) else None,
        management_roles=tuple(_management_roles(values)),
        workloads=tuple(_workloads(values)),
        log_archive=_text(values, "log_archive", ()),
        defaults=DefaultsLine(*(_names(values, "defaults", key) for key in ("regions", "units", "stages"))),
    )


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401  (a YAML value)
    return value if isinstance(value, Mapping) else {}


def _text(block: Mapping[str, Any], key: str, path: Path) -> Text | None:
    value = block.get(key)
    return Text(value, (*path, key)) if isinstance(value, str) and value else None


def _texts(block: Mapping[str, Any], key: str, path: Path) -> Texts:
    values = block.get(key)
    entries = values if isinstance(values, list) else []
    return tuple(Text(value, (*path, key, at)) for at, value in enumerate(entries) if isinstance(value, str))


def _units(units: Any, path: Path, above: str) -> Iterator[tuple[str, Path]]:  # noqa: ANN401  (a YAML value)
    for name, block in _mapping(units).items():
        own = f"{above}{name}"
        yield own, (*path, name)
        yield from _units(_mapping(block).get("units"), (*path, name, "units"), f"{own}/")


def _accounts(units: Any, path: Path, above: str) -> Iterator[AccountLine]:  # noqa: ANN401  (a YAML value)
    for name, block in _mapping(units).items():
        unit = f"{above}{name}"
        for account, fields in _mapping(_mapping(block).get("accounts")).items():
            yield _account(account, _mapping(fields), (*path, name, "accounts", account), unit)
        yield from _accounts(_mapping(block).get("units"), (*path, name, "units"), f"{unit}/")


def _account(name: str, fields: Mapping[str, Any], path: Path, unit: str) -> AccountLine:
    return AccountLine(
        name=name,
        path=path,
        unit=unit,
        management=fields.get("management") is True,
        email=_text(fields, "email", path),
        id=_text(fields, "id", path),
        stage_text=_text(fields, "stage", path),
        vars=frozenset(_mapping(fields.get("vars"))),
        tags=tuple(_mapping(fields.get("tags"))),
    )


def _in_regions(lines: Iterator[AccountLine], region_vars: RegionVars) -> Iterator[AccountLine]:
    for line in lines:
        regions = {region: frozenset(variables) for region, variables in region_vars.get(line.name, {}).items()}
        yield replace(line, region_vars=regions) if regions else line


def _names(values: Mapping[str, Any], *path: str) -> Texts:
    block: Any = values
    for key in path:
        block = _mapping(_mapping(block).get(key))
    return tuple(Text(name, (*path, name)) for name in block)


def _selector(block: Mapping[str, Any], path: Path) -> SelectorLine:
    keys = ("accounts", "stages", "units")
    accounts, stages, units = (_texts(block, key, path) for key in keys)
    readable = all(texts or key not in block for key, texts in zip(keys, (accounts, stages, units), strict=True))
    return SelectorLine(path, accounts, stages, units, readable)


def _management_roles(values: Mapping[str, Any]) -> Iterator[ManagementRoleLine]:
    for name, block in _mapping(values.get("management_roles")).items():
        path: Path = ("management_roles", name)
        fields = _mapping(block)
        grants = fields.get("grants")
        trusted = fields.get("trusted")
        yield ManagementRoleLine(
            name=name,
            path=path,
            trusted=trusted if isinstance(trusted, Mapping) else None,
            state=str(fields.get("state")),
            grants=tuple(
                GrantLine(_texts(grant, "roles", (*path, "grants", at)), _selector(grant, (*path, "grants", at)))
                for at, grant in enumerate(grants if isinstance(grants, list) else [])
                if isinstance(grant, Mapping)
            ),
        )


def _workloads(values: Mapping[str, Any]) -> Iterator[WorkloadLine]:
    for name, block in _mapping(values.get("workloads")).items():
        path: Path = ("workloads", name)
        fields = _mapping(block)
        yield WorkloadLine(
            name=name,
            path=path,
            selector=_selector(fields, path),
            role=_text(fields, "role", path),
            folder=_text(fields, "folder", path),
            after=_texts(fields, "after", path),
            regions=_texts(fields, "regions", path),
            config=_mapping(fields.get("config")),
        )
