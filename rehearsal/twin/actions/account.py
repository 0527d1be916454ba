"""What Account Management operations ask for: the account itself, or a member named by the organisation's managers.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Account Management".
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.emulator.entities import by_id


def account_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an Account Management request asks for."""
    operation = asked.operation
    kind = operation.text("AlternateContactType")
    context: dict[str, str | list[str]] = {"account:AlternateContactTypes": [kind]} if kind else {}
    return (Demand(f"account:{operation.name}", _resource(asked), context=context),)


def _resource(asked: Asked) -> str:
    own, named = asked.caller.account_id, asked.operation.text("AccountId")
    backend = asked.state.organization(own)
    member = by_id(backend.accounts, named) if backend and named else None
    if member is None:
        return f"arn:aws:account::{own}:account"
    organization = str(member.arn).rpartition(":account/")[2]
    return f"arn:aws:account::{own}:account/{organization}"
