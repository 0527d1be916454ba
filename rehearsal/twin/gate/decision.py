"""Decides demands: gathers the policies over a caller from moto's state and asks `iam_decision`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from iam_decision import Decision, Policies, Policy, PolicyKind, Request, ResourceKind, decide, parse_policy
from rehearsal.twin.actions.demand import Demand
from rehearsal.twin.callers.callers import Caller, CallerKind
from rehearsal.twin.emulator.aws_state import AwsState, default_document

Context = Mapping[str, str | list[str]]

# The same document is the trust or inline policy of many accounts: each is parsed once.
cached_policy = lru_cache(maxsize=4096)(parse_policy)


@dataclass(frozen=True, slots=True)
class CallersPolicies:
    """The policies that come with a caller, whatever it asks for."""

    identity: tuple[Policy, ...]
    boundary: Policy | None
    session: tuple[Policy, ...] | None
    scp_levels: tuple[tuple[Policy, ...], ...] | None


def callers_policies(caller: Caller, state: AwsState) -> CallersPolicies:
    """Gather identity policies (inline, attached, of groups), permissions boundary, session policies and SCPs."""
    entity = _entity(caller, state)
    levels = state.scp_levels(caller.account_id)
    return CallersPolicies(
        identity=tuple(_identity_policies(caller, entity, state)),
        boundary=_boundary(caller, entity, state),
        session=_session_policies(caller),
        scp_levels=None if levels is None else tuple(tuple(_scp(*policy) for policy in level) for level in levels),
    )


def decide_demand(
    caller: Caller, held: CallersPolicies, demand: Demand, context: Context, rcps: tuple[Policy, ...] = ()
) -> Decision:
    """Decide one demand; `rcps` are those over what it is for. Raises: PolicyError if a document cannot be read."""
    kind = PolicyKind.TRUST if demand.kind is ResourceKind.TRUST else PolicyKind.RESOURCE
    # An object's policy is its bucket's, and known by the bucket's name.
    name = demand.resource.partition("/")[0] if demand.kind is ResourceKind.BUCKET else demand.resource
    resource = cached_policy(demand.policy, name, kind=kind) if demand.policy else None
    return decide(
        Request(caller.principal(), demand.action, demand.resource, {**context, **demand.context}),
        Policies(
            identity=held.identity,
            boundary=held.boundary,
            session=held.session,
            scp_levels=held.scp_levels,
            rcps=rcps,
            resource=resource,
            resource_account=demand.account_id,
            resource_kind=demand.kind,
        ),
    )


def rcps_over(caller: Caller, demand: Demand, state: AwsState) -> tuple[Policy, ...]:
    """Return the RCPs over what a demand is for: those of its owner's account, the caller's own if it names none.

    Source: AWS Organizations User Guide, "RCP effects on permissions".
    """
    found = state.rcps(demand.account_id or caller.account_id)
    return tuple(cached_policy(document, name, kind=PolicyKind.RCP) for name, document in found)


def _entity(caller: Caller, state: AwsState) -> Any | None:  # noqa: ANN401 - moto's user or role
    if caller.kind is CallerKind.USER:
        return state.user(caller.account_id, caller.name)
    return state.role(caller.account_id, caller.name) if caller.kind is CallerKind.ROLE else None


def _identity_policies(caller: Caller, entity: Any | None, state: AwsState) -> Iterable[Policy]:  # noqa: ANN401
    if entity is None:
        return
    yield from _policies_on(entity)
    if caller.kind is CallerKind.USER:
        iam = state.iam(caller.account_id)
        for group in list(iam.groups.values()) if iam else ():
            if entity in group.users:
                yield from _policies_on(group)


def _policies_on(entity: Any) -> Iterable[Policy]:  # noqa: ANN401 - moto's user, group or role
    for name, document in list(entity.policies.items()):
        yield cached_policy(document, name, kind=PolicyKind.IDENTITY)
    for policy in list(entity.managed_policies.values()):
        yield cached_policy(default_document(policy), policy.arn, kind=PolicyKind.IDENTITY)


def _boundary(caller: Caller, entity: Any | None, state: AwsState) -> Policy | None:  # noqa: ANN401
    arn = getattr(entity, "permissions_boundary_arn", None)
    if not arn:
        return None
    document = state.managed_policy_document(caller.account_id, arn)
    # A boundary that is gone allows nothing: an empty policy says so.
    return cached_policy(document, arn, kind=PolicyKind.IDENTITY) if document else Policy(arn, ())


def _session_policies(caller: Caller) -> tuple[Policy, ...] | None:
    if caller.session is None or caller.session.policies is None:
        return None
    return tuple(
        cached_policy(document, "session policy", kind=PolicyKind.IDENTITY) for document in caller.session.policies
    )


def _scp(name: str, document: str) -> Policy:
    return cached_policy(document, name, kind=PolicyKind.SCP)
