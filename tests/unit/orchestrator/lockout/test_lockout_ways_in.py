"""The ways into accounts stay open: of management roles, the administrator, last-resort users and people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.landing_zone.fleets import SMALL
from tests.unit.orchestrator.lockout.locked_out import Statement, deny, locked_out, rcp


def test_an_rcp_that_keeps_everybody_out(tmp_path: Path) -> None:
    """Who becomes a role comes from the management account, and may be bound by the role's account."""
    assert locked_out(tmp_path, rcp(), "type: rcp, accounts: [prod]") == [
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
    assert locked_out(tmp_path, rcp(**condition), "type: rcp, root: true") == []


LAST_RESORT = "last_resort: {users: [last-resort-1, last-resort-2], alarm: {email: alarm@small.example}}\n"


@pytest.mark.parametrize(
    ("condition", "lost"),
    [
        pytest.param(
            {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Management-*"}},
            ["the last-resort users could not do sts:AssumeRole on the role OrganizationAccountAccessRole in prod"],
            id="only management roles",
        ),
        pytest.param(
            {
                "ArnNotLike": {
                    "aws:PrincipalArn": ["arn:aws:iam::*:role/Management-*", "arn:aws:iam::*:user/last-resort-2"]
                }
            },
            [],
            id="one of them",
        ),
        pytest.param(
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::100000000001:user/*"}},
            ["the last-resort users could not do sts:AssumeRole on the role OrganizationAccountAccessRole in prod"],
            id="no users",
        ),
        pytest.param({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, [LAST_RESORT], id="with MFA"),
    ],
)
def test_the_last_resort_way_in(tmp_path: Path, condition: Statement, lost: list[str]) -> None:
    """Last-resort users are bound by no SCP, but by an RCP of the account they go to: one of them has to get in."""
    users = "the last-resort users could not do sts:AssumeRole on the role OrganizationAccountAccessRole in prod"
    expected = [f"Closed: {users}" if words == LAST_RESORT else f"Closed: {words}" for words in lost]
    found = locked_out(tmp_path, rcp(**condition), "type: rcp, accounts: [prod]", SMALL + LAST_RESORT)
    assert [line for line in found if "last-resort" in line] == expected


def test_the_people_of_a_member_account(tmp_path: Path) -> None:
    """An SCP over the account that holds users binds them: one of them has to become the role that runs workloads."""
    fleet = SMALL + (
        "people:\n  account: audit\n  groups: {Platform: {management_roles: [Management-Admin]}}\n"
        "  users: {ada: {groups: [Platform]}}\n"
    )
    outside = deny("sts:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}})
    assert locked_out(tmp_path, outside, "units: [core]", fleet) == [
        "Closed: no user of audit could do sts:AssumeRole on Management-Admin, which runs the workloads"
    ]
    assert locked_out(tmp_path, outside, "units: [plat]", fleet) == []
