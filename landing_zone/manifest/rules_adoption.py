"""What must hold for units and accounts that were there before Fleetyard, and for what stands for the root."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from landing_zone.manifest.outline import mapping_of
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems


def check_adoption(document: Document, problems: Problems) -> None:
    """Note marks that contradict each other, and units that stand for the root where only one of them can."""
    units = document.values.get("units") if isinstance(document.values, Mapping) else None
    roots: list[tuple[str, Path]] = []
    for name, block, path in _units(units, ("units",)):
        if block.get("root") is True:
            roots.append((name, path))
            _check_root(name, block, path, document, problems)
        for account, fields in mapping_of(block.get("accounts")).items():
            if mapping_of(fields).get("adopted") is True and fields.get("id"):
                problems.add(
                    document.key(*path, "accounts", account, "id"),
                    f"{account} has an id and is adopted: with an id the organisation's program leaves an account "
                    "alone, adopted means that it looks after it; give one of them",
                )
    for name, path in roots[1:]:
        problems.add(
            document.key(*path, "root"), f"{roots[0][0]} and {name} both stand for the root; an organisation has one"
        )


def _check_root(name: str, block: Mapping[str, Any], path: Path, document: Document, problems: Problems) -> None:
    if len(path) > len(("units", name)):
        problems.add(document.key(*path, "root"), f"{name} stands for the root and below another unit; move it up")
    for key in ("units", "aws_name", "adopted", "tags"):
        if block.get(key):
            problems.add(document.key(*path, key), f"{name} stands for the root and is no unit, so it has no {key}")


def _units(units: Any, path: Path) -> Iterator[tuple[str, Mapping[str, Any], Path]]:
    for name, block in mapping_of(units).items():
        yield name, mapping_of(block), (*path, name)
        yield from _units(mapping_of(block).get("units"), (*path, name, "units"))
