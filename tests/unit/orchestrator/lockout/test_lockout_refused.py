"""A policy over which Fleetyard could no longer deploy is refused, unless it is meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landing_zone.errors import PolicyLocksOut
from landing_zone.manifest import load_manifest
from orchestrator.lockout.policy_lockout import refuse_lockouts
from tests.unit.landing_zone.fleets import SMALL
from tests.unit.orchestrator.lockout.locked_out import ABROAD, EXEMPT, Statement, deny, locked_out


def test_a_policy_that_denies_everything(tmp_path: Path) -> None:
    """It keeps the administrator from the roles and the workloads from their work; each is told once, with accounts."""
    keeper, basics = "Closed: OrganizationAccountAccessRole in", "could not do iam:CreateRole and 12 more on"
    parameter = "could not do ssm:AddTagsToResource and 6 more on the parameter that says which account it is"
    assert locked_out(tmp_path, deny()) == [
        f"{keeper} prod and 1 more {basics} the role Admin",
        f"{keeper} prod {basics} the role ReadOnly",
        f"{keeper} prod and 1 more {parameter}",
        f"{keeper} prod and 1 more, the last way in, could do nothing",
        "Closed: Admin in prod and 1 more could do nothing in eu-west-1, where network runs",
    ]


def test_the_refusal_names_place_file_and_way_out(tmp_path: Path) -> None:
    """The message says where the policy stands and how to go on."""
    (tmp_path / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": deny()}), encoding="utf-8")
    path = tmp_path / "fleet.yaml"
    path.write_text(f"{SMALL}policies:\n  own: {{file: own.json, root: true}}\n", encoding="utf-8")
    with pytest.raises(PolicyLocksOut) as refused:
        refuse_lockouts(load_manifest(path))
    assert f"{path}:34:3: own (own.json), statement Closed: " in str(refused.value)
    assert "allow_lockout: true" in refused.value.hint


@pytest.mark.parametrize(
    ("statement", "block"),
    [
        pytest.param(deny(), "units: [plat], allow_lockout: true", id="allowed"),
        pytest.param(deny("iam:*", Condition=EXEMPT), "root: true", id="administrator exempt"),
        pytest.param(deny("ec2:*"), "root: true", id="one service"),
        pytest.param(deny(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), "root: true", id="not known"),
        pytest.param(
            deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}), "root: true", id="root user"
        ),
        pytest.param(
            deny(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "${organization_id}"}}), "root: true", id="own"
        ),
    ],
)
def test_what_locks_nobody_out(tmp_path: Path, statement: Statement, block: str) -> None:
    """A policy that leaves the deployment alone, or whose condition can't be known before, is let through."""
    assert locked_out(tmp_path, statement, block) == []


def test_a_region_that_a_workload_needs(tmp_path: Path) -> None:
    """A lock to other regions than those of the workloads is told, region by region."""
    elsewhere = deny(Condition={**EXEMPT, **ABROAD})
    fleet = SMALL.replace("    role: Admin\n", "    role: Admin\n    regions: [eu-west-1, us-east-1]\n")
    assert locked_out(tmp_path, elsewhere) == []
    (found,) = locked_out(tmp_path, elsewhere, fleet=fleet)
    assert found == "Closed: Admin in prod and 1 more could do nothing in us-east-1, where network runs"


def test_one_account_by_its_id(tmp_path: Path) -> None:
    """A condition on an account's id, which AWS has yet to give, reaches that account only."""
    only = deny("iam:CreateRole", Condition={"StringEquals": {"aws:PrincipalAccount": "${accounts.dev.id}"}})
    (found,) = locked_out(tmp_path, only)
    assert found == "Closed: OrganizationAccountAccessRole in dev could not do iam:CreateRole on the role Admin"


def test_an_account_with_a_profile_of_its_own(tmp_path: Path) -> None:
    """Whom such a profile acts as is not known, so nothing is said of it."""
    fleet = SMALL.replace("stage: prod,", "stage: prod, profile: there,")
    (found,) = locked_out(tmp_path, deny("iam:*"), "accounts: [prod, dev]", fleet)
    assert found.startswith("Closed: OrganizationAccountAccessRole in dev could not do iam:")


def test_accounts_in_the_suspended_unit_are_left_alone(tmp_path: Path) -> None:
    """There nothing can be deployed anyway."""
    dev = "      dev: {email: dev@small.example"
    fleet = SMALL.replace(dev, f"  old:\n    accounts:\n{dev}") + "suspended_unit: old\n"
    assert locked_out(tmp_path, deny(), "units: [old]", fleet) == []


def test_an_account_without_granted_roles(tmp_path: Path) -> None:
    """The way in is kept open there as well, though nothing of Fleetyard's is deployed by anybody's grant."""
    fleet = SMALL.replace('accounts: ["*"]}', "accounts: [prod, dev]}")
    found = locked_out(tmp_path, deny(), "units: [core]", fleet)
    assert found[-1] == "Closed: OrganizationAccountAccessRole in audit, the last way in, could do nothing"
