"""A denial is decided as AWS decides it, by what is known of the deployment's calls beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.orchestrator.lockout.locked_out import (
    ABROAD,
    EXEMPT,
    KEEPER,
    MEMBER_ROLES,
    ONE,
    PARAMETER,
    Statement,
    deny,
    locked_out,
)


@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        pytest.param(
            deny(Condition=ABROAD),
            [
                f"Closed: {KEEPER} could not do iam:CreateRole and 12 more on the role Admin",
                f"Closed: {ONE} could not do iam:CreateRole and 12 more on the role ReadOnly",
            ],
            id="regions, and IAM is seen in us-east-1",
        ),
        pytest.param(deny(Condition=ABROAD) | {"NotAction": ["iam:*"], "Action": None}, [], id="regions but for IAM"),
        pytest.param(
            deny(Condition=EXEMPT) | {"NotAction": ["iam:*", "sts:*"], "Action": None},
            ["Closed: Admin in prod and 1 more could do nothing in eu-west-1, where network runs"],
            id="everything but",
        ),
        pytest.param(
            deny() | {"NotAction": ["iam:*", "ec2:*"], "Action": None},
            [
                f"Closed: {KEEPER} could not do ssm:AddTagsToResource and 6 more on {PARAMETER}",
            ],
            id="everything but, nobody exempt",
        ),
        pytest.param(
            deny("iam:UpdateAssumeRolePolicy") | {"NotResource": "arn:aws:iam::*:role/app-*", "Resource": None},
            [
                f"Closed: {KEEPER} could not do iam:UpdateAssumeRolePolicy on the role Admin",
                f"Closed: {ONE} could not do iam:UpdateAssumeRolePolicy on the role ReadOnly",
            ],
            id="every resource but",
        ),
        pytest.param(
            deny("iam:CreateRole", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "platform"}}),
            [],
            id="a tag",
        ),
        pytest.param(
            deny("iam:CreateRole", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            [
                f"Closed: {KEEPER} could not do iam:CreateRole on the role Admin",
                "Closed: OrganizationAccountAccessRole in prod could not do iam:CreateRole on the role ReadOnly",
            ],
            id="MFA, which no chained role has",
        ),
        pytest.param(deny("iam:CreateRole", Condition={"Null": {"aws:SourceArn": "false"}}), [], id="a key nobody has"),
    ],
)
def test_forms_of_a_denial(tmp_path: Path, statement: Statement, lost: list[str]) -> None:
    """A denial is decided as AWS decides it: by what it does not name, by exemption, and where AWS sees the call."""
    assert locked_out(tmp_path, {key: value for key, value in statement.items() if value is not None}) == lost


def test_exemptions_that_do_not_cover_the_deployment(tmp_path: Path) -> None:
    """A condition that exempts some other role leaves the administrator denied."""
    others = {
        "ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Admin", "arn:aws:iam::*:role/aws-service-role/*"]}
    }
    found = locked_out(tmp_path, deny("iam:*", Condition=others))
    assert found[0] == f"Closed: {KEEPER} could not do iam:CreateRole and 12 more on the role Admin"


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        pytest.param({"Null": {"aws:MultiFactorAuthAge": "true"}}, True, id="no MFA, so no age"),
        pytest.param({"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}, True, id="age if there"),
        pytest.param({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}, False, id="age"),
        pytest.param({"Null": {"aws:username": "true"}}, True, id="no user"),
        pytest.param({"Null": {"aws:FederatedProvider": "true"}}, True, id="not federated"),
        pytest.param({"StringLike": {"aws:userid": "*:*"}}, True, id="any session"),
        pytest.param({"StringLike": {"aws:userid": ["AROA*:*", "*"]}}, True, id="any role"),
        pytest.param({"StringLike": {"aws:userid": "AIDA*"}}, False, id="users"),
        pytest.param({"StringNotLike": {"aws:userid": "AIDA*"}}, True, id="all but users"),
        pytest.param({"StringNotLike": {"aws:userid": "AROAEXAMPLEID00000000:*"}}, False, id="an id that may be its"),
        pytest.param({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True, id="since 2020"),
        pytest.param({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False, id="until 2020"),
        pytest.param({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, True, id="since 2020, in seconds"),
        pytest.param({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/*"}}, True, id="any path"),
        pytest.param(
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "${organization_id}/r-*/ou-*/*"}}, True, id="own paths"
        ),
        pytest.param(
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "${organization_id}/r-*/ou-*/ou-*/*"}},
            False,
            id="deeper paths",
        ),
        pytest.param(
            {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-*/r-*/ou-ab12-33333333/*"}}, False, id="a unit"
        ),
        pytest.param({"Null": {"aws:TagKeys": "true"}}, False, id="tags are given"),
    ],
)
def test_what_is_known_of_a_session_beforehand(tmp_path: Path, condition: Statement, *, told: bool) -> None:
    """Keys that no session of a role has, the time, and the form of ids that are not known decide as they will."""
    lost = [f"Closed: {who} could not do iam:CreateRole on the role {role}" for who, role in MEMBER_ROLES]
    assert locked_out(tmp_path, deny("iam:CreateRole", Condition=condition)) == (lost if told else [])


def test_an_exemption_by_a_key_that_aws_does_not_have(tmp_path: Path) -> None:
    """No call has a mistyped key, so it exempts nobody; the message names it. A provider's own key is not judged."""
    mistyped = {"ArnNotLike": {"aws:PrincipalArm": "arn:aws:iam::*:role/OrganizationAccountAccessRole"}}
    found = locked_out(tmp_path, deny("iam:CreateRole", Condition=mistyped))
    lost = f"{KEEPER} could not do iam:CreateRole on the role Admin"
    assert found[0] == f"Closed (AWS has no condition key aws:principalarm): {lost}"
    assert locked_out(tmp_path, deny("iam:CreateRole", Condition={"Null": {"idp.example.com:sub": "true"}})) == []
