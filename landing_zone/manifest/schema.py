"""The manifest's JSON Schemas, for editors that complete and check `fleet.yaml` while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from landing_zone.manifest.file_model import FleetBlock
from landing_zone.manifest.imports import IMPORTS
from landing_zone.manifest.parts import APPENDS

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a manifest of one file; docs/fleet.schema.json is this."""
    schema = {"$schema": DRAFT, **FleetBlock.model_json_schema()}
    for block in _blocks(schema):
        properties = block["properties"]
        lists = {name: form for name, form in properties.items() if form.get("type") == "array" and name != IMPORTS}
        properties.update({f"{name}{APPENDS}": {**form, **_appending(name, form)} for name, form in lists.items()})
    return schema


def layer_schema() -> dict[str, Any]:
    """Return the schema of a file that imports or is imported, where another may hold what is required.

    docs/fleet-layer.schema.json is this.
    """
    schema = manifest_schema()
    for block in _blocks(schema):
        block.pop("required", None)
    return {**schema, "title": "Fleetyard manifest, one of its files"}


def _blocks(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (block for block in (schema, *schema["$defs"].values()) if "properties" in block)


def _appending(name: str, form: dict[str, Any]) -> dict[str, Any]:
    return {"title": f"{form['title']} added", "description": f"Adds to the {name} of the layers below."}
