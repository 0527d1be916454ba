"""The two changes that retiring makes by AWS's own calls, moving and closing, and a look at what came of them.

Each is asked in a process of its own and may be repeated: what is done already is not done again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

QUOTA_REASONS = ("CLOSE_ACCOUNT_QUOTA_EXCEEDED", "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED")
"""Of a ConstraintViolationException: no more accounts now. Source: AWS Organizations API Reference, CloseAccount."""

GONE = "GONE"
"""Of an account that the organisation does not have any more."""


class ActKind(StrEnum):
    """What to do."""

    MOVE = "move"
    CLOSE = "close"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Act:
    """One act on one account. `env` names the caller, `parent_id` the unit to move to."""

    env: Mapping[str, str] = field(repr=False)
    kind: ActKind
    account_id: str
    parent_id: str = ""


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of it. `status` is AWS's word for the account's state; `words` say why it was not done."""

    done: bool
    status: str = ""
    words: str = ""
    later: bool = False
    """Whether AWS's quota of closings is used up, so that it can be done some other day."""


Perform = Callable[[Act], Acted]


def perform_in_own_process(act: Act) -> Acted:
    """Do it; for a process that is there for nothing else."""
    from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from orchestrator.unasked_session import unasked_session  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(act.env)
    try:
        config = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 8})
        aws: Any = unasked_session(look=False).client("organizations", config=config)
        return _ACTS[act.kind](aws, act)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == "AccountNotFoundException":
            return Acted(act.kind is not ActKind.MOVE, GONE, str(error))
        reason = f"{error.response.get('Reason', '')} {error}"
        later = code == "ConstraintViolationException" and any(word in reason for word in QUOTA_REASONS)
        return Acted(done=False, words=str(error), later=later)
    except BotoCoreError as error:
        return Acted(done=False, words=str(error))


def _look(aws: Any, act: Act) -> Acted:
    account = aws.describe_account(AccountId=act.account_id)["Account"]
    return Acted(done=True, status=str(account.get("State") or account["Status"]))


def _move(aws: Any, act: Act) -> Acted:
    before = _look(aws, act)
    parent = str(aws.list_parents(ChildId=act.account_id)["Parents"][0]["Id"])
    if parent != act.parent_id:
        aws.move_account(AccountId=act.account_id, SourceParentId=parent, DestinationParentId=act.parent_id)
    return before


def _close(aws: Any, act: Act) -> Acted:
    before = _look(aws, act)
    if before.status in {"PENDING_CLOSURE", "SUSPENDED", "CLOSED"}:
        return before
    aws.close_account(AccountId=act.account_id)
    return _look(aws, act)


_ACTS: Mapping[ActKind, Callable[[Any, Act], Acted]] = {
    ActKind.LOOK: _look,
    ActKind.MOVE: _move,
    ActKind.CLOSE: _close,
}
