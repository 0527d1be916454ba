"""Gives accounts what `defaults:` says of all of them, of their units and stage, and of regions."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from landing_zone.manifest.file_model import AccountDefaultsBlock
from landing_zone.manifest.merging import Merger
from landing_zone.manifest.parts import Part
from landing_zone.manifest.settings_layers import FLEET_KEYS, SettingsLayers

FIELDS = tuple(name for name in AccountDefaultsBlock.model_fields if name not in FLEET_KEYS)
_VARS = "vars"


@dataclass(slots=True)
class Defaults:
    """Spreads the defaults of a manifest over its accounts, from general to specific.

    `region_parts` fills while that is done: account name, region, the account's variables there.
    """

    merger: Merger
    block: Part
    settings: SettingsLayers
    region_parts: dict[str, dict[str, Part]] = field(default_factory=dict)

    def spread(self, units: Part, above: str = "", inherited: Sequence[Part] = ()) -> Part:
        """Return the units with the defaults in their accounts; `inherited` are those of the units above."""
        given = {name: self._unit(unit, above + name, inherited) for name, unit in units.blocks()}
        return dataclasses.replace(units, parts={**(units.parts or {}), **given})

    def _unit(self, unit: Part, path: str, inherited: Sequence[Part]) -> Part:
        own = self.block.inside("units", path)
        layers = [*inherited, own] if own is not None else list(inherited)
        parts = dict(unit.parts or {})
        if (accounts := parts.get("accounts")) is not None and accounts.parts is not None:
            given = {name: self._account(name, account, layers) for name, account in accounts.blocks()}
            parts["accounts"] = dataclasses.replace(accounts, parts={**accounts.parts, **given})
        if (below := parts.get("units")) is not None and below.parts is not None:
            parts["units"] = self.spread(below, f"{path}/", layers)
        return dataclasses.replace(unit, parts=parts)

    def _account(self, name: str, account: Part, units: Sequence[Part]) -> Part:
        stage = account.inside("stage")
        of_stage = self.block.inside("stages", stage.value) if stage and isinstance(stage.value, str) else None
        general = self.block.inside("accounts")
        specific = [*units, of_stage, account]
        self.settings.add(name, [general, *specific])
        if (regions := self.block.inside("regions")) is not None:
            for region, block in regions.blocks():
                merged = self._merged([general, block, *specific], _VARS, name)
                if merged is not None:
                    self.region_parts.setdefault(name, {})[region] = merged
        fields = {field: self._merged([general, *specific], field, name) for field in FIELDS}
        given = {field: part for field, part in fields.items() if part is not None}
        return dataclasses.replace(account, parts={**(account.parts or {}), **given})

    def _merged(self, layers: Sequence[Part | None], field: str, account: str) -> Part | None:
        """Return a field merged over the layers that have it; what is no keys and values is left to the shape."""
        found = [part for layer in layers if layer is not None and (part := layer.inside(field)) is not None]
        readable = [part for part in found if part.parts is not None]
        if not readable or len(readable) < len(found):
            return None
        return self.merger.over(readable, (account, field))
