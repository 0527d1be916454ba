"""The shipped sample is the organisation it says it is."""

from __future__ import annotations

from landing_zone.fleet import StateRights
from tests.unit.landing_zone.fleets import SAMPLE, sample

MEMBERS = (
    "core-audit",
    "core-security",
    "core-identity",
    "core-network",
    "core-dns",
    "core-auto",
    "core-artifacts",
    "plat-prod",
    "plat-staging",
    "plat-dev",
    "plat-sandbox",
)


def test_it_reads_in_a_minute() -> None:
    """It has at most 120 lines, and tells editors where its schema is."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    assert lines[0] == "# yaml-language-server: $schema=../../docs/fleet.schema.json"
    assert (SAMPLE.parent / "../../docs/fleet.schema.json").resolve().is_file()


def test_its_accounts() -> None:
    """core-root is the management account, and there are eleven members."""
    assert sample().management_account.name == "core-root"
    assert sample().management_account.id == "100000000001"
    assert tuple(account.name for account in sample().members) == MEMBERS
    assert [unit.path for unit in sample().units] == ["core", "plat"]


def test_its_reach() -> None:
    """Exactly 37 of the 99 pairs of management role, member account and role are granted."""
    admin = {("Management-Admin", account, role) for account in MEMBERS for role in ("Admin", "Billing")}
    billing = {("Management-Billing", account, "Billing") for account in MEMBERS}
    developer = {
        ("Management-Developer", "plat-dev", "Admin"),
        ("Management-Developer", "plat-sandbox", "Admin"),
        ("Management-Developer", "plat-prod", "ReadOnly"),
        ("Management-Developer", "plat-staging", "ReadOnly"),
    }
    manifest = sample()
    assert manifest.reach() == admin | billing | developer
    assert len(manifest.reach()) == 37
    assert len(manifest.management_roles) * len(manifest.members) * len(manifest.roles) == 99


def test_its_roles_in_an_account() -> None:
    """An account has the roles somebody is granted there, each with who may assume it, and no others."""
    found = {here.role.name: here.allowed for here in sample().roles_in("plat-prod")}
    assert found == {
        "Admin": ("Management-Admin",),
        "Billing": ("Management-Admin", "Management-Billing"),
        "ReadOnly": ("Management-Developer",),
    }
    assert [here.role.name for here in sample().roles_in("core-dns")] == ["Admin", "Billing"]
    assert sample().roles_in("core-root") == ()


def test_its_management_roles() -> None:
    """An IAM user with MFA may become each; only Management-Admin has rights on state."""
    roles = sample().management_roles.values()
    assert [role.name for role in roles] == ["Management-Admin", "Management-Billing", "Management-Developer"]
    assert {(role.trust.users, role.trust.mfa) for role in roles} == {(("ops",), True)}
    assert [role.state for role in roles] == [StateRights.WRITE, StateRights.NONE, StateRights.NONE]


def test_its_log_archive() -> None:
    """core-audit keeps the organisation's logs, by a workload that destroy leaves alone."""
    assert sample().log_archive == "core-audit"
    archive = sample().workloads["log-archive"]
    assert (archive.accounts, archive.protected) == (("core-audit",), True)


def test_its_workload() -> None:
    """The network runs in the five accounts that have an address range, each range in one account only."""
    network = sample().workloads["network"]
    assert network.targets() == tuple(
        (account, "") for account in ("core-network", "plat-prod", "plat-staging", "plat-dev", "plat-sandbox")
    )
    ranges = [sample().account(account).vars["cidr"] for account in network.accounts]
    assert len(set(ranges)) == len(ranges)
