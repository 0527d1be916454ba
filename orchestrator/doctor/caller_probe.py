"""Asks AWS and its SDK about one profile: who it is, how it signs in, and when that ends. Runs in its own process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orchestrator.callers import AnswerKind, Identity, identify_in_own_process

EXPIRY_KEYS = ("x_security_token_expires", "aws_session_expiration", "aws_expiration", "expiration")
"""Where tools that write sessions into AWS's files note their end. AWS itself defines no such key."""


@dataclass(frozen=True, slots=True)
class CallerAnswer:
    """Who a profile is and how it signs in.

    `method` is botocore's word for where the credentials came from. `ends` is when they do, None where nothing says;
    `renewed` tells that the SDK gets new ones by itself. `source` is who assumed the profile's role.
    """

    identity: Identity
    method: str = ""
    session: bool = False
    ends: datetime | None = None
    renewed: bool = False
    source: str = ""


def probe_caller(env: Mapping[str, str]) -> CallerAnswer:
    """Ask about the profile that an environment names; for a process that is there for nothing else."""
    import botocore.session  # noqa: PLC0415  (the driver itself needs none of it)
    from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound  # noqa: PLC0415

    from orchestrator.unasked_session import unasked_session  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(env)
    try:
        profile = botocore.session.Session().get_scoped_config()
    except ProfileNotFound as error:
        return CallerAnswer(Identity(AnswerKind.MISSING, words=str(error)))
    except BotoCoreError as error:
        return CallerAnswer(Identity(AnswerKind.REFUSED, words=str(error)))
    identity = identify_in_own_process(env)
    if identity.kind is not AnswerKind.KNOWN:
        return CallerAnswer(identity)
    source = ""
    if profile.get("role_arn") and profile.get("source_profile"):
        source = identify_in_own_process({**env, "AWS_PROFILE": profile["source_profile"]}).arn
        os.environ.update(env)
    try:
        credentials: Any = unasked_session().get_credentials()
        token = credentials.get_frozen_credentials().token
    except (BotoCoreError, ClientError) as error:
        return CallerAnswer(Identity(AnswerKind.REFUSED, words=str(error)))
    renewed_at = getattr(credentials, "_expiry_time", None)  # botocore tells nobody in public
    return CallerAnswer(
        identity=identity,
        method=str(credentials.method),
        session=bool(token),
        ends=renewed_at or _noted_end(profile),
        renewed=renewed_at is not None,
        source=source,
    )


def _noted_end(profile: Mapping[str, Any]) -> datetime | None:
    for key in EXPIRY_KEYS:
        try:
            end = datetime.fromisoformat(str(profile.get(key, "")))
        except ValueError:
            continue
        return end if end.tzinfo else end.replace(tzinfo=UTC)
    return None
