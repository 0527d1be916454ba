"""What an account's roles take stays possible: roles, their policies and boundaries, the account's parameter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.landing_zone.fleets import SMALL
from tests.unit.orchestrator.lockout.locked_out import (
    ALLOW_ALL,
    KEEPER,
    MEMBER_ROLES,
    ONE,
    PARAMETER,
    deny,
    locked_out,
)


def test_policies_and_boundaries_of_roles(tmp_path: Path) -> None:
    """The administrator makes them as well as the roles; a denial that exempts nobody keeps them from being made."""
    most = {"Version": "2012-10-17", "Statement": ALLOW_ALL}
    (tmp_path / "most.json").write_text(json.dumps(most), encoding="utf-8")
    (tmp_path / "own-right.json").write_text(json.dumps(most), encoding="utf-8")
    fleet = SMALL.replace(
        "  ReadOnly: {managed_policies: [ReadOnlyAccess]}",
        "  ReadOnly: {permissions: [own-right], permissions_boundary: most.json}",
    )
    fleet += "permissions:\n  own-right: {file: own-right.json}\n"
    resources = ["arn:aws:iam::*:policy/fleetyard/*", "arn:aws:iam::*:policy/fleetyard-*"]
    access = "Closed: OrganizationAccountAccessRole in prod could not do iam:CreatePolicy and 8 more on the"
    assert locked_out(tmp_path, deny("iam:*Policy*", Resource=resources), fleet=fleet) == [
        f"{access} policy own-right",
        f"{access} boundary fleetyard-boundary-most",
    ]


def test_every_policy_that_is_barred_is_named(tmp_path: Path) -> None:
    """Where several policies of roles could not be made they are told together, each by its name."""
    for name in ("net", "logs", "keys"):
        document = {"Version": "2012-10-17", "Statement": ALLOW_ALL}
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    fleet = SMALL.replace("{managed_policies: [ReadOnlyAccess]}", "{permissions: [net, logs, keys]}")
    fleet += "permissions:\n" + "".join(f"  {each}: {{file: {each}.json}}\n" for each in ("net", "logs", "keys"))
    (every,) = locked_out(tmp_path, deny("iam:CreatePolicy"), fleet=fleet)
    assert every == f"Closed: {ONE} could not do iam:CreatePolicy on the policy net, logs and keys"
    (one,) = locked_out(tmp_path, deny("iam:CreatePolicy", Resource="arn:aws:iam::*:policy/*/logs"), fleet=fleet)
    assert one == f"Closed: {ONE} could not do iam:CreatePolicy on the policy logs"


@pytest.mark.parametrize(
    "action",
    [
        "iam:TagRole",
        "iam:UntagRole",
        "iam:ListRolePolicies",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
    ],
)
def test_everything_that_is_done_with_a_role(tmp_path: Path, action: str) -> None:
    """A denial of any call that makes, keeps or deletes a role is told."""
    found = locked_out(tmp_path, deny(action))
    assert found[0] == f"Closed: {KEEPER} could not do {action} on the role Admin"


@pytest.mark.parametrize("action", ["ssm:AddTagsToResource", "ssm:DescribeParameters", "ssm:ListTagsForResource"])
def test_everything_that_is_done_with_the_parameter(tmp_path: Path, action: str) -> None:
    """A denial of any call about the account's parameter is told."""
    assert locked_out(tmp_path, deny(action)) == [f"Closed: {KEEPER} could not do {action} on {PARAMETER}"]


def test_policies_inside_roles_are_the_hubs_alone(tmp_path: Path) -> None:
    """A ban on policies inside roles bars the hub's role, and no fleet without a hub."""
    hub = "hub: {account: audit, role: Hub, trusted: {management_roles: [Management-Admin]}, "
    hub += "spoke: {role: Spoke, managed_policies: [ReadOnlyAccess]}}\n"
    banned = deny(["iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy"])
    assert locked_out(tmp_path, banned, "root: true") == []
    assert locked_out(tmp_path, banned, "root: true", SMALL + hub) == [
        "Closed: OrganizationAccountAccessRole in audit could not do iam:DeleteRolePolicy and 2 more on the role Hub"
    ]


def _bounded(boundary: str) -> str:
    return SMALL.replace(
        "ReadOnly: {managed_policies: [ReadOnlyAccess]}",
        f'ReadOnly: {{managed_policies: [ReadOnlyAccess], permissions_boundary: "{boundary}"}}',
    )


def test_roles_without_the_boundary_that_is_asked_for(tmp_path: Path) -> None:
    """What boundary a role is made with is known: one without any, or with another, could not be made."""
    wanted = {"StringNotLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/most"}}
    asked = deny("iam:CreateRole", Condition=wanted)
    lost = [f"Closed: {who} could not do iam:CreateRole on the role {role}" for who, role in MEMBER_ROLES]
    assert locked_out(tmp_path, asked) == lost
    assert locked_out(tmp_path, asked, fleet=_bounded("arn:aws:iam::*:policy/other")) == lost
    assert locked_out(tmp_path, asked, fleet=_bounded("arn:aws:iam::*:policy/most")) == lost[:1]


def test_policies_that_roles_have(tmp_path: Path) -> None:
    """Which policies are attached to roles is known: a ban on one of them is told, a ban on another is not."""
    for policy, lost in (("ReadOnlyAccess", [f"Closed: {ONE} could not do {{}} on the role ReadOnly"]), ("Other", [])):
        banned = {"ArnEquals": {"iam:PolicyARN": f"arn:aws:iam::aws:policy/{policy}"}}
        found = locked_out(tmp_path, deny("iam:AttachRolePolicy", Condition=banned))
        assert found == [line.format("iam:AttachRolePolicy") for line in lost]
