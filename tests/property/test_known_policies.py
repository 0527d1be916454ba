"""What is said to be known of a policy beforehand holds whatever the unknown turns out to be."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iam_decision import PolicyKind, Request, decide
from orchestrator.lockout.known_policies import KnownPolicies, KnownPolicy
from orchestrator.verify.answers import Found
from orchestrator.verify.computed import judge, session

ACCOUNT = "200000000002"
UNKNOWN = "aws:SourceVpc"
VALUES = ("vpc-1", "vpc-2")
OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "ForAnyValue:StringLike",
)

conditions = st.one_of(
    st.just({}),
    st.builds(
        lambda operator, key, value: {operator: {key: value}},
        st.sampled_from(OPERATORS),
        st.sampled_from((UNKNOWN, "aws:RequestedRegion")),
        st.sampled_from((*VALUES, "eu-west-1", "us-east-1")),
    ),
    st.builds(lambda value: {"Null": {UNKNOWN: value}}, st.sampled_from(("true", "false"))),
)
statements = st.builds(
    lambda effect, action, condition, resource: {
        "Effect": effect,
        **action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(("Allow", "Deny")),
    st.sampled_from(({"Action": "*"}, {"Action": "s3:*"}, {"NotAction": "ec2:*"}, {"NotAction": "s3:*"})),
    conditions,
    st.sampled_from(("*", "arn:aws:s3:::${aws:SourceVpc}", "arn:aws:s3:::vpc-1")),
)
policies = st.lists(statements, min_size=1, max_size=3)


def _policy(bodies: list[dict[str, Any]], kind: PolicyKind = PolicyKind.IDENTITY) -> KnownPolicy:
    return KnownPolicy.of({"Version": "2012-10-17", "Statement": bodies}, kind.name, kind)


@settings(max_examples=200, deadline=None)
@given(identity=policies, scp=policies, boundary=st.none() | policies)
def test_what_is_known_holds_for_every_value(
    identity: list[dict[str, Any]], scp: list[dict[str, Any]], boundary: list[dict[str, Any]] | None
) -> None:
    """With the unknown key absent, or of any value, the decision is the one that was said to be known."""
    all_of = KnownPolicies(
        identity=(_policy(identity),),
        scp_levels=((_policy(scp, PolicyKind.SCP),),),
        boundary=_policy(boundary) if boundary else None,
    )
    known = {"aws:RequestedRegion": "eu-west-1"}
    found = judge(Request(session(ACCOUNT, "Admin"), "s3:GetObject", "arn:aws:s3:::vpc-1", known), all_of).found
    everything = frozenset({UNKNOWN.lower(), "aws:requestedregion"})
    decided = {
        decide(
            Request(session(ACCOUNT, "Admin"), "s3:GetObject", "arn:aws:s3:::vpc-1", {**known, **unknown}),
            all_of.seen(everything, kindly=True),
        ).allowed
        for unknown in ({}, *({UNKNOWN: value} for value in VALUES))
    }
    assert found is Found.UNKNOWN or decided == {found is Found.ALLOW}
    assert len(decided) == 1 or found is Found.UNKNOWN
