"""The context keys that follow from the caller. AWS page: "Variables and tags", table "Principal key values"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from iam_decision import Policies, Policy, PolicyKind, Principal, decide, parse_policy
from tests.unit.iam_decision.policy_builders import (
    HOME,
    allow,
    anonymous,
    document,
    federated_user,
    identity_provider,
    request,
    role_arn,
    root,
    root_arn,
    service,
    session,
    user,
)

Context = Mapping[str, str | Sequence[str]]


def knows(principal: Principal, key: str, value: str | None, context: Context | None = None) -> bool:
    """Tell whether the request of a principal carries a key with that value; None asks that it is absent."""
    operator, wanted = ("Null", "true") if value is None else ("StringEquals", value)
    statement = allow(Principal="*", Condition={operator: {key: wanted}})
    policy: Policy = parse_policy(document(statement), "asks", kind=PolicyKind.RESOURCE)
    return decide(request(principal, context=context), Policies(resource=policy, resource_account="")).allowed


@pytest.mark.parametrize(
    ("principal", "key", "value"),
    [
        (user(), "aws:PrincipalArn", user().arn),
        (user(), "aws:PrincipalAccount", HOME),
        (user(), "aws:PrincipalType", "User"),
        (user(), "aws:userid", "AIDAALICE00000000000"),
        (user(), "aws:username", "alice"),
        (user(), "aws:PrincipalIsAWSService", "false"),
        (session(), "aws:PrincipalArn", role_arn()),
        (session(), "aws:PrincipalType", "AssumedRole"),
        (session(), "aws:userid", "AROADEPLOY0000000000:run"),
        (session(), "aws:username", None),
        (root(), "aws:PrincipalArn", root_arn()),
        (root(), "aws:PrincipalType", "Account"),
        (root(), "aws:userid", HOME),
        (service(), "aws:PrincipalServiceName", "cloudtrail.amazonaws.com"),
        (service(), "aws:PrincipalIsAWSService", "true"),
        (service(), "aws:PrincipalArn", None),
        (service(), "aws:PrincipalAccount", None),
        (anonymous(), "aws:PrincipalType", "Anonymous"),
        (anonymous(), "aws:PrincipalArn", None),
        (federated_user(), "aws:PrincipalArn", federated_user().arn),
        (federated_user(), "aws:PrincipalType", "FederatedUser"),
        (federated_user(), "aws:userid", f"{HOME}:guest"),
        (identity_provider(), "aws:PrincipalArn", None),
    ],
)
def test_keys_that_follow_from_the_principal(principal: Principal, key: str, value: str | None) -> None:
    """The evaluator adds the keys of the table "Principal key values"; a session's PrincipalArn is its role."""
    assert knows(principal, key, value)


def test_a_key_given_with_the_request_is_kept() -> None:
    """A principal key that the caller states is not overwritten."""
    assert knows(user(), "aws:userid", "given", {"AWS:UserId": "given"})
