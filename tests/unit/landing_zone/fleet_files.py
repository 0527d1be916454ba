"""Manifests of several files for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from landing_zone.errors import ManifestInvalid
from landing_zone.manifest import load_manifest


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by their path in the folder; returns the path of `fleet.yaml` there."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "fleet.yaml"


def problems_in(fleet: Path) -> list[str]:
    """Return the problems of a manifest as a user reads them, files relative to its folder; none when it is valid."""
    try:
        load_manifest(fleet)
    except ManifestInvalid as error:
        return [str(problem).replace(f"{fleet.parent}/", "") for problem in error.problems]
    return []
