"""Whether a decision hangs on condition keys whose values are not known, which evaluation reads as absent.

A request is decided twice: as if every condition on such a key were met by the Deny statements and by no Allow, and the
other way round. Where both say the same, the values do not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from iam_decision.decision import Policies
from iam_decision.evaluation import decide
from iam_decision.policy import Effect, Policy, Statement
from iam_decision.request import Request, RequestView


@dataclass(frozen=True, slots=True)
class Undecided:
    """A statement whose conditions would decide, and the first of their keys that is not known, as written."""

    policy: str
    statement: str
    key: str


def undecided(request: Request, policies: Policies, unknown: frozenset[str]) -> Undecided | None:
    """Return a statement that the decision hangs on though a key of its conditions is not known; None if none does.

    `unknown` are keys in lower case, without what follows a slash; one that the request has all the same is known.
    """
    if not any(policy.condition_keys & unknown for policy in _all(policies)):
        return None
    view = RequestView(request, bounded=policies.boundary is not None)
    strict = decide(request, _with(policies, Effect.DENY, view, unknown))
    lenient = decide(request, _with(policies, Effect.ALLOW, view, unknown))
    if strict.allowed is lenient.allowed:
        return None
    return next(_open_statements(policies, view, unknown), None)


def _all(policies: Policies) -> Iterator[Policy]:
    yield from policies.rcps
    for level in policies.scp_levels or ():
        yield from level
    yield from policies.identity
    yield from policies.session or ()
    yield from (policy for policy in (policies.resource, policies.boundary) if policy is not None)


def _open_statements(policies: Policies, view: RequestView, unknown: frozenset[str]) -> Iterator[Undecided]:
    for policy in _all(policies):
        for statement in policy.statements:
            keys = _open_keys(statement, view, unknown)
            if keys and _without(statement, keys).applies(view):
                yield Undecided(policy.name, statement.label, next(_written(statement, keys)))


def _written(statement: Statement, keys: frozenset[str]) -> Iterator[str]:
    return (each.written or each.key for each in statement.conditions if each.key in keys)


def _open_keys(statement: Statement, view: RequestView, unknown: frozenset[str]) -> frozenset[str]:
    keys = (each.key for each in statement.conditions)
    return frozenset(key for key in keys if key.partition("/")[0] in unknown and not view.values.get(key))


def _without(statement: Statement, keys: frozenset[str]) -> Statement:
    return replace(statement, conditions=tuple(each for each in statement.conditions if each.key not in keys))


def _with(policies: Policies, met_by: Effect, view: RequestView, unknown: frozenset[str]) -> Policies:
    """Return the policies as if conditions on unknown keys were met in statements of one effect, and in no other."""

    def taken(policy: Policy) -> Policy:
        return _taken(policy, met_by, view, unknown) if policy.condition_keys & unknown else policy

    levels = policies.scp_levels
    return replace(
        policies,
        rcps=tuple(map(taken, policies.rcps)),
        scp_levels=None if levels is None else tuple(tuple(map(taken, level)) for level in levels),
        identity=tuple(map(taken, policies.identity)),
        session=None if policies.session is None else tuple(map(taken, policies.session)),
        resource=None if policies.resource is None else taken(policies.resource),
        boundary=None if policies.boundary is None else taken(policies.boundary),
    )


def _taken(policy: Policy, met_by: Effect, view: RequestView, unknown: frozenset[str]) -> Policy:
    kept = []
    for statement in policy.statements:
        keys = _open_keys(statement, view, unknown)
        if not keys:
            kept.append(statement)
        elif statement.effect is met_by:
            kept.append(_without(statement, keys))
    return Policy(policy.name, tuple(kept))
