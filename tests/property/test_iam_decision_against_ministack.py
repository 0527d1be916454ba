"""Random policies and requests, decided by ours and by an evaluator that others wrote: ministack's, MIT licence.

Compared is whether a request is allowed, and whether a denial is an explicit one. Covered: Action, NotAction,
Resource, NotResource, every condition operator on keys that are there or missing, IfExists, the set operators, Null;
identity policies, permissions boundary, session policies; resource policies that name users, roles, sessions and
accounts, in one account and across two, for keys as well; trust policies. It knows no SCPs and RCPs: each level of SCPs
is given to it as one more set of policies, so that their statements are compared and only "every level must allow" is
ours.

Not covered, because it has none of it: policy variables, NotPrincipal, principals by unique id, service principals in
resource policies, root users without a right, federated users, versions of the policy language.

Where the two differ AWS's pages decide; each was looked up, ours stays, and the drawn policies leave it out:

- It lets boundaries and session policies limit what `Principal: "*"` grants; AWS does not ("Permissions boundaries for
  IAM entities": a wildcard in Principal is not limited by them).
- It lets a `*` in an ARN operator's value cross colons; AWS compares each of the six parts ("ARN condition operators").
- It compares a key of several values under an operator without set operator as one text; AWS asks for a set operator
  there, ours takes one matching value as a match.
- It reads a missing `aws:TagKeys` as an empty list, which Null then finds; AWS: absent ("Null condition operator").
- It gives `aws:PrincipalArn` of a role session as the session's ARN; AWS: the role's ("aws:PrincipalArn").
- It compares BinaryEquals as text; AWS: decoded bytes. Equal either way for canonical base 64, which is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from ministack.core import iam_evaluator as independent

from iam_decision import (
    Policies,
    PolicyKind,
    Principal,
    Request,
    ResourceKind,
    decide,
    parse_policy,
)
from tests.unit.iam_decision.policy_builders import (
    AWAY,
    EVERYTHING,
    HOME,
    Body,
    document,
    role_arn,
    root_arn,
    session,
    user,
)

CALLERS = [user(), user("bob", AWAY), session(), session(name="other")]
ACTIONS = ["s3:GetObject", "s3:PutObject", "kms:Decrypt", "s3:getobject"]
ACTION_PATTERNS = ["*", "s3:*", "s3:Get*", "S3:Put?bject", "kms:*", "kms:Decrypt", "s3:GetObject"]
RESOURCES = ["arn:aws:s3:::data/x", "arn:aws:s3:::data/y/z", "arn:aws:s3:::Data/x"]
RESOURCE_PATTERNS = ["*", "arn:aws:s3:::data/*", "arn:aws:s3:::data/?", "arn:aws:s3:::d*/z", *RESOURCES]
ONE_VALUE = {
    "aws:PrincipalTag/team": ["x", "X", "xy", "y"],
    "aws:MultiFactorAuthAge": ["5", "10", "10.5", "-1"],
    "aws:TokenIssueTime": ["2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z", "1767225600"],
    "aws:MultiFactorAuthPresent": ["true", "false", "True"],
    "aws:VpcSourceIp": ["10.0.0.1", "10.1.0.1", "2001:db8::1"],
    "aws:SourceArn": ["arn:aws:sns:eu-west-1:111111111111:a", "arn:aws:sns:eu-west-1:111111111111:b"],
    "x:Blob": ["AAE=", "AAI="],
}
MANY_VALUES = {"aws:CalledVia": ["x", "xy", "y"]}
NUMBERS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
TEXTS = ["Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"]
OPERATORS = {
    "aws:PrincipalTag/team": [f"String{name}" for name in TEXTS],
    "aws:MultiFactorAuthAge": [f"Numeric{name}" for name in NUMBERS],
    "aws:TokenIssueTime": [f"Date{name}" for name in NUMBERS],
    "aws:MultiFactorAuthPresent": ["Bool"],
    "aws:VpcSourceIp": ["IpAddress", "NotIpAddress"],
    "aws:SourceArn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    "x:Blob": ["BinaryEquals"],
}
VALUES = {
    "aws:PrincipalTag/team": ["x", "X", "x*", "?", "y"],
    "aws:MultiFactorAuthPresent": ["true", "false"],
    "aws:VpcSourceIp": ["10.0.0.0/16", "10.1.0.1", "2001:db8::/32"],
    "aws:SourceArn": ["arn:aws:sns:eu-west-1:111111111111:a", "arn:aws:sns:eu-west-1:111111111111:?"],
}
PRINCIPALS = [
    {"AWS": root_arn()},
    {"AWS": AWAY},
    {"AWS": user().arn},
    {"AWS": [user("bob", AWAY).arn, role_arn("Other")]},
    {"AWS": role_arn()},
    {"AWS": session().arn},
]

one_value_context = st.fixed_dictionaries(
    {}, optional={key: st.sampled_from(values) for key, values in ONE_VALUE.items()}
)
contexts = st.builds(
    lambda one, many: {**one, **many},
    one_value_context,
    st.fixed_dictionaries(
        {},
        optional={
            key: st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
            for key, values in MANY_VALUES.items()
        },
    ),
)


@st.composite
def conditions(draw: st.DrawFn) -> Body:
    """Draw a Condition block of one operator on one key."""
    if draw(st.integers(0, 5)) == 0:
        key = draw(st.sampled_from([*ONE_VALUE, *MANY_VALUES]))
        return {"Null": {key: draw(st.sampled_from(["true", "false"]))}}
    if draw(st.integers(0, 2)) == 0:
        operator = draw(st.sampled_from(["ForAllValues:", "ForAnyValue:"]))
        operator += draw(st.sampled_from(OPERATORS["aws:PrincipalTag/team"])) + draw(st.sampled_from(["", "IfExists"]))
        return {operator: {"aws:calledvia": _drawn_values(draw, "aws:PrincipalTag/team")}}
    key = draw(st.sampled_from(sorted(ONE_VALUE)))
    operator = draw(st.sampled_from(OPERATORS[key])) + draw(st.sampled_from(["", "IfExists"]))
    return {operator: {draw(st.sampled_from([key, key.lower()])): _drawn_values(draw, key)}}


def _drawn_values(draw: st.DrawFn, key: str) -> list[str]:
    return draw(st.lists(st.sampled_from(VALUES.get(key, ONE_VALUE.get(key, []))), min_size=1, max_size=2))


@st.composite
def statements(draw: st.DrawFn) -> Body:
    """Draw a statement without a principal."""
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(
            st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=2)
        ),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(
            st.lists(st.sampled_from(RESOURCE_PATTERNS), min_size=1, max_size=2)
        ),
        **draw(st.just({}) | conditions().map(lambda block: {"Condition": block})),
    }


# Half of all documents allow everything, or hardly a request would get through so many kinds of policy.
documents = st.just(document(EVERYTHING)) | st.lists(statements(), min_size=1, max_size=3).map(
    lambda found: document(*found)
)
named = st.tuples(statements(), st.sampled_from(PRINCIPALS)).map(lambda pair: {**pair[0], "Principal": pair[1]})
resource_documents = st.lists(named, min_size=1, max_size=3).map(lambda found: document(*found))


@dataclass(frozen=True)
class Question:
    """A request and the documents over it, as both evaluators are asked."""

    request: Request
    identity: list[Body]
    boundary: Body | None
    session: list[Body] | None
    levels: list[list[Body]] | None
    resource: Body | None
    resource_account: str
    kind: ResourceKind


questions = st.builds(
    Question,
    st.builds(Request, st.sampled_from(CALLERS), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), contexts),
    identity=st.lists(documents, min_size=1, max_size=2),
    boundary=st.none() | documents,
    session=st.none() | st.lists(documents, min_size=1, max_size=2),
    levels=st.none() | st.lists(st.lists(documents, max_size=2), min_size=1, max_size=2),
    resource=st.none() | resource_documents,
    resource_account=st.sampled_from([HOME, HOME, AWAY]),
    kind=st.sampled_from([ResourceKind.OTHER, ResourceKind.KEY]),
)


def _ours(question: Question) -> str:
    levels = question.levels
    decision = decide(
        question.request,
        Policies(
            identity=tuple(parse_policy(one, "identity") for one in question.identity),
            boundary=None if question.boundary is None else parse_policy(question.boundary, "boundary"),
            session=None if question.session is None else tuple(parse_policy(one, "s") for one in question.session),
            scp_levels=None
            if levels is None
            else tuple(tuple(parse_policy(one, "scp", kind=PolicyKind.SCP) for one in level) for level in levels),
            resource=None
            if question.resource is None
            else parse_policy(question.resource, "resource", kind=PolicyKind.RESOURCE),
            resource_account=question.resource_account,
            resource_kind=question.kind,
        ),
    )
    if decision.allowed:
        return "Allow"
    return "Deny" if decision.reason.is_explicit_deny else "ImplicitDeny"


def _theirs(question: Question) -> str:
    context = _their_context(question.request)
    limits = [
        _parsed(limit)
        for limit in ([question.boundary] if question.boundary else None, question.session)
        if limit is not None
    ]
    by_identity = independent.evaluate(context, _parsed(question.identity), *limits)
    combined = independent.combine_resource_policy(
        by_identity,
        context,
        question.resource,
        question.resource_account,
        required=question.kind is ResourceKind.KEY,
        limits=tuple(limits),
    )
    by_level = [independent.evaluate(context, _parsed(level)).decision for level in question.levels or []]
    found = {combined.decision, *by_level}
    return next(one for one in ("Deny", "ImplicitDeny", "Allow") if one in found)


def _parsed(documents: Iterable[Body]) -> list[list[independent.ParsedStatement]]:
    return [independent.parse_policy_document(one) for one in documents]


def _their_context(request: Request) -> independent.EvalContext:
    principal = request.principal
    return independent.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.kind.value,
        principal_account=principal.account_id,
        action=request.action,
        resource_arn=request.resource,
        region="eu-west-1",
        service_context={key.lower(): value for key, value in request.context.items()},
    )


@given(questions)
def test_decisions_agree(question: Question) -> None:
    """Both evaluators allow the same requests and deny the same ones explicitly."""
    assert _ours(question) == _theirs(question)


trust_statements = st.builds(
    lambda effect, action, principal, condition: {
        "Effect": effect,
        "Action": action,
        "Principal": principal,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["sts:AssumeRole", "sts:*", "sts:TagSession"]),
    st.sampled_from([*PRINCIPALS, "*", {"Service": "ec2.amazonaws.com"}]),
    st.none() | conditions(),
)


@given(st.sampled_from(CALLERS), st.lists(trust_statements, min_size=1, max_size=3), contexts)
def test_trust_agrees(caller: Principal, found: list[Body], context: dict[str, str | list[str]]) -> None:
    """Both evaluators let the same callers, whose own policies allow everything, assume a role."""
    trust = document(*found)
    request = Request(caller, "sts:AssumeRole", f"arn:aws:iam::{HOME}:role/Target", context)
    everything = parse_policy(document(EVERYTHING), "admin")
    policies = Policies(
        identity=(everything,),
        resource=parse_policy(trust, "trust", kind=PolicyKind.TRUST),
        resource_account=HOME,
        resource_kind=ResourceKind.TRUST,
    )
    theirs = independent.evaluate_trust_policy(trust, caller.arn, _their_context(request))
    assert decide(request, policies).allowed is theirs
