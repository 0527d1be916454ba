"""Settings and quotas of accounts from all layers: the fleet's, defaults', the account's own.

They are kept apart from the document, since a thousand accounts may share one block: each distinct combination of
layers is merged, checked and built once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from landing_zone.manifest.merging import Merger
from landing_zone.manifest.parts import Part

SETTINGS, QUOTAS = "settings", "quotas"
FLEET_KEYS = {SETTINGS: "account_settings", QUOTAS: "quotas"}
"""How each is called at the top of the manifest."""

SettingsParts = Mapping[str, Mapping[str, Part]]
"""Account name, `settings` or `quotas`: the merged block; accounts with the same layers share one object."""


@dataclass(slots=True)
class SettingsLayers:
    """Merges what the fleet, defaults and accounts say; `parts` fills while accounts are added."""

    merger: Merger
    fleet: Part
    parts: dict[str, dict[str, Part]] = field(default_factory=dict)
    _known: dict[tuple[int, ...], Part] = field(default_factory=dict)

    def add(self, account: str, layers: Sequence[Part | None]) -> None:
        """Note an account whose layers, from general to specific, these are."""
        for name, key in FLEET_KEYS.items():
            written = (self.fleet.inside(key), *_insides(layers, name))
            found = [part for part in written if part is not None and part.plain() is not None]
            if found and all(part.parts is not None for part in found):
                self.parts.setdefault(account, {})[name] = self._merged(found, (account, name))

    def _merged(self, layers: Sequence[Part], names: tuple[str, ...]) -> Part:
        key = tuple(map(id, layers))
        if key not in self._known:
            self._known[key] = self.merger.over(layers, names)
        return self._known[key]


def _insides(layers: Sequence[Part | None], name: str) -> Iterator[Part | None]:
    return (layer.inside(name) for layer in layers if layer is not None)
