"""In which account a request to AWS Organizations acts: the management account's for members that it lets in.

Source: AWS Organizations User Guide, "Delegated administrator for AWS Organizations" (the resource policy and the
caller's own policies have to allow it, as between accounts); API Reference, "RegisterDelegatedAdministrator" (it
grants read-only access to Organizations).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.organizations import organizations_demands
from rehearsal.twin.emulator.organization_access import ANY_MEMBER, DELEGABLE, NO_PERMISSION, READS
from rehearsal.twin.gate.authorisation import Denied
from rehearsal.twin.requests.refusals import Refusal

Authorise = Callable[[Asked, Iterable[Demand]], None]


def organization_account(asked: Asked, authorise: Authorise) -> str:
    """Return the management account where a member may act for it, else the caller's own account.

    Every right of the caller's own policies has been decided before. Raises: Refusal for what a member may not call.
    """
    own, name = asked.caller.account_id, asked.operation.name
    management = asked.state.management_of(own)
    if management in ("", own) or name in ANY_MEMBER:
        return own
    if name in READS and asked.state.administers_a_service(own):
        return management
    policy = asked.state.delegation_policy(own)
    if not policy or name not in DELEGABLE:
        raise _not_let_in("only the management account may call this, or whom it has delegated it to")
    demands = [
        Demand(each.action, each.resource, management, policy, context=each.context)
        for each in organizations_demands(asked)
    ]
    try:
        authorise(asked, demands)
    except Denied as denied:
        raise _not_let_in("the organization's resource policy, with the caller's own, does not allow it") from denied
    return management


def _not_let_in(why: str) -> Refusal:
    return Refusal(None, NO_PERMISSION, code="AccessDeniedException", note=why)
