"""The seam between the scheduler and whatever executes jobs: start one, get a future, hear its events."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Protocol

from orchestrator.running.job import OnEvent, StackJob, StackResult, ignore_event
from orchestrator.workers.pool import ForkPool

LAST_SECONDS = 3.0
"""How long a worker may take to let go of everything before it is killed."""

RunJob = Callable[[StackJob, OnEvent], StackResult]
"""Turns one job into one result and never raises; must be importable by name, as it may run in another process."""


class StackRunner(Protocol):
    """Executes jobs, several at a time."""

    def start(self, job: StackJob, on_event: OnEvent) -> Future[StackResult]:
        """Start one job; the future raises only if its worker died."""

    def interrupt(self) -> None:
        """Ask what runs to finish the steps in hand and to stop."""

    def kill(self) -> None:
        """End what runs, now."""


@dataclass(frozen=True, slots=True)
class PoolRunner:
    """Runs each job in a forked child of the warm pool, with live events."""

    pool: ForkPool
    run_job: RunJob

    def start(self, job: StackJob, on_event: OnEvent) -> Future[StackResult]:
        """Fork a child for the job as soon as one of the pool's places is free."""
        return self.pool.submit_reporting(on_event, self.run_job, job)

    def interrupt(self) -> None:
        """Send an interrupt to each child: engines finish the steps in hand, record them and give the lock back."""
        self.pool.interrupt()

    def kill(self) -> None:
        """Send another interrupt: engines leave the steps in hand and give the lock back. Kill who does not end."""
        self.pool.interrupt()
        timer = threading.Timer(LAST_SECONDS, self.pool.kill)
        timer.daemon = True
        timer.start()


@dataclass(frozen=True, slots=True)
class ExecutorRunner:
    """Runs jobs on any executor, such as a cluster's; there are no events, and no way to reach a job that runs."""

    executor: Executor
    run_job: RunJob

    def start(self, job: StackJob, on_event: OnEvent) -> Future[StackResult]:  # noqa: ARG002  (no way back for events)
        """Submit the job."""
        return self.executor.submit(self.run_job, job, ignore_event)

    def interrupt(self) -> None:
        """Cancel nothing that runs: an executor cannot."""

    def kill(self) -> None:
        """Kill nothing that runs: an executor cannot."""
