"""Whom a resource policy names. AWS pages: "AWS JSON policy elements: Principal" and "... NotPrincipal"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iam_decision import Policies, PolicyError, PolicyKind, Principal, PrincipalKind, Reason, decide, parse_policy
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    EVERYTHING,
    HOME,
    allow,
    anonymous,
    deny,
    document,
    federated_user,
    identity,
    identity_provider,
    request,
    resource_policy,
    role_arn,
    root,
    root_arn,
    service,
    session,
    user,
)


def named(principal: object, caller: Principal) -> bool:
    """Tell whether a Deny for a Principal element reaches the caller: named directly, by role or by account."""
    policies = Policies(resource=resource_policy(deny(Principal=principal)), resource_account=HOME)
    return decide(request(caller), policies).reason.is_explicit_deny


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ({"AWS": user().arn}, user(), True),
        ({"AWS": user().arn}, user("bob"), False),
        ({"AWS": user("Alice").arn}, user("alice"), False),
        ({"AWS": [user("bob").arn, user().arn]}, user(), True),
        ({"AWS": role_arn()}, session(), True),
        ({"AWS": role_arn().replace("/team", "")}, session(), False),
        ({"AWS": role_arn("Other")}, session(), False),
        ({"AWS": session().arn}, session(), True),
        ({"AWS": session().arn}, session(name="other"), False),
        ({"AWS": user().unique_id}, user(), True),
        ({"AWS": session().unique_id}, session(), True),
        ({"AWS": session().unique_id}, session("Other"), False),
        ({"AWS": HOME}, user(), True),
        ({"AWS": root_arn()}, session(), True),
        ({"AWS": root_arn()}, root(), True),
        ({"AWS": root_arn(AWAY)}, user(), False),
        ({"AWS": root_arn()}, anonymous(), False),
        ({"AWS": root_arn()}, service(), False),
        ({"AWS": root_arn()}, identity_provider(), False),
        ({"AWS": root_arn()}, Principal(PrincipalKind.SERVICE, HOME, "cloudtrail.amazonaws.com"), False),
        ({"AWS": federated_user().arn}, federated_user(), True),
        ({"AWS": user().arn}, federated_user(), True),
        ({"Service": "cloudtrail.amazonaws.com"}, service(), True),
        ({"Service": ["config.amazonaws.com", "cloudtrail.amazonaws.com"]}, service(), True),
        ({"Service": "config.amazonaws.com"}, service(), False),
        ({"Federated": f"arn:aws:iam::{HOME}:saml-provider/acme"}, identity_provider(), True),
        ({"Federated": "accounts.google.com"}, identity_provider(), False),
        ({"AWS": root_arn(), "Service": "cloudtrail.amazonaws.com"}, service(), True),
    ],
)
def test_principals(principal: object, caller: Principal, expected: bool) -> None:
    """A Principal names accounts, users, roles with their path, sessions, unique ids, services and providers."""
    assert named(principal, caller) is expected


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [root_arn(AWAY), "*"]}])
@pytest.mark.parametrize(
    "caller",
    [user(), session(), root(AWAY), service(), anonymous(), identity_provider()],
    ids=lambda one: one.kind.name,
)
def test_the_star_names_everyone(principal: object, caller: Principal) -> None:
    """`*` and {"AWS": "*"} stand for everyone, anonymous callers included ("All principals")."""
    assert named(principal, caller)


def test_a_recreated_principal_is_not_the_one_named_by_id() -> None:
    """A unique id names the old user; a new one of the same name has another ("IAM user principals")."""
    recreated = Principal(user().kind, HOME, user().arn, unique_id="AIDANEWNEWNEWNEWNEWN")
    assert not named({"AWS": user().unique_id}, recreated)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": f"arn:aws:iam::{HOME}:user/*"},
        {"AWS": f"arn:aws:iam::{HOME}:role/team/D*"},
        {"AWS": f"arn:aws:sts::{HOME}:assumed-role/Deploy/*"},
        {"AWS": "arn:aws:iam::*:root"},
        {"AWS": "11111111111*"},
        {"AWS": f"arn:aws:iam::{HOME}:group/ops"},
        {"AWS": f"arn:aws:iam::{HOME}"},
        {"AWS": "alice"},
        {"AWS": ""},
        {"Service": "*"},
        {"Service": "*.amazonaws.com"},
        {"Service": "cloudtrail"},
        {"Federated": "*"},
        {"Federated": f"arn:aws:iam::{HOME}:role/x"},
    ],
)
def test_partial_wildcards_and_strangers_are_refused(principal: dict[str, str]) -> None:
    """A wildcard cannot be part of a principal, groups cannot be one ("Specifying a principal")."""
    ((key, text),) = principal.items()
    with pytest.raises(PolicyError) as caught:
        parse_policy(document(allow(Principal=principal)), "p", kind=PolicyKind.RESOURCE)
    assert caught.value.problem == f'Invalid principal in policy: "{key}":"{text}"'


def denied_by_not_principal(exempted: object, caller: Principal) -> bool:
    """Tell whether a Deny with NotPrincipal reaches the caller."""
    statements = [allow(Principal="*"), deny(NotPrincipal=exempted)]
    policies = Policies(resource=resource_policy(*statements), resource_account=HOME)
    return not decide(request(caller), policies).allowed


@pytest.mark.parametrize(
    ("exempted", "caller", "expected"),
    [
        ({"AWS": [root_arn(), user().arn]}, user(), False),
        ({"AWS": [root_arn(), user().arn]}, user("bob"), True),
        ({"AWS": user().arn}, user(), True),
        ({"AWS": root_arn()}, user(), True),
        ({"AWS": root_arn()}, root(), False),
        ({"AWS": [root_arn(), user().unique_id]}, user(), False),
        ({"AWS": [root_arn(), role_arn(), session().arn]}, session(), False),
        ({"AWS": [root_arn(), role_arn(), session().arn]}, session(name="other"), True),
        ({"AWS": [root_arn(), role_arn()]}, session(), True),
        ({"AWS": [role_arn(), session().arn]}, session(), True),
        ({"AWS": [root_arn(), session().arn]}, session(), True),
        ({"AWS": [root_arn(AWAY), user().arn]}, user(), True),
        ({"Service": "cloudtrail.amazonaws.com"}, service(), False),
        ({"Service": "config.amazonaws.com"}, service(), True),
        ({"Federated": f"arn:aws:iam::{HOME}:saml-provider/acme"}, identity_provider(), False),
        ({"AWS": root_arn()}, anonymous(), True),
        ("*", user(), False),
    ],
)
def test_not_principal_spares_only_who_is_listed_with_account_and_role(
    exempted: object, caller: Principal, expected: bool
) -> None:
    """Deny with NotPrincipal spares a caller whose account, role and own ARN are all listed ("NotPrincipal")."""
    assert denied_by_not_principal(exempted, caller) is expected


def test_not_principal_spares_nobody_with_a_boundary() -> None:
    """Deny with NotPrincipal reaches every principal with a permissions boundary ("NotPrincipal", Key points)."""
    bucket = resource_policy(allow(Principal="*"), deny(NotPrincipal={"AWS": [root_arn(), user().arn]}))
    unbounded = Policies(resource=bucket, resource_account=HOME)
    assert decide(request(), unbounded).allowed
    assert decide(request(), replace(unbounded, boundary=identity(EVERYTHING))).reason is Reason.EXPLICIT_DENY_RESOURCE
