"""The plugin's schema: what the tables say, in Pulumi's words. Source: Pulumi, "Schema reference" (package schema)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rehearsal.aws.catalogue import Catalogue
from rehearsal.aws.kinds import FLAG, WHOLE, Kind, ListOf, MapOf, Record
from rehearsal.aws.resource_type import ResourceType


def plugin_schema(catalogue: Catalogue, version: str) -> str:
    """Return the schema as JSON text. Objects inside properties are given without their fields."""
    schema = {
        "name": "aws",
        "version": version,
        "description": "The part of the aws package that Fleetyard's rehearsals carry out. Not the real provider.",
        "resources": {token: _resource(kind) for token, kind in sorted(catalogue.types.items())},
        "functions": {
            token: {"inputs": {"properties": {item.name: _type(item.kind) for item in function.arguments}}}
            for token, function in sorted(catalogue.functions.items())
        },
    }
    return json.dumps(schema, sort_keys=True)


def _resource(kind: ResourceType) -> Mapping[str, Any]:
    return {
        "inputProperties": {item.name: _type(item.kind) for item in kind.given if item.name != "tagsAll"},
        "requiredInputs": [item.name for item in kind.given if item.required],
        "properties": {
            item.name: {**_type(item.kind), **({"secret": True} if item.secret else {})}
            for item in kind.properties
            if item.name != "id"
        },
        "required": [item.name for item in kind.properties if item.required],
    }


def _type(kind: Kind) -> dict[str, Any]:
    match kind:
        case ListOf(element=element):
            return {"type": "array", "items": _type(element)}
        case MapOf(element=element):
            return {"type": "object", "additionalProperties": _type(element)}
        case Record():
            return {"$ref": "pulumi.json#/Any"}
    if kind == FLAG:
        return {"type": "boolean"}
    return {"type": "integer" if kind == WHOLE else "string"}
