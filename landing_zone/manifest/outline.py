"""The names that a manifest defines and uses, with their places, read even from a file that has problems.

The rules work on this, not on the validated model, so that a mistyped key in one block does not hide a wrong name in
another. What does not have the right type is left out here: `shape` has reported it. A whole block that can't be read
is None, and then nothing is said to be unknown in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from landing_zone.fleet import StateRights
from landing_zone.manifest.positions import Path
from landing_zone.manifest.selection import Selector

if TYPE_CHECKING:
    from landing_zone.manifest.access_lines import AccessLines
    from landing_zone.manifest.governance_lines import GovernanceLines


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
    region_vars: Mapping[str, frozenset[str]] = field(default_factory=dict)
    suspended: bool = False

    @property
    def stage(self) -> str:
        """The stage, or empty."""
        return self.stage_text.value if self.stage_text else ""

    def vars_in(self, region: str) -> frozenset[str]:
        """Return the names of its variables in a region, which may have some by default."""
        return self.region_vars.get(region, self.vars)


@dataclass(frozen=True, slots=True)
class SelectorLine:
    """A selector as far as it can be read.

    `readable` is false when a list is given and holds no text, or when a key lacks its last letter: `unit`.
    `lists` are the names of account lists, `listed` what these hold.
    """

    path: Path
    accounts: Texts
    stages: Texts
    units: Texts
    readable: bool
    lists: Texts = ()
    listed: tuple[str, ...] | None = None

    @property
    def selector(self) -> Selector:
        """The selector without places."""
        lists = (self.accounts, self.stages, self.units)
        accounts, stages, units = (tuple(text.value for text in texts) for texts in lists)
        return Selector(accounts, stages, units, self.listed)


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One entry of a management role's grants."""

    roles: Texts
    selector: SelectorLine


@dataclass(frozen=True, slots=True)
class ManagementRoleLine:
    """A management role as far as it can be read.

    `state` is the most it may do with any state bucket, `bucket_rights` what with each where they differ.
    """

    name: str
    path: Path
    trusted: Mapping[str, Any] | None
    state: str
    grants: tuple[GrantLine, ...]
    bucket_rights: Mapping[str, str] | None = None

    def rights(self, bucket: str) -> str:
        """Return what it may do with a state bucket, by the bucket's name."""
        return self.state if self.bucket_rights is None else self.bucket_rights.get(bucket, StateRights.NONE)


@dataclass(frozen=True, slots=True)
class StateBucketLine:
    """A state bucket beside the default one, as far as it can be read."""

    name: str
    path: Path
    selector: SelectorLine


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
    governance: GovernanceLines | None = None
    access: AccessLines | None = None
    """Read with the policies' files, which an outline alone does not look at."""
    account_lists: Mapping[str, Texts] = field(default_factory=dict)
    state_buckets: tuple[StateBucketLine, ...] = ()


def read_outline(values: Mapping[str, Any], region_vars: RegionVars | None = None) -> Outline:
    """Return the outline of a manifest's plain values; `region_vars` is what accounts have by their region."""
    units = values.get("units")
    roles = values.get("roles")
    return Outline(
        organization=text_of(values, "organization", ()),
        management_account_id=text_of(values, "management_account_id", ()),
        region=text_of(values, "region", ()),
        accounts=tuple(_in_regions(_accounts(units, ("units",), ""), region_vars or {}))
        if isinstance(units, Mapping)
        else None,
        units=tuple(_units(units, ("units",), "")),
        roles=tuple(roles) if isinstance(roles, Mapping) else None,
        management_roles=tuple(_management_roles(values)),
        workloads=tuple(_workloads(values)),
        log_archive=text_of(values, "log_archive", ()),
        account_lists=_account_lists(values),
        state_buckets=tuple(
            StateBucketLine(
                name, ("state_buckets", name), read_selector(mapping_of(block), ("state_buckets", name), values)
            )
            for name, block in mapping_of(values.get("state_buckets")).items()
        ),
        defaults=DefaultsLine(*(_names(values, "defaults", key) for key in ("regions", "units", "stages"))),
    )


def mapping_of(value: Any) -> Mapping[str, Any]:
    """Return a block's entries; nothing of what is no block."""
    return value if isinstance(value, Mapping) else {}


def text_of(block: Mapping[str, Any], key: str, path: Path) -> Text | None:
    """Return a block's text of this key; None where it has none or is of another type."""
    value = block.get(key)
    return Text(value, (*path, key)) if isinstance(value, str) and value else None


def texts_of(block: Mapping[str, Any], key: str, path: Path) -> Texts:
    """Return the texts in a block's list of this key."""
    values = block.get(key)
    entries = values if isinstance(values, list) else []
    return tuple(Text(value, (*path, key, at)) for at, value in enumerate(entries) if isinstance(value, str))


def _units(units: Any, path: Path, above: str) -> Iterator[tuple[str, Path]]:
    for name, block in mapping_of(units).items():
        own = f"{above}{name}"
        yield own, (*path, name)
        yield from _units(mapping_of(block).get("units"), (*path, name, "units"), f"{own}/")


def _accounts(units: Any, path: Path, above: str) -> Iterator[AccountLine]:
    for name, block in mapping_of(units).items():
        unit = f"{above}{name}"
        for account, fields in mapping_of(mapping_of(block).get("accounts")).items():
            yield _account(account, mapping_of(fields), (*path, name, "accounts", account), unit)
        yield from _accounts(mapping_of(block).get("units"), (*path, name, "units"), f"{unit}/")


def _account(name: str, fields: Mapping[str, Any], path: Path, unit: str) -> AccountLine:
    return AccountLine(
        name=name,
        path=path,
        unit=unit,
        management=fields.get("management") is True,
        email=text_of(fields, "email", path),
        id=text_of(fields, "id", path),
        stage_text=text_of(fields, "stage", path),
        vars=frozenset(mapping_of(fields.get("vars"))),
        suspended=fields.get("suspended") is True,
    )


def _in_regions(lines: Iterator[AccountLine], region_vars: RegionVars) -> Iterator[AccountLine]:
    for line in lines:
        regions = {region: frozenset(variables) for region, variables in region_vars.get(line.name, {}).items()}
        yield replace(line, region_vars=regions) if regions else line


def _names(values: Mapping[str, Any], *path: str) -> Texts:
    block: Any = values
    for key in path:
        block = mapping_of(mapping_of(block).get(key))
    return tuple(Text(name, (*path, name)) for name in block)


def _account_lists(values: Mapping[str, Any]) -> Mapping[str, Texts]:
    lists = mapping_of(values.get("account_lists"))
    return {name: texts_of(lists, name, ("account_lists",)) for name in lists}


def read_selector(block: Mapping[str, Any], path: Path, values: Mapping[str, Any] | None = None) -> SelectorLine:
    """Return a selector; `values` are the whole manifest's, which hold the account lists."""
    keys = ("accounts", "stages", "units", "lists")
    accounts, stages, units, lists = (texts_of(block, key, path) for key in keys)
    readable = all(texts or key not in block for key, texts in zip(keys, (accounts, stages, units, lists), strict=True))
    readable = readable and not any(f"{key}s" in keys for key in block)  # "unit" is told as an unknown key
    known = _account_lists(values or {}) if lists else {}
    listed = tuple(entry.value for name in lists for entry in known.get(name.value, ()))
    return SelectorLine(path, accounts, stages, units, readable, lists, listed if lists else None)


def _bucket_rights(state: object) -> tuple[str, Mapping[str, str] | None]:
    """Return the most that a role may do with any state bucket, and what with each if it says so."""
    if not isinstance(state, Mapping):
        return str(state), None
    rights = {str(name): str(right) for name, right in state.items()}
    unknown = next((right for right in rights.values() if right not in set(StateRights)), "")
    return unknown or next((right for right in StateRights if right in rights.values()), StateRights.NONE), rights


def _management_roles(values: Mapping[str, Any]) -> Iterator[ManagementRoleLine]:
    for name, block in mapping_of(values.get("management_roles")).items():
        path: Path = ("management_roles", name)
        fields = mapping_of(block)
        grants = fields.get("grants")
        trusted = fields.get("trusted")
        state, bucket_rights = _bucket_rights(fields.get("state"))
        yield ManagementRoleLine(
            name=name,
            path=path,
            trusted=trusted if isinstance(trusted, Mapping) else None,
            state=state,
            bucket_rights=bucket_rights,
            grants=tuple(
                GrantLine(
                    texts_of(grant, "roles", (*path, "grants", at)), read_selector(grant, (*path, "grants", at), values)
                )
                for at, grant in enumerate(grants if isinstance(grants, list) else [])
                if isinstance(grant, Mapping)
            ),
        )


def _workloads(values: Mapping[str, Any]) -> Iterator[WorkloadLine]:
    for name, block in mapping_of(values.get("workloads")).items():
        path: Path = ("workloads", name)
        fields = mapping_of(block)
        yield WorkloadLine(
            name=name,
            path=path,
            selector=read_selector(fields, path, values),
            role=text_of(fields, "role", path),
            folder=text_of(fields, "folder", path),
            after=texts_of(fields, "after", path),
            regions=texts_of(fields, "regions", path),
            config=mapping_of(fields.get("config")),
        )
