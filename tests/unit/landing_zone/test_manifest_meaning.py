"""What a valid manifest means, once its names are resolved."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landing_zone.fleet import Account, OidcTrust, SamlTrust, Trust
from landing_zone.manifest import parse_manifest
from landing_zone.manifest.selection import Selector, select
from tests.unit.landing_zone.fleets import edited, parsed

ACCOUNTS = (
    Account("root", "", "core", management=True),
    Account("audit", "", "core"),
    Account("prod", "", "plat/eu", stage="prod"),
    Account("dev", "", "plat", stage="dev"),
)
NAMES = st.sampled_from(["root", "audit", "prod", "dev", "*", "p*", "core", "plat", "other"])
TEXTS = st.lists(NAMES, max_size=3).map(tuple)


def _selected(**given_: tuple[str, ...]) -> list[str]:
    return [account.name for account in select(ACCOUNTS, Selector(**given_))]


def test_lists_of_a_selector_narrow_each_other() -> None:
    """An account must fit every list given, and fits a list by any entry of it."""
    assert _selected(accounts=("*",)) == ["audit", "prod", "dev"]
    assert _selected(accounts=("a*", "dev")) == ["audit", "dev"]
    assert _selected(accounts=("*",), stages=("prod", "dev"), units=("plat",)) == ["prod", "dev"]


def test_a_unit_means_the_units_below_it_too() -> None:
    """`plat` means `plat/eu`, and not a unit whose name only begins alike."""
    assert _selected(units=("plat",)) == ["prod", "dev"]
    assert _selected(units=("plat/eu",)) == ["prod"]
    assert _selected(units=("pla",)) == []


@given(TEXTS, TEXTS, TEXTS)
def test_no_selector_means_the_management_account(
    accounts: tuple[str, ...], stages: tuple[str, ...], units: tuple[str, ...]
) -> None:
    """Whatever is asked for, the management account is never selected."""
    assert "root" not in _selected(accounts=accounts, stages=stages, units=units)


@given(TEXTS, TEXTS, NAMES)
def test_another_list_never_adds_accounts(accounts: tuple[str, ...], stages: tuple[str, ...], unit: str) -> None:
    """Giving one more list narrows what is selected; giving nothing selects nothing."""
    before = _selected(accounts=accounts, stages=stages)
    after = _selected(accounts=accounts, stages=stages, units=(unit,))
    assert set(after) <= set(before) if accounts or stages else before == []


def test_grants_that_overlap_are_one() -> None:
    """A pair granted twice is granted once, and roles stand in the order of their definition."""
    grant = '{roles: [Admin], accounts: ["*"]}'
    manifest = parsed(edited((grant, f"{grant}\n      - {{roles: [ReadOnly, Admin], accounts: [dev]}}")))
    assert manifest.management_roles["Management-Admin"].granted["dev"] == ("Admin", "ReadOnly")


def test_who_is_trusted() -> None:
    """Users, a SAML provider and an OpenID Connect provider can each become a management role."""
    trusted = """trusted:
      users: [ops, people/anna]
      mfa: false
      saml: {provider: okta}
      oidc: {provider: token.actions.githubusercontent.com, subjects: ["repo:small/fleet:*"]}
"""
    manifest = parsed(edited(("trusted: {users: [ops]}\n", trusted)))
    assert manifest.management_roles["Management-Admin"].trust == Trust(
        users=("ops", "people/anna"),
        mfa=False,
        saml=SamlTrust("okta"),
        oidc=OidcTrust("token.actions.githubusercontent.com", "sts.amazonaws.com", ("repo:small/fleet:*",)),
    )


def test_managed_policies_are_arns() -> None:
    """A policy of AWS's own may be given by name, any policy by ARN."""
    own = "arn:aws:iam::aws:policy/job-function/Billing"
    manifest = parsed(edited(("[AdministratorAccess]", f"[job-function/Billing, '{own.replace('Billing', 'X')}']")))
    assert manifest.roles["Admin"].managed_policies == (own, "arn:aws:iam::aws:policy/job-function/X")


def test_regions_make_stacks() -> None:
    """A workload with regions has a stack per account and region, named after both."""
    manifest = parsed(edited(("    role: Admin", "    regions: [eu-west-1, us-east-1]\n    role: Admin")))
    assert manifest.workloads["network"].targets() == (
        ("prod", "eu-west-1"),
        ("prod", "us-east-1"),
        ("dev", "eu-west-1"),
        ("dev", "us-east-1"),
    )


def test_a_folder_is_relative_to_the_manifest() -> None:
    """A workload's folder is taken from the manifest's folder; without one the repository's own is meant."""
    text = edited(("    role: Admin", "    folder: ../programs/network\n    role: Admin"))
    manifest = parse_manifest(text, Path("/fleets/small/fleet.yaml"))
    assert manifest.workloads["network"].folder == Path("/fleets/programs/network")
    assert parsed().workloads["network"].folder is None


def test_an_account_may_be_run_by_its_own_profile() -> None:
    """An account's profile runs its bootstrap-subaccount; without one the administrator does."""
    manifest = parsed(edited(("audit@small.example}", "audit@small.example, profile: small-audit}")))
    assert manifest.administrator_profile(manifest.account("audit")) == "small-audit"
    assert manifest.administrator_profile(manifest.account("dev")) == "small-administrator"


def test_an_account_that_is_not_there() -> None:
    """Asking for an account by a name that none has is a KeyError."""
    with pytest.raises(KeyError, match="nobody"):
        parsed().account("nobody")


def test_a_manifest_travels_to_worker_processes() -> None:
    """A manifest can be pickled and is the same after."""
    assert pickle.loads(pickle.dumps(parsed())) == parsed()  # noqa: S301  (our own bytes)
