"""The manifest's schema and page are current and complete."""

from __future__ import annotations

import json

import pytest

from landing_zone.manifest import manifest_schema
from landing_zone.manifest.file_model import FleetBlock
from landing_zone.manifest.schema import layer_schema
from landing_zone.manifest.shape import fields_at
from tests.support.repository import ROOT
from tests.unit.landing_zone.manifest_schema_file import LAYER_SCHEMA, SCHEMA, render_layer_schema, render_schema

PAGE = ROOT / "docs" / "manifest.md"


def _documented_keys() -> dict[str, set[str]]:
    """Return the keys in the tables of the page, by the block in the heading above them."""
    found: dict[str, set[str]] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.partition("`")[2].rstrip("`")
        elif line.startswith("| `"):
            found.setdefault(heading, set()).add(line.split("`")[1])
    return found


def test_the_schema_file_is_current() -> None:
    """The schema files in docs/ are what the models say; running `manifest_schema_file` writes them anew."""
    assert SCHEMA.read_text(encoding="utf-8") == render_schema()
    assert LAYER_SCHEMA.read_text(encoding="utf-8") == render_layer_schema()


def test_every_list_may_be_added_to() -> None:
    """Editors know `NAME+` beside each list of a block, but for imports, which are each file's own."""
    schema = manifest_schema()
    named = [
        (block["title"], name, form["type"])
        for block in (schema, *schema["$defs"].values())
        for name, form in block.get("properties", {}).items()
        if "type" in form
    ]
    adding = {(title, name) for title, name, _ in named if name.endswith("+")}
    lists = {(title, name) for title, name, kind in named if kind == "array" and not name.endswith("+")}
    assert ("GrantBlock", "roles+") in adding
    assert adding == {(title, f"{name}+") for title, name in lists if name != "imports"}


def test_a_layer_requires_nothing() -> None:
    """The schema of files that import or are imported is the manifest's, but that any key may be in another file."""
    whole, layer = manifest_schema(), layer_schema()
    assert [block for block in (layer, *layer["$defs"].values()) if "required" in block] == []
    assert layer["properties"] == whole["properties"]
    assert set(layer["$defs"]) == set(whole["$defs"])


def test_the_schema_refuses_unknown_keys_everywhere() -> None:
    """Editors mark a mistyped key, since every block takes its own keys only."""
    blocks = {name: block for name, block in manifest_schema()["$defs"].items() if block.get("type") == "object"}
    assert blocks
    assert [name for name, block in blocks.items() if block.get("additionalProperties") is not False] == []


def test_every_key_has_a_description() -> None:
    """Each key of each block says what it is for, in editors and on the page."""
    blocks = [manifest_schema(), *manifest_schema()["$defs"].values()]
    silent = [key for block in blocks for key, field in block.get("properties", {}).items() if not field["description"]]
    assert silent == []


BLOCKS: dict[str, tuple[str | int, ...]] = {
    "fleet.yaml": (),
    "callers": ("callers",),
    "roles.NAME": ("roles", "R"),
    "management_roles.NAME": ("management_roles", "R"),
    "management_roles.NAME.trusted": ("management_roles", "R", "trusted"),
    "management_roles.NAME.trusted.saml": ("management_roles", "R", "trusted", "saml"),
    "management_roles.NAME.trusted.oidc": ("management_roles", "R", "trusted", "oidc"),
    "management_roles.NAME.trusted.identity_center": ("management_roles", "R", "trusted", "identity_center"),
    "management_roles.NAME.grants": ("management_roles", "R", "grants", 0),
    "probes.NAME": ("probes", "P"),
    "state_buckets.NAME": ("state_buckets", "B"),
    "state_retention": ("state_retention",),
    "state_access_log": ("state_access_log",),
    "policies.NAME": ("policies", "P"),
    "units.NAME": ("units", "U"),
    "units.NAME.accounts.NAME": ("units", "U", "accounts", "A"),
    "defaults": ("defaults",),
    "defaults.accounts": ("defaults", "accounts"),
    "defaults.regions.NAME": ("defaults", "regions", "R"),
    "account_settings": ("account_settings",),
    "account_settings.password_policy": ("account_settings", "password_policy"),
    "account_settings.budgets.NAME": ("account_settings", "budgets", "B"),
    "account_settings.contacts": ("account_settings", "contacts"),
    "account_settings.contacts.KIND": ("account_settings", "contacts", "billing"),
    "quotas.NAME": ("quotas", "Q"),
    "workloads.NAME": ("workloads", "W"),
    "people": ("people",),
    "people.groups.NAME": ("people", "groups", "G"),
    "people.users.NAME": ("people", "users", "U"),
    "last_resort": ("last_resort",),
    "last_resort.alarm": ("last_resort", "alarm"),
    "ci": ("ci",),
    "ci.github": ("ci", "github"),
    "ci.github.repositories.NAME": ("ci", "github", "repositories", "R"),
    "ci.github.repositories.NAME.plan": ("ci", "github", "repositories", "R", "plan"),
    "ci.github.repositories.NAME.apply": ("ci", "github", "repositories", "R", "apply"),
    "ci.gitlab": ("ci", "gitlab"),
    "ci.gitlab.projects.NAME": ("ci", "gitlab", "projects", "P"),
    "ci.gitlab.projects.NAME.plan": ("ci", "gitlab", "projects", "P", "plan"),
    "ci.gitlab.projects.NAME.apply": ("ci", "gitlab", "projects", "P", "apply"),
    "permissions.NAME": ("permissions", "P"),
    "account_map": ("account_map",),
    "hub": ("hub",),
    "hub.trusted": ("hub", "trusted"),
    "hub.spoke": ("hub", "spoke"),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_the_page_describes_every_key(block: str) -> None:
    """docs/manifest.md has a row for every key of every block, and none for a key that does not exist."""
    assert _documented_keys()[block] == set(fields_at(BLOCKS[block]))


def test_the_page_describes_every_block() -> None:
    """Each block of the models has its table on the page."""
    assert set(_documented_keys()) == set(BLOCKS)
    assert len(BLOCKS) == len(manifest_schema()["$defs"]) - 1 + 1  # without the JSON value, with the file itself


def test_the_schema_is_that_of_the_whole_manifest() -> None:
    """The schema's own keys are the manifest's, and the required ones are required."""
    schema = json.loads(render_schema())
    own = {key for key in schema["properties"] if not key.endswith("+")}  # which adds to a list
    assert own == set(FleetBlock.model_fields)
    assert set(schema["required"]) == {
        "organization",
        "management_account_id",
        "region",
        "callers",
        "roles",
        "management_roles",
        "units",
    }
