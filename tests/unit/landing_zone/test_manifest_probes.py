"""What a manifest may say of probes, and what it means."""

from __future__ import annotations

import pytest

from landing_zone.probes import DeniedBy, Expect
from tests.unit.landing_zone.fleets import SMALL, parsed, problems_of

LEAVING = "leaving: {actions: [organizations:LeaveOrganization], accounts: ['*'], expect: deny"


def _probes(*blocks: str) -> str:
    return SMALL + "probes:\n" + "".join(f"  {block}\n" for block in blocks)


def test_a_probe_and_its_accounts() -> None:
    """A probe is actions over accounts, with the answer expected and perhaps who gives it, as whom, where, on what."""
    block = (
        "own: {actions: [iam:CreateRole, iam:DeleteRole], stages: [prod], expect: deny, by: scp, role: ReadOnly, "
        "region: us-east-1, resource: 'arn:aws:iam::${account.id}:role/x', context: {'aws:SourceIp': 10.0.0.1, "
        "'aws:TagKeys': [a, b]}}"
    )
    (probe,) = parsed(_probes(block)).probes
    assert (probe.name, probe.actions, probe.accounts) == ("own", ("iam:CreateRole", "iam:DeleteRole"), ("prod",))
    assert (probe.expect, probe.by, probe.role, probe.region) == (Expect.DENY, DeniedBy.SCP, "ReadOnly", "us-east-1")
    assert probe.resource == "arn:aws:iam::${account.id}:role/x"
    assert probe.context == {"aws:SourceIp": "10.0.0.1", "aws:TagKeys": ("a", "b")}
    assert probe.place == "fleet.yaml:34:3"


def test_a_role_means_the_accounts_that_have_it() -> None:
    """A role is made where somebody is granted it, and is probed there alone; without one every account is meant."""
    as_role, as_anybody = parsed(
        _probes(f"{LEAVING}, role: ReadOnly}}", f"{LEAVING}}}".replace("leaving", "all"))
    ).probes
    assert as_role.accounts == ("prod",)
    assert as_anybody.accounts == ("audit", "prod", "dev")


def test_the_access_role_is_in_every_account() -> None:
    """OrganizationAccountAccessRole may try as well: AWS makes it with each account."""
    (probe,) = parsed(_probes(f"{LEAVING}, role: OrganizationAccountAccessRole}}")).probes
    assert len(probe.accounts) == 3


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        pytest.param(
            LEAVING.replace("'*'", "proid") + "}",
            'no account matches "proid" (did you mean "prod"?)',
            id="account",
        ),
        pytest.param(
            f"{LEAVING}, role: Admim}}", 'no account offers a role "Admim" (did you mean "Admin"?)', id="role"
        ),
        pytest.param(
            LEAVING.replace("'*'", "dev") + ", role: ReadOnly}",
            "none of the accounts has the role ReadOnly: it is made where somebody is granted it",
            id="role that is not there",
        ),
        pytest.param(
            f"{LEAVING}, region: eu-wst-1}}", 'AWS has no region "eu-wst-1" (did you mean "eu-west-1"?)', id="region"
        ),
        pytest.param(
            LEAVING.replace("deny", "allow") + ", by: scp}",
            "by: scp says who has to deny, and this probe expects that it is allowed",
            id="by",
        ),
        pytest.param(
            f"{LEAVING}, resource: '${{acount.id}}'}}",
            'nothing is called "${acount.id}" (did you mean "${account.id}"?)',
            id="reference",
        ),
        pytest.param(
            f"{LEAVING}, resource: '${{accounts.proid.id}}'}}",
            '${accounts.proid.id}: no account is called "proid" (did you mean "prod"?)',
            id="account of a reference",
        ),
        pytest.param(
            f"{LEAVING}, resource: 'arn:aws:iam::${{account.id'}}",
            '"${account.id" lacks its closing brace',
            id="brace",
        ),
        pytest.param(f"{LEAVING}, resource: role/Admin}}", '"role/Admin" is no ARN', id="no ARN"),
        pytest.param(
            f"{LEAVING}, resource: 'arn:aws:s3:::*'}}",
            '"arn:aws:s3:::*": a probe is a call on one resource, so its ARN has no wildcards',
            id="wildcard in the resource",
        ),
        pytest.param(
            LEAVING.replace("LeaveOrganization", "LeaveOrganization, organizations:leaveOrganization") + "}",
            "organizations:leaveOrganization stands here twice",
            id="twice",
        ),
        pytest.param(
            LEAVING.replace("organizations:LeaveOrganization", "'iam:*'") + "}",
            "probes.leaving.actions.0 must be one action, such as ec2:RunInstances: a probe is a call, so it has no "
            "wildcards, not 'iam:*'",
            id="wildcard in the action",
        ),
        pytest.param(
            f"{LEAVING}, context: {{'aws:SecureTransport': true}}}}",
            "probes.leaving.context.aws:SecureTransport must be text; put it in quotes",
            id="a value of the context",
        ),
        pytest.param(
            LEAVING.replace(", accounts: ['*']", "") + "}",
            'say which accounts: accounts, stages, units or lists (accounts: ["*"])',
            id="no account",
        ),
    ],
)
def test_what_a_probe_may_not_say(block: str, problem: str) -> None:
    """Each mistake is told at its place, with the nearest name where one is unknown."""
    (told,) = problems_of(_probes(block))
    assert told.startswith("34:")
    assert told.partition(" ")[2] == problem


def test_every_mistake_is_told_at_once() -> None:
    """One probe's mistakes do not hide another's."""
    told = problems_of(_probes(f"{LEAVING}, role: Admim, region: eu-wst-1}}", "other: {actions: []}"))
    assert [each.partition(":")[0] for each in told] == ["34", "34", "35", "35", "35"]


def test_an_account_that_is_named_has_the_role() -> None:
    """A glob means those of the accounts that have the role; one that is named and has it not is told at its place."""
    both = LEAVING.replace("['*']", "[prod, dev]") + ", role: ReadOnly}"
    assert problems_of(_probes(both)) == [
        "34:74: dev has no role ReadOnly: it is made where somebody is granted it",
    ]
    assert problems_of(_probes(LEAVING + ", role: ReadOnly}")) == []
