"""Asks for each demand's decision and words a denial as AWS does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from iam_decision import Decision, PolicyError, ResourceKind, denial_words
from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.callers.callers import CallerKind
from rehearsal.twin.gate.decision import callers_policies, decide_demand, rcps_over
from rehearsal.twin.gate.request_context import request_context, resource_context
from rehearsal.twin.requests.refusals import Fault, Protocol, Refusal


class Denied(Refusal):
    """A policy, or the lack of one, refuses a demand."""

    def __init__(self, message: str, demand: Demand, decision: Decision) -> None:
        super().__init__(Fault.DENIED, message)
        self.demand = demand
        self.decision = decision


def authorise(asked: Asked, demands: Iterable[Demand], now: datetime) -> None:
    """Raise Denied unless every demand is allowed. `now` is the clock that sessions age by."""
    try:
        held = callers_policies(asked.caller, asked.state)
        context = request_context(asked, now)
        for demand in demands:
            owner = resource_context(asked, demand.account_id)
            rcps = rcps_over(asked.caller, demand, asked.state)
            decision = decide_demand(asked.caller, held, demand, {**context, **owner}, rcps)
            if not decision.allowed:
                raise Denied(_message(asked, demand, decision), demand, decision)
    except PolicyError as error:
        # Documents are checked on their way in; one that came another way denies, and says so.
        raise Refusal(Fault.DENIED, f"a stored policy cannot be read, so nothing is allowed by it: {error}") from error


def refuse_limited_session(asked: Asked) -> None:
    """Refuse what a user's session may not call, whatever its policies say.

    Source: AWS STS API Reference, "GetSessionToken": no IAM operation without MFA; of STS only AssumeRole and
    GetCallerIdentity.
    """
    caller, operation = asked.caller, asked.operation
    if caller.kind is not CallerKind.USER or caller.session is None:
        return
    if operation.service == "iam" and caller.session.mfa_at is None:
        raise Refusal(Fault.UNKNOWN_KEY)
    if operation.service == "sts" and operation.name not in ("AssumeRole", "GetCallerIdentity"):
        raise Refusal(Fault.DENIED, f"Cannot call {operation.name} with session credentials")


def _message(asked: Asked, demand: Demand, decision: Decision) -> str:
    protocol = asked.operation.protocol
    across = demand.account_id not in ("", asked.caller.account_id)
    user = f"User: {asked.caller.arn} is not authorized to perform: {demand.action}"
    if across and demand.kind is ResourceKind.KEY:
        return (
            f"{user} on this resource because the resource does not exist in this Region, "
            "no resource-based policies allow access, or a resource-based policy explicitly denies access"
        )
    if across and protocol is Protocol.S3:
        return "Access Denied"
    resource = f'"{demand.resource}"' if protocol is Protocol.S3 else demand.resource
    words = f"{user} on resource: {resource}"
    # Of another account's policies AWS says nothing.
    words = words if across else f"{words} {denial_words(decision, demand.action)}"
    return f"You are not authorized to perform this operation. {words}" if protocol is Protocol.EC2 else words
