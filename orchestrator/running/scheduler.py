"""Runs the ready stacks of a queue on a runner, so many at a time. Knows no rule of order; the queue has them all.

One thread, one inbox: workers' ends and events, and interrupts, arrive in a `SimpleQueue` and are handled in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from queue import SimpleQueue

from landing_zone.errors import FleetyardError
from orchestrator.errors import WorkerDied
from orchestrator.running.interrupts import listening
from orchestrator.running.job import (
    OnEvent,
    Operation,
    Reason,
    StackErrorInfo,
    StackEvent,
    StackJob,
    StackResult,
    StackStatus,
)
from orchestrator.running.queue import Entry, RunQueue
from orchestrator.running.runner import StackRunner
from orchestrator.stack_id import StackId


class Blocked(Exception):
    """Raised by a job builder when a stack cannot run yet."""

    def __init__(self, reason: Reason, cause: StackId | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the driver adds to a schedule.

    `build` makes a job when its stack is ready, not before, as later stacks need what earlier ones made; it may raise
    Blocked or a FleetyardError. `accept` sees each worker's result before the queue does and may replace it; `ended`
    hears of each result then.
    """

    build: Callable[[StackId], StackJob]
    accept: Callable[[StackResult], StackResult]
    on_event: OnEvent
    ended: Callable[[StackResult], None]
    interrupted: Callable[[int], None]
    account_of: Callable[[StackId], str]


@dataclass(frozen=True, slots=True)
class _Ended:
    id: StackId
    operation: Operation
    future: Future[StackResult]


@dataclass(frozen=True, slots=True)
class _Interrupted:
    count: int


class Scheduler:
    """Carries out one queue; made for one run."""

    def __init__(self, queue: RunQueue, runner: StackRunner, hooks: Hooks, limit: int) -> None:
        self._queue = queue
        self._runner = runner
        self._hooks = hooks
        self._limit = limit
        self._inbox: SimpleQueue[_Ended | _Interrupted | StackEvent] = SimpleQueue()
        self._running: set[StackId] = set()
        self._results: dict[StackId, StackResult] = {}
        self.interrupted = False
        """Whether the run was asked to stop."""

    def run(self) -> dict[StackId, StackResult]:
        """Run until every stack has ended, and return the results of those that a worker or the builder decided."""
        with listening(lambda count: self._inbox.put(_Interrupted(count))):
            self._start_ready()
            while self._running:
                self._handle(self._inbox.get())
                self._start_ready()
        return self._results

    def _start_ready(self) -> None:
        while not self.interrupted:
            ready = self._queue.ready(self._limit - len(self._running))
            if not ready:
                return
            for stack in ready:
                self._start(stack)

    def _start(self, stack: StackId) -> None:
        try:
            job = self._hooks.build(stack)
        except Blocked as blocked:
            self._end(self._decided(stack, StackStatus.BLOCKED, blocked.reason, cause=blocked.cause))
            return
        except FleetyardError as error:
            self._end(self._decided(stack, StackStatus.FAILED, Reason.FAILED, error=error))
            return
        self._queue.start(stack)
        self._running.add(stack)
        future = self._runner.start(job, self._inbox.put)
        future.add_done_callback(lambda done: self._inbox.put(_Ended(stack, job.operation, done)))

    def _handle(self, message: _Ended | _Interrupted | StackEvent) -> None:
        match message:
            case StackEvent():
                self._hooks.on_event(message)
            case _Interrupted(count=count):
                self._stop(count)
            case _Ended(id=stack):
                self._running.discard(stack)
                self._end(self._hooks.accept(self._result(message)))

    def _stop(self, count: int) -> None:
        self.interrupted = True
        self._hooks.interrupted(count)
        self._queue.cancel_waiting()
        if count == 1:
            self._runner.interrupt()
        else:
            self._runner.kill()

    def _result(self, ended: _Ended) -> StackResult:
        stack = ended.id
        try:
            return ended.future.result()
        except (CancelledError, KeyboardInterrupt):
            return self._decided(stack, StackStatus.CANCELLED, Reason.INTERRUPTED)
        except Exception as error:  # noqa: BLE001  (whatever an executor raises for a worker that is gone)
            died = WorkerDied(
                f"the worker of {stack} ended without an answer",
                why=str(error),
                hint=_after_a_death(stack, ended.operation),
            )
            if self.interrupted:
                return self._decided(stack, StackStatus.CANCELLED, Reason.INTERRUPTED, error=died)
            return self._decided(stack, StackStatus.FAILED, Reason.WORKER_DIED, error=died)

    def _end(self, result: StackResult) -> None:
        self._results[result.id] = result
        self._hooks.ended(result)
        self._queue.finish(result.id, Entry(result.status, result.reason, result.cause))

    def _decided(
        self,
        stack: StackId,
        status: StackStatus,
        reason: Reason,
        *,
        cause: StackId | None = None,
        error: FleetyardError | None = None,
    ) -> StackResult:
        return StackResult(
            stack, self._hooks.account_of(stack), status, reason, cause, error=error_info(error) if error else None
        )


def _after_a_death(stack: StackId, operation: Operation) -> str:
    """Return the next step after a worker died: only an operation that changes something leaves anything to read."""
    if operation.dry:
        return f"repeat the command, with a lower --concurrency if memory is short; nothing of {stack} was changed"
    clear = f"fleetyard refresh --clear-pending-creates --stack {stack}"
    made = "delete what AWS made of the steps in hand, or import it"
    return f"{made}; {clear}; then repeat the command, if memory is short with a lower --concurrency"


def error_info(error: FleetyardError) -> StackErrorInfo:
    """Return an error as data; the rehearsal's errors have the same shape."""
    return StackErrorInfo(error.code, error.summary, error.why, error.hint, error.exit_code)
