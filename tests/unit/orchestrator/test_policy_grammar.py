"""A policy that AWS would not take is told with the statement's place in its own file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landing_zone.errors import ManifestInvalid
from landing_zone.manifest import load_manifest
from orchestrator.validation.policy_grammar import policies_hold
from tests.unit.landing_zone.fleets import SMALL

HEAD = 'Version: "2012-10-17"\nStatement:\n'
SOUND = '  - {Effect: Deny, Action: "s3:*", Resource: "*"}\n'


def _problems(folder: Path, text: str, kind: str = "scp") -> list[str]:
    """Return the problems of a fleet with one policy, files by their names."""
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    fleet = folder / "fleet.yaml"
    fleet.write_text(f"{SMALL}policies:\n  own: {{file: own.yaml, type: {kind}, root: true}}\n", encoding="utf-8")
    try:
        load_manifest(fleet, (policies_hold,))
    except ManifestInvalid as error:
        return [str(problem).replace(f"{folder}/", "") for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            HEAD + '  - {Efect: Deny, Action: "s3:*", Resource: "*"}\n',
            'own.yaml:3:6: a statement has no element "Efect" (did you mean "Effect"?)',
            id="element",
        ),
        pytest.param(
            HEAD.replace("Statement", "Statements") + SOUND,
            'own.yaml:2:1: a policy has no element "Statements" (did you mean "Statement"?)',
            id="top",
        ),
        pytest.param(
            HEAD + '  - {Effect: Denied, Action: "s3:*", Resource: "*"}\n',
            'own.yaml:3:14: there is no effect "Denied" (did you mean "Deny"?)',
            id="effect",
        ),
        pytest.param(
            HEAD + SOUND + '  - {Effect: Deny, Action: s3, Resource: "*"}\n',
            "own.yaml:4:5: SCP own: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            id="action",
        ),
        pytest.param(
            HEAD + '  - {Effect: Deny, Action: "s3:*", Resource: "*", Principal: "*"}\n',
            "own.yaml:3:5: SCP own: Policy document should not specify a principal.",
            id="principal",
        ),
        pytest.param(
            HEAD.replace("2012", "2013") + SOUND,
            "own.yaml:2:1: SCP own: Syntax errors in policy. Version must be 2012-10-17 or 2008-10-17.",
            id="version",
        ),
        pytest.param(
            HEAD + '  - {Sid: A, Effect: Deny, Action: "s3:*", Resource: "*"}\n' * 2,
            "own.yaml:2:1: SCP own: Statement IDs (SID) in a single policy must be unique.",
            id="sids",
        ),
    ],
)
def test_what_aws_would_not_take(tmp_path: Path, text: str, problem: str) -> None:
    """Each problem is told once, in AWS's words where it has some."""
    assert _problems(tmp_path, text) == [problem]


def test_every_wrong_statement_is_told(tmp_path: Path) -> None:
    """Two statements that are wrong are two problems."""
    wrong = '  - {Effect: Deny, Action: s3, Resource: "*"}\n  - {Effect: Deny, Action: "s3:*"}\n'
    assert [found.partition(": ")[0] for found in _problems(tmp_path, HEAD + wrong)] == ["own.yaml:3:5", "own.yaml:4:5"]


def test_an_rcp_is_held_to_its_own_grammar(tmp_path: Path) -> None:
    """What an SCP may say, an RCP may not."""
    assert _problems(tmp_path, HEAD + SOUND) == []
    assert _problems(tmp_path, HEAD + SOUND, "rcp") == ["own.yaml:3:5: RCP own: Missing required field Principal"]


def test_a_missing_value_is_told_alone(tmp_path: Path) -> None:
    """A policy whose variable has no value is not judged: what it would say is not known."""
    text = HEAD + '  - {Effect: Deny, Action: "s3:*", Resource: "${vars.where}"}\n'
    assert _problems(tmp_path, text) == ["fleet.yaml:34:3: own.yaml needs a value: vars: {where: ...}"]


def test_a_field_that_cannot_be_read_is_told_alone(tmp_path: Path) -> None:
    """A policy is not blamed for an id of the manifest that is written as a number."""
    (tmp_path / "own.yaml").write_text(
        'vars: {who: ["${management_account_id}"]}\n' + HEAD + '  - {Effect: Deny, Action: "s3:*", Resource: "*", '
        'Condition: {StringEquals: {"aws:PrincipalAccount": "${vars.who}", "aws:x": "${management_account_id}"}}}\n',
        encoding="utf-8",
    )
    fleet = tmp_path / "fleet.yaml"
    unquoted = SMALL.replace('management_account_id: "100000000001"', "management_account_id: 100000000001")
    fleet.write_text(f"{unquoted}policies:\n  own: {{file: own.yaml, root: true}}\n", encoding="utf-8")
    with pytest.raises(ManifestInvalid) as raised:
        load_manifest(fleet, (policies_hold,))
    (problem,) = raised.value.problems
    assert "management_account_id is a number here" in problem.message


def test_a_variables_value_is_judged_too(tmp_path: Path) -> None:
    """What a variable brings in is part of the policy."""
    text = "vars: {what: nonsense}\n" + HEAD + '  - {Effect: Deny, Action: "${vars.what}", Resource: "*"}\n'
    (found,) = _problems(tmp_path, text)
    assert found.startswith("own.yaml:4:5: SCP own: Actions/Conditions must be prefaced")


def test_json_is_judged_as_well(tmp_path: Path) -> None:
    """A policy in JSON has its places too."""
    text = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*"}})
    assert _problems(tmp_path, text) == ["own.yaml:1:27: SCP own: Policy statement must contain resources."]
