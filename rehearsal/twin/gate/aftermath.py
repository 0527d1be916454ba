"""What a successful request brings about beyond moto: policies follow principals that go, what is new is delayed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.callers.assume_role import ACCOUNT_ROLE
from rehearsal.twin.callers.delays import Delays
from rehearsal.twin.gate.named_principals import Entity, NamedPrincipals, entity_at_stake, new_arn_of
from rehearsal.twin.requests.refusals import Answer

_NEW_ACCOUNT = re.compile(rb'"AccountId": ?"(\d{12})"')
_NEW_KEY = re.compile(rb"<AccessKeyId>(\w+)</AccessKeyId>")


@dataclass(frozen=True, slots=True)
class Before:
    """What a request may change, as it was before."""

    entity: Entity | None
    trust: tuple[str, str] | None
    """A role's ARN and its trust policy."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Looks before a request, and acts after it has succeeded."""

    delays: Delays
    named: NamedPrincipals = field(default_factory=NamedPrincipals)

    def look(self, asked: Asked) -> Before | None:
        """Return what has to be known from before the request; None for those that make and change no identity."""
        if asked.operation.service != "iam" and asked.operation.name != "CreateAccount":
            return None
        return Before(entity_at_stake(asked), _trust_at_stake(asked))

    def follow(self, asked: Asked, before: Before | None, answer: Answer, now: datetime, delay: int) -> None:
        """Act on a request that has succeeded; `delay` is how many seconds what it made cannot be used."""
        if before is None or answer.status >= 300:
            return
        if before.entity is not None:
            self.named.changed(before.entity, new_arn_of(asked))
        if not delay:
            return
        for name in _made(asked, answer):
            self.delays.begin(name, now, delay)
        if before.trust is not None:
            self.delays.keep_trust(*before.trust, now, delay)


def _trust_at_stake(asked: Asked) -> tuple[str, str] | None:
    if asked.operation.name != "UpdateAssumeRolePolicy":
        return None
    role = asked.state.role(asked.caller.account_id, asked.operation.text("RoleName"))
    return None if role is None else (str(role.arn), str(role.assume_role_policy_document))


def _made(asked: Asked, answer: Answer) -> tuple[str, ...]:
    """Return the names of what a request has made."""
    operation, account_id = asked.operation, asked.caller.account_id
    if operation.name == "CreateRole":
        role = asked.state.role(account_id, operation.text("RoleName"))
        return (str(role.arn),) if role is not None else ()
    if operation.name == "CreateUser":
        user = asked.state.user(account_id, operation.text("UserName"))
        return (str(user.arn),) if user is not None else ()
    if operation.name == "CreateAccount":
        new = _NEW_ACCOUNT.search(answer.body)
        role_name = operation.text("RoleName") or ACCOUNT_ROLE
        return (f"arn:aws:iam::{new[1].decode()}:role/{role_name}",) if new else ()
    found = _NEW_KEY.search(answer.body) if operation.name == "CreateAccessKey" else None
    return (found[1].decode(),) if found else ()
