"""Where each value of an account came from, in a manifest of several files."""

from __future__ import annotations

import pytest

from landing_zone.errors import AccountUnknown
from landing_zone.manifest import load_manifest, load_with_places
from landing_zone.manifest.origins import account_origins
from tests.support.repository import ROOT

LAYERS = ROOT / "examples" / "layers"
TEAM = "teams/shop.yaml"
STAGE = "mixins/stage/prod.yaml"
REGION = "mixins/region/eu-west-1.yaml"


def _origins(account: str) -> dict[str, tuple[object, str, tuple[str, ...], tuple[str, ...]]]:
    """Return value, file, files won over and files of the entries, by key."""
    manifest, layers = load_with_places(LAYERS / "fleet.yaml")

    def short(file: str) -> str:
        return file.rpartition("layers/")[2]

    return {
        origin.key: (
            origin.value,
            short(origin.place.file),
            tuple(short(place.file) for place in origin.beaten),
            tuple(short(place.file) for place in origin.entries),
        )
        for origin in account_origins(manifest, layers, account)
    }


def test_the_example_is_valid() -> None:
    """examples/layers is a fleet: its teams' accounts stand in files of their own."""
    manifest = load_manifest(LAYERS / "fleet.yaml")
    assert {account.name for account in manifest.accounts} >= {"core-root", "shop-prod", "data-prod"}
    assert manifest.account("data-prod").tags == {"owner": "data", "backup": "daily"}


@pytest.mark.parametrize(
    ("account", "key", "origin"),
    [
        ("shop-prod", "unit", ("shop", TEAM, (), ())),
        ("shop-prod", "email", ("aws+shop-prod@layers.example", TEAM, (), ())),
        ("shop-prod", "tags.backup", ("daily", STAGE, (), ())),
        ("shop-prod", "tags.owner", ("shop", TEAM, ("fleet.yaml",), ())),
        ("data-prod", "tags.owner", ("data", "teams/data.yaml", ("fleet.yaml",), ())),
        ("data-prod", "vars.zones", (2, "teams/data.yaml", (STAGE,), ())),
        (
            "shop-prod",
            "vars.resolvers in eu-west-1",
            (["10.0.0.2", "10.0.1.2", "10.1.0.2"], REGION, (), (REGION, REGION, TEAM)),
        ),
        ("shop-prod", "workloads.network.config.cidr", ("${vars.cidr}", "fleet.yaml", (), ())),
    ],
)
def test_where_a_value_came_from(account: str, key: str, origin: tuple[object, ...]) -> None:
    """A value has the file that wrote it, those it won over, and for a list that was added to those of its entries."""
    assert _origins(account)[key] == origin


def test_a_workload_elsewhere_is_not_shown() -> None:
    """Only workloads that run in the account are told."""
    assert [key for key in _origins("core-root") if key.startswith("workloads.")] == []


def test_an_account_that_is_not_there() -> None:
    """An unknown account is told with the nearest name."""
    with pytest.raises(AccountUnknown, match='no account is called shop-prd \\(did you mean "shop-prod"\\?\\)'):
        _origins("shop-prd")
