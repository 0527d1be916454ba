"""STS, answered here instead of by moto: moto assumes any role for anyone, and its sessions never end.

Source: AWS STS API Reference, "AssumeRole", "GetSessionToken", "GetCallerIdentity".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4
from xml.sax.saxutils import escape

from iam_decision import PolicyError, ResourceKind, parse_policy
from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.callers.callers import Caller, CallerKind, Session, Sessions
from rehearsal.twin.callers.mfa import check_mfa
from rehearsal.twin.callers.sessions import lifetime, new_credentials, session_arn
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.emulator.managed_policies import bring_in
from rehearsal.twin.requests.refusals import Answer, Fault, Refusal

Authorise = Callable[[Asked, Demand], None]
"""Raises Refusal if the demand is denied; does nothing while the gate is off."""

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_ROLE_ARN = re.compile(r"arn:aws:iam::(\d{12}):role/(?:[!-~]*/)?([\w+=,.@-]{1,64})", re.ASCII)
_ACCOUNT_ROLE = "OrganizationAccountAccessRole"
_CHAINED_LIMIT = 3600  # seconds
_SHORTEST, _LONGEST = 900, 43200


@dataclass(frozen=True, slots=True)
class Sts:
    """Answers STS requests from moto's roles and users, and keeps the sessions it hands out."""

    state: AwsState
    sessions: Sessions
    authorise: Authorise
    tries: dict[str, int] = field(default_factory=dict)
    """How often somebody tried to become an account's own role, by the account's id."""

    def answers(self, operation: str) -> bool:
        """Tell whether this operation is answered here."""
        return operation in ("AssumeRole", "GetSessionToken", "GetCallerIdentity")

    def answer(self, asked: Asked, now: datetime, *, gate: bool, account_tries: int = 0) -> Answer:
        """Answer a request; `now` is the clock that sessions end by. Raises: Refusal.

        Of each account, so many tries to become its OrganizationAccountAccessRole are refused first.
        """
        match asked.operation.name:
            case "GetCallerIdentity":  # needs no right at all
                return _identity(asked.caller)
            case "GetSessionToken":
                return self._session_token(asked, now)
            case _:
                return self._assume_role(asked, now, gate=gate, account_tries=account_tries)

    def _assume_role(self, asked: Asked, now: datetime, *, gate: bool, account_tries: int) -> Answer:
        operation = asked.operation
        found = _ROLE_ARN.fullmatch(operation.text("RoleArn"))
        if not found:
            raise Refusal.of("ValidationError", f"{operation.text('RoleArn')} is invalid")
        if not _SESSION_NAME.fullmatch(operation.text("RoleSessionName")):
            raise _invalid(
                "roleSessionName", operation.text("RoleSessionName"), r"satisfy regular expression pattern: [\w+=,.@-]*"
            )
        account_id, name = found.groups()
        role = self.state.role(account_id, name)
        if role is not None and role.arn != operation.text("RoleArn"):
            role = None  # another path is another role
        if name == _ACCOUNT_ROLE:
            self.tries[account_id] = self.tries.get(account_id, 0) + 1
            if self.tries[account_id] <= account_tries:
                role = None  # AWS makes it some time after the account
        if gate:
            self._check_right(asked, role, now)
        session = self._new_session(asked, account_id, name, role, now)
        self.sessions.add(session, now)
        return _credentials(
            "AssumeRole",
            session,
            f"<AssumedRoleUser><AssumedRoleId>{session.principal_id}:{escape(session.session_name)}</AssumedRoleId>"
            f"<Arn>{escape(session_arn(session))}</Arn></AssumedRoleUser><PackedPolicySize>1</PackedPolicySize>"
            + (
                f"<SourceIdentity>{escape(session.source_identity)}</SourceIdentity>" if session.source_identity else ""
            ),
        )

    def _check_right(self, asked: Asked, role: object | None, now: datetime) -> None:
        operation = asked.operation
        context: dict[str, str | list[str]] = {"sts:RoleSessionName": operation.text("RoleSessionName")}
        for parameter, key in (("ExternalId", "sts:ExternalId"), ("SourceIdentity", "sts:SourceIdentity")):
            if operation.text(parameter):
                context[key] = operation.text(parameter)
        serial, code = operation.text("SerialNumber"), operation.text("TokenCode")
        if serial or code:
            check_mfa(asked.caller, serial, code, self.state, now)
            context |= {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
        arn = operation.text("RoleArn")
        account_id = arn.split(":")[4]
        demand = Demand("sts:AssumeRole", arn, account_id, None, ResourceKind.TRUST, context)
        if role is None:
            raise Refusal(Fault.DENIED, _plain_denial(asked.caller, arn), note="there is no such role")
        if self.state.is_suspended(account_id):
            raise Refusal(Fault.DENIED, _plain_denial(asked.caller, arn), note=f"account {account_id} is closed")
        trust = str(getattr(role, "assume_role_policy_document"))  # noqa: B009 - moto's role has no type
        self.authorise(asked, replace(demand, policy=trust))
        if operation.text("SourceIdentity"):
            self.authorise(asked, replace(demand, policy=trust, action="sts:SetSourceIdentity"))
        if operation.tags():
            self.authorise(asked, replace(demand, policy=trust, action="sts:TagSession"))

    def _new_session(self, asked: Asked, account_id: str, name: str, role: object | None, now: datetime) -> Session:
        seconds = _duration(asked, 3600, int(getattr(role, "max_session_duration", None) or 3600))
        key, secret, token = new_credentials(account_id)
        return Session(
            access_key_id=key,
            secret=secret,
            token=token,
            account_id=account_id,
            kind=CallerKind.ROLE if role is not None else CallerKind.UNCHECKED,
            principal_name=name,
            principal_id=str(getattr(role, "id", "AROA0000000000000000")),
            session_name=asked.operation.text("RoleSessionName"),
            issued=now,
            expires=lifetime(now, seconds),
            policies=self._session_policies(asked, account_id),
            source_identity=asked.operation.text("SourceIdentity"),
            tags=asked.operation.tags(),
            chained=asked.caller.session is not None,
        )

    def _session_policies(self, asked: Asked, account_id: str) -> tuple[str, ...] | None:
        documents = [asked.operation.text("Policy")] if asked.operation.text("Policy") else []
        for document in documents:
            try:
                parse_policy(document, "session policy")
            except PolicyError as error:
                raise Refusal.of("MalformedPolicyDocument", error.problem) from error
        for key, arn in asked.operation.params.items():
            if key.startswith("PolicyArns.member.") and key.endswith(".arn"):
                bring_in(account_id, arn)
                found = self.state.managed_policy_document(account_id, arn)
                if found is None:
                    raise Refusal.of("ValidationError", f"PolicyArn {arn} is invalid")
                documents.append(found)
        return tuple(documents) or None

    def _session_token(self, asked: Asked, now: datetime) -> Answer:
        caller, operation = asked.caller, asked.operation
        if caller.kind is not CallerKind.USER or caller.session is not None:
            raise Refusal(Fault.DENIED, "Cannot call GetSessionToken with session credentials")
        with_mfa = bool(operation.text("SerialNumber") or operation.text("TokenCode"))
        if with_mfa:
            check_mfa(caller, operation.text("SerialNumber"), operation.text("TokenCode"), self.state, now)
        seconds = _number(asked, 43200, 129600)
        key, secret, token = new_credentials(caller.account_id)
        session = Session(
            access_key_id=key,
            secret=secret,
            token=token,
            account_id=caller.account_id,
            kind=CallerKind.USER,
            principal_name=caller.name,
            principal_id=caller.unique_id,
            session_name="",
            issued=now,
            expires=lifetime(now, seconds),
            mfa_at=now if with_mfa else None,
        )
        self.sessions.add(session, now)
        return _credentials("GetSessionToken", session, "")


def _duration(asked: Asked, default: int, role_limit: int) -> int:
    seconds = _number(asked, default, _LONGEST)
    chained = asked.caller.kind is CallerKind.ROLE
    if chained and seconds > _CHAINED_LIMIT:
        raise Refusal.of(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
    if seconds > role_limit:
        raise Refusal.of(
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return seconds


def _number(asked: Asked, default: int, longest: int) -> int:
    text = asked.operation.text("DurationSeconds")
    if not text:
        return default
    if not text.isdigit() or int(text) < _SHORTEST:
        raise _invalid("durationSeconds", text, f"have value greater than or equal to {_SHORTEST}")
    if int(text) > longest:
        raise _invalid("durationSeconds", text, f"have value less than or equal to {longest}")
    return int(text)


def _invalid(field: str, value: str, constraint: str) -> Refusal:
    return Refusal.of(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: "
        f"Member must {constraint}",
    )


def _plain_denial(caller: Caller, arn: str) -> str:
    return f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"


def _identity(caller: Caller) -> Answer:
    return _result(
        "GetCallerIdentity",
        f"<Arn>{escape(caller.arn)}</Arn><UserId>{escape(caller.user_id)}</UserId><Account>{caller.account_id}</Account>",
    )


def _credentials(operation: str, session: Session, rest: str) -> Answer:
    return _result(
        operation,
        f"<Credentials><AccessKeyId>{session.access_key_id}</AccessKeyId><SecretAccessKey>{session.secret}</SecretAccessKey>"
        f"<SessionToken>{session.token}</SessionToken><Expiration>{session.expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>"
        + rest,
    )


def _result(operation: str, inner: str) -> Answer:
    body = (
        f'<{operation}Response xmlns="{_NAMESPACE}"><{operation}Result>{inner}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Answer(200, body.encode(), (("Content-Type", "text/xml"),))
