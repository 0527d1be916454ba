"""What `validate` says of policies and boundaries that are valid and probably not meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landing_zone.manifest import load_manifest
from orchestrator.validation.policy_warnings import policy_warnings
from tests.support.repository import ROOT
from tests.unit.landing_zone.fleet_files import write_files
from tests.unit.landing_zone.fleets import SAMPLE, SMALL, edited, whole_sample

MEANT = '(did you mean "organizations:LeaveOrganization"?)'
PERMISSIONS = "permissions: {net: {file: net.json}}\n"


def _warnings(folder: Path, text: str, **documents: object) -> list[str]:
    """Return the warnings of a fleet with statements in files beside it, files relative to its folder."""
    files = {
        f"{name}.json": json.dumps({"Version": "2012-10-17", "Statement": found}) for name, found in documents.items()
    }
    (folder / ".git").mkdir()
    path = write_files(folder, {"fleet.yaml": text, **files})
    return [line.replace(f"{folder}/", "") for line in policy_warnings(load_manifest(path))]


def _policy(block: str) -> str:
    return f"{SMALL}policies:\n  own: {{{block}}}\n"


def _deny(action: object, **elements: object) -> dict[str, object]:
    return {"Effect": "Deny", "Action": action, "Resource": "*", **elements}


def _allow(*actions: str) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": "*"}


def test_an_scp_that_names_what_aws_does_not_have(tmp_path: Path) -> None:
    """A mistyped action, service or pattern denies nothing; each is told where it stands, with the nearest name."""
    actions = ["organizations:LeaveOrganisation", "ec3:*", "ec2:Creat*Vpcs", "ec2:CreateVpc", "*"]
    assert _warnings(tmp_path, _policy("file: own.json, root: true, allow_lockout: true"), own=_deny(actions)) == [
        f'own.json:1:70: SCP own: AWS has no action "{actions[0]}" {MEANT}',
        'own.json:1:105: SCP own: AWS has no service "ec3" (did you mean "ecs"?)',
        'own.json:1:114: SCP own: no action of AWS matches "ec2:Creat*Vpcs"',
    ]


def test_an_rcp_and_what_is_exempt(tmp_path: Path) -> None:
    """An RCP is looked at as well, and so is NotAction."""
    only = {"Effect": "Deny", "NotAction": "s3:GetObjects", "Resource": "*"}
    text = _policy("file: own.json, root: true") + "  more: {file: more.json, root: true, type: rcp}\n"
    found = _warnings(tmp_path, text, own=only, more=_deny("sqs:SendMesage", Principal="*"))
    assert [line.partition(": ")[2] for line in found] == [
        'SCP own: AWS has no action "s3:GetObjects" (did you mean "s3:GetObject"?)',
        'RCP more: AWS has no action "sqs:SendMesage" (did you mean "sqs:SendMessage"?)',
    ]


def test_a_condition_that_asks_for_what_aws_does_not_have(tmp_path: Path) -> None:
    """A mistyped condition key exempts nobody: it is told where it stands, in policies and boundaries."""
    mistyped = {"ArnNotLike": {"aws:PrincipalArm": "arn:aws:iam::*:role/Keeper"}}
    own = _deny("iam:*", Condition=mistyped | {"StringEquals": {"aws:PrincipalTag/team": "a", "example.com:sub": "b"}})
    bounded = edited(("ReadOnly: {", "ReadOnly: {permissions_boundary: most.json, "))
    text = f"{bounded}policies:\n  own: {{file: own.json, root: true}}\n"
    found = _warnings(tmp_path, text, own=own, most=_allow("ec2:*") | {"Condition": mistyped})
    words = 'AWS has no condition key "aws:PrincipalArm": what asks for it is decided as without it'
    assert found == [
        f'own.json:1:124: SCP own: {words} (did you mean "aws:PrincipalArn"?)',
        f'most.json:1:127: boundary most.json: {words} (did you mean "aws:PrincipalArn"?)',
    ]


def test_an_scp_that_only_allows(tmp_path: Path) -> None:
    """A list of what is allowed takes nothing away beside AWS's own policy; one statement that denies does."""
    text = _policy("file: own.json, root: true") + "  more: {file: more.json, root: true}\n"
    found = _warnings(tmp_path, text, own=[_allow("ec2:*")], more=[_allow("ec2:*"), _deny("s3:*")])
    assert found == [
        "fleet.yaml:34:3: SCP own: it only allows, and FullAWSAccess beside it allows everything: write what is denied"
    ]


def test_an_action_that_a_variable_brings(tmp_path: Path) -> None:
    """It is told where the manifest has it."""
    block = "file: starter/region-lock, root: true, vars: {more_actions: [ec2:DescribeVpc, ec2:DescribeVpcs]}"
    assert _warnings(tmp_path, _policy(block)) == [
        'fleet.yaml:34:70: SCP own: AWS has no action "ec2:DescribeVpc" (did you mean "ec2:DescribeVpcs"?)'
    ]


def test_a_boundary_is_told_once_for_all_roles(tmp_path: Path) -> None:
    """However many roles have it."""
    text = edited(("roles:\n", "permissions_boundary: most.json\nroles:\n"))
    assert _warnings(tmp_path, text, most=[_allow("*"), _deny("iam:CreateUsers")]) == [
        'most.json:1:125: boundary most.json: AWS has no action "iam:CreateUsers" (did you mean "iam:CreateUser"?)'
    ]


@pytest.mark.parametrize(
    ("boundary", "permissions"),
    [
        pytest.param([_deny("*")], None, id="denies all"),
        pytest.param([_allow("*"), _deny("*")], None, id="allows and denies all"),
        pytest.param([_allow("s3:*")], _allow("ec2:*"), id="another service"),
        pytest.param([_allow("*"), _deny("ec2:Create*")], _allow("ec2:CreateVpc"), id="just that denied"),
    ],
)
def test_a_workload_whose_role_may_do_nothing(tmp_path: Path, boundary: object, permissions: object) -> None:
    """A role of a workload needs something that both its own policies and its boundary allow."""
    text = edited(
        (
            "{managed_policies: [AdministratorAccess]}",
            "{managed_policies: [AdministratorAccess], permissions_boundary: most.json}",
        )
    )
    documents = {"most": boundary}
    if permissions:
        text = text.replace("{managed_policies: [AdministratorAccess],", "{permissions: [net],") + PERMISSIONS
        documents["net"] = permissions
    (found,) = _warnings(tmp_path, text, **documents)
    words = "boundary most.json: Admin may do nothing under it that its own policies allow; network runs as Admin"
    assert found == f"most.json:1:27: {words}"


@pytest.mark.parametrize(
    ("boundary", "permissions"),
    [
        pytest.param([_allow("*"), _deny("iam:*")], None, id="most"),
        pytest.param([_allow("ec2:Describe*")], _allow("ec2:*"), id="some of a pattern"),
        pytest.param([_allow("ec2:*")], _allow("ec2:CreateVpc"), id="all of a service"),
        pytest.param([_allow("ec2:*")], _allow("*"), id="of everything"),
    ],
)
def test_a_boundary_that_leaves_something(tmp_path: Path, boundary: object, permissions: object) -> None:
    """What is enough is left to whoever wrote it."""
    text = edited(
        (
            "{managed_policies: [AdministratorAccess]}",
            "{managed_policies: [AdministratorAccess], permissions_boundary: most.json}",
        )
    )
    documents = {"most": boundary}
    if permissions:
        text = text.replace("{managed_policies: [AdministratorAccess],", "{permissions: [net],") + PERMISSIONS
        documents["net"] = permissions
    assert _warnings(tmp_path, text, **documents) == []


def test_accounts_in_the_suspended_unit_that_something_counts_on(tmp_path: Path) -> None:
    """Workloads that select one and roles that are granted there are named; without either nothing is said."""
    dev = "      dev: {email: dev@small.example"
    text = edited((dev, f"  old:\n    accounts:\n{dev}")) + "suspended_unit: old\n"
    told = "dev is in old, the suspended unit: everything is denied"
    assert _warnings(tmp_path, text) == [
        f"fleet.yaml:35:1: {told}, network left alone there, Admin of no use there",
    ]
    gone = text.replace('accounts: ["*"]', "accounts: [prod]").replace("[prod, dev]", "[prod]")
    assert policy_warnings(load_manifest(write_files(tmp_path, {"fleet.yaml": gone}))) == ()


def test_the_shipped_fleets_have_no_warning() -> None:
    """Neither the shipped policies nor those of the samples name anything that AWS does not have."""
    assert SAMPLE.is_file()
    assert policy_warnings(whole_sample()) == ()
    assert policy_warnings(load_manifest(ROOT / "examples" / "sixty" / "fleet.yaml")) == ()
