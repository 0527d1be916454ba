"""GetSessionToken and GetFederationToken: sessions of a user, for itself and for somebody it vouches for.

Sources: AWS STS API Reference, "GetSessionToken", "GetFederationToken". The root user, whom both give an hour at most,
has no keys in a twin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.callers.authorise import Authorise
from rehearsal.twin.callers.callers import CallerKind, Session, Sessions
from rehearsal.twin.callers.mfa import MfaCode, UsedCodes
from rehearsal.twin.callers.session_contents import packed_size, read_policies, requested_tags
from rehearsal.twin.callers.sessions import federated_arn, lifetime, new_credentials
from rehearsal.twin.callers.sts_answers import MFA_TEXTS, check_texts, credentials_answer, invalid, requested_seconds
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.requests.refusals import Answer, Fault, Refusal

_DEFAULT, _LONGEST = 43200, 129600  # seconds
_OF_ROOT = 3600  # seconds: whoever asks for more gets this
_NAME = re.compile(r"[\w+=,.@-]{2,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class UserSessions:
    """Answers requests of users for sessions."""

    state: AwsState
    sessions: Sessions
    authorise: Authorise

    def session_token(self, asked: Asked, now: datetime, used: UsedCodes | None) -> Answer:
        """Answer GetSessionToken, which needs no right. Raises: Refusal."""
        _refuse_sessions(asked)
        operation = asked.operation
        check_texts(operation, MFA_TEXTS)
        code = MfaCode(operation.text("SerialNumber"), operation.text("TokenCode"))
        with_mfa = bool(code.serial or code.code)
        seconds = requested_seconds(operation, _DEFAULT, _LONGEST)
        if asked.caller.kind is CallerKind.ROOT:
            seconds = min(seconds, _OF_ROOT)
        if with_mfa:
            code.check(asked.caller, self.state, used, datetime.now(UTC))
        caller = asked.caller
        session = Session(
            *new_credentials(caller.account_id),
            account_id=caller.account_id,
            kind=caller.kind,
            principal_name=caller.name,
            principal_id=caller.unique_id,
            session_name="",
            issued=now,
            expires=lifetime(now, seconds),
            mfa_at=now if with_mfa else None,
        )
        self.sessions.add(session, now)
        return credentials_answer("GetSessionToken", session, {})

    def federation_token(self, asked: Asked, now: datetime) -> Answer:
        """Answer GetFederationToken: the user's rights, as far as session policies allow. Raises: Refusal."""
        _refuse_sessions(asked)
        if asked.caller.kind is CallerKind.ROOT:
            raise Refusal(Fault.UNSUPPORTED, "The twin does not emulate sts:GetFederationToken of root users.")
        operation, caller = asked.operation, asked.caller
        name = operation.text("Name")
        if not _NAME.fullmatch(name):
            raise invalid("name", name, r"satisfy regular expression pattern: [\w+=,.@-]*")
        seconds = requested_seconds(operation, _DEFAULT, _LONGEST)
        tags = requested_tags(operation, None)
        policies = read_policies(operation, caller.account_id, self.state)
        packed = packed_size(policies, tags)
        demand = Demand("sts:GetFederationToken", federated_arn(caller.account_id, name))
        self.authorise(asked, demand)
        if tags.needs_right():
            self.authorise(asked, Demand("sts:TagSession", demand.resource))
        session = Session(
            *new_credentials(caller.account_id),
            account_id=caller.account_id,
            kind=CallerKind.FEDERATED,
            principal_name=caller.name,
            principal_id=caller.unique_id,
            session_name=name,
            issued=now,
            expires=lifetime(now, seconds),
            policies=policies or (),  # no session policies means no rights at all, unlike for a role
            tags=tags.all,
        )
        self.sessions.add(session, now)
        return credentials_answer(operation.name, session, {"PackedPolicySize": str(packed) if packed else ""})


def _refuse_sessions(asked: Asked) -> None:
    caller, name = asked.caller, asked.operation.name
    if caller.kind not in (CallerKind.USER, CallerKind.ROOT) or caller.session is not None:
        raise Refusal(Fault.DENIED, f"Cannot call {name} with session credentials")
