"""examples/sixty: a fleet of sixty accounts in files of its teams, on mixins."""

from __future__ import annotations

from landing_zone.manifest import load_manifest, load_with_places
from landing_zone.manifest.origins import account_origins
from tests.support.repository import ROOT

FLEET = ROOT / "examples" / "sixty" / "fleet.yaml"
MOST_LINES = 60


def test_it_has_sixty_accounts() -> None:
    """The core has eight accounts, each of thirteen teams one per stage."""
    manifest = load_manifest(FLEET)
    core = [account for account in manifest.accounts if account.unit == "core"]
    assert (len(manifest.accounts), len(core)) == (60, 8)
    assert {account.stage for account in manifest.accounts} == {"", "prod", "staging", "dev", "sandbox"}


def test_each_file_is_read_in_a_minute() -> None:
    """No file of it is longer than a screen."""
    lengths = {path.name: len(path.read_text().splitlines()) for path in FLEET.parent.rglob("*.yaml")}
    assert max(lengths.values()) <= MOST_LINES, lengths


def test_who_said_what_is_told_across_its_files() -> None:
    """A production account's zones are its stage's, over those of the whole fleet; its owner is its team."""
    manifest, layers = load_with_places(FLEET)
    origins = {origin.key: origin for origin in account_origins(manifest, layers, "data-prod")}
    assert origins["vars.zones"].value == 3
    assert origins["vars.zones"].place.file.endswith("/mixins/stage/prod.yaml")
    assert [place.file.rpartition("/")[2] for place in origins["vars.zones"].beaten] == ["fleet.yaml"]
    assert origins["tags.owner"].value == "data"
