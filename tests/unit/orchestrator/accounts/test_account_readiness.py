"""A new account is waited for, so long and no longer; a closed one is told as closed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from pulumi.automation import PulumiCommand

from orchestrator.accounts.errors import AccountClosed, AccountEmailTaken, AccountNotReady
from orchestrator.accounts.readiness import Refusal, Watch, told_if_closed, wait_until_usable
from orchestrator.errors import RoleRefused
from orchestrator.running.job import (
    AwaitedRole,
    EngineChoice,
    EngineKind,
    Reason,
    StackErrorInfo,
    StackEvent,
    StackJob,
    StackStatus,
    ignore_event,
)
from orchestrator.workers.stack_failures import Failure, explain_failure
from orchestrator.workers.worker import run_stack_job
from tests.unit.orchestrator.fleets import a_job

ROLE = "arn:aws:iam::200000000002:role/OrganizationAccountAccessRole"
LATER = Refusal("AccessDenied: not authorized to perform sts:AssumeRole", passing=True)
NEVER = Refusal("ExpiredToken: the security token is expired", passing=False)
JOB = replace(a_job(), awaited=AwaitedRole(ROLE, 60.0))


@dataclass
class Aws:
    """An AWS that refuses so often, and says what state the account is in; keeps what it was asked."""

    refusals: list[Refusal]
    word: str = "ACTIVE"
    tries: int = 0
    asked: list[str] = field(default_factory=list)

    def assume(self, arn: str, session: str) -> Refusal | None:
        """Refuse as often as there are refusals."""
        assert (arn, session) == (ROLE, "fleetyard-lab-one")
        self.tries += 1
        return self.refusals.pop(0) if self.refusals else None

    def state(self, account_id: str) -> str:
        """Return the word."""
        self.asked.append(account_id)
        return self.word


@dataclass
class Clock:
    """A clock that goes on only while somebody pauses."""

    time: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        """Go on by so many seconds."""
        self.pauses.append(seconds)
        self.time += seconds

    @property
    def watch(self) -> Watch:
        """The clock as the wait takes it."""
        return Watch(lambda: self.time, self.pause)


def _wait(aws: Aws, clock: Clock, job: StackJob = JOB) -> list[StackEvent]:
    events: list[StackEvent] = []
    wait_until_usable(job, events.append, lambda: aws, clock.watch)
    return events


def test_a_usable_account_costs_one_call() -> None:
    """An account whose role can be assumed is asked once, and nothing is said of it."""
    aws, clock = Aws([]), Clock()
    assert _wait(aws, clock) == []
    assert (aws.tries, aws.asked, clock.pauses) == (1, [], [])


def test_nothing_is_asked_for_a_job_that_awaits_nothing() -> None:
    """Only the first stack of an account waits."""
    aws = Aws([LATER])
    assert _wait(aws, Clock(), a_job()) == []
    assert aws.tries == 0


def test_tries_become_rarer_and_the_wait_is_told() -> None:
    """Between tries it pauses longer and longer, to 15 seconds; the wait and its end are told."""
    aws, clock = Aws([LATER] * 6), Clock()
    events = _wait(aws, clock)
    assert clock.pauses == [1, 2, 4, 8, 15, 15]
    assert [event.name for event in events] == ["not usable yet after 0 s, 60 s left", "usable after 45 s"]
    assert [event.done for event in events] == [False, True]
    assert aws.asked == ["200000000002"]


def test_giving_up_names_what_aws_said() -> None:
    """At the limit the job fails, with AWS's words, the tries, and the command that goes on."""
    aws, clock = Aws([LATER] * 100), Clock()
    with pytest.raises(AccountNotReady) as given_up:
        _wait(aws, clock)
    assert "lab-one (200000000002) was not usable within 60 s" in given_up.value.summary
    assert LATER.words in given_up.value.why
    assert given_up.value.hint.startswith("fleetyard up --account lab-one")
    assert clock.time <= 60


def test_a_limit_of_nothing_tries_once() -> None:
    """With no time to wait there is one try."""
    aws = Aws([LATER] * 3)
    with pytest.raises(AccountNotReady):
        _wait(aws, Clock(), replace(a_job(), awaited=AwaitedRole(ROLE, 0)))
    assert aws.tries == 1


def test_a_refusal_that_stays_is_left_to_the_operation() -> None:
    """A refusal that no time will change ends the wait: the operation meets it too and explains it."""
    aws, clock = Aws([NEVER]), Clock()
    _wait(aws, clock)
    assert (aws.tries, clock.pauses) == (1, [])


@pytest.mark.parametrize("word", ["SUSPENDED", "PENDING_CLOSURE", "CLOSED"])
def test_a_closed_account_is_not_waited_for(word: str) -> None:
    """An account that AWS says is closed fails at once, with AWS's word for it."""
    aws, clock = Aws([LATER] * 9, word), Clock()
    with pytest.raises(AccountClosed, match=word):
        _wait(aws, clock)
    assert (aws.tries, clock.pauses) == (1, [])


def test_a_refused_role_of_a_closed_account_is_told_as_that() -> None:
    """Where a stack's role is refused and AWS says that the account is closed, the error is that; AWS's words stay."""
    info = StackErrorInfo(RoleRefused.code, "may not assume", "AccessDenied", "see docs", 3)
    closed = told_if_closed(JOB, info, lambda: Aws([], "SUSPENDED"))
    assert (closed.code, closed.exit_code) == (AccountClosed.code, 3)
    assert "SUSPENDED" in closed.why
    assert "AccessDenied" in closed.why
    assert "fleetyard accounts suspend lab-one" in closed.hint
    assert told_if_closed(JOB, info, lambda: Aws([], "ACTIVE")) == info
    assert told_if_closed(JOB, info, lambda: Aws([], "")) == info


def test_an_email_that_is_taken_is_told() -> None:
    """AWS's refusal of a second account with one email is told with how to take the first one over."""
    words = (
        "waiting for AWS Organizations Account (x) create: unexpected state 'FAILED'. last error: EMAIL_ALREADY_EXISTS"
    )
    info = explain_failure(a_job(), Failure([("urn:pulumi:a::b::c::d", words)], [], ""))
    assert info.code == AccountEmailTaken.code
    assert "fleetyard accounts discover" in info.hint


def test_events_may_be_ignored() -> None:
    """Nobody has to listen."""
    aws = Aws([LATER])
    wait_until_usable(JOB, ignore_event, lambda: aws, Clock().watch)
    assert aws.tries == 2


def _no_pulumi(_job: StackJob) -> PulumiCommand:
    raise AssertionError("no engine was expected")


def test_an_account_that_is_not_ready_fails_its_stack_alone() -> None:
    """The job's result is the error; the engine is not started."""
    result = run_stack_job(_no_pulumi, JOB, ignore_event, lambda: Aws([LATER] * 99), Clock().watch)
    assert (result.status, result.reason) == (StackStatus.FAILED, Reason.FAILED)
    assert result.error is not None
    assert (result.error.code, result.error.exit_code) == (AccountNotReady.code, 1)


@pytest.mark.parametrize("engine", list(EngineKind))
def test_an_interrupt_ends_the_wait(engine: EngineKind) -> None:
    """Whichever engine would follow, an interrupted wait is a cancelled stack of which nothing has begun."""

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    job = replace(JOB, engine=EngineChoice(engine))
    result = run_stack_job(_no_pulumi, job, ignore_event, lambda: Aws([LATER]), Watch(lambda: 0.0, interrupt))
    assert (result.status, result.reason) == (StackStatus.CANCELLED, Reason.INTERRUPTED)
