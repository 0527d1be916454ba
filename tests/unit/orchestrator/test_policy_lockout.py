"""A policy over which Fleetyard could no longer deploy is refused, unless it is meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landing_zone.errors import PolicyLocksOut
from landing_zone.manifest import load_manifest
from orchestrator.policy_lockout import refuse_lockouts
from tests.unit.landing_zone.fleets import SMALL

Statement = dict[str, object]
EXEMPT = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/OrganizationAccountAccessRole"}}


def _deny(action: str = "*", **elements: object) -> Statement:
    return {"Sid": "Closed", "Effect": "Deny", "Action": action, "Resource": "*", **elements}


def _lockouts(folder: Path, statement: Statement, block: str = "units: [plat]", fleet: str = SMALL) -> list[str]:
    """Return what a policy of one statement locks out, line by line."""
    (folder / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}), encoding="utf-8")
    path = folder / "fleet.yaml"
    path.write_text(f"{fleet}policies:\n  own: {{file: own.json, {block}}}\n", encoding="utf-8")
    try:
        refuse_lockouts(load_manifest(path))
    except PolicyLocksOut as error:
        return [line.partition(", statement ")[2] for line in error.summary.splitlines()[1:]]
    return []


def test_a_policy_that_denies_everything(tmp_path: Path) -> None:
    """It keeps the administrator from the roles and the workloads from their work; each is told once, with accounts."""
    keeper, basics = "Closed: OrganizationAccountAccessRole in", "could not do iam:AttachRolePolicy and 6 more on"
    assert _lockouts(tmp_path, _deny()) == [
        f"{keeper} prod and 1 more {basics} the role Admin",
        f"{keeper} prod {basics} the role ReadOnly",
        "Closed: Admin in prod and 1 more could do nothing in eu-west-1, where network runs",
    ]


def test_the_refusal_names_place_file_and_way_out(tmp_path: Path) -> None:
    """The message says where the policy stands and how to go on."""
    (tmp_path / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": _deny()}), encoding="utf-8")
    path = tmp_path / "fleet.yaml"
    path.write_text(f"{SMALL}policies:\n  own: {{file: own.json, root: true}}\n", encoding="utf-8")
    with pytest.raises(PolicyLocksOut) as refused:
        refuse_lockouts(load_manifest(path))
    assert f"{path}:34:3: own (own.json), statement Closed: " in str(refused.value)
    assert "allow_lockout: true" in refused.value.hint


@pytest.mark.parametrize(
    ("statement", "block"),
    [
        pytest.param(_deny(), "units: [plat], allow_lockout: true", id="allowed"),
        pytest.param(_deny("iam:*", Condition=EXEMPT), "root: true", id="administrator exempt"),
        pytest.param(_deny("ec2:*"), "root: true", id="one service"),
        pytest.param(_deny(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), "root: true", id="not known"),
        pytest.param(
            _deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}), "root: true", id="root user"
        ),
        pytest.param(
            _deny(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "${organization_id}"}}), "root: true", id="own"
        ),
    ],
)
def test_what_locks_nobody_out(tmp_path: Path, statement: Statement, block: str) -> None:
    """A policy that leaves the deployment alone, or whose condition can't be known before, is let through."""
    assert _lockouts(tmp_path, statement, block) == []


def test_a_region_that_a_workload_needs(tmp_path: Path) -> None:
    """A lock to other regions than those of the workloads is told, region by region."""
    elsewhere = _deny(Condition={**EXEMPT, "StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}})
    fleet = SMALL.replace("    role: Admin\n", "    role: Admin\n    regions: [eu-west-1, us-east-1]\n")
    assert _lockouts(tmp_path, elsewhere) == []
    (found,) = _lockouts(tmp_path, elsewhere, fleet=fleet)
    assert found == "Closed: Admin in prod and 1 more could do nothing in us-east-1, where network runs"


def test_one_account_by_its_id(tmp_path: Path) -> None:
    """A condition on an account's id, which AWS has yet to give, reaches that account only."""
    only = _deny("iam:CreateRole", Condition={"StringEquals": {"aws:PrincipalAccount": "${accounts.dev.id}"}})
    (found,) = _lockouts(tmp_path, only)
    assert found == "Closed: OrganizationAccountAccessRole in dev could not do iam:CreateRole on the role Admin"


def test_an_account_with_a_profile_of_its_own(tmp_path: Path) -> None:
    """Whom such a profile acts as is not known, so nothing is said of it."""
    fleet = SMALL.replace("stage: prod,", "stage: prod, profile: there,")
    (found,) = _lockouts(tmp_path, _deny("iam:*"), "accounts: [prod, dev]", fleet)
    assert found.startswith("Closed: OrganizationAccountAccessRole in dev could not do iam:")


def test_accounts_in_the_suspended_unit_are_left_alone(tmp_path: Path) -> None:
    """There nothing can be deployed anyway."""
    dev = "      dev: {email: dev@small.example"
    fleet = SMALL.replace(dev, f"  old:\n    accounts:\n{dev}") + "suspended_unit: old\n"
    assert _lockouts(tmp_path, _deny(), "units: [old]", fleet) == []


def _rcp(**condition: object) -> Statement:
    return _deny("sts:*", Principal="*", **({"Condition": condition} if condition else {}))


def test_an_rcp_that_keeps_everybody_out(tmp_path: Path) -> None:
    """Who becomes a role comes from the management account, and may be bound by the role's account."""
    assert _lockouts(tmp_path, _rcp(), "type: rcp, accounts: [prod]") == [
        "Closed: Management-Admin could not do sts:AssumeRole on the role Admin in prod",
        "Closed: Management-Developer could not do sts:AssumeRole on the role ReadOnly in prod",
        "Closed: the administrator could not do sts:AssumeRole on the role OrganizationAccountAccessRole in prod",
    ]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "${organization_id}"}},
        {"StringNotEquals": {"aws:PrincipalAccount": "${management_account_id}"}},
        {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::100000000001:*"}},
    ],
)
def test_an_rcp_that_lets_the_management_account_in(tmp_path: Path, condition: Statement) -> None:
    """A perimeter around the organisation, or one that names the management account, is let through."""
    assert _lockouts(tmp_path, _rcp(**condition), "type: rcp, root: true") == []
