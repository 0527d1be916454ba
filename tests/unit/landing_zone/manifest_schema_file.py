"""Writes docs/fleet.schema.json from the manifest's models."""

from __future__ import annotations

import json

from landing_zone.manifest import manifest_schema
from tests.support.repository import ROOT

SCHEMA = ROOT / "docs" / "fleet.schema.json"


def render_schema() -> str:
    """Return the schema file's text."""
    return json.dumps(manifest_schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(render_schema(), encoding="utf-8")
