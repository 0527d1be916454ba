"""What probes expect can be answered so at all."""

from __future__ import annotations

import pytest

from orchestrator.verify.possible_answers import probes_can_hold
from tests.unit.landing_zone.fleets import SMALL
from tests.unit.orchestrator.verify.probe_problems import probe_problems

BOUND = SMALL.replace("ReadOnly: {", "ReadOnly: {permissions_boundary: PowerUserAccess, ")
ALL_BOUND = SMALL.replace("roles:\n  Admin: {", "permissions_boundary: PowerUserAccess\nroles:\n  Admin: {", 1)


def _probe(action: str, more: str, *, fleet: str = SMALL) -> list[str]:
    found = probe_problems(f"actions: [{action}], accounts: [prod], expect: deny, {more}", probes_can_hold, fleet=fleet)
    return [each.partition(": ")[2] for each in found]


@pytest.mark.parametrize(
    ("action", "more", "problem"),
    [
        pytest.param(
            "iam:CreateUser",
            "by: rcp",
            "by: rcp: no RCP denies iam:CreateUser: AWS's RCPs are of other services and actions",
            id="RCPs do not cover the service",
        ),
        pytest.param(
            "kms:RetireGrant",
            "by: rcp",
            "by: rcp: no RCP denies kms:RetireGrant: AWS's RCPs are of other services and actions",
            id="nor the action",
        ),
        pytest.param(
            "kms:Decrypt",
            "by: rcp, resource: 'arn:aws:kms:eu-west-1:${management_account_id}:key/x'",
            'by: rcp: "arn:aws:kms:eu-west-1:${management_account_id}:key/x" is in the management account, whose '
            "resources no RCP reaches",
            id="nor the management account",
        ),
        pytest.param(
            "iam:CreateUser",
            "by: identity",
            "by: identity: an administrator, who tries it where no role is named, is allowed everything by its own "
            "policies: name another role",
            id="an administrator's own policies",
        ),
        pytest.param(
            "iam:CreateUser",
            "by: boundary, role: OrganizationAccountAccessRole",
            "by: boundary: OrganizationAccountAccessRole has no permissions boundary: name a role that has one",
            id="an administrator's boundary",
        ),
        pytest.param(
            "iam:CreateUser",
            "by: boundary, role: ReadOnly",
            "by: boundary: the role ReadOnly has no permissions_boundary",
            id="a role without boundary",
        ),
        pytest.param(
            "sts:GetCallerIdentity",
            "by: scp",
            "sts:GetCallerIdentity is answered whatever a policy denies, so no probe can expect that it is denied",
            id="a call that is always answered",
        ),
    ],
)
def test_an_answer_that_cannot_come(action: str, more: str, problem: str) -> None:
    """A probe that no policy could make hold is refused with the reason."""
    assert _probe(action, more) == [problem]


@pytest.mark.parametrize("fleet", [BOUND, ALL_BOUND])
def test_a_boundary_of_its_own_or_of_all(fleet: str) -> None:
    """A role that has a boundary, whoever says so, may be denied by it."""
    assert _probe("iam:CreateUser", "by: boundary, role: ReadOnly", fleet=fleet) == []


def test_a_role_that_gives_up_the_boundary_of_all() -> None:
    """One that says `none` has no boundary, whatever is said of all roles."""
    fleet = ALL_BOUND.replace("ReadOnly: {", "ReadOnly: {permissions_boundary: none, ")
    assert len(_probe("iam:CreateUser", "by: boundary, role: ReadOnly", fleet=fleet)) == 1


@pytest.mark.parametrize(
    ("action", "more"),
    [("kms:Decrypt", "by: rcp"), ("iam:CreateUser", "by: scp"), ("iam:CreateUser", "by: identity, role: ReadOnly")],
)
def test_an_answer_that_can_come(action: str, more: str) -> None:
    """What some policy could deny is taken; whether one does is what the probe asks."""
    assert _probe(action, more) == []


@pytest.mark.parametrize(
    ("action", "resource", "problem"),
    [
        pytest.param(
            "iam:CreateUser",
            "arn:aws:s3:::bucket",
            'iam:CreateUser does not act on "arn:aws:s3:::bucket"; it takes arn:*:iam::*:user/*',
            id="another service",
        ),
        pytest.param(
            "iam:CreateUser",
            "arn:aws:iam::${account.id}:usr/x",
            'iam:CreateUser does not act on "arn:aws:iam::${account.id}:usr/x"; it takes arn:*:iam::*:user/*',
            id="another kind",
        ),
        pytest.param(
            "sqs:ListQueues",
            "arn:aws:sqs:eu-west-1:${account.id}:q",
            'sqs:ListQueues takes no ARN: its resource is "*"',
            id="none",
        ),
    ],
)
def test_a_resource_that_the_action_does_not_take(action: str, resource: str, problem: str) -> None:
    """A call that is never made on such a resource would prove nothing."""
    assert _probe(action, f"resource: '{resource}'") == [problem]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreateUser", "arn:aws:iam::${account.id}:user/x"),
        ("s3:GetObject", "arn:aws:s3:::bucket/${account.name}/key"),
        ("ssm:PutParameter", "arn:aws:ssm:${region}:${account.id}:parameter/a/b"),
        ("cloudtrail:StopLogging", "arn:aws:cloudtrail:eu-west-1:${management_account_id}:trail/organization"),
        ("sqs:ListQueues", "*"),
    ],
)
def test_a_resource_that_the_action_takes(action: str, resource: str) -> None:
    """ARNs of a kind that the action takes, and `*` for any action."""
    assert _probe(action, f"resource: '{resource}'") == []
