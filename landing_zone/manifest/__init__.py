"""The manifest `fleet.yaml`: what a fleet is, read and checked as a whole.

The way of a file: `positions` (text to values with places) -> `imports`, `merging` and `defaults` (all files to one
document, places kept) -> `shape` (keys, types, forms) and `outline` + `rules`
(what names mean to each other) -> `build` -> `Manifest`. Problems of all steps are told together.
"""

from __future__ import annotations

from landing_zone.fleet import (
    Account,
    Callers,
    ManagementRole,
    Manifest,
    OidcTrust,
    Pair,
    Role,
    RoleInAccount,
    SamlTrust,
    StateRights,
    Trust,
    Unit,
    Workload,
)
from landing_zone.manifest.load import load_manifest, load_with_places, parse_manifest
from landing_zone.manifest.schema import manifest_schema

__all__ = [
    "Account",
    "Callers",
    "ManagementRole",
    "Manifest",
    "OidcTrust",
    "Pair",
    "Role",
    "RoleInAccount",
    "SamlTrust",
    "StateRights",
    "Trust",
    "Unit",
    "Workload",
    "load_manifest",
    "load_with_places",
    "manifest_schema",
    "parse_manifest",
]
