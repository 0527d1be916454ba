"""What holds of every decision: denies win, limits never widen. AWS page: "Policy evaluation logic"."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from iam_decision import Policies, Policy, Reason, Request, ResourceKind, Verdict, decide, explain
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    HOME,
    Body,
    anonymous,
    identity,
    rcp,
    resource_policy,
    role_arn,
    root,
    root_arn,
    scp,
    service,
    session,
    trust,
    user,
)

ACTIONS = ["s3:GetObject", "s3:PutObject", "kms:Decrypt", "sts:AssumeRole", "sts:TagSession"]
PATTERNS = ["*", "s3:*", "s3:Get*", "kms:*", "sts:*", *ACTIONS]
RESOURCES = ["arn:aws:s3:::data/x", "arn:aws:s3:::data/y", f"arn:aws:iam::{HOME}:role/Target"]
RESOURCE_PATTERNS = ["*", "arn:aws:s3:::data/*", "arn:aws:s3:::data/${aws:PrincipalTag/team, 'x'}", *RESOURCES]
PRINCIPALS = [
    "*",
    {"AWS": root_arn()},
    {"AWS": AWAY},
    {"AWS": user().arn},
    {"AWS": user("bob", AWAY).arn},
    {"AWS": role_arn()},
    {"AWS": session().arn},
    {"AWS": session().unique_id},
    {"Service": service().arn},
]
CALLERS = [user(), user("bob", AWAY), session(), session(name="other"), root(), root(AWAY), service(), anonymous()]
CONDITIONS: list[Body] = [
    {},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "x"}},
    {"Null": {"aws:PrincipalTag/team": "false"}},
    {"ForAllValues:StringLike": {"aws:TagKeys": ["t*"]}},
    {"ForAnyValue:StringLike": {"aws:TagKeys": ["t*"]}},
    {"StringLikeIfExists": {"aws:PrincipalTag/team": "y"}},
]
CONTEXTS: list[dict[str, str | list[str]]] = [
    {},
    {"aws:SecureTransport": "true"},
    {"aws:PrincipalTag/team": "x", "aws:TagKeys": ["team"]},
    {"aws:PrincipalTag/team": "y", "aws:TagKeys": ["team", "owner"], "aws:SecureTransport": "false"},
]


@st.composite
def bodies(draw: st.DrawFn, effects: tuple[str, ...] = ("Allow", "Deny")) -> Body:
    """Draw a statement without a principal."""
    action = (
        draw(st.sampled_from(["Action", "NotAction"])),
        draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2)),
    )
    resource = draw(st.sampled_from(["Resource", "NotResource"])), draw(st.sampled_from(RESOURCE_PATTERNS))
    condition = draw(st.sampled_from(CONDITIONS))
    return {"Effect": draw(st.sampled_from(effects)), **dict([action, resource]), "Condition": condition}


identities = st.lists(bodies(), min_size=1, max_size=3).map(lambda found: identity(*found))
scps = st.lists(bodies(), min_size=1, max_size=3).map(lambda found: scp(*found))
rcps = st.builds(
    lambda actions, resources: rcp({"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": resources}),
    st.lists(st.sampled_from([pattern for pattern in PATTERNS if pattern != "*"]), min_size=1, max_size=2),
    st.lists(st.sampled_from(["*", "arn:aws:s3:::*", *RESOURCES]), min_size=1, max_size=2),
)
levels = st.lists(st.lists(scps, max_size=2).map(tuple), max_size=2).map(tuple)
named_bodies = st.tuples(bodies(), st.sampled_from(PRINCIPALS)).map(lambda pair: {**pair[0], "Principal": pair[1]})
resources = st.lists(named_bodies, min_size=1, max_size=3).map(lambda found: resource_policy(*found))


@st.composite
def trusts(draw: st.DrawFn) -> Policy:
    """Draw a trust policy."""
    effects = draw(st.lists(st.sampled_from(["Allow", "Deny"]), min_size=1, max_size=3))
    return trust(
        *(
            {
                "Effect": effect,
                "Action": draw(st.sampled_from(["sts:*", "sts:AssumeRole"])),
                "Principal": draw(st.sampled_from(PRINCIPALS)),
                "Condition": draw(st.sampled_from(CONDITIONS)),
            }
            for effect in effects
        )
    )


requests = st.builds(
    Request, st.sampled_from(CALLERS), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), st.sampled_from(CONTEXTS)
)
policy_sets = st.builds(
    Policies,
    identity=st.lists(identities, max_size=2).map(tuple),
    boundary=st.none() | identities,
    session=st.none() | st.lists(identities, max_size=2).map(tuple),
    scp_levels=st.none() | levels,
    rcps=st.lists(rcps, max_size=1).map(tuple),
    resource=st.none() | resources | trusts(),
    resource_account=st.sampled_from(["", HOME, AWAY]),
    resource_kind=st.sampled_from(ResourceKind),
)

DENY_ALL: Body = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@given(requests, policy_sets, st.integers(min_value=0, max_value=4))
def test_an_explicit_deny_always_wins(request: Request, policies: Policies, place: int) -> None:
    """A Deny of everything denies, in whichever kind of policy it stands."""
    everyone = resource_policy({**DENY_ALL, "Principal": "*"})
    denying = (
        replace(policies, identity=(*policies.identity, identity(DENY_ALL))),
        replace(policies, boundary=identity(DENY_ALL)),
        replace(policies, session=(*(policies.session or ()), identity(DENY_ALL))),
        replace(policies, scp_levels=(*(policies.scp_levels or ()), (scp(DENY_ALL),))),
        replace(policies, resource=everyone),
    )[place]
    assert not decide(request, denying).allowed


@given(requests, policy_sets, scps)
def test_adding_an_scp_level_never_widens(request: Request, policies: Policies, added: Policy) -> None:
    """What one more level of SCPs allows was allowed without it."""
    narrowed = replace(policies, scp_levels=(*(policies.scp_levels or ()), (added,)))
    assert decide(request, policies).allowed or not decide(request, narrowed).allowed


@given(requests, policy_sets, rcps)
def test_an_rcp_only_takes_away(request: Request, policies: Policies, added: Policy) -> None:
    """With one more RCP a request is decided as before, or denied by that RCP, which is named."""
    before, after = decide(request, policies), decide(request, replace(policies, rcps=(*policies.rcps, added)))
    assert after == before or (not after.allowed and after.reason is Reason.EXPLICIT_DENY_RCP)


@given(requests, policy_sets, identities)
def test_adding_a_boundary_never_widens(request: Request, policies: Policies, added: Policy) -> None:
    """What a boundary allows was allowed without one."""
    unlimited = replace(policies, boundary=None)
    assert decide(request, unlimited).allowed or not decide(request, replace(policies, boundary=added)).allowed


@given(requests, policy_sets, st.lists(identities, max_size=2).map(tuple))
def test_adding_session_policies_never_widens(request: Request, policies: Policies, added: tuple[Policy, ...]) -> None:
    """What session policies allow was allowed without any."""
    unlimited = replace(policies, session=None)
    assert decide(request, unlimited).allowed or not decide(request, replace(policies, session=added)).allowed


@given(requests, policy_sets, bodies(effects=("Deny",)), st.integers(min_value=0, max_value=4))
def test_adding_a_deny_never_widens(request: Request, policies: Policies, added: Body, place: int) -> None:
    """A further Deny statement, in whichever policy it is put, allows nothing that was denied."""
    as_identity = identity(added)
    as_resource = resource_policy({**added, "Principal": "*"})
    levels_before = policies.scp_levels
    narrowed = (
        replace(policies, identity=(*policies.identity, as_identity)),
        replace(policies, boundary=policies.boundary and _and(policies.boundary, as_identity)),
        replace(policies, session=policies.session and (*policies.session, as_identity)),
        replace(policies, scp_levels=levels_before and ((*levels_before[0], as_identity), *levels_before[1:])),
        replace(policies, resource=policies.resource and _and(policies.resource, as_resource)),
    )[place]
    assert decide(request, policies).allowed or not decide(request, narrowed).allowed


@given(requests, policy_sets, st.lists(bodies(effects=("Allow",)), min_size=1, max_size=2))
def test_adding_an_allow_never_narrows(request: Request, policies: Policies, added: list[Body]) -> None:
    """A further Allow statement of an identity policy denies nothing that was allowed."""
    widened = replace(policies, identity=(*policies.identity, identity(*added)))
    assert decide(request, widened).allowed or not decide(request, policies).allowed


@given(requests, policy_sets, st.integers(min_value=0))
def test_removing_an_allow_never_widens(request: Request, policies: Policies, which: int) -> None:
    """Without one of its Allow statements, in whichever kind of policy it stood, nothing more is allowed."""
    fewer = _without_one_allow(policies, which)
    assert decide(request, policies).allowed or not decide(request, fewer).allowed


@given(requests, policy_sets)
def test_an_explanation_is_of_the_decision(request: Request, policies: Policies) -> None:
    """What explains a decision decides the same, and exactly one of its steps is the deciding one."""
    decision, explanation = decide(request, policies), explain(request, policies)
    assert explanation.decision == decision
    (deciding,) = [step for step in explanation.steps if step.decided]
    assert (deciding.by, deciding.policy, deciding.statement) == (
        decision.by,
        "" if decision.reason.is_implicit_deny else decision.policy,
        decision.statement,
    )
    assert (deciding.verdict is Verdict.ALLOWED) is decision.allowed
    assert (deciding.verdict is Verdict.EXPLICIT_DENY) is decision.reason.is_explicit_deny


@given(requests, policy_sets)
def test_an_explicit_deny_of_any_step_decides(request: Request, policies: Policies) -> None:
    """If any step denies explicitly, the first one that does is the deciding one; root and roles aside."""
    explanation = explain(request, policies)
    denying = [step for step in explanation.steps if step.verdict is Verdict.EXPLICIT_DENY]
    if denying and explanation.decision.reason is not Reason.ROOT_MAY_NOT_ASSUME_ROLES:
        assert denying[0].decided


@given(requests, policy_sets)
def test_a_decision_is_consistent(request: Request, policies: Policies) -> None:
    """A decision is allowed exactly when its reason says so, and deciding again gives the same."""
    decision = decide(request, policies)
    assert decision.allowed is not (decision.reason.is_explicit_deny or decision.reason.is_implicit_deny) or (
        decision.reason.name == "ROOT_MAY_NOT_ASSUME_ROLES"
    )
    assert decide(request, policies) == decision


def _and(policy: Policy, other: Policy) -> Policy:
    return Policy(policy.name, (*policy.statements, *other.statements))


def _without_one_allow(policies: Policies, which: int) -> Policies:
    """Return the policies without one Allow statement, counted over all kinds; as they are if there is none."""
    numbered = [
        (kind, place, statement)
        for kind, held in _by_kind(policies).items()
        for place, policy in enumerate(held)
        for statement in policy.allows
    ]
    if not numbered:
        return policies
    kind, place, gone = numbered[which % len(numbered)]
    held = list(_by_kind(policies)[kind])
    held[place] = Policy(held[place].name, tuple(one for one in held[place].statements if one is not gone))
    if kind in ("identity", "session"):
        return replace(policies, **{kind: tuple(held)})
    if kind in ("boundary", "resource"):
        return replace(policies, **{kind: held[0]})
    level = int(kind.removeprefix("level "))
    before = policies.scp_levels or ()
    return replace(policies, scp_levels=(*before[:level], tuple(held), *before[level + 1 :]))


def _by_kind(policies: Policies) -> dict[str, tuple[Policy, ...]]:
    return {
        "identity": policies.identity,
        "boundary": (policies.boundary,) if policies.boundary else (),
        "session": policies.session or (),
        "resource": (policies.resource,) if policies.resource else (),
        **{f"level {number}": level for number, level in enumerate(policies.scp_levels or ())},
    }
