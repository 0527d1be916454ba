"""The sign-in service's federation endpoint: a session in, a sign-in token out; and the login the token is for.

Sessions of roles and of federated users are taken. Unsigned, as in AWS: the session's own secrets are in the request.
Nothing of them is kept in the record. Source: IAM User Guide, "Enable custom identity broker access to the AWS
console".
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from rehearsal.twin.callers.callers import CallerKind, Session, Sessions
from rehearsal.twin.callers.sessions import caller_of_session
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.requests.http_request import HttpRequest
from rehearsal.twin.requests.refusals import Answer, Refusal
from rehearsal.twin.serving.record import CallRecord, Denial, timestamp

PATH = "/federation"
TOKEN_SECONDS = 900
"""How long a sign-in token is good for."""

_SHORTEST, _LONGEST = 900, 43200  # seconds of a console session
_ACTIONS = ("getSigninToken", "login")
_CODE = "InvalidParameter"
_CREDENTIALS = "Invalid credentials parameter"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a sign-in token stands for: whose console session, until when, and until when the token itself is good."""

    arn: str
    account_id: str
    session_expires: datetime
    token_expires: datetime


@dataclass(slots=True)
class Federation:
    """Answers `/federation`; `clock` is the one that sessions end by."""

    state: AwsState
    sessions: Sessions
    clock: Callable[[], datetime]
    record: CallRecord
    _tokens: dict[str, SignIn] = field(default_factory=dict, repr=False)

    def answer(self, request: HttpRequest) -> Answer:
        """Answer one request; never raises."""
        asked = _query(request)
        action = asked.get("Action", "")
        self.record.called("signin", action)
        try:
            return self._token(asked) if action == "getSigninToken" else self._login(asked)
        except Refusal as refusal:
            words, now = refusal.message or _CREDENTIALS, timestamp(self.clock())
            self.record.denied(Denial(now, "signin", action, _CODE, words, reason=refusal.note))
            return Answer(refusal.status, f"{words}\n".encode(), (("Content-Type", "text/plain"),))

    def _token(self, asked: dict[str, str]) -> Answer:
        now = self.clock()
        session = self._session(asked.get("Session", ""), now)
        caller = caller_of_session(session, self.state)
        ends = _console_end(session, asked.get("SessionDuration"), now)
        token = secrets.token_urlsafe(48)
        self._forget_old(now)
        self._tokens[token] = SignIn(caller.arn, caller.account_id, ends, now + timedelta(seconds=TOKEN_SECONDS))
        return _json({"SigninToken": token})

    def _session(self, text: str, now: datetime) -> Session:
        """Return the session whose key, secret and token the text holds. Raises: Refusal."""
        try:
            given: Any = json.loads(text)
            key, secret, token = (str(given[name]) for name in ("sessionId", "sessionKey", "sessionToken"))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _refusal("Invalid Session parameter", "it is no JSON of the three credentials") from error
        session = self.sessions.get(key)
        if session is None:
            raise _refusal(_CREDENTIALS, "no session has this key")
        same = hmac.compare_digest(secret.encode(), session.secret.encode())
        if not same or not hmac.compare_digest(token.encode(), session.token.encode()):
            raise _refusal(_CREDENTIALS, "the secret or the token is not the session's")
        if now >= session.expires:
            raise _refusal(_CREDENTIALS, "the session has expired")
        if session.kind in (CallerKind.USER, CallerKind.ROOT):
            raise _refusal(_CREDENTIALS, "it is a user's session, not a role's or a federated user's")
        if self.state.is_suspended(session.account_id):
            raise _refusal(_CREDENTIALS, f"account {session.account_id} is closed")
        return session

    def _login(self, asked: dict[str, str]) -> Answer:
        """Answer who would be signed in and where to. AWS would lead on; a twin leads nobody to AWS."""
        found = self._tokens.get(asked.get("SigninToken", ""))
        if found is None or self.clock() >= found.token_expires:
            raise _refusal("Invalid or expired SigninToken", "expired" if found else "never given out")
        destination = asked.get("Destination", "")
        if not destination.startswith("https://"):
            raise _refusal("Invalid Destination parameter", destination)
        return _json(
            {
                "signed_in_as": found.arn,
                "account_id": found.account_id,
                "until": f"{found.session_expires:%Y-%m-%dT%H:%M:%SZ}",
                "destination": destination,
            }
        )

    def _forget_old(self, now: datetime) -> None:
        for token in [token for token, kept in list(self._tokens.items()) if now >= kept.token_expires]:
            self._tokens.pop(token, None)


def asks_to_sign_in(request: HttpRequest) -> bool:
    """Tell whether a request is for the sign-in service, and not for a bucket named `federation`."""
    unsigned = not request.header("Authorization")
    return unsigned and request.method == "GET" and request.path == PATH and request.query_value("Action") in _ACTIONS


def _console_end(session: Session, seconds: str | None, now: datetime) -> datetime:
    if seconds is None:
        return session.expires
    if session.kind is CallerKind.FEDERATED:
        raise _refusal(_CREDENTIALS, "SessionDuration is not for a session got by GetFederationToken")
    if session.chained:
        raise _refusal(_CREDENTIALS, "SessionDuration is not for a session got by role chaining")
    if not seconds.isdigit() or not _SHORTEST <= int(seconds) <= _LONGEST:
        raise _refusal("Invalid SessionDuration parameter", f"{seconds} is not from {_SHORTEST} to {_LONGEST}")
    return now + timedelta(seconds=int(seconds))


def _query(request: HttpRequest) -> dict[str, str]:
    """Return the parameters, form-encoded: a plus sign is a space here, unlike in AWS's signed requests."""
    query = str(request.environ.get("QUERY_STRING", ""))
    return {name: values[0] for name, values in parse_qs(query).items()}


def _refusal(message: str, note: str) -> Refusal:
    refusal = Refusal.of(_CODE, message)
    refusal.note = note
    return refusal


def _json(document: object) -> Answer:
    return Answer(200, json.dumps(document).encode(), (("Content-Type", "application/json"),))
