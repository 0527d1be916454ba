"""The shipped sample is the organisation it says it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from landing_zone.fleet import StateRights
from landing_zone.manifest.file_model import FleetBlock
from tests.support.repository import ROOT
from tests.unit.landing_zone.fleets import SAMPLE, sample, whole_sample

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


FILES = (SAMPLE, *sorted((SAMPLE.parent / "organization").glob("*.yaml")))


def test_it_reads_in_a_minute() -> None:
    """Its file has at most 120 lines, and those it imports no more than 40 each."""
    lengths = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert lengths.pop("fleet.yaml") <= 120
    assert max(lengths.values()) <= 40, lengths


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_editors_find_the_schema(file: Path) -> None:
    """Each file tells editors where its schema is."""
    line = file.read_text(encoding="utf-8").splitlines()[0]
    start = "# yaml-language-server: $schema="
    assert line.startswith(start)
    assert (file.parent / line.removeprefix(start)).resolve() == ROOT / "docs" / "fleet-layer.schema.json"


NOT_USED = {
    "known_roles": "nobody but Fleetyard keeps roles in the accounts of the sample that let somebody in",
    "policy_types": "written by `accounts adopt`, for an organisation that had types enabled before",
    "workload_state": "the sample keeps the default, a bucket",
}
"""Keys of the manifest that the sample leaves out, and why."""


def test_it_uses_every_key() -> None:
    """Whatever the manifest can say at its top level, the sample says somewhere, but for what has a reason."""
    written = {key.rstrip("+") for file in FILES for key in YAML(typ="safe").load(file)}
    assert set(FleetBlock.model_fields) - written == set(NOT_USED)


def test_with_all_its_files() -> None:
    """What it imports adds a unit, two roles for pipelines, four workloads and grants, and takes nothing away."""
    whole = whole_sample()
    assert [unit.path for unit in whole.units] == ["core", "plat", "plat/labs", "suspended"]
    assert whole.governance.suspended_unit == "suspended"
    assert set(whole.management_roles) == {*sample().management_roles, "Pipeline-Plan", "Pipeline-Apply"}
    assert set(whole.workloads) == {*sample().workloads, "artifacts", "dns-parent", "dns", "static-site"}
    added = whole.reach() - sample().reach()
    assert sample().reach() <= whole.reach()
    assert {role for role, _, _ in added} == {"Pipeline-Plan", "Pipeline-Apply", "Management-Admin"}
    assert ("Management-Admin", "core-dns", "Delegation") in added
    assert len(whole.reach()) == 60


def test_people_run_its_workloads() -> None:
    """Management-Admin is who runs workloads, whatever the names of the files that bring the pipelines' roles."""
    assert sample().workload_role == whole_sample().workload_role == "Management-Admin"


def test_its_accounts() -> None:
    """core-root is the management account, and there are eleven members."""
    assert sample().management_account.name == "core-root"
    assert sample().management_account.id == "100000000001"
    assert tuple(account.name for account in sample().members) == MEMBERS
    assert [unit.path for unit in sample().units] == ["core", "plat", "plat/labs"]


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
