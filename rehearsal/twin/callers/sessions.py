"""Makes temporary credentials, and finds out who a key or a session is."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rehearsal.twin.callers.callers import Caller, CallerKind, Session, Sessions, account_of_key, tags_of
from rehearsal.twin.callers.delays import Delays
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.emulator.root_users import ACTIVE
from rehearsal.twin.requests.refusals import Fault, Refusal
from rehearsal.twin.requests.signature import Signature

_TOKEN_BYTES = 300


@dataclass(frozen=True, slots=True)
class Known:
    """A caller, and the secret its requests must be signed with."""

    caller: Caller
    secret: str


def recognise(signature: Signature, state: AwsState, sessions: Sessions, delays: Delays, now: datetime) -> Known:
    """Return who holds the access key of a request.

    Raises: Refusal (UNKNOWN_KEY, BAD_TOKEN, EXPIRED_TOKEN) for keys unknown, deleted, inactive, too new, of a closed
    account, of a role that is gone, with a wrong session token, or past their time.
    """
    key = signature.access_key_id
    session = sessions.get(key)
    if session is not None:
        if not signature.session_token:
            raise Refusal(Fault.UNKNOWN_KEY, note="the key of a session came without its token")
        if not secrets.compare_digest(session.token.encode(), signature.session_token.encode()):
            raise Refusal(Fault.BAD_TOKEN)
        if now >= session.expires:
            raise Refusal(Fault.EXPIRED_TOKEN)
        known = Known(caller_of_session(session, state), session.secret)
    else:
        known = _holder_of(key, state)
        if delays.is_new(key, now):
            raise Refusal(Fault.UNKNOWN_KEY, note="the key is new: role_delay_s has not passed yet")
        if signature.session_token:
            raise Refusal(Fault.BAD_TOKEN)
    if state.is_suspended(known.caller.account_id):
        raise Refusal(Fault.UNKNOWN_KEY, note=f"account {known.caller.account_id} is closed")
    return known


def _holder_of(key: str, state: AwsState) -> Known:
    """Return whose long-term key this is, a user's or a root user's. Raises: Refusal."""
    found = state.access_key(key)
    root = state.root_key(key) if found is None else None
    if found is not None and found.active:
        return Known(_caller_of_user(found.user, None), found.secret)
    if root is not None and root.status == ACTIVE:
        return Known(_root_user(root.account_id, None), root.secret)
    raise Refusal(Fault.UNKNOWN_KEY, note="the key is inactive" if found or root else "no account has this key")


def recognise_unchecked(key: str, state: AwsState, sessions: Sessions) -> Caller:
    """Return whose key this is without checking anything: only while the gate is off."""
    session = sessions.get(key)
    if session is not None:
        try:
            return caller_of_session(session, state)
        except Refusal:  # its role is gone; with the gate off it still acts in its account
            return _anyone(session.account_id)
    found = state.access_key(key)
    return _caller_of_user(found.user, None) if found else _anyone(account_of_key(key) or state.management_account_id)


def caller_of_session(session: Session, state: AwsState) -> Caller:
    """Return who a session stands for.

    Raises: Refusal (UNKNOWN_KEY) if its role or user is gone, or is another one of that name.
    """
    if session.kind in (CallerKind.USER, CallerKind.FEDERATED):
        user = state.user_by_id(session.account_id, session.principal_name, session.principal_id)
        if user is None:
            raise Refusal(Fault.UNKNOWN_KEY, note=f"user {session.principal_name} of this session is gone")
        known = _caller_of_user(user, session)
        return known if session.kind is CallerKind.USER else _federated(known, session)
    if session.kind is CallerKind.ROOT:
        return _root_user(session.account_id, session)
    role = state.role(session.account_id, session.principal_name)
    if session.kind is CallerKind.UNCHECKED or role is None or role.id != session.principal_id:
        raise Refusal(Fault.UNKNOWN_KEY, note=f"role {session.principal_name} of this session is gone")
    return Caller(
        account_id=session.account_id,
        kind=CallerKind.ROLE,
        name=role.name,
        arn=session_arn(session),
        role_arn=role.arn,
        unique_id=role.id,
        session=session,
        tags=merged_tags(tags_of(role), session.tags),
    )


def merged_tags(own: Mapping[str, str], session: Mapping[str, str]) -> dict[str, str]:
    """Return a principal's tags in a session: a session tag stands in for one of its own of that key, in any case."""
    given = {key.lower() for key in session}
    return {**{key: value for key, value in own.items() if key.lower() not in given}, **session}


def session_arn(session: Session) -> str:
    """Return the ARN of a role's session."""
    return f"arn:aws:sts::{session.account_id}:assumed-role/{session.principal_name}/{session.session_name}"


def new_credentials(account_id: str) -> tuple[str, str, str]:
    """Return access key id, secret and session token of a new session."""
    from moto.iam.utils import generate_access_key_id_from_account_id

    key = str(generate_access_key_id_from_account_id(account_id, prefix="ASIA"))
    return key, secrets.token_urlsafe(30), base64.b64encode(secrets.token_bytes(_TOKEN_BYTES)).decode()


def lifetime(now: datetime, seconds: int) -> datetime:
    """Return when a session of so many seconds ends; AWS tells times to the second."""
    return (now + timedelta(seconds=seconds)).replace(microsecond=0)


def _caller_of_user(user: Any, session: Session | None) -> Caller:
    return Caller(
        account_id=user.account_id,
        kind=CallerKind.USER,
        name=user.name,
        arn=user.arn,
        unique_id=user.id,
        session=session,
        tags=tags_of(user),
    )


def _federated(user: Caller, session: Session) -> Caller:
    return Caller(
        account_id=user.account_id,
        kind=CallerKind.FEDERATED,
        name=user.name,
        arn=federated_arn(session.account_id, session.session_name),
        role_arn=user.arn,
        unique_id=user.unique_id,
        session=session,
        tags=merged_tags(user.tags, session.tags),
    )


def federated_arn(account_id: str, name: str) -> str:
    """Return the ARN of a federated user."""
    return f"arn:aws:sts::{account_id}:federated-user/{name}"


def _root_user(account_id: str, session: Session | None) -> Caller:
    return replace(_anyone(account_id), kind=CallerKind.ROOT, session=session)


def _anyone(account_id: str) -> Caller:
    return Caller(account_id, CallerKind.UNCHECKED, "root", f"arn:aws:iam::{account_id}:root", unique_id=account_id)
