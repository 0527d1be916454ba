"""Which Allow comes nearest to a request that none allows. AWS page: "Policy evaluation logic"."""

from __future__ import annotations

from iam_decision import Compared, Part, Policies, PolicyKindThatDecided, ResourceKind, explain
from iam_decision.near_misses import NearMiss
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    OBJECT,
    TARGET_ROLE,
    allow,
    deny,
    identity,
    request,
    resource_policy,
    service,
    trust,
    user,
)

Kind = PolicyKindThatDecided


def nearest(policies: Policies, kind: Kind) -> tuple[NearMiss, ...]:
    """Return what the step of a kind says is nearest to reading an object."""
    return next(step.nearest for step in explain(request(), policies).steps if step.by is kind)


def test_a_statement_for_other_actions_is_never_near() -> None:
    """Where no Allow has the action there is nothing near."""
    assert nearest(Policies(identity=(identity(allow("ec2:*")),)), Kind.IDENTITY) == ()


def test_an_allow_that_applies_leaves_nothing_near() -> None:
    """A step that allows, or denies explicitly, tells no near miss."""
    allowed = Policies(identity=(identity(allow("s3:*")),))
    denied = Policies(identity=(identity(allow("s3:*", Resource="arn:aws:s3:::x"), deny("s3:*")),))
    assert nearest(allowed, Kind.IDENTITY) == nearest(denied, Kind.IDENTITY) == ()


def test_not_resource_is_marked() -> None:
    """A NotResource that leaves the request out is told as negated."""
    left_out = {"Effect": "Allow", "Action": "s3:*", "NotResource": OBJECT}
    (found,) = nearest(Policies(identity=(identity(left_out),)), Kind.IDENTITY)
    assert found.unfit == (Compared(Part.RESOURCE, (OBJECT,), (OBJECT,), negated=True),)


def test_who_names_the_caller_is_nearer_than_who_names_the_resource() -> None:
    """A statement for the caller on another resource comes before one for another caller on this resource."""
    other = allow("s3:*", Principal={"AWS": AWAY}, Sid="OtherCaller")
    mine = allow("s3:*", Principal={"AWS": user().arn}, Resource="arn:aws:s3:::other/*", Sid="OtherResource")
    found = nearest(Policies(resource=resource_policy(other, mine)), Kind.RESOURCE)
    assert [(each.statement, each.number) for each in found] == [("OtherResource", 2)]


def test_two_at_most_are_told() -> None:
    """Of statements that are equally near the first two are told, in the policy's order."""
    elsewhere = [allow("s3:*", Resource=f"arn:aws:s3:::{name}/*") for name in "abc"]
    found = nearest(Policies(identity=(identity(*elsewhere),)), Kind.IDENTITY)
    assert [each.number for each in found] == [1, 2]


def test_a_principal_that_is_not_named_is_told() -> None:
    """A trust that names a service tells it beside the caller."""
    policies = Policies(
        resource=trust(allow("sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"})),
        resource_kind=ResourceKind.TRUST,
    )
    steps = explain(request(service(), "sts:AssumeRole", TARGET_ROLE), policies).steps
    (found,) = next(step.nearest for step in steps if step.by is Kind.TRUST)
    assert found.unfit == (Compared(Part.PRINCIPAL, ("ec2.amazonaws.com",), ("cloudtrail.amazonaws.com",)),)


def test_null_is_told_as_a_condition() -> None:
    """A Null condition that fails is told with its operator, key as written and wanted value."""
    wanted = allow("s3:*", Condition={"Null": {"aws:TokenIssueTime": "false"}})
    (found,) = nearest(Policies(identity=(identity(wanted),)), Kind.IDENTITY)
    assert found.unfit == (Compared(Part.CONDITION, ("false",), (), "Null", "aws:TokenIssueTime"),)


def test_a_denys_conditions_are_held() -> None:
    """The step of an explicit deny tells each condition with what the request has."""
    always = deny("s3:*", Condition={"StringNotEquals": {"aws:PrincipalAccount": [AWAY]}})
    steps = explain(request(), Policies(identity=(identity(always),))).steps
    (held,) = next(step.held for step in steps if step.by is Kind.IDENTITY)
    assert (held.operator, held.key, held.wanted) == ("StringNotEquals", "aws:PrincipalAccount", (AWAY,))
    assert held.had == (user().account_id,)
