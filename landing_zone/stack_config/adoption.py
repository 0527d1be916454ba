"""What the organisation's program is told of units and accounts that were there before Fleetyard."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from landing_zone.fleet import Manifest


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UnitSettings(_Frozen):
    """What a unit has beside its path. `root`: it stands for the root and is no unit."""

    aws_name: str = ""
    adopted: bool = False
    tags: dict[str, str] = {}
    root: bool = False


class OrganizationImports(_Frozen):
    """Ids of what one run takes into the state: the organisation, units by path, accounts by name; else empty."""

    organization: str = ""
    units: dict[str, str] = {}
    accounts: dict[str, str] = {}


def unit_settings(manifest: Manifest) -> dict[str, UnitSettings]:
    """Return the settings of the units that have any, by path."""
    every = {
        unit.path: UnitSettings(aws_name=unit.aws_name, adopted=unit.adopted, tags=dict(unit.tags), root=unit.root)
        for unit in manifest.units
    }
    return {path: settings for path, settings in every.items() if settings != UnitSettings()}


def tags_of(adopted: bool, own: Mapping[str, str], fleet: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a unit or account: its own, and unless it was adopted those that Fleetyard gives to all."""
    return dict(own) if adopted else {**fleet, **own}
