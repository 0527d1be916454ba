"""Defaults: what accounts have by their unit, stage and region unless they say otherwise."""

from __future__ import annotations

import pytest

from landing_zone.fleet import Account
from landing_zone.stack_config import for_workload
from tests.unit.landing_zone.fleets import edited, full_lock, parsed, problems_of

EU = "{email: eu@small.example, stage: prod}"
NESTED = ("  plat:\n", f"  plat:\n    units: {{eu: {{accounts: {{eu: {EU}}}}}}}\n")
IN_TWO_REGIONS = (
    ("    role: Admin\n", "    role: Admin\n    regions: [eu-west-1, eu-central-1]\n"),
    ("zones: 2", 'zones: "${vars.zones}"'),
)
ALL = """\
defaults:
  accounts: {tags: {by: accounts}, vars: {by: accounts, all: 1, list: [a], deep: {x: 1, y: 1}}}
  regions: {eu-west-1: {vars: {by: region, list+: [r]}}}
  units: {plat: {vars: {by: plat}}, plat/eu: {vars: {by: eu, deep: {y: 2}}}}
  stages: {prod: {tags: {by: stage}, vars: {list+: [p]}}, dev: {vars: {by: dev}}}
"""


def _account(name: str, *changes: tuple[str, str]) -> Account:
    return parsed(edited(NESTED, *changes) + ALL).account(name)


@pytest.mark.parametrize(
    ("account", "by", "tag"),
    [
        ("audit", "accounts", "accounts"),
        ("root", "accounts", "accounts"),
        ("prod", "plat", "stage"),
        ("eu", "eu", "stage"),
        ("dev", "dev", "accounts"),
    ],
)
def test_the_more_specific_wins(account: str, by: str, tag: str) -> None:
    """Every account's defaults lose to a unit's, those to a unit's below it, those to a stage's."""
    found = _account(account)
    assert (found.vars["by"], found.vars["all"], found.tags["by"]) == (by, 1, tag)


def test_the_accounts_own_wins_over_all() -> None:
    """What an account says itself wins, and what it does not say is kept."""
    found = _account("prod", ("vars: {cidr: 10.1.0.0/16}", "vars: {cidr: 10.1.0.0/16, by: own, deep: {y: 3}}"))
    assert (found.vars["by"], found.vars["deep"], found.vars["cidr"]) == ("own", {"x": 1, "y": 3}, "10.1.0.0/16")


def test_lists_are_added_to_where_marked() -> None:
    """A stage adds to the list of every account with +, and replaces it without."""
    assert _account("prod").vars["list"] == ["a", "p"]
    assert _account("prod", ("stage: prod, vars: {", "stage: prod, vars: {list: [own], ")).vars["list"] == ["own"]


def test_a_region_is_between_accounts_and_units() -> None:
    """In a region an account has the region's values over those of all accounts, and under its unit's."""
    assert _account("audit").vars_in("eu-west-1")["by"] == "region"
    assert _account("prod").vars_in("eu-west-1")["by"] == "plat"
    assert _account("prod").vars_in("eu-west-1")["list"] == ["a", "r", "p"]
    assert _account("audit").vars_in("eu-central-1")["by"] == "accounts"


def test_a_workload_takes_the_values_of_its_region() -> None:
    """`${vars.NAME}` in a stack's config is what the account has in the stack's region."""
    text = edited(*IN_TWO_REGIONS)
    regions = "defaults: {accounts: {vars: {zones: 3}}, regions: {eu-central-1: {vars: {zones: 2}}}}\n"
    manifest = parsed(text + regions)
    zones = [
        for_workload(manifest, full_lock(manifest), "network", "prod", region).values["zones"]
        for region in ("eu-west-1", "eu-central-1")
    ]
    assert zones == [3, 2]


def test_a_variable_that_one_region_lacks() -> None:
    """A variable must be there in each region of the workload."""
    text = edited(*IN_TWO_REGIONS)
    assert problems_of(text + "defaults: {regions: {eu-central-1: {vars: {zones: 2}}}}\n") == [
        '33:43: ${vars.zones}: prod, dev have no variable "zones"'
    ]


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("stages: {prdo: {}}", '33:21: no account has the stage "prdo" (did you mean "prod"?)'),
        ("units: {plta: {}}", '33:20: there is no unit "plta" (did you mean "plat"?)'),
        ("regions: {eu-wset-1: {}}", '33:22: AWS has no region "eu-wset-1" (did you mean "eu-west-1"?)'),
        ("regions: {eu-west-1: {tags: {}}}", '33:34: unknown key "tags"; known here: vars'),
        ("accounts: {tags: {cost: 7}}", "33:36: defaults.accounts.tags.cost is a number here; put it in quotes"),
        ('accounts: {tags: {" x": y}}', '33:30: the name " x" must be text without white space at its ends'),
        ("stages: {prod: {vars: [a]}}", "33:34: defaults.stages.prod.vars must hold keys and values"),
        ("stages: {prod: x}", "33:27: defaults.stages.prod must hold keys and values"),
        ("accounts: {vars: {cidr: {a: 1}}}", "26:61: prod.vars.cidr holds keys and values in line 33, and none here"),
    ],
)  # fmt: skip
def test_mistakes_in_defaults(block: str, problem: str) -> None:
    """A mistake in defaults is told once, where it is, however many accounts have it."""
    found = problems_of(edited() + f"defaults: {{{block}}}\n")
    assert [each for each in found if each.startswith(problem)], found
    assert len(found) == len(set(found)) <= 2


def test_defaults_do_not_hide_what_an_account_gets_wrong() -> None:
    """An account's own values are checked beside its defaults."""
    text = edited(("audit: {email: audit@small.example}", "audit: {email: audit@small.example, vars: 7}"))
    assert problems_of(text + "defaults: {accounts: {vars: {a: 1}}}\n") == [
        "23:49: units.core.accounts.audit.vars must hold keys and values"
    ]
