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
_OF_QUEUES = frozenset({"sqs:getqueueattributes", "sqs:setqueueattributes"})
"""The same of a queue's (IAM User Guide, "Perform a privileged task ...": a policy that denies all is taken away)."""


@dataclass(frozen=True, slots=True)
class ResourceGrant:
    """The most direct Allow of the resource's side."""

    directness: Directness
    policy: str
    statement: str


def decide(request: Request, policies: Policies) -> Decision:
    """Decide one request as AWS does: explicit denies first, then SCPs, then grants and what limits them."""
    view = RequestView(request, bounded=policies.boundary is not None)
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
    for by, looked_at in _policies_that_deny(view, policies):
        if found := first_deny(looked_at, view):
            policy, statement = found
            return Decision(
                allowed=False, reason=Reason.explicit_deny(by), policy=policy.name, statement=statement.label, by=by
            )
    return None


def _policies_that_deny(
    view: RequestView, policies: Policies
) -> Iterator[tuple[PolicyKindThatDecided, tuple[Policy, ...]]]:
    yield PolicyKindThatDecided.RCP, rcps_that_reach(view, policies)
    for level in policies.scp_levels or ():
        yield PolicyKindThatDecided.SCP, level
    yield resource_side(policies), resource_policies_that_deny(view, policies)
    yield PolicyKindThatDecided.IDENTITY, policies.identity
    if policies.boundary is not None:
        yield PolicyKindThatDecided.BOUNDARY, (policies.boundary,)
    yield PolicyKindThatDecided.SESSION, policies.session or ()


def rcps_that_reach(view: RequestView, policies: Policies) -> tuple[Policy, ...]:
    """Return the RCPs that restrict the request's action."""
    return () if view.action in NOT_RESTRICTED else policies.rcps


def resource_policies_that_deny(view: RequestView, policies: Policies) -> tuple[Policy, ...]:
    """Return the resource policy if its Deny statements reach the request's principal."""
    return () if policies.resource is None or _owner_mends_policy(view, policies) else (policies.resource,)


def _owner_mends_policy(view: RequestView, policies: Policies) -> bool:
    return (
        view.principal.kind is PrincipalKind.ROOT
        and _same_account(view, policies)
        and (_mends_bucket(view, policies) or view.action in _OF_QUEUES)
    )


def _mends_bucket(view: RequestView, policies: Policies) -> bool:
    return policies.resource_kind is ResourceKind.BUCKET and view.action in _OWNER_CAN_ALWAYS


def resource_side(policies: Policies) -> PolicyKindThatDecided:
    """Return what a decision by the resource's policy is said to be by."""
    is_trust = policies.resource_kind is ResourceKind.TRUST
    return PolicyKindThatDecided.TRUST if is_trust else PolicyKindThatDecided.RESOURCE


def _same_account(view: RequestView, policies: Policies) -> bool:
    return policies.resource_account in {"", view.principal.account_id}


def _scp_gap(view: RequestView, policies: Policies) -> Decision | None:
    for level in policies.scp_levels or ():
        if first_allow(level, view) is None:
            return _implicit_deny(PolicyKindThatDecided.SCP, level)
    return None


def _granted(view: RequestView, policies: Policies) -> Decision:
    grant = resource_grant(view, policies)
    if grant is None and must_be_granted(view, policies):
        return _by_resource(policies, grant)
    if not view.principal.has_identity:
        return _by_resource(policies, grant)
    if not _same_account(view, policies):
        return _across_accounts(view, policies, grant)
    directness = Directness.NOT_NAMED if grant is None else grant.directness
    if directness is Directness.DIRECT:
        return _by_resource(policies, grant)
    if view.principal.kind is PrincipalKind.ROOT:
        return Decision(
            allowed=True, reason=Reason.ALLOWED, policy="", statement="", by=PolicyKindThatDecided.ROOT_USER
        )
    if directness is Directness.ROLE:
        return _limit_gap(view, policies) or _by_resource(policies, grant)
    return _by_identity(view, policies)


def must_be_granted(view: RequestView, policies: Policies) -> bool:
    """Tell whether nothing goes without the resource's policy: of keys, roles, other accounts, and for strangers."""
    is_own_gate = policies.resource_kind in {ResourceKind.KEY, ResourceKind.TRUST}
    return is_own_gate or not view.principal.has_identity or not _same_account(view, policies)


def _across_accounts(view: RequestView, policies: Policies, grant: ResourceGrant | None) -> Decision:
    """Both accounts must allow: the owner's resource policy and, root aside, the caller's identity policies."""
    if view.principal.kind is PrincipalKind.ROOT:
        return _by_resource(policies, grant)
    from_identity = _by_identity(view, policies)
    return _by_resource(policies, grant) if from_identity.allowed else from_identity


def resource_grant(view: RequestView, policies: Policies) -> ResourceGrant | None:
    """Return the most direct Allow of the resource policy, None when there is none."""
    policy, best = policies.resource, Directness.NOT_NAMED
    found: ResourceGrant | None = None
    for statement in policy.allows if policy is not None else ():
        directness = statement.directness(view)
        if policy is not None and statement.principals is not None and directness > best:
            best, found = directness, ResourceGrant(directness, policy.name, statement.label)
    return found


def _by_resource(policies: Policies, grant: ResourceGrant | None) -> Decision:
    by = resource_side(policies)
    if grant is None:
        return _implicit_deny(by, (policies.resource,) if policies.resource is not None else ())
    return Decision(allowed=True, reason=Reason.ALLOWED, policy=grant.policy, statement=grant.statement, by=by)


def _by_identity(view: RequestView, policies: Policies) -> Decision:
    found = first_allow(policies.identity, view)
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
    if policies.boundary is not None and first_allow((policies.boundary,), view) is None:
        return _implicit_deny(PolicyKindThatDecided.BOUNDARY, (policies.boundary,))
    if policies.session is not None and first_allow(policies.session, view) is None:
        return _implicit_deny(PolicyKindThatDecided.SESSION, policies.session)
    return None


def first_deny(policies: Iterable[Policy], view: RequestView) -> tuple[Policy, Statement] | None:
    """Return the first Deny statement that applies, and its policy."""
    for policy in policies:
        for statement in policy.denies:
            if statement.applies(view):
                return policy, statement
    return None


def first_allow(policies: Iterable[Policy], view: RequestView) -> tuple[Policy, Statement] | None:
    """Return the first Allow statement that applies, and its policy."""
    for policy in policies:
        for statement in policy.allows:
            if statement.applies(view):
                return policy, statement
    return None


def _implicit_deny(by: PolicyKindThatDecided, looked_at: Iterable[Policy]) -> Decision:
    names = ", ".join(policy.name for policy in looked_at)
    return Decision(allowed=False, reason=Reason.implicit_deny(by), policy=names, statement="", by=by)
