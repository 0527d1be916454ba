"""Running a queue's stacks on a runner."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import pytest

from orchestrator.errors import NothingSelected
from orchestrator.running.job import OnEvent, Operation, Reason, StackEvent, StackJob, StackResult, StackStatus
from orchestrator.running.queue import RunQueue
from orchestrator.running.scheduler import Blocked, Hooks, Scheduler
from orchestrator.stack_id import StackId
from tests.unit.orchestrator.fleets import a_job

A, B, C = (StackId("program", name) for name in "abc")


class ByHand:
    """A runner whose jobs end when they start, as told; it keeps the most that were asked of it at once."""

    def __init__(self, act: Callable[[StackId, OnEvent], StackResult]) -> None:
        self.act = act
        self.started: list[StackId] = []

    def start(self, job: StackJob, on_event: OnEvent) -> Future[StackResult]:
        """Do the job at once."""
        self.started.append(job.id)
        future: Future[StackResult] = Future()
        try:
            future.set_result(self.act(job.id, on_event))
        except RuntimeError as error:
            future.set_exception(error)
        return future

    def interrupt(self) -> None:
        """Leave it: nothing runs."""

    def kill(self) -> None:
        """Leave it: nothing runs."""


def succeed(stack: StackId, _on_event: OnEvent) -> StackResult:
    """Return a success."""
    return StackResult(stack, "", StackStatus.SUCCEEDED)


def schedule(
    runner: ByHand,
    build: Callable[[StackId], StackJob] = a_job,
    accept: Callable[[StackResult], StackResult] = lambda result: result,
    on_event: OnEvent = lambda _event: None,
) -> dict[StackId, StackResult]:
    """Run B on A, and C alone."""
    queue = RunQueue([A, B, C], {B: frozenset({A})})
    hooks = Hooks(
        build,
        accept,
        on_event,
        ended=lambda _result: None,
        interrupted=lambda _count: None,
        account_of=lambda _stack: "100000000001",
    )
    return Scheduler(queue, runner, hooks, limit=2).run()


def test_every_stack_gets_its_result() -> None:
    """All stacks run, each after what it rests on."""
    runner = ByHand(succeed)
    results = schedule(runner)
    assert {result.status for result in results.values()} == {StackStatus.SUCCEEDED}
    assert runner.started.index(A) < runner.started.index(B)


def test_a_worker_that_dies_fails_its_own_stack_only() -> None:
    """An exception from the runner becomes a failure with an unknown outcome; others go on."""

    def act(stack: StackId, on_event: OnEvent) -> StackResult:
        if stack == C:
            raise RuntimeError("its process was ended by SIGKILL")
        return succeed(stack, on_event)

    results = schedule(ByHand(act))
    assert (results[C].status, results[C].reason) == (StackStatus.FAILED, Reason.WORKER_DIED)
    assert results[C].error is not None
    assert (results[C].error.code, results[C].error.why) == ("FY408", "its process was ended by SIGKILL")
    assert results[B].status is StackStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("operation", "refreshes"), [(Operation.UP, True), (Operation.DESTROY, True), (Operation.PREVIEW, False)]
)
def test_only_what_changes_something_is_refreshed_after_a_death(operation: Operation, refreshes: bool) -> None:
    """After a worker died the next step is a refresh, but not where nothing can have been changed."""

    def act(_stack: StackId, _on_event: OnEvent) -> StackResult:
        raise RuntimeError("its process was ended by SIGKILL")

    error = schedule(ByHand(act), lambda stack: a_job(stack, operation))[C].error
    assert error is not None
    assert ("fleetyard refresh --clear-pending-creates --stack program/c" in error.hint) is refreshes
    assert "--concurrency" in error.hint


def test_a_stack_that_has_to_wait_is_blocked_without_a_worker() -> None:
    """A builder that raises Blocked ends the stack as blocked, and no job starts for it."""

    def build(stack: StackId) -> StackJob:
        if stack == A:
            raise Blocked(Reason.ACCOUNT_NOT_CREATED)
        return a_job(stack)

    runner = ByHand(succeed)
    results = schedule(runner, build)
    assert (results[A].status, results[A].account_id) == (StackStatus.BLOCKED, "100000000001")
    assert runner.started == [C]


def test_a_job_that_cannot_be_written_fails_its_stack_with_that_error() -> None:
    """An error of ours from the builder is the stack's failure, told with its code."""

    def build(stack: StackId) -> StackJob:
        if stack == C:
            raise NothingSelected("no")
        return a_job(stack)

    error = schedule(ByHand(succeed), build)[C].error
    assert error is not None
    assert error.code == "FY301"


def test_the_driver_may_replace_a_result_before_others_go_on() -> None:
    """What `accept` returns is what counts: dependents of a result turned into a failure do not run."""

    def accept(result: StackResult) -> StackResult:
        if result.id == A:
            return StackResult(A, "", StackStatus.FAILED, Reason.FAILED)
        return result

    runner = ByHand(succeed)
    results = schedule(runner, accept=accept)
    assert results[A].status is StackStatus.FAILED
    assert B not in runner.started


def test_events_reach_the_listener() -> None:
    """What a worker emits is passed on."""
    heard: list[StackEvent] = []

    def act(stack: StackId, on_event: OnEvent) -> StackResult:
        on_event(StackEvent(stack, "create", "aws:s3/bucket:Bucket", "logs", done=True))
        return succeed(stack, on_event)

    schedule(ByHand(act), on_event=heard.append)
    assert {event.id for event in heard} == {A, B, C}
