"""Really asks: AssumeRole for a pair of the matrix. The one place where the matrix is tried, on the twin and on AWS.

The session that a granted pair gives is asked for without any rights and thrown away. Nobody but its own caller could
do anything with it, and what verifies a fleet should hold no power over it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from landing_zone.documents.statements import document
from landing_zone.identifiers import role_arn
from orchestrator.verify.answers import Answer, Found, How
from orchestrator.verify.computed import SESSION

DENIALS = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "NotAuthorized",
        "UnauthorizedOperation",
    }
)
"""Codes of a call that was refused for want of a right. Source: the services' API References, common errors; Amazon SNS
API Reference, AuthorizationError; Amazon EC2 API Reference, UnauthorizedOperation.
"""

_NOTHING = json.dumps(document({"Effect": "Deny", "Action": "*", "Resource": "*"}), separators=(",", ":"))
_SHORTEST = 900
"""Seconds. Source: AWS STS API Reference, AssumeRole, DurationSeconds."""

_KINDS = {
    "service control policy": "scp",
    "resource control policy": "rcp",
    "identity-based policy": "identity",
    "permissions boundary": "boundary",
    "resource-based policy": "resource",
    "role trust policy": "trust",
    "session policy": "session",
}
_KIND = re.compile(rf"(?:explicit deny in (?:an?|the)|because no) ({'|'.join(_KINDS)})")
"""Source: IAM User Guide, "Troubleshoot access denied error messages"."""


def ask_pair(sts: Any, account_id: str, role: str) -> Answer:
    """Try to assume a role with an STS client, and return what came of it; AWS's own words where it was refused."""
    arn = role_arn(account_id, role)
    try:
        answer = sts.assume_role(RoleArn=arn, RoleSessionName=SESSION, DurationSeconds=_SHORTEST, Policy=_NOTHING)
    except ClientError as refused:
        return of_error(refused)
    except BotoCoreError as failed:
        return without_answer(failed)
    reached = str(answer["AssumedRoleUser"]["Arn"])
    if reached != f"arn:aws:sts::{account_id}:assumed-role/{role}/{SESSION}":
        return Answer(Found.UNKNOWN, How.CALLED, words=f"reached {reached}")
    return Answer(Found.ALLOW, How.CALLED)


def without_answer(failed: BotoCoreError) -> Answer:
    """Return what is known of a call to which nothing came back, or that could not be sent: nothing."""
    from orchestrator.passing_failures import passes  # noqa: PLC0415  (costs start-up time)

    sent = passes(failed)
    return Answer(Found.UNKNOWN, How.NOT_ANSWERED if sent else How.NOT_CALLED, words=str(failed), later=sent)


def of_error(refused: ClientError) -> Answer:
    """Return what a refused call means: denied where AWS says so, else not known, in AWS's words."""
    from orchestrator.passing_failures import passes  # noqa: PLC0415  (costs start-up time)

    error = refused.response.get("Error", {})
    code, words = str(error.get("Code", "")), str(error.get("Message", ""))
    if code not in DENIALS:
        return Answer(Found.UNKNOWN, How.CALLED, words=f"{code}: {words}", later=passes(refused))
    kind = _KIND.search(words)
    return Answer(Found.DENY, How.CALLED, by=_KINDS[kind[1]] if kind else "", words=words)
