"""Says what an account has once layers and defaults are merged, and where each value was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from landing_zone.errors import AccountUnknown
from landing_zone.fleet import Account, Manifest
from landing_zone.manifest.imports import Layers
from landing_zone.manifest.parts import Part, document_of
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Place, nearest
from landing_zone.manifest.settings_layers import FLEET_KEYS


@dataclass(frozen=True, slots=True)
class Origin:
    """A value by its dotted key, the place it was written at, and those of the values it won over, last beaten first.

    A list has the places of its entries, if they are in more than one file.
    """

    key: str
    value: Any
    place: Place
    beaten: tuple[Place, ...] = ()
    entries: tuple[Place, ...] = ()


def account_origins(manifest: Manifest, layers: Layers, name: str) -> tuple[Origin, ...]:
    """Return an account's own values, then those of the workloads that run in it; `layers` are the manifest's.

    A workload's config is as it is written, before `${...}` is filled in. Raises: AccountUnknown.
    """
    found = next((account for account in manifest.accounts if account.name == name), None)
    if found is None:
        known = [account.name for account in manifest.accounts]
        raise AccountUnknown(name, layers.document.file, nearest(name, known))
    return tuple(_origins(manifest, layers, found))


def _origins(manifest: Manifest, layers: Layers, account: Account) -> Iterator[Origin]:
    document = layers.document
    units = [word for unit in account.unit.split("/") for word in ("units", unit)]
    path: Path = (*units, "accounts", account.name)
    yield Origin("unit", account.unit, document.key(*path))
    own = {name: value for name, value in _at(document, path).items() if name not in FLEET_KEYS}
    yield from _leaves(own, path, len(path), document)
    for name, part in layers.settings.get(account.name, {}).items():
        yield from _leaves(part.plain(), (name,), 0, document_of(Part(parts={name: part}), document.file))
    for region, part in layers.region_parts.get(account.name, {}).items():
        there = document_of(Part(parts={"vars": part}), document.file)
        for name, value in account.vars_in(region).items():
            if name not in account.vars or account.vars[name] != value:
                found = _leaves(value, ("vars", name), 0, there)
                yield from (replace(origin, key=f"{origin.key} in {region}") for origin in found)
    for workload in manifest.workloads.values():
        if account.name in workload.accounts:
            place: Path = ("workloads", workload.name)
            for key in ("role", "regions", "config"):
                if key in _at(document, place):
                    yield from _leaves(_at(document, (*place, key)), (*place, key), 0, document)


def _at(document: Document, path: Path) -> Any:
    value = document.values
    for part in path:
        value = value[part]
    return value


def _leaves(value: Any, path: Path, skipped: int, document: Document) -> Iterator[Origin]:
    """Yield each value below a path that has no keys in it; `skipped` parts of the path are left out of its key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name), skipped, document)
        return
    key = ".".join(map(str, path[skipped:]))
    entries = tuple(document.value(*path, at) for at in range(len(value))) if isinstance(value, list) else ()
    scattered = entries if len({entry.file for entry in entries}) > 1 else ()
    yield Origin(key, value, document.value(*path), document.beaten.get(path, ()), scattered)
