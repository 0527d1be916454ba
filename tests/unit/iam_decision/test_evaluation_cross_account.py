"""Requests across accounts. AWS page: "Cross-account policy evaluation logic"."""

from __future__ import annotations

import pytest

from iam_decision import Policies, PolicyKindThatDecided, Principal, Reason, decide
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    EVERYTHING,
    Body,
    allow,
    deny,
    identity,
    request,
    resource_policy,
    role_arn,
    root,
    root_arn,
    session,
    user,
)

ADMIN = (identity(EVERYTHING),)
WITH_ALICE: Body = allow("s3:*", Principal={"AWS": user().arn}, Sid="Alice")


def test_both_sides_have_to_allow() -> None:
    """The owner's resource policy and the caller's identity policy must both allow."""
    decision = decide(request(), Policies(identity=ADMIN, resource=resource_policy(WITH_ALICE), resource_account=AWAY))
    assert decision.allowed
    assert (decision.by, decision.statement) == (PolicyKindThatDecided.RESOURCE, "Alice")


def test_the_resource_side_alone_is_not_enough() -> None:
    """Without an Allow of the trusted account the request is denied."""
    policies = Policies(resource=resource_policy(WITH_ALICE), resource_account=AWAY)
    assert decide(request(), policies).reason is Reason.IMPLICIT_DENY_IDENTITY


@pytest.mark.parametrize("bucket", [None, resource_policy(allow("s3:*", Principal={"AWS": user("bob").arn}))])
def test_the_identity_side_alone_is_not_enough(bucket: None) -> None:
    """Without an Allow of the trusting account the request is denied, whatever the caller's own policies say."""
    policies = Policies(identity=ADMIN, resource=bucket, resource_account=AWAY)
    assert decide(request(), policies).reason is Reason.IMPLICIT_DENY_RESOURCE


def test_of_two_missing_sides_the_resource_is_named() -> None:
    """When neither side allows, the denial names the resource policy, which comes first in the flow chart."""
    assert decide(request(), Policies(resource_account=AWAY)).reason is Reason.IMPLICIT_DENY_RESOURCE


@pytest.mark.parametrize(
    "principal",
    ["*", {"AWS": root_arn()}, {"AWS": role_arn()}, {"AWS": session().arn}, {"AWS": session().unique_id}],
)
def test_every_way_to_name_the_caller_needs_the_identity_side(principal: object) -> None:
    """Even naming the session, or everyone, grants nothing across accounts without the caller's policies."""
    bucket = resource_policy(allow("s3:*", Principal=principal))
    assert not decide(request(session()), Policies(resource=bucket, resource_account=AWAY)).allowed
    assert decide(request(session()), Policies(identity=ADMIN, resource=bucket, resource_account=AWAY)).allowed


@pytest.mark.parametrize(("principal", "allowed"), [({"AWS": root_arn()}, True), ({"AWS": user().arn}, False)])
def test_the_root_user_of_another_account_needs_the_resource_side_only(principal: object, allowed: bool) -> None:
    """A foreign root user has full access in its own account; the owner must still allow the account."""
    bucket = resource_policy(allow("s3:*", Principal=principal))
    assert decide(request(root()), Policies(resource=bucket, resource_account=AWAY)).allowed is allowed


def test_the_root_user_of_another_account_is_nobody_without_a_grant() -> None:
    """Root's full access ends at its account."""
    assert not decide(request(root()), Policies(resource_account=AWAY)).allowed


@pytest.mark.parametrize("caller", [user(), session()], ids=["user", "session"])
def test_a_condition_on_the_role_narrows_an_account_principal(caller: Principal) -> None:
    """The account as principal with aws:PrincipalArn admits that role alone, and outlives its re-creation."""
    condition = {"ArnEquals": {"aws:PrincipalArn": role_arn()}}
    bucket = resource_policy(allow("s3:*", Principal={"AWS": root_arn()}, Condition=condition))
    policies = Policies(identity=ADMIN, resource=bucket, resource_account=AWAY)
    assert decide(request(caller), policies).allowed is (caller == session())


@pytest.mark.parametrize(("organization", "allowed"), [("o-acme", True), ("o-other", False)])
def test_everyone_of_the_organization(organization: str, allowed: bool) -> None:
    """`*` with aws:PrincipalOrgID admits the organisation's accounts ("AWS global condition context keys")."""
    bucket = resource_policy(allow("s3:*", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-acme"}}))
    policies = Policies(identity=ADMIN, resource=bucket, resource_account=AWAY)
    assert decide(request(context={"aws:PrincipalOrgID": organization}), policies).allowed is allowed


def test_an_explicit_deny_on_either_side_wins() -> None:
    """A Deny of the owner or of the caller's account overrides both Allows."""
    shut = resource_policy(WITH_ALICE, deny("s3:*", Principal={"AWS": root_arn()}))
    open_ = resource_policy(WITH_ALICE)
    on_owner_side = Policies(identity=ADMIN, resource=shut, resource_account=AWAY)
    on_caller_side = Policies(identity=(*ADMIN, identity(deny("s3:*"))), resource=open_, resource_account=AWAY)
    assert decide(request(), on_owner_side).reason is Reason.EXPLICIT_DENY_RESOURCE
    assert decide(request(), on_caller_side).reason is Reason.EXPLICIT_DENY_IDENTITY


def test_an_identity_policy_may_ask_for_the_resources_organization() -> None:
    """aws:ResourceOrgID keeps the caller inside its organisation ("AWS global condition context keys")."""
    ours = (identity(allow("sts:*", Condition={"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}})),)
    bucket = resource_policy(allow("sts:AssumeRole", Principal="*"))
    policies = Policies(identity=ours, resource=bucket, resource_account=AWAY)
    for owner, allowed in (("o-acme", True), ("o-other", False)):
        context = {"aws:PrincipalOrgID": "o-acme", "aws:ResourceOrgID": owner}
        assert decide(request(action="sts:AssumeRole", context=context), policies).allowed is allowed
