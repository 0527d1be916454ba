"""What a manifest may give as variables of shipped policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.landing_zone.fleet_files import problems_in, write_files
from tests.unit.landing_zone.fleets import SMALL, problems_of

LOCK, BASELINE = "file: starter/region-lock, root: true", "file: starter/protect-baseline, root: true"
PERIMETER = "type: rcp, file: starter/own-organization-only, root: true"


def _problems(policy: str, variables: str) -> list[str]:
    return problems_of(f"{SMALL}policies:\n  own: {{vars: {{{variables}}}, {policy}}}\n")


@pytest.mark.parametrize(
    ("policy", "variables", "problem"),
    [
        (
            LOCK,
            "regions: [eu-west-1, eu-cental-1]",
            '34:37: the partition aws has no region "eu-cental-1" (did you mean "eu-central-1"?)',
        ),
        (LOCK, "regions: eu-west-1", "34:25: regions is a list: regions: [eu-west-1]"),
        (LOCK, "regions: []", "34:25: regions is empty: leave it out, or give regions: [eu-west-1]"),
        (LOCK, "regions: [7]", '34:26: the partition aws has no region "7"'),
        (
            LOCK,
            "exempt: [Auditor]",
            '34:25: "Auditor" is no ARN, nor a pattern of ARNs such as arn:aws:iam::*:role/Auditor',
        ),
        (
            BASELINE,
            "more_roles: ['arn:aws:iam::123:role/x']",
            '34:29: "arn:aws:iam::123:role/x" is no ARN, nor a pattern of ARNs such as arn:aws:iam::*:role/Auditor',
        ),
        (
            PERIMETER,
            "trusted_accounts: [123456789012]",
            '34:35: "123456789012" is no account id: twelve digits in quotes, such as "123456789012"',
        ),
        (
            PERIMETER,
            "trusted_accounts: ['12345']",
            '34:35: "12345" is no account id: twelve digits in quotes, such as "123456789012"',
        ),
    ],
)
def test_mistakes(policy: str, variables: str, problem: str) -> None:
    """A value that is nobody's is told at its place: AWS would take it and close an account, or let nobody through."""
    assert _problems(policy, variables) == [problem]


@pytest.mark.parametrize(
    ("policy", "variables"),
    [
        (LOCK, 'regions: ["${region}", us-east-1]'),
        (LOCK, "exempt: ['arn:aws:iam::*:role/aws-reserved/*', 'arn:aws:iam::${management_account_id}:role/x']"),
        (BASELINE, "more_roles: []"),
        (PERIMETER, "trusted_accounts: ['012345678901', '${management_account_id}', '${accounts.prod.id}']"),
    ],
)
def test_what_is_right(policy: str, variables: str) -> None:
    """Regions that there are, patterns of ARNs, ids in quotes, and whatever the manifest knows by name."""
    assert _problems(policy, variables) == []


def test_variables_of_ones_own_policies_are_free(tmp_path: Path) -> None:
    """Only its author knows what a variable of another file is for."""
    statement = '{"Effect": "Deny", "Action": "s3:*", "Resource": "${vars.regions}"}'
    files = {
        "fleet.yaml": SMALL + "policies:\n  own: {file: own.json, root: true, vars: {regions: everywhere}}\n",
        "own.json": f'{{"Version": "2012-10-17", "Statement": {statement}}}',
    }
    assert problems_in(write_files(tmp_path, files)) == []
