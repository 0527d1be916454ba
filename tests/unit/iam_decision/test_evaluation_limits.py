"""What limits permissions: SCPs, permissions boundaries and session policies never grant, only take away."""

from __future__ import annotations

import pytest

from iam_decision import Policies, Policy, PolicyKindThatDecided, Reason, decide
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    EVERYTHING,
    allow,
    deny,
    identity,
    request,
    resource_policy,
    scp,
    session,
    user,
)

READS = allow("s3:GetObject")
ADMIN = (identity(EVERYTHING, name="admin"),)
FULL = (scp(EVERYTHING, name="FullAWSAccess"),)


def test_scps_grant_nothing() -> None:
    """An SCP alone gives no permission (AWS Organizations, "Service control policies")."""
    assert decide(request(), Policies(scp_levels=(FULL,))).reason is Reason.IMPLICIT_DENY_IDENTITY


def test_every_level_has_to_allow() -> None:
    """The permission must be allowed at root, every OU and the account (Organizations, "SCP evaluation")."""
    assert decide(request(), Policies(identity=ADMIN, scp_levels=(FULL, FULL, FULL))).allowed


@pytest.mark.parametrize("bare", [0, 1, 2])
def test_a_level_without_allow_denies(bare: int) -> None:
    """A level whose SCPs do not allow the action denies it (Organizations, "How SCPs work with Allow")."""
    levels = [FULL, FULL, FULL]
    levels[bare] = (scp(allow("ec2:*"), name="OnlyEc2"),)
    decision = decide(request(), Policies(identity=ADMIN, scp_levels=tuple(levels)))
    assert decision.reason is Reason.IMPLICIT_DENY_SCP
    assert (decision.by, decision.policy) == (PolicyKindThatDecided.SCP, "OnlyEc2")


def test_a_level_with_no_scp_at_all_denies() -> None:
    """Detaching the last SCP of a level takes everything away (Organizations, "SCP evaluation")."""
    assert not decide(request(), Policies(identity=ADMIN, scp_levels=(FULL, ()))).allowed


def test_scps_of_one_level_are_joined() -> None:
    """One allowing SCP among several of a level is enough (Organizations, "SCP evaluation")."""
    level = (scp(allow("ec2:*")), scp(READS))
    assert decide(request(), Policies(identity=ADMIN, scp_levels=(level,))).allowed


def test_a_deny_on_any_level_wins() -> None:
    """A Deny on any level overrides every Allow, and the decision names it (Organizations, "SCP evaluation")."""
    fence = scp(deny("s3:*", Sid="NoS3"), name="fence")
    decision = decide(request(), Policies(identity=ADMIN, scp_levels=(FULL, (*FULL, fence))))
    assert decision.reason is Reason.EXPLICIT_DENY_SCP
    assert (decision.policy, decision.statement) == ("fence", "NoS3")


@pytest.mark.parametrize(
    ("region", "action", "allowed"),
    [
        ("eu-west-1", "ec2:RunInstances", True),
        ("ap-south-1", "ec2:RunInstances", False),
        ("ap-south-1", "iam:CreateRole", True),
    ],
)
def test_a_region_lock_spares_global_services(region: str, action: str, allowed: bool) -> None:
    """Deny with NotAction and aws:RequestedRegion (Organizations, example "Deny access based on the region")."""
    lock = {key: value for key, value in deny().items() if key != "Action"}
    lock |= {"NotAction": ["iam:*", "sts:*"], "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}
    policies = Policies(identity=ADMIN, scp_levels=((*FULL, scp(lock)),))
    assert decide(request(action=action, context={"aws:RequestedRegion": region}), policies).allowed is allowed


@pytest.mark.parametrize(("role", "allowed"), [("Breakglass", True), ("Deploy", False)])
def test_an_scp_may_spare_a_role(role: str, allowed: bool) -> None:
    """aws:PrincipalArn of a session is its role, so an SCP can except it (Organizations, SCP examples)."""
    spared = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/Breakglass"}}
    policies = Policies(identity=ADMIN, scp_levels=((*FULL, scp(deny("s3:*", Condition=spared))),))
    assert decide(request(session(role)), policies).allowed is allowed


def test_without_scps_none_apply() -> None:
    """The management account is exempt: the caller hands over no levels ("SCPs don't affect ... management")."""
    assert decide(request(), Policies(identity=ADMIN, scp_levels=None)).allowed


def test_scps_limit_grants_of_resource_policies() -> None:
    """Resource policies grant a member's principal only what its SCPs allow ("Organizations SCPs")."""
    bucket = resource_policy(allow("s3:*", Principal={"AWS": user().arn}))
    policies = Policies(resource=bucket, scp_levels=((scp(allow("ec2:*")),),))
    assert decide(request(), policies).reason is Reason.IMPLICIT_DENY_SCP


def test_a_boundary_grants_nothing() -> None:
    """A permissions boundary alone gives no permission ("Permissions boundaries for IAM entities")."""
    assert decide(request(), Policies(boundary=ADMIN[0])).reason is Reason.IMPLICIT_DENY_IDENTITY


def test_a_boundary_and_an_identity_policy_both_have_to_allow() -> None:
    """The result is the intersection ("Evaluating effective permissions with boundaries")."""
    assert decide(request(), Policies(identity=ADMIN, boundary=identity(READS))).allowed
    decision = decide(request(), Policies(identity=ADMIN, boundary=identity(allow("ec2:*"), name="edge")))
    assert decision.reason is Reason.IMPLICIT_DENY_BOUNDARY
    assert (decision.by, decision.policy) == (PolicyKindThatDecided.BOUNDARY, "edge")


def test_session_policies_grant_nothing() -> None:
    """Session policies limit the role's permissions and add none ("Session policies")."""
    assert decide(request(session()), Policies(session=ADMIN)).reason is Reason.IMPLICIT_DENY_IDENTITY


def test_a_session_policy_and_an_identity_policy_both_have_to_allow() -> None:
    """The session's permissions are the intersection ("Session policies")."""
    assert decide(request(session()), Policies(identity=ADMIN, session=(identity(READS),))).allowed
    decision = decide(request(session()), Policies(identity=ADMIN, session=(identity(allow("ec2:*"), name="tight"),)))
    assert decision.reason is Reason.IMPLICIT_DENY_SESSION
    assert (decision.by, decision.policy) == (PolicyKindThatDecided.SESSION, "tight")


def test_several_session_policies_are_joined() -> None:
    """Inline and managed session policies of one call are joined ("Session policies")."""
    both = (identity(allow("ec2:*")), identity(READS))
    assert decide(request(session()), Policies(identity=ADMIN, session=both)).allowed


def test_an_empty_list_of_session_policies_allows_nothing() -> None:
    """None means a session without session policies; an empty list is a session that may do nothing."""
    assert not decide(request(session()), Policies(identity=ADMIN, session=())).allowed
    assert decide(request(session()), Policies(identity=ADMIN, session=None)).allowed


def test_boundary_and_session_limit_a_caller_from_another_account() -> None:
    """Cross-account, the caller's side is evaluated with its limits ("Cross-account policy evaluation logic")."""
    bucket = resource_policy(allow("s3:*", Principal={"AWS": session().arn}))
    tight = identity(allow("ec2:*"))
    for limits in (Policies(boundary=tight), Policies(session=(tight,))):
        policies = Policies(
            identity=ADMIN, boundary=limits.boundary, session=limits.session, resource=bucket, resource_account=AWAY
        )
        assert decide(request(session()), policies).reason.is_implicit_deny


NO_S3 = deny("s3:*", Sid="NoS3")


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        (Policies(identity=ADMIN, scp_levels=((*FULL, scp(NO_S3)),)), Reason.EXPLICIT_DENY_SCP),
        (Policies(identity=(*ADMIN, identity(NO_S3))), Reason.EXPLICIT_DENY_IDENTITY),
        (Policies(identity=ADMIN, boundary=identity(EVERYTHING, NO_S3)), Reason.EXPLICIT_DENY_BOUNDARY),
        (Policies(identity=ADMIN, session=(*ADMIN, identity(NO_S3))), Reason.EXPLICIT_DENY_SESSION),
        (
            Policies(identity=ADMIN, resource=resource_policy({**NO_S3, "Principal": "*"})),
            Reason.EXPLICIT_DENY_RESOURCE,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else "",
)
def test_an_explicit_deny_of_any_kind_wins_even_over_a_direct_grant(policies: Policies, reason: Reason) -> None:
    """An explicit deny in any policy overrides every allow ("Deny evaluation")."""
    grant = allow("s3:*", Principal={"AWS": session().arn})
    statements = [grant, {**NO_S3, "Principal": "*"}] if policies.resource else [grant]
    bucket: Policy = resource_policy(*statements)
    with_grant = Policies(
        identity=policies.identity,
        boundary=policies.boundary,
        session=policies.session,
        scp_levels=policies.scp_levels,
        resource=bucket,
    )
    decision = decide(request(session()), with_grant)
    assert decision.reason is reason
    assert decision.statement == "NoS3"
