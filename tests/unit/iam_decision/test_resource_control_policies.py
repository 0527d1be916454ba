"""Resource control policies. AWS pages: "RCP syntax" and "Resource control policies (RCPs)" of Organizations."""

from __future__ import annotations

import pytest

from iam_decision import Policies, PolicyError, PolicyKind, Reason, decide, parse_policy
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    EVERYTHING,
    HOME,
    Body,
    allow,
    deny,
    document,
    identity,
    rcp,
    request,
    resource_policy,
    user,
    without,
)

ADMIN = (identity(EVERYTHING, name="admin"),)
EVERYONE: Body = {"Principal": "*"}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        pytest.param(allow("s3:*", **EVERYONE), "an RCP denies", id="allow"),
        pytest.param(deny("*", **EVERYONE), "do not support the action *", id="all actions"),
        pytest.param(deny(["s3:*", "iam:*"], **EVERYONE), "do not support the action iam:*", id="service"),
        pytest.param(deny("s*:Get*", **EVERYONE), "do not support the action s*:Get*", id="wildcard service"),
        pytest.param(deny("s3:*", Principal={"AWS": HOME}), 'Principal must be "*"', id="principal"),
        pytest.param(deny("s3:*"), "Missing required field Principal", id="no principal"),
        pytest.param(deny("s3:*", NotPrincipal="*"), "element NotPrincipal", id="NotPrincipal"),
        pytest.param({**without(deny(**EVERYONE), "Action"), "NotAction": "s3:*"}, "element NotAction", id="NotAction"),
        pytest.param(without(deny("s3:*", **EVERYONE), "Resource"), "must contain resources", id="no resource"),
    ],
)
def test_what_an_rcp_may_not_say(statement: Body, words: str) -> None:
    """An RCP denies everyone actions of certain services, and nothing else is taken."""
    with pytest.raises(PolicyError) as refused:
        rcp(statement)
    assert words in refused.value.problem


def test_an_rcp_is_of_the_newest_version() -> None:
    """Version must be 2012-10-17."""
    with pytest.raises(PolicyError, match="2012-10-17 or greater"):
        parse_policy(document(deny("s3:*", **EVERYONE), version="2008-10-17"), "old", kind=PolicyKind.RCP)


def test_an_rcp_denies_whatever_the_other_policies_allow() -> None:
    """A statement of an RCP that applies denies, and is named, though identity and resource policy allow."""
    closed = rcp(deny("s3:GetObject", Sid="Closed", **EVERYONE), name="perimeter")
    open_bucket = resource_policy(allow(**EVERYONE))
    decision = decide(request(), Policies(identity=ADMIN, resource=open_bucket, rcps=(closed,)))
    assert (decision.reason, decision.policy, decision.statement) == (Reason.EXPLICIT_DENY_RCP, "perimeter", "Closed")


def test_an_rcp_grants_nothing() -> None:
    """An RCP that does not apply leaves the decision to the other policies."""
    elsewhere = rcp(deny("sqs:*", **EVERYONE))
    assert decide(request(), Policies(rcps=(elsewhere,))).reason is Reason.IMPLICIT_DENY_IDENTITY
    assert decide(request(), Policies(identity=ADMIN, rcps=(elsewhere,))).allowed


def test_principals_of_other_accounts_are_bound() -> None:
    """The resource's owner binds callers of other accounts too, and conditions tell them apart."""
    foreign = deny("s3:*", **EVERYONE, Condition={"StringNotEquals": {"aws:PrincipalAccount": HOME}})
    policies = Policies(
        identity=ADMIN, resource=resource_policy(allow(**EVERYONE)), resource_account=HOME, rcps=(rcp(foreign),)
    )
    assert decide(request(user(account=AWAY)), policies).reason is Reason.EXPLICIT_DENY_RCP
    assert decide(request(user()), policies).allowed


def test_grants_are_retired_all_the_same() -> None:
    """kms:RetireGrant is out of the reach of RCPs."""
    closed = rcp(deny("kms:*", **EVERYONE))
    assert decide(request(action="kms:RetireGrant"), Policies(identity=ADMIN, rcps=(closed,))).allowed
    assert not decide(request(action="kms:RevokeGrant"), Policies(identity=ADMIN, rcps=(closed,))).allowed
