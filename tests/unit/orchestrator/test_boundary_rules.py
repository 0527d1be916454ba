"""Boundaries' files are judged before anything is started: their grammar, and whether a role has a use under them."""

from __future__ import annotations

from pathlib import Path

import pytest

from landing_zone.errors import ManifestInvalid
from landing_zone.manifest import parse_manifest
from orchestrator.validation.boundary_rules import boundaries_hold
from tests.unit.landing_zone.fleets import edited

VERSION = 'Version: "2012-10-17"\n'
ENOUGH = "[sts:AssumeRole, s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, kms:*]"


def problems(folder: Path, statement: str, *, member: bool = False) -> list[str]:
    """Return what is wrong with the small fleet where Management-Admin, or every member role, has this boundary."""
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "most.yaml").write_text(f"{VERSION}Statement: {statement}\n", encoding="utf-8")
    old, new = (
        ("roles:\n  Admin", "permissions_boundary: most.yaml\nroles:\n  Admin")
        if member
        else (
            "    state: write\n",
            "    state: write\n    permissions_boundary: most.yaml\n",
        )
    )
    try:
        parse_manifest(edited((old, new)), folder / "fleet.yaml", (boundaries_hold,))
    except ManifestInvalid as error:
        return [str(problem).removeprefix(f"{folder}/") for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ('[{Effect: Alow, Action: "*", Resource: "*"}]', "most.yaml:2:13: boundary: "),
        ('[{Effect: Allow, Resource: "*"}]', "most.yaml:2:13: boundary: "),
        ('{Effect: Allow, Principal: "*", Action: "*", Resource: "*"}', "most.yaml:2:12: boundary: "),
    ],
)
def test_a_statement_that_iam_would_refuse_is_told_in_its_file(tmp_path: Path, statement: str, problem: str) -> None:
    """AWS would refuse the document in each account, one after the other."""
    (found,) = problems(tmp_path, statement, member=True)
    assert found.startswith(problem)


def test_a_management_role_must_keep_its_hops_and_its_rights(tmp_path: Path) -> None:
    """A boundary that never allows what the role is there for is told at the role, with the actions that it lacks."""
    (found,) = problems(tmp_path, '[{Effect: Allow, Action: "s3:*", Resource: "*"}]')
    assert found == (
        "fleet.yaml:12:27: the boundary most.yaml allows no sts:AssumeRole, kms:Decrypt, kms:Encrypt, "
        "kms:GenerateDataKey, without which Management-Admin has no use"
    )
    denied = '[{Effect: Allow, Action: "*", Resource: "*"}, {Effect: Deny, Action: "sts:*", Resource: "*"}]'
    assert "allows no sts:AssumeRole, without which" in problems(tmp_path, denied)[0]


@pytest.mark.parametrize(
    "statement",
    [
        f'[{{Effect: Allow, Action: {ENOUGH}, Resource: "*"}}]',
        f'[{{Effect: Allow, Action: {ENOUGH}, Resource: "arn:aws:s3:::x", Condition: {{Bool: {{"a:b": "true"}}}}}}]',
        '[{Effect: Allow, Action: "*", Resource: "*"}, {Effect: Deny, Action: "sts:*", Resource: "arn:aws:iam::1:x"}]',
        '{Effect: Allow, NotAction: "iam:*", Resource: "*"}',
    ],
)
def test_on_what_and_when_is_left_to_the_author(tmp_path: Path, statement: str) -> None:
    """Resources and conditions are not judged, so nothing that may be meant is refused."""
    assert problems(tmp_path, statement) == []


def test_a_member_roles_boundary_may_allow_as_little_as_it_likes(tmp_path: Path) -> None:
    """What a member role is for is not known to the manifest."""
    assert problems(tmp_path, '[{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]', member=True) == []
