"""The decision itself: AWS's evaluation logic over the policies that apply to a request.

Sources: IAM User Guide, "Policy evaluation logic", "Cross-account policy evaluation logic"; "SCP evaluation" and "RCP
evaluation" of the AWS Organizations User Guide; AWS KMS Developer Guide, "Key policies".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from iam_decision.decision import Decision, Policies, PolicyKindThatDecided, Reason, ResourceKind
from iam_decision.policy import Policy, Statement
from iam_decision.principal_sets import Directness
from iam_decision.rcp_rules import NOT_RESTRICTED
from iam_decision.request import PrincipalKind, Request, RequestView

_OWNER_CAN_ALWAYS = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
"""What a bucket's policy cannot take from the root user of its account (S3 API Reference, PutBucketPolicy)."""


@dataclass(frozen=True, slots=True)
class _ResourceGrant:
    """The most direct Allow of the resource policy."""

    directness: Directness
    policy: str = ""
    statement: str = ""


_NO_GRANT = _ResourceGrant(Directness.NOT_NAMED)


def decide(request: Request, policies: Policies) -> Decision:
    """Decide one request as AWS does: explicit denies first, then SCPs, then grants and what limits them."""
    view = RequestView(request)
    return (
        _root_assuming(view, policies)
        or _explicit_deny(view, policies)
        or _scp_gap(view, policies)
        or _granted(view, policies)
    )


def _root_assuming(view: RequestView, policies: Policies) -> Decision | None:
    if policies.resource_kind is ResourceKind.TRUST and view.principal.kind is PrincipalKind.ROOT:
        return Decision(
            allowed=False,
            reason=Reason.ROOT_MAY_NOT_ASSUME_ROLES,
            policy="",
            statement="",
            by=PolicyKindThatDecided.ROOT_USER,
        )
    return None


def _explicit_deny(view: RequestView, policies: Policies) -> Decision | None:
    for by, policy in _policies_that_deny(view, policies):
        for statement in policy.denies:
            if statement.applies(view):
                return Decision(
                    allowed=False, reason=Reason.explicit_deny(by), policy=policy.name, statement=statement.label, by=by
                )
    return None


def _policies_that_deny(view: RequestView, policies: Policies) -> Iterator[tuple[PolicyKindThatDecided, Policy]]:
    if view.action not in NOT_RESTRICTED:
        for policy in policies.rcps:
            yield PolicyKindThatDecided.RCP, policy
    for level in policies.scp_levels or ():
        for policy in level:
            yield PolicyKindThatDecided.SCP, policy
    if policies.resource is not None and not _owner_mends_bucket(view, policies):
        yield _resource_side(policies), policies.resource
    for policy in policies.identity:
        yield PolicyKindThatDecided.IDENTITY, policy
    if policies.boundary is not None:
        yield PolicyKindThatDecided.BOUNDARY, policies.boundary
    for policy in policies.session or ():
        yield PolicyKindThatDecided.SESSION, policy


def _owner_mends_bucket(view: RequestView, policies: Policies) -> bool:
    return (
        policies.resource_kind is ResourceKind.BUCKET
        and view.principal.kind is PrincipalKind.ROOT
        and view.action in _OWNER_CAN_ALWAYS
        and _same_account(view, policies)
    )


def _resource_side(policies: Policies) -> PolicyKindThatDecided:
    is_trust = policies.resource_kind is ResourceKind.TRUST
    return PolicyKindThatDecided.TRUST if is_trust else PolicyKindThatDecided.RESOURCE


def _same_account(view: RequestView, policies: Policies) -> bool:
    return policies.resource_account in {"", view.principal.account_id}


def _scp_gap(view: RequestView, policies: Policies) -> Decision | None:
    for level in policies.scp_levels or ():
        if _first_allow(level, view) is None:
            return _implicit_deny(PolicyKindThatDecided.SCP, level)
    return None


def _granted(view: RequestView, policies: Policies) -> Decision:
    grant = _resource_grant(view, policies.resource)
    if not view.principal.has_identity:
        return _by_resource(policies, grant)
    if not _same_account(view, policies):
        return _across_accounts(view, policies, grant)
    must_be_named = policies.resource_kind in {ResourceKind.KEY, ResourceKind.TRUST}
    if grant.directness is Directness.DIRECT or (must_be_named and grant is _NO_GRANT):
        return _by_resource(policies, grant)
    if view.principal.kind is PrincipalKind.ROOT:
        return Decision(
            allowed=True, reason=Reason.ALLOWED, policy="", statement="", by=PolicyKindThatDecided.ROOT_USER
        )
    if grant.directness is Directness.ROLE:
        return _limit_gap(view, policies) or _by_resource(policies, grant)
    return _by_identity(view, policies)


def _across_accounts(view: RequestView, policies: Policies, grant: _ResourceGrant) -> Decision:
    """Both accounts must allow: the owner's resource policy and, root aside, the caller's identity policies."""
    if grant is _NO_GRANT or view.principal.kind is PrincipalKind.ROOT:
        return _by_resource(policies, grant)
    from_identity = _by_identity(view, policies)
    return _by_resource(policies, grant) if from_identity.allowed else from_identity


def _resource_grant(view: RequestView, policy: Policy | None) -> _ResourceGrant:
    best = _NO_GRANT
    if policy is None:
        return best
    for statement in policy.allows:
        directness = statement.directness(view)
        if statement.principals is not None and directness > best.directness:
            best = _ResourceGrant(directness, policy.name, statement.label)
    return best


def _by_resource(policies: Policies, grant: _ResourceGrant) -> Decision:
    by = _resource_side(policies)
    if grant is _NO_GRANT:
        return _implicit_deny(by, (policies.resource,) if policies.resource is not None else ())
    return Decision(allowed=True, reason=Reason.ALLOWED, policy=grant.policy, statement=grant.statement, by=by)


def _by_identity(view: RequestView, policies: Policies) -> Decision:
    found = _first_allow(policies.identity, view)
    if found is None:
        return _implicit_deny(PolicyKindThatDecided.IDENTITY, policies.identity)
    gap = _limit_gap(view, policies)
    policy, statement = found
    return gap or Decision(
        allowed=True,
        reason=Reason.ALLOWED,
        policy=policy.name,
        statement=statement.label,
        by=PolicyKindThatDecided.IDENTITY,
    )


def _limit_gap(view: RequestView, policies: Policies) -> Decision | None:
    """Return the denial of a boundary or session policy that does not allow; neither ever grants."""
    if policies.boundary is not None and _first_allow((policies.boundary,), view) is None:
        return _implicit_deny(PolicyKindThatDecided.BOUNDARY, (policies.boundary,))
    if policies.session is not None and _first_allow(policies.session, view) is None:
        return _implicit_deny(PolicyKindThatDecided.SESSION, policies.session)
    return None


def _first_allow(policies: Iterable[Policy], view: RequestView) -> tuple[Policy, Statement] | None:
    for policy in policies:
        for statement in policy.allows:
            if statement.applies(view):
                return policy, statement
    return None


def _implicit_deny(by: PolicyKindThatDecided, looked_at: Iterable[Policy]) -> Decision:
    names = ", ".join(policy.name for policy in looked_at)
    return Decision(allowed=False, reason=Reason.implicit_deny(by), policy=names, statement="", by=by)
