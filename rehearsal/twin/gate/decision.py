"""Decides demands: gathers the policies over a caller from moto's state and asks `iam_decision`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from iam_decision import Decision, Policies, Policy, PolicyKind, Request, ResourceKind, decide, parse_policy
from rehearsal.twin.actions.demand import Demand
from rehearsal.twin.callers.callers import Caller, CallerKind
from rehearsal.twin.emulator.aws_state import AwsState, default_document

Context = Mapping[str, str | list[str]]
Named = tuple[str, str]
"""A policy's name and its document."""

# The same document is the trust or inline policy of many accounts: each is parsed once.
cached_policy = lru_cache(maxsize=4096)(parse_policy)


@dataclass(frozen=True, slots=True)
class CallersPolicies:
    """The policies that come with a caller, whatever it asks for."""

    identity: tuple[Policy, ...]
    boundary: Policy | None
    session: tuple[Policy, ...] | None
    scp_levels: tuple[tuple[Policy, ...], ...] | None


@dataclass(frozen=True, slots=True)
class Question:
    """What `iam_decision` is asked about one demand."""

    request: Request
    policies: Policies

    def decide(self) -> Decision:
        """Return the decision."""
        return decide(self.request, self.policies)


def callers_policies(caller: Caller, state: AwsState) -> CallersPolicies:
    """Gather identity policies (inline, attached, of groups), permissions boundary, session policies and SCPs."""
    entity = _entity(caller, state)
    levels = state.scp_levels(caller.account_id)
    return CallersPolicies(
        identity=_parsed(_identity_documents(caller, entity, state), PolicyKind.IDENTITY),
        boundary=_boundary(caller, entity, state),
        session=_session_policies(caller),
        scp_levels=None if levels is None else tuple(_parsed(level, PolicyKind.SCP) for level in levels),
    )


def question_of(
    caller: Caller, held: CallersPolicies, demand: Demand, context: Context, rcps: tuple[Policy, ...] = ()
) -> Question:
    """Return what to ask about one demand; `rcps` are those over what it is for. Raises: PolicyError."""
    kind = PolicyKind.TRUST if demand.kind is ResourceKind.TRUST else PolicyKind.RESOURCE
    resource = cached_policy(demand.policy, resource_policy_name(demand), kind=kind) if demand.policy else None
    return Question(
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


def decide_demand(
    caller: Caller, held: CallersPolicies, demand: Demand, context: Context, rcps: tuple[Policy, ...] = ()
) -> Decision:
    """Decide one demand; `rcps` are those over what it is for. Raises: PolicyError if a document cannot be read."""
    return question_of(caller, held, demand, context, rcps).decide()


def resource_policy_name(demand: Demand) -> str:
    """Return how a resource's policy is called; an object's is its bucket's, and known by the bucket's name."""
    return demand.resource.partition("/")[0] if demand.kind is ResourceKind.BUCKET else demand.resource


def rcps_over(caller: Caller, demand: Demand, state: AwsState) -> tuple[Policy, ...]:
    """Return the RCPs over what a demand is for: those of its owner's account, the caller's own if it names none.

    Source: AWS Organizations User Guide, "RCP effects on permissions".
    """
    return _parsed(state.rcps(demand.account_id or caller.account_id), PolicyKind.RCP)


def documents_over(caller: Caller, demand: Demand, state: AwsState) -> dict[str, str]:
    """Return the documents of all policies that a decision looks at, by name; only refusals are asked for them."""
    entity = _entity(caller, state)
    found: dict[str, str] = dict(_identity_documents(caller, entity, state))
    found |= dict(policy for level in state.scp_levels(caller.account_id) or () for policy in level)
    found |= dict(state.rcps(demand.account_id or caller.account_id))
    boundary = _boundary_document(caller, entity, state)
    if boundary is not None:
        found[boundary[0]] = boundary[1]
    if caller.session is not None:
        found |= {policy.name: policy.document for policy in caller.session.policies or ()}
    if demand.policy:
        found[resource_policy_name(demand)] = demand.policy
    return found


def _entity(caller: Caller, state: AwsState) -> Any | None:
    if caller.kind in (CallerKind.USER, CallerKind.FEDERATED):
        return state.user(caller.account_id, caller.name)
    return state.role(caller.account_id, caller.name) if caller.kind is CallerKind.ROLE else None


def _parsed(documents: Iterable[Named], kind: PolicyKind) -> tuple[Policy, ...]:
    return tuple(cached_policy(document, name, kind=kind) for name, document in documents)


def _identity_documents(caller: Caller, entity: Any | None, state: AwsState) -> Iterator[Named]:
    if entity is None:
        return
    yield from _documents_on(entity)
    if caller.kind is not CallerKind.ROLE:
        iam = state.iam(caller.account_id)
        for group in list(iam.groups.values()) if iam else ():
            if entity in group.users:
                yield from _documents_on(group)


def _documents_on(entity: Any) -> Iterator[Named]:
    yield from list(entity.policies.items())
    for policy in list(entity.managed_policies.values()):
        yield policy.arn, default_document(policy)


def _boundary_document(caller: Caller, entity: Any | None, state: AwsState) -> Named | None:
    arn = getattr(entity, "permissions_boundary_arn", None)
    return (arn, state.managed_policy_document(caller.account_id, arn) or "") if arn else None


def _boundary(caller: Caller, entity: Any | None, state: AwsState) -> Policy | None:
    found = _boundary_document(caller, entity, state)
    if found is None:
        return None
    arn, document = found
    # A boundary that is gone allows nothing: an empty policy says so.
    return cached_policy(document, arn, kind=PolicyKind.IDENTITY) if document else Policy(arn, ())


def _session_policies(caller: Caller) -> tuple[Policy, ...] | None:
    if caller.session is None or caller.session.policies is None:
        return None
    return _parsed(((policy.name, policy.document) for policy in caller.session.policies), PolicyKind.IDENTITY)
