"""Who signed a request: access keys of users, sessions of roles and users."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from iam_decision import Principal, PrincipalKind

_OFFSET = int.from_bytes(base64.b32decode(b"QAAAAAAA"), byteorder="big")
_SECOND_HALF = "QRSTUVWXYZ234567"


class CallerKind(Enum):
    """What kind of identity a caller is."""

    USER = "user"
    ROLE = "role"
    UNCHECKED = "unchecked"
    """Only while the gate is off: a key nobody knows, taken at its word."""


@dataclass(frozen=True, slots=True)
class Session:
    """Temporary credentials: a role's (AssumeRole) or a user's (GetSessionToken)."""

    access_key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    account_id: str
    kind: CallerKind
    principal_name: str
    """The name of the role or user, without its path."""
    principal_id: str
    """The unique id of the role or user: a new one of the same name is another principal."""
    session_name: str
    """"" for a user's session."""
    issued: datetime
    expires: datetime
    mfa_at: datetime | None = None
    """When a user's session was opened with MFA. A role's session carries no MFA, as in AWS."""
    policies: tuple[str, ...] | None = None
    """Session policies, as documents; None without any."""
    source_identity: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Session tags. They are not passed on to chained sessions."""
    chained: bool = False
    """Whether it was got with a session, a role's or a user's, in place of a user's own key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever signed a request, as far as it matters to policies."""

    account_id: str
    kind: CallerKind
    name: str
    """The name of the user or role, without its path."""
    arn: str
    """As GetCallerIdentity tells it."""
    role_arn: str = ""
    """The role's ARN with its path, for a role's session."""
    unique_id: str = ""
    session: Session | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def user_id(self) -> str:
        """What GetCallerIdentity calls UserId and policies aws:userid."""
        if self.kind is CallerKind.ROLE and self.session:
            return f"{self.unique_id}:{self.session.session_name}"
        return self.unique_id

    def principal(self) -> Principal:
        """Return the caller as policies see it."""
        kind = {
            CallerKind.USER: PrincipalKind.USER,
            CallerKind.ROLE: PrincipalKind.ROLE_SESSION,
            CallerKind.UNCHECKED: PrincipalKind.ROOT,
        }[self.kind]
        return Principal(kind, self.account_id, self.arn, role_arn=self.role_arn, unique_id=self.unique_id)


class Sessions:
    """All sessions that were handed out, by access key id; safe for threads."""

    def __init__(self) -> None:
        self._by_key: dict[str, Session] = {}

    def add(self, session: Session, now: datetime) -> None:
        """Remember a session, and forget those that ended more than a day ago."""
        if len(self._by_key) % 1000 == 999:
            for key, old in list(self._by_key.items()):
                if (now - old.expires).days >= 1:
                    self._by_key.pop(key, None)
        self._by_key[session.access_key_id] = session

    def get(self, access_key_id: str) -> Session | None:
        """Return the session of an access key, expired ones as well."""
        return self._by_key.get(access_key_id)


def account_of_key(access_key_id: str) -> str:
    """Return the account id an access key id was made for; "" for what no AWS account can have issued.

    Key ids carry their account, in AWS as in moto (`moto/iam/utils.py`), so no search over accounts is needed.
    """
    if len(access_key_id) != 20:
        return ""
    try:
        number = int.from_bytes(base64.b32decode(access_key_id[4:12].encode()), byteorder="big") - _OFFSET
    except (binascii.Error, ValueError):
        return ""
    account = number * 2 + (access_key_id[12] in _SECOND_HALF)
    return f"{account:012d}" if 0 <= account < 10**12 else ""


def tags_of(entity: Any) -> dict[str, str]:  # noqa: ANN401 - moto's user or role
    """Return a moto entity's tags by key."""
    return {tag["Key"]: tag["Value"] for tag in entity.tags or ()}
