"""Roles and users that policies name: AWS stores them by their unique id, moto by their ARN as text.

What comes out is the same: as long as the principal is there, its ARN reads back (its new one after it was renamed);
when it is deleted the policies read back with its unique id, and a new one of the same name is not let in.
Source: IAM User Guide, "AWS JSON policy elements: Principal", "IAM role principals" and "IAM user principals".
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.emulator.policy_documents import SERVICES, PolicyPlace, rename_principals


@dataclass(frozen=True, slots=True)
class Entity:
    """A role or user as it was before a request that may delete or rename it."""

    arn: str
    unique_id: str


@dataclass(slots=True)
class NamedPrincipals:
    """Knows which services' policies of which accounts name a principal, so that nobody has to search for it."""

    _places: dict[str, set[PolicyPlace]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, asked: Asked, principals: Iterable[str]) -> None:
        """Note that a policy in a request names these principals."""
        operation = asked.operation
        if operation.service not in SERVICES:
            return
        region = "" if operation.service in ("iam", "s3") else operation.region
        place = PolicyPlace(operation.service, asked.caller.account_id, region)
        with self._lock:
            for principal in principals:
                self._places.setdefault(_role_of_session(principal), set()).add(place)

    def changed(self, before: Entity, new_arn: str) -> None:
        """Follow a principal that was renamed, or deleted: then `new_arn` is empty."""
        with self._lock:
            places = self._places.pop(before.arn, set())
            if new_arn and places:
                self._places.setdefault(new_arn, set()).update(places)
        for place in places:
            rename_principals(place, lambda name: _new_name(name, before, new_arn))


def entity_at_stake(asked: Asked) -> Entity | None:
    """Return the role or user that a request is about to delete or rename, None if it does neither."""
    operation, account_id = asked.operation, asked.caller.account_id
    if operation.service != "iam":
        return None
    if operation.name == "DeleteRole":
        found = asked.state.role(account_id, operation.text("RoleName"))
    elif operation.name in ("DeleteUser", "UpdateUser"):
        found = asked.state.user(account_id, operation.text("UserName"))
    else:
        return None
    return None if found is None else Entity(str(found.arn), str(found.id))


def new_arn_of(asked: Asked) -> str:
    """Return the ARN of the user that a request has just renamed; "" after any other request."""
    if asked.operation.name != "UpdateUser":
        return ""
    name = asked.operation.text("NewUserName") or asked.operation.text("UserName")
    user = asked.state.user(asked.caller.account_id, name)
    return str(user.arn) if user is not None else ""


def _role_of_session(principal: str) -> str:
    """Return the key under which a principal's places are kept: its own ARN, or without its path a session's role."""
    parts = principal.split("/")
    if ":assumed-role" not in parts[0] or len(parts) != 3:
        return principal
    return f"{parts[0].replace(':sts:', ':iam:').replace('assumed-role', 'role')}/{parts[1]}"


def _new_name(name: str, before: Entity, new_arn: str) -> str:
    same = name == before.arn or _role_of_session(name) == before.arn
    return (new_arn or before.unique_id) if same else name
