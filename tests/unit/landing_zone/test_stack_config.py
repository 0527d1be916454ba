"""Each program is told what it needs by stack config, and no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landing_zone.errors import AccountNotCreated, LockConflict
from landing_zone.fleet import StateRights
from landing_zone.lock import Lock
from landing_zone.stack_config import (
    StackConfig,
    for_bootstrap,
    for_organization,
    for_subaccount,
    for_workload,
)
from tests.unit.landing_zone.fleets import ORGANIZATION_ID, ROOT_ID, edited, full_lock, parsed, sample


def _decoded(config: StackConfig) -> dict[str, Any]:
    """Return the config without its namespace, JSON read."""
    texts = {key.removeprefix("fleetyard:"): text for key, text in config.to_config().items()}
    return {key: json.loads(text) if text[:1] in {"{", "["} else text for key, text in texts.items()}


def test_keys_and_values_are_texts() -> None:
    """Every key carries the namespace, and every value is a text: as it is, or JSON."""
    config = for_organization(parsed()).to_config()
    assert all(key.startswith("fleetyard:") and isinstance(value, str) for key, value in config.items())
    assert config["fleetyard:region"] == "eu-west-1"
    assert config["fleetyard:units"] == '["core","plat"]'


def test_the_same_manifest_gives_the_same_config() -> None:
    """Config does not change from one run to the next, so that no stack file changes for nothing."""
    assert for_organization(parsed()).to_config() == for_organization(parsed()).to_config()


def test_the_organisation() -> None:
    """It is told units, parents first, and member accounts; it needs no lock."""
    text = edited(
        ("  plat:\n", "  plat:\n    units: {eu: {accounts: {new: {email: new@small.example, tags: {team: a}}}}}\n"),
        ("audit@small.example}", 'audit@small.example, id: "100000000009"}'),
    )
    config = _decoded(for_organization(parsed(text)))
    assert config["account"] == "root"
    assert config["account_id"] == "100000000001"
    assert config["units"] == ["core", "plat", "plat/eu"]
    assert {account["name"]: (account["unit"], account["id"]) for account in config["accounts"]} == {
        "audit": ("core", "100000000009"),
        "prod": ("plat", ""),
        "dev": ("plat", ""),
        "new": ("plat/eu", ""),
    }
    assert next(account["tags"] for account in config["accounts"] if account["name"] == "new") == {"team": "a"}


def test_the_management_account() -> None:
    """It is told the bucket, the organisation, and each management role's trust, state rights and grants."""
    config = for_bootstrap(sample(), full_lock(sample()))
    assert config.state_bucket == "acme-state-100000000001-eu-west-1"
    assert config.organization_id == ORGANIZATION_ID
    roles = {role.name: role for role in config.management_roles}
    assert {name: role.state for name, role in roles.items()} == {
        "Management-Admin": StateRights.WRITE,
        "Management-Billing": StateRights.NONE,
        "Management-Developer": StateRights.NONE,
    }
    assert {name: len(role.assume) for name, role in roles.items()} == {
        "Management-Admin": 22,
        "Management-Billing": 11,
        "Management-Developer": 4,
    }
    assert {role.by_name for role in roles.values()} == {False}


def test_a_member_account() -> None:
    """It is told the roles somebody is granted there, and the ARNs of who that is."""
    config = for_subaccount(sample(), full_lock(sample()), "plat-staging")
    assert config.access == "role"
    assert config.role_arn == "arn:aws:iam::100000000010:role/OrganizationAccountAccessRole"
    assert {role.name: role.trusted for role in config.roles} == {
        "Admin": ("arn:aws:iam::100000000001:role/Management-Admin",),
        "Billing": (
            "arn:aws:iam::100000000001:role/Management-Admin",
            "arn:aws:iam::100000000001:role/Management-Billing",
        ),
        "ReadOnly": ("arn:aws:iam::100000000001:role/Management-Developer",),
    }


def test_a_member_account_with_a_profile() -> None:
    """An account that names a profile is reached by it, without OrganizationAccountAccessRole."""
    manifest = parsed(edited(("audit@small.example}", "audit@small.example, profile: small-audit}")))
    assert for_subaccount(manifest, full_lock(manifest), "audit").access == "profile"


def test_a_workload() -> None:
    """It is told its account, the role to assume there, and its values with the account's own filled in."""
    config = for_workload(sample(), full_lock(sample()), "network", "plat-dev")
    assert config.account_id == "100000000011"
    assert config.role_arn == "arn:aws:iam::100000000011:role/Admin"
    assert config.region == "eu-west-1"
    assert config.values == {"cidr": "10.3.0.0/16", "zones": 2}


def test_a_workload_in_another_region() -> None:
    """A stack of a region is told that region, also where its values ask for it."""
    text = edited(("    role: Admin", "    regions: [us-east-1]\n    role: Admin"), ("zones: 2", 'where: "${region}"'))
    config = for_workload(parsed(text), full_lock(parsed(text)), "network", "dev", "us-east-1")
    assert config.region == "us-east-1"
    assert config.values["where"] == "us-east-1"


def test_a_workload_may_name_other_accounts() -> None:
    """`${accounts.NAME.id}` is another account's id."""
    manifest = parsed(edited(("zones: 2", 'audit: "${accounts.audit.id}", me: "${account.name}/${account.stage}"')))
    values = for_workload(manifest, full_lock(manifest), "network", "dev").values
    assert values == {"cidr": "10.2.0.0/16", "audit": "100000000002", "me": "dev/dev"}


def test_resources_are_tagged_with_whose_they_are() -> None:
    """Tags name organisation and program, and the account's own are added."""
    manifest = parsed(edited(("stage: dev,", "stage: dev, tags: {team: blue},")))
    assert for_workload(manifest, full_lock(manifest), "network", "dev").tags == {
        "fleetyard:organization": "small",
        "fleetyard:program": "network",
        "team": "blue",
    }


def test_before_the_organisation_only_its_own_stack_can_be_told() -> None:
    """Without a lock every other stack waits for the organisation, and says for which account."""
    with pytest.raises(AccountNotCreated, match="account root is not created yet"):
        for_bootstrap(parsed(), Lock())
    with pytest.raises(AccountNotCreated, match="account dev is not created yet"):
        for_subaccount(parsed(), Lock(), "dev")
    with pytest.raises(AccountNotCreated, match="account dev is not created yet"):
        for_workload(parsed(), Lock(), "network", "dev")


def test_a_granted_account_that_is_new_holds_up_the_management_account() -> None:
    """While a granted account has no id, the management roles' policies can't be written."""
    lock = full_lock(parsed())
    partial = Lock(ORGANIZATION_ID, ROOT_ID, {name: at for name, at in lock.accounts.items() if name != "dev"})
    with pytest.raises(AccountNotCreated, match="account dev"):
        for_bootstrap(parsed(), partial)
    assert for_subaccount(parsed(), partial, "prod").account_id == "100000000003"


def test_a_lock_that_contradicts_the_manifest_gives_no_config() -> None:
    """No config is written from two files that disagree."""
    with pytest.raises(LockConflict):
        for_subaccount(parsed(), Lock(ORGANIZATION_ID, ROOT_ID, {"root": "900000000009"}), "dev")
