"""What is wrong with one probe in a small fleet, as `validate` tells it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from landing_zone.errors import ManifestInvalid
from landing_zone.manifest import parse_manifest
from landing_zone.manifest.load import Rule
from tests.unit.landing_zone.fleets import SMALL


def probe_problems(block: str, *rules: Rule, fleet: str = SMALL) -> Sequence[str]:
    """Return the problems of a probe that has this block and stands in the last line."""
    try:
        parse_manifest(f"{fleet}probes:\n  own: {{{block}}}\n", Path("fleet.yaml"), rules)
    except ManifestInvalid as error:
        return [str(problem) for problem in error.problems]
    return []
