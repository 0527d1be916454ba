"""Who signed a request: access keys of users, sessions of roles and users."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from iam_decision import Principal, PrincipalKind

_OFFSET = int.from_bytes(base64.b32decode(b"QAAAAAAA"), byteorder="big")
_SECOND_HALF = "QRSTUVWXYZ234567"
_REMEMBERED = timedelta(hours=1)
"""How long after its end a session is still known, so that its holder is told that it has expired."""


class CallerKind(Enum):
    """What kind of identity a caller is."""

    USER = "user"
    ROLE = "role"
    FEDERATED = "federated user"
    """Whom a user has given a token of its own rights (GetFederationToken)."""
    ROOT = "root user"
    """An account's own root user, whom no identity policy limits."""
    ANONYMOUS = "anonymous"
    """Whoever asks without a signature."""
    UNCHECKED = "unchecked"
    """Only while the gate is off: a key nobody knows, taken at its word."""


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """A policy that a session was given."""

    name: str
    """The ARN of a managed policy; "session policy" for a document handed over."""
    document: str


@dataclass(frozen=True, slots=True)
class Session:
    """Temporary credentials: a role's (AssumeRole and its like), a user's (GetSessionToken) or a federated user's."""

    access_key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    account_id: str
    kind: CallerKind
    principal_name: str
    """The name of the role or user, without its path; for a federated user that of the user behind it; `root`."""
    principal_id: str
    """The unique id of the role or user: a new one of the same name is another principal."""
    session_name: str
    """"" for a user's session, its own name for a federated user's."""
    issued: datetime
    expires: datetime
    mfa_at: datetime | None = None
    """When a user's session was opened with MFA. A role's session carries no MFA, as in AWS."""
    policies: tuple[SessionPolicy, ...] | None = None
    """Session policies; None where none limits. A federated user without any may do nothing: an empty tuple."""
    source_identity: str = ""
    """Set once, then carried along a chain of roles."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Session tags, those that came along a chain included."""
    transitive: frozenset[str] = frozenset()
    """The keys of `tags`, in lower case, that are passed on to the next session of a chain."""
    provider: str = ""
    """The identity provider's ARN, for a session that a token or a SAML response was given for."""
    more_keys: Mapping[str, str] = field(default_factory=dict)
    """Further condition keys that go with every request: what a provider said of the holder, how it was got."""
    chained: bool = False
    """Whether it was got with a session, a role's or a user's, in place of a user's own key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever signed a request, as far as it matters to policies."""

    account_id: str
    kind: CallerKind
    name: str
    """The name of the user or role, without its path; `root` for the root user."""
    arn: str
    """As GetCallerIdentity tells it."""
    role_arn: str = ""
    """The role's ARN with its path, for a role's session; the user's, for a federated user."""
    unique_id: str = ""
    session: Session | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def user_id(self) -> str:
        """What GetCallerIdentity calls UserId and policies aws:userid."""
        if self.kind is CallerKind.ROLE and self.session:
            return f"{self.unique_id}:{self.session.session_name}"
        if self.kind is CallerKind.FEDERATED and self.session:
            return f"{self.account_id}:{self.session.session_name}"
        return self.unique_id

    def principal(self) -> Principal:
        """Return the caller as policies see it."""
        kind = {
            CallerKind.USER: PrincipalKind.USER,
            CallerKind.ROLE: PrincipalKind.ROLE_SESSION,
            CallerKind.FEDERATED: PrincipalKind.FEDERATED,
            CallerKind.ROOT: PrincipalKind.ROOT,
            CallerKind.ANONYMOUS: PrincipalKind.ANONYMOUS,
            CallerKind.UNCHECKED: PrincipalKind.ROOT,
        }[self.kind]
        return Principal(kind, self.account_id, self.arn, role_arn=self.role_arn, unique_id=self.unique_id)


ANYBODY = Caller("", CallerKind.ANONYMOUS, "anonymous", "")


class Sessions:
    """All sessions that were handed out, by access key id; safe for threads.

    Sessions that ended an hour ago are forgotten each time the store has doubled, so it holds at most about twice the
    sessions that are alive, and adding one costs the same however many there are.
    """

    def __init__(self, look_at: int = 1000) -> None:
        """Start empty; `look_at` is the size at which ended sessions are looked for at first."""
        self._by_key: dict[str, Session] = {}
        self._smallest = self._look_at = look_at
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._by_key)

    def add(self, session: Session, now: datetime) -> None:
        """Remember a session."""
        with self._lock:
            self._by_key[session.access_key_id] = session
            if len(self._by_key) >= self._look_at:
                alive = {key: kept for key, kept in self._by_key.items() if now - kept.expires < _REMEMBERED}
                self._by_key = alive
                self._look_at = max(self._smallest, 2 * len(alive))

    def get(self, access_key_id: str) -> Session | None:
        """Return the session of an access key, those that ended a while ago as well."""
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


def tags_of(entity: Any) -> dict[str, str]:
    """Return a moto entity's tags by key."""
    return {tag["Key"]: tag.get("Value") or "" for tag in entity.tags or ()}
