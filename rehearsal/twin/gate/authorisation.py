"""Asks for each demand's decision and words a denial as AWS does.

Sources: IAM User Guide, "Troubleshoot access denied error messages" (kinds of policies; nothing is told of another
account's); AWS Security Blog, "Enhanced access denied error messages with policy ARNs" (an explicit deny names the
policy, within the account and the organisation); Amazon S3 User Guide, "Troubleshoot access denied (403 Forbidden)
errors in Amazon S3" (full words within an organisation).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from iam_decision import Decision, PolicyError, PolicyKindThatDecided, ResourceKind, denial_words, undecided
from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.reference.conditions import never_given
from rehearsal.twin.callers.authorisation_messages import MessageCoder
from rehearsal.twin.callers.callers import CallerKind
from rehearsal.twin.gate.decision import Question, callers_policies, documents_over, question_of, rcps_over
from rehearsal.twin.gate.policy_chain import chain_of, what_would_have_to_change
from rehearsal.twin.gate.request_context import request_context, resource_context
from rehearsal.twin.requests.refusals import Fault, Protocol, Refusal
from rehearsal.twin.serving.record import ChainStep

_NO_ARN_KINDS = frozenset({PolicyKindThatDecided.RESOURCE, PolicyKindThatDecided.TRUST})
_UNTOLD_KEY = (
    "on this resource because the resource does not exist in this Region, no resource-based policies allow access, or "
    "a resource-based policy explicitly denies access"
)


class Denied(Refusal):
    """A policy, or the lack of one, refuses a demand."""

    def __init__(
        self, message: str, demand: Demand, decision: Decision, chain: tuple[ChainStep, ...] = (), principal: str = ""
    ) -> None:
        super().__init__(Fault.DENIED, message)
        self.demand = demand
        self.decision = decision
        self.chain = chain
        self.principal = principal
        self.change = what_would_have_to_change(decision, demand, principal, chain)


def authorise(asked: Asked, demands: Iterable[Demand], now: datetime, coder: MessageCoder) -> None:
    """Raise Denied unless every demand is allowed. `now` is the clock that sessions age by."""
    try:
        held = callers_policies(asked.caller, asked.state)
        context = request_context(asked, now)
        for demand in demands:
            owner = resource_context(asked, demand, context)
            rcps = rcps_over(asked.caller, demand, asked.state)
            question = question_of(asked.caller, held, demand, {**context, **owner}, rcps)
            _refuse_undecided(demand, question)
            decision = question.decide()
            if not decision.allowed:
                raise _denied(asked, demand, question, decision, coder)
    except PolicyError as error:
        # Documents are checked on their way in; one that came another way denies, and says so.
        raise Refusal(Fault.DENIED, f"a stored policy cannot be read, so nothing is allowed by it: {error}") from error


def _refuse_undecided(demand: Demand, question: Question) -> None:
    """Refuse what hangs on a condition key that AWS has for the action and the twin never gives: no guessing."""
    unknown = never_given(demand.action)
    found = undecided(question.request, question.policies, unknown) if unknown else None
    if found is None:
        return
    refusal = Refusal(
        Fault.UNSUPPORTED,
        f"The twin cannot decide {demand.action} on {demand.resource}: {found.statement} of {found.policy} has a "
        f"condition on {found.key}, which AWS knows for this action and the twin does not.",
        note=f"whether {found.statement} of {found.policy} applies hangs on {found.key}, which the twin does not give",
    )
    refusal.action, refusal.resource = demand.action, demand.resource
    raise refusal


def refuse_limited_session(asked: Asked) -> None:
    """Refuse what a user's or federated user's session may not call, whatever its policies say.

    Source: AWS STS API Reference, "GetSessionToken": no IAM operation without MFA; of STS only AssumeRole and
    GetCallerIdentity. "GetFederationToken": no IAM operation; of STS only GetCallerIdentity.
    """
    caller, operation = asked.caller, asked.operation
    if caller.session is None or caller.kind not in (CallerKind.USER, CallerKind.ROOT, CallerKind.FEDERATED):
        return
    if caller.kind is CallerKind.ROOT and caller.session.policies is not None:
        return  # AssumeRoot: its task alone limits it
    federated = caller.kind is CallerKind.FEDERATED
    if operation.service == "iam" and (federated or caller.session.mfa_at is None):
        raise Refusal(Fault.UNKNOWN_KEY, note="a federated user or a session without MFA may not call IAM")
    allowed = ("GetCallerIdentity",) if federated else ("AssumeRole", "GetCallerIdentity")
    if operation.service == "sts" and operation.name not in allowed:
        raise Refusal(Fault.DENIED, f"Cannot call {operation.name} with session credentials")


def _denied(asked: Asked, demand: Demand, question: Question, decision: Decision, coder: MessageCoder) -> Denied:
    state, caller = asked.state, asked.caller
    levels = state.scp_level_names(caller.account_id)
    chain = chain_of(question, documents_over(caller, demand, state), levels)
    words = _message(asked, demand, decision)
    if asked.operation.protocol is Protocol.EC2 and demand.resource != "*":
        encoded = coder.encode(caller, demand, decision, question.request.context)
        words = f"{words}. Encoded authorization failure message: {encoded}"
    return Denied(words, demand, decision, chain, caller.role_arn or caller.arn)


def _message(asked: Asked, demand: Demand, decision: Decision) -> str:
    protocol = asked.operation.protocol
    across = demand.account_id not in ("", asked.caller.account_id)
    user = f"User: {asked.caller.arn} is not authorized to perform: {demand.action}"
    if across and demand.kind is ResourceKind.KEY:
        return f"{user} {_UNTOLD_KEY}"
    if protocol is Protocol.S3:
        if across and not _same_organization(asked, demand.account_id):
            return "Access Denied"
        return f"{user}{_on(demand, quote=True)} {_reason(asked, demand, decision)}"
    if protocol is Protocol.EC2:
        words = f"You are not authorized to perform this operation. {user}{_on(demand)}"
    else:
        words = f"{user} on resource: {demand.resource}"
    # Of another account's policies AWS says nothing.
    return words if across else f"{words} {_reason(asked, demand, decision)}"


def _on(demand: Demand, *, quote: bool = False) -> str:
    """Return the words for a resource; EC2 and S3 leave them out where an action has no resources."""
    if demand.resource == "*":
        return ""
    return f' on resource: "{demand.resource}"' if quote else f" on resource: {demand.resource}"


def _reason(asked: Asked, demand: Demand, decision: Decision) -> str:
    words = denial_words(decision, demand.action)
    arn = _policy_arn(asked, demand, decision) if decision.reason.is_explicit_deny else ""
    return f"{words}: {arn}" if arn else words


def _policy_arn(asked: Asked, demand: Demand, decision: Decision) -> str:
    """Return the ARN of the policy that denied, "" for one that has none, such as an inline policy."""
    if decision.by in _NO_ARN_KINDS:
        return ""
    if decision.by is PolicyKindThatDecided.SCP:
        return asked.state.organization_policy_arn(asked.caller.account_id, decision.policy)
    if decision.by is PolicyKindThatDecided.RCP:
        return asked.state.organization_policy_arn(demand.account_id or asked.caller.account_id, decision.policy)
    return decision.policy if decision.policy.startswith("arn:") else ""


def _same_organization(asked: Asked, account_id: str) -> bool:
    own = asked.state.organization_id(asked.caller.account_id)
    return bool(own) and own == asked.state.organization_id(account_id)
