"""The linter of permissions: what refuses a manifest, what is a warning, and that the shipped ones have neither."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from landing_zone.errors import ManifestInvalid
from landing_zone.manifest import load_manifest
from orchestrator.validation.aws_actions import as_people_write, aws_actions
from orchestrator.validation.permission_lint import permission_warnings, permissions_are_sound, warnings_of
from tests.support.repository import ROOT
from tests.unit.landing_zone.fleet_files import write_files
from tests.unit.landing_zone.fleets import edited

SHIPPED = sorted((ROOT / "workloads").glob("*/permissions.yaml"))
LINT = "import sys; from cfnlint.runner import main; sys.exit(main())"
DOCUMENT = """\
Version: "2012-10-17"
Statement:
  - Effect: Allow
    Action: [ec2:CreateVpc]
    Resource: "*"
"""


def fleet(folder: Path, document: str, more: str = "") -> Path:
    """Write a fleet whose ReadOnly has these permissions."""
    text = edited(
        ("{managed_policies: [ReadOnlyAccess]}", "{permissions: [net]}"),
        ("workloads:\n", f"permissions: {{net: {{file: net.yaml{more}}}}}\nworkloads:\n"),
    )
    return write_files(folder, {"fleet.yaml": text, "net.yaml": document})


def errors_in(path: Path) -> list[str]:
    """Return the problems that the linter has with a fleet, files relative to its folder."""
    try:
        load_manifest(path, (permissions_are_sound,))
    except ManifestInvalid as error:
        return [str(problem).replace(f"{path.parent}/", "") for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "ec2:CreateVpc",
            "ec2:CreateVcp",
            'net.yaml:4:14: AWS has no action "ec2:CreateVcp" (did you mean "ec2:CreateVpc"?)',
        ),
        ("ec2:CreateVpc", "ec3:CreateVpc", 'net.yaml:4:14: AWS has no service "ec3" (did you mean "ecs"?)'),
        ("ec2:CreateVpc", "ec2:Creat*Vpcs", 'net.yaml:4:14: no action of AWS matches "ec2:Creat*Vpcs"'),
        (
            "ec2:CreateVpc",
            "CreateVpc",
            "net.yaml:3:5: permissions net: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        ("Effect: Allow", "Effect: Alow", "net.yaml:3:5: permissions net: Invalid effect: Alow"),
        (
            '    Resource: "*"\n',
            "",
            "net.yaml:3:5: permissions net: Policy statement must contain resources.",
        ),
        (
            '    Resource: "*"\n',
            '    Resource: "*"\n    Principal: "*"\n',
            "net.yaml:3:5: permissions net: Policy document should not specify a principal.",
        ),
        (
            "2012-10-17",
            "2012-10-18",
            "net.yaml:1:10: permissions net: Syntax errors in policy. Version must be 2012-10-17 or 2008-10-17.",
        ),
    ],
)
def test_an_error(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """What IAM would refuse, and actions that AWS does not have, refuse the manifest at their own line."""
    assert errors_in(fleet(tmp_path, DOCUMENT.replace(old, new))) == [problem]


def test_an_action_newer_than_the_linter(tmp_path: Path) -> None:
    """An action that the manifest vouches for is taken; the others are still looked at."""
    document = DOCUMENT.replace("[ec2:CreateVpc]", "[ec2:CreateMoon, ec2:CreateSun]")
    (problem,) = errors_in(fleet(tmp_path, document, ", also_known: [ec2:createMoon]"))
    assert problem.startswith('net.yaml:4:30: AWS has no action "ec2:CreateSun"')


def _statement(**elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **elements}]}


ROLE = "arn:aws:iam::${account.id}:role/writer"


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (_statement(Action="*"), "it allows every action: that is AdministratorAccess"),
        (_statement(NotAction="iam:*"), "Allow with NotAction allows everything else"),
        (_statement(Action=["iam:*"]), "with iam:AttachRolePolicy on every resource it can give itself any right"),
        (_statement(Action="iam:PutRolePolicy"), "with iam:PutRolePolicy on every resource"),
        (_statement(Action="iam:PassRole"), "iam:PassRole on every resource hands any role on"),
        (
            _statement(Action="ec2:DescribeVpcs", Resource="arn:aws:ec2:*:${account.id}:vpc/*"),
            'ec2:DescribeVpcs takes no ARN and is not allowed by this: it needs Resource "*"',
        ),
        (
            _statement(Action="s3:PutObject", Resource=ROLE),
            "s3:PutObject acts on none of these resources; it takes ",
        ),
        (
            _statement(Action="ec2:CreateSubnet", Resource="arn:aws:ec2:*:${account.id}:route-table/*"),
            "ec2:CreateSubnet acts on none of these resources",
        ),
    ],
)
def test_a_warning(policy: dict[str, Any], words: str) -> None:
    """What IAM takes and is too wide, or allows nothing, is told."""
    assert any(finding.message.startswith(words) for finding in warnings_of(policy, aws_actions()))


@pytest.mark.parametrize(
    "policy",
    [
        _statement(Action="iam:PutRolePolicy", Resource=ROLE),
        _statement(Action="iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "a.amazonaws.com"}}),
        _statement(Action="s3:GetObject", Resource="arn:aws:s3:::${organization}-data/*"),
        _statement(Action="s3:*", Resource="arn:aws:s3:::data/*"),
        _statement(Action="*", Effect="Deny"),
        _statement(Action="ec2:DescribeVpcs"),
    ],
)
def test_no_warning(policy: dict[str, Any]) -> None:
    """What is as narrow as it can be is passed over."""
    assert list(warnings_of(policy, aws_actions())) == []


def test_a_warning_has_its_place(tmp_path: Path) -> None:
    """`validate` names the file and the line of the statement."""
    path = fleet(tmp_path, DOCUMENT.replace("[ec2:CreateVpc]", '"*"'))
    assert errors_in(path) == []
    assert permission_warnings(load_manifest(path)) == (
        f"{tmp_path}/net.yaml:3:5: permissions net: it allows every action: that is AdministratorAccess",
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_the_shipped_permissions_are_clean(path: Path, tmp_path: Path) -> None:
    """The permissions that ship with workloads have neither errors nor warnings."""
    found = fleet(tmp_path, path.read_text(encoding="utf-8"))
    assert errors_in(found) == []
    assert permission_warnings(load_manifest(found)) == ()


def test_awss_own_linter_agrees(tmp_path: Path) -> None:
    """cfn-lint, whose data we read, finds nothing in the shipped permissions either, and finds what we find."""
    policies = {path.parent.name: YAML(typ="safe").load(path) for path in SHIPPED}
    assert policies
    typed = json.loads(json.dumps(policies).replace("${account.id}", "0" * 12).replace("${region}", "eu-west-1"))
    wrong = _statement(Action="ec2:CreateVcp")
    resources = {
        name.replace("-", ""): {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
        for name, document in {**typed, "wrong": wrong}.items()
    }
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    # In a process of its own: it loads a thousand modules that no other test needs.
    ran = subprocess.run(
        [sys.executable, "-c", LINT, "--format", "json", "--include-checks", "I", "--", str(template)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = {(each["Location"]["Path"][1], each["Rule"]["Id"]) for each in json.loads(ran.stdout)}
    assert {each for each in found if each[0] != "wrong"} == set()
    assert ("wrong", "W3037") in found


def test_an_action_that_the_sdk_does_not_have() -> None:
    """Rights without an operation of their name, and services that the SDK has not, keep the linter's spelling."""
    assert as_people_write("s3", "listallmybuckets") == "listallmybuckets"
    assert as_people_write("no-such-service", "doit") == "doit"
