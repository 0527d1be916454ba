"""Whose account a caller of AWS Account Management may name.

Source: AWS Account Management Reference Guide, AccountId of each operation; words of the refusals as publicly
reported of ListRegions.
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.requests.refusals import Refusal

_SERVICE = "account.amazonaws.com"
_OF_A_MEMBER = frozenset({"AcceptPrimaryEmailUpdate", "GetPrimaryEmail", "StartPrimaryEmailUpdate"})
"""What only the management account or a delegated administrator calls, for a member."""


def check_account(asked: Asked) -> None:
    """Refuse a request that names an account its caller does not manage; one without an id is about the caller's."""
    if asked.operation.service != "account":
        return
    own, named = asked.caller.account_id, asked.operation.text("AccountId")
    if not named:
        if asked.operation.name in _OF_A_MEMBER:
            raise Refusal.of("ValidationException", "AccountId must be given.")
        return
    management = asked.state.management_of(own)
    if named == own == management:
        why = "The management account can only be managed using the standalone context from the management account."
        raise _denied(asked, why)
    if management and not asked.state.trusts_service(own, _SERVICE):
        raise _denied(asked, "Your organization must first enable trusted access with AWS Account Management.")
    delegated = bool(asked.state.delegating_account(own, _SERVICE))
    if not management or not (own == management or delegated) or asked.state.management_of(named) != management:
        raise _denied(asked, "")
    if named == management:
        raise _denied(asked, "")


def _denied(asked: Asked, why: str) -> Refusal:
    action = f"account:{asked.operation.name}"
    words = f"User: {asked.caller.arn} is not authorized to perform: {action}"
    return Refusal.of("AccessDeniedException", f"{words} ({why})" if why else words, 403)
