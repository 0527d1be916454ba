"""Writes docs/fleet.schema.json and docs/fleet-layer.schema.json from the manifest's models."""

from __future__ import annotations

import json

from landing_zone.manifest import manifest_schema
from landing_zone.manifest.schema import layer_schema
from tests.support.repository import ROOT

SCHEMA = ROOT / "docs" / "fleet.schema.json"
LAYER_SCHEMA = ROOT / "docs" / "fleet-layer.schema.json"


def render_schema() -> str:
    """Return the schema file's text."""
    return json.dumps(manifest_schema(), indent=2, sort_keys=True) + "\n"


def render_layer_schema() -> str:
    """Return the text of the schema of files that import or are imported."""
    return json.dumps(layer_schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(render_schema(), encoding="utf-8")
    LAYER_SCHEMA.write_text(render_layer_schema(), encoding="utf-8")
