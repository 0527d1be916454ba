"""Why a request is decided as it is: every kind of policy in AWS's order, what it said, and which one decided.

Source of the order: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from iam_decision.decision import Decision, Policies, PolicyKindThatDecided, Reason
from iam_decision.evaluation import (
    decide,
    first_allow,
    first_deny,
    must_be_granted,
    rcps_that_reach,
    resource_grant,
    resource_policies_that_deny,
    resource_side,
)
from iam_decision.near_misses import Compared, NearMiss, compared_conditions, near_misses
from iam_decision.policy import Policy
from iam_decision.request import PrincipalKind, Request, RequestView


class Verdict(Enum):
    """What one step says by itself."""

    EXPLICIT_DENY = "explicit deny"
    ALLOWED = "allowed"
    NO_ALLOW = "no allow"
    NOT_APPLICABLE = "not applicable"
    """There is no policy of this kind, or this kind does not reach the request."""


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of policy, or one level of SCPs.

    `level` names the level of an SCP step and is empty for others; `looked_at` are the names of the policies.
    `policy` and `statement` name what made the verdict, empty when nothing single did. `decided` marks the one step
    that the decision rests on: a "no allow" may do no harm where a more direct grant makes up for it.
    `nearest` are the Allow statements that come nearest where none applies, `held` the conditions of a Deny that does.
    """

    by: PolicyKindThatDecided
    verdict: Verdict
    level: str = ""
    looked_at: tuple[str, ...] = ()
    policy: str = ""
    statement: str = ""
    decided: bool = False
    nearest: tuple[NearMiss, ...] = ()
    held: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision, as `decide` gives it, and every step on the way in AWS's order."""

    decision: Decision
    steps: tuple[Step, ...]


def explain(request: Request, policies: Policies) -> Explanation:
    """Decide a request and tell what every kind of policy says about it; slower than `decide`."""
    decision = decide(request, policies)
    view = RequestView(request, bounded=policies.boundary is not None)
    steps = tuple(_steps(view, policies))
    deciding = next((number for number, step in enumerate(steps) if _decides(step, decision)), None)
    return Explanation(decision, tuple(replace(step, decided=number == deciding) for number, step in enumerate(steps)))


def _steps(view: RequestView, policies: Policies) -> Iterator[Step]:
    yield _rcp_step(view, policies)
    yield from _scp_steps(view, policies)
    yield _resource_step(view, policies)
    yield _identity_step(view, policies)
    boundary = None if policies.boundary is None else (policies.boundary,)
    yield _judged(PolicyKindThatDecided.BOUNDARY, view, boundary)
    yield _judged(PolicyKindThatDecided.SESSION, view, policies.session)


def _rcp_step(view: RequestView, policies: Policies) -> Step:
    by, reaching = PolicyKindThatDecided.RCP, rcps_that_reach(view, policies)
    if not reaching:
        return Step(by, Verdict.NOT_APPLICABLE)
    # RCPs only deny: AWS's own, which allows everything, is attached everywhere and need not be passed.
    return _denied(by, view, reaching) or Step(by, Verdict.ALLOWED, looked_at=_names(reaching))


def _scp_steps(view: RequestView, policies: Policies) -> Iterator[Step]:
    by = PolicyKindThatDecided.SCP
    if policies.scp_levels is None:
        yield Step(by, Verdict.NOT_APPLICABLE)
    for number, level in enumerate(policies.scp_levels or ()):
        names = policies.scp_level_names
        yield replace(_judged(by, view, level), level=names[number] if number < len(names) else f"level {number + 1}")


def _resource_step(view: RequestView, policies: Policies) -> Step:
    by = resource_side(policies)
    present = () if policies.resource is None else (policies.resource,)
    if denied := _denied(by, view, resource_policies_that_deny(view, policies)):
        return replace(denied, looked_at=_names(present))
    grant = resource_grant(view, policies)
    if grant is not None:
        return Step(by, Verdict.ALLOWED, "", _names(present), grant.policy, grant.statement)
    if present or must_be_granted(view, policies):
        return Step(by, Verdict.NO_ALLOW, looked_at=_names(present), nearest=near_misses(present, view))
    return Step(by, Verdict.NOT_APPLICABLE)


def _identity_step(view: RequestView, policies: Policies) -> Step:
    by = PolicyKindThatDecided.IDENTITY
    if not view.principal.has_identity:
        return _denied(by, view, policies.identity) or Step(by, Verdict.NOT_APPLICABLE)
    if view.principal.kind is PrincipalKind.ROOT:
        return _denied(by, view, policies.identity) or _root_step(policies)
    return _judged(by, view, policies.identity)


def _root_step(policies: Policies) -> Step:
    is_trust = resource_side(policies) is PolicyKindThatDecided.TRUST
    return Step(PolicyKindThatDecided.ROOT_USER, Verdict.NO_ALLOW if is_trust else Verdict.ALLOWED)


def _judged(by: PolicyKindThatDecided, view: RequestView, policies: tuple[Policy, ...] | None) -> Step:
    if policies is None:
        return Step(by, Verdict.NOT_APPLICABLE)
    if denied := _denied(by, view, policies):
        return denied
    names = _names(policies)
    if found := first_allow(policies, view):
        policy, statement = found
        return Step(by, Verdict.ALLOWED, "", names, policy.name, statement.label)
    return Step(by, Verdict.NO_ALLOW, looked_at=names, nearest=near_misses(policies, view))


def _denied(by: PolicyKindThatDecided, view: RequestView, policies: tuple[Policy, ...]) -> Step | None:
    if found := first_deny(policies, view):
        policy, statement = found
        held = compared_conditions(statement, view)
        return Step(by, Verdict.EXPLICIT_DENY, "", _names(policies), policy.name, statement.label, held=held)
    return None


def _names(policies: tuple[Policy, ...]) -> tuple[str, ...]:
    return tuple(policy.name for policy in policies)


def _decides(step: Step, decision: Decision) -> bool:
    if step.by is not decision.by:
        return False
    if decision.reason.is_explicit_deny:
        return step.verdict is Verdict.EXPLICIT_DENY
    if decision.reason is Reason.ALLOWED:
        return step.verdict is Verdict.ALLOWED
    return step.verdict is Verdict.NO_ALLOW
