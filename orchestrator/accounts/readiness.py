"""Whether an account can be used: waits for a new one, and asks AWS whether one is closed. For workers.

Source: AWS Organizations API Reference, CreateAccount: the account's role is made after CreateAccount has succeeded;
Account, State and its forerunner Status.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from landing_zone.naming import session_name
from orchestrator.accounts.errors import AccountClosed, AccountNotReady
from orchestrator.running.job import AwaitedRole, OnEvent, StackErrorInfo, StackEvent, StackJob

WAIT = "wait"
"""The word for it among a stack's events."""

LONGEST_PAUSE = 15.0
TELL_EVERY = 60.0
CLOSED = frozenset({"SUSPENDED", "PENDING_CLOSURE", "CLOSED"})
_LATER = frozenset({"AccessDenied", "Throttling", "ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable"})
"""Refusals that pass: a role that is not there yet is refused as one that may not be assumed."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS's answer to who tried to become a role and could not; `passing` if it may be otherwise in a while."""

    words: str
    passing: bool


class AccountQuestions(Protocol):
    """What is asked of AWS, as the job's caller."""

    def assume(self, arn: str, session: str) -> Refusal | None:
        """Try to become a role, under that session's name, and return None if that works."""

    def state(self, account_id: str) -> str:
        """Return AWS's word for what an account is; empty where the caller may not ask."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Tells the time, in seconds, and lets it pass."""

    now: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


class AwsQuestions:
    """Asks AWS as whoever this process's environment names."""

    def __init__(self) -> None:
        from orchestrator.unasked_session import unasked_session  # noqa: PLC0415  (needed in few jobs, slow to import)

        self._session: Any = unasked_session()

    def assume(self, arn: str, session: str) -> Refusal | None:
        """Call AssumeRole once."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            self._client("sts").assume_role(RoleArn=arn, RoleSessionName=session)
        except ClientError as error:
            return Refusal(str(error), error.response["Error"]["Code"] in _LATER)
        except BotoCoreError as error:
            return Refusal(str(error), passing=False)
        return None

    def state(self, account_id: str) -> str:
        """Call DescribeAccount once."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            account = self._client("organizations").describe_account(AccountId=account_id)["Account"]
        except (ClientError, BotoCoreError):
            return ""
        return str(account.get("State") or account.get("Status") or "")

    def _client(self, service: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415

        config = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
        return self._session.client(service, config=config)


AskAws = Callable[[], AccountQuestions]


def wait_until_usable(job: StackJob, emit: OnEvent, ask: AskAws = AwsQuestions, watch: Watch | None = None) -> None:
    """Return once the role that a job awaits can be assumed; at once if it awaits none.

    Costs one AssumeRole for each try, with pauses of 1, 2, 4, 8 and then 15 seconds, and one DescribeAccount after the
    first refusal. A refusal that no time will change is left to the operation itself to tell.
    Raises: AccountClosed, AccountNotReady.
    """
    if job.awaited is not None:
        _wait(job, job.awaited, emit, ask(), watch or Watch())


def _wait(job: StackJob, awaited: AwaitedRole, emit: OnEvent, aws: AccountQuestions, watch: Watch) -> None:
    began = told = watch.now()
    pause, tries = 1.0, 0
    while True:
        # As the stack's own provider does, whom a policy may know by the session's name.
        refusal = aws.assume(awaited.arn, session_name(job.id.stack_name))
        tries += 1
        waited = watch.now() - began
        if refusal is None or not refusal.passing:
            if tries > 1 and refusal is None:
                _tell(job, emit, f"usable after {waited:.0f} s", done=True)
            return
        if tries == 1:
            state = aws.state(job.account_id)
            if state in CLOSED:
                raise _closed(job, state, refusal.words)
        if waited + pause > awaited.limit:
            raise AccountNotReady(
                f"the account {job.id.account} ({job.account_id}) was not usable within {awaited.limit:.0f} s",
                subject=awaited.arn,
                why=f"{refusal.words} (tried {tries} times)",
                not_run=f"the stacks of {job.id.account}",
                hint=f"fleetyard up --account {job.id.account}, with a longer --account-wait if AWS needs one",
            )
        if tries == 1 or watch.now() - told >= TELL_EVERY:
            told = watch.now()
            _tell(job, emit, f"not usable yet after {waited:.0f} s, {awaited.limit - waited:.0f} s left", done=False)
        watch.pause(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def told_if_closed(job: StackJob, info: StackErrorInfo, ask: AskAws = AwsQuestions) -> StackErrorInfo:
    """Return the error of a refused role, as that of a closed account if AWS says that it is one."""
    if not job.account_id:
        return info
    state = ask().state(job.account_id)
    if state not in CLOSED:
        return info
    closed = _closed(job, state, info.why)
    return replace(info, code=closed.code, summary=closed.summary, why=closed.why, hint=closed.hint)


def _closed(job: StackJob, state: str, words: str) -> AccountClosed:
    name = job.id.account
    return AccountClosed(
        f"the account {name} ({job.account_id}) is closed",
        why=f"AWS Organizations says {state}; {words}",
        not_run=f"the stacks of {name}",
        hint=f"let runs leave it alone: fleetyard accounts suspend {name}; or take it out: fleetyard accounts release "
        f"{name}, then fleetyard accounts remove {name}",
    )


def _tell(job: StackJob, emit: OnEvent, words: str, *, done: bool) -> None:
    emit(StackEvent(job.id, WAIT, f"account {job.id.account} ({job.account_id})", words, done))
