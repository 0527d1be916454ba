"""What is decided of policies that rest on something nobody knows before the call."""

from __future__ import annotations

from typing import Any

import pytest

from iam_decision import Policies, PolicyKind, Request, decide
from orchestrator.lockout.known_policies import KnownPolicies, KnownPolicy
from orchestrator.verify.answers import Found
from orchestrator.verify.computed import judge, session

ACCOUNT = "200000000002"
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
REQUEST = Request(session(ACCOUNT, "Admin"), "s3:GetObject", "arn:aws:s3:::b/o", {"aws:RequestedRegion": "eu-west-1"})


def _policy(*statements: dict[str, Any], name: str = "own", kind: PolicyKind = PolicyKind.IDENTITY) -> KnownPolicy:
    return KnownPolicy.of({"Version": "2012-10-17", "Statement": list(statements)}, name, kind)


def _found(*statements: dict[str, Any], scp: dict[str, Any] | None = None) -> Found:
    levels = None if scp is None else ((_policy(FULL, scp, name="scp", kind=PolicyKind.SCP),),)
    return judge(REQUEST, KnownPolicies(identity=(_policy(*statements),), scp_levels=levels)).found


def _when(effect: str, key: str, value: str) -> dict[str, Any]:
    return {"Effect": effect, "Action": "*", "Resource": "*", "Condition": {"StringEquals": {key: value}}}


@pytest.mark.parametrize(
    ("statements", "scp", "found"),
    [
        pytest.param([FULL], None, Found.ALLOW, id="allowed"),
        pytest.param([], _when("Deny", "aws:RequestedRegion", "eu-west-1"), Found.DENY, id="nothing allows"),
        pytest.param([FULL], _when("Deny", "aws:RequestedRegion", "eu-west-1"), Found.DENY, id="known condition"),
        pytest.param([FULL], _when("Deny", "aws:RequestedRegion", "us-east-1"), Found.ALLOW, id="known, not met"),
        pytest.param([FULL], _when("Deny", "aws:SourceVpc", "vpc-1"), Found.UNKNOWN, id="unknown denial"),
        pytest.param([FULL], _when("Deny", "aws:SourceVpcc", "vpc-1"), Found.ALLOW, id="a key that AWS has not"),
        pytest.param([_when("Allow", "aws:SourceVpc", "vpc-1")], None, Found.UNKNOWN, id="unknown allowance"),
        pytest.param([FULL, _when("Allow", "aws:SourceVpc", "vpc-1")], None, Found.ALLOW, id="allowed either way"),
        pytest.param(
            [{**FULL, "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*"}], None, Found.UNKNOWN, id="variable"
        ),
        pytest.param([{**FULL, "Action": "ec2:*"}], None, Found.DENY, id="another action"),
    ],
)
def test_the_unknown_decides_only_where_it_matters(
    statements: list[dict[str, Any]], scp: dict[str, Any] | None, found: Found
) -> None:
    """The answer is known where it is the same whatever the unknown turns out to be, and is unknown elsewhere."""
    assert _found(*(statements or [{**FULL, "Action": "ec2:*"}]), scp=scp) is found


def test_a_denial_that_is_sure_outweighs_what_is_not_known() -> None:
    """A role whose own policy is known by name alone is denied all the same, where the organisation denies."""
    deny = _policy(FULL, {"Sid": "No", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}, kind=PolicyKind.SCP)
    unseen = KnownPolicy.by_name("Theirs")
    answer = judge(REQUEST, KnownPolicies(identity=(unseen,), scp_levels=((deny,),)))
    assert (answer.found, answer.by, answer.statement) == (Found.DENY, "scp", "No")
    unsure = judge(REQUEST, KnownPolicies(identity=(unseen,)))
    assert (unsure.found, unsure.policy) == (Found.UNKNOWN, "a policy whose content is not known")


def test_what_it_rests_on_is_named() -> None:
    """An answer that is not known names the statement, and the condition key that would tell."""
    policies = KnownPolicies(identity=(_policy(FULL, {**_when("Deny", "aws:SourceVpc", "vpc-1"), "Sid": "Lan"}),))
    answer = judge(REQUEST, policies)
    assert (answer.policy, answer.statement, answer.words) == ("own", "Lan", "it rests on aws:sourcevpc")


def test_with_everything_known_it_is_the_decision_itself() -> None:
    """Policies without anything unknown are handed on as they are."""
    policy = _policy(FULL, _when("Deny", "aws:RequestedRegion", "eu-west-1"))
    known = frozenset({"aws:requestedregion"})
    assert policy.seen(known, kindly=True) is policy.seen(known, kindly=False) is policy.policy
    assert not decide(REQUEST, Policies(identity=(policy.policy,))).allowed
