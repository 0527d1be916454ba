"""The manifest's JSON Schema, for editors that complete and check `fleet.yaml` while it is written."""

from __future__ import annotations

from typing import Any

from landing_zone.manifest.file_model import FleetBlock


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a manifest; docs/fleet.schema.json is this."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **FleetBlock.model_json_schema()}
