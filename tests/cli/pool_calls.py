"""Calls for tests of the pool. Cheap to import, as each child does: no pytest here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

from orchestrator.running.job import OnEvent, Reason, StackEvent, StackJob, StackResult, StackStatus

LONG = 60.0
"""Seconds that a call waits at most; ordinarily it is interrupted at once."""


def whereabouts(number: int) -> tuple[int, int, int]:
    """Return the argument, this process and its group."""
    return number, os.getpid(), os.getpgid(0)


def refuse() -> None:
    """Raise an error."""
    raise ValueError("no")


def die() -> None:
    """End without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    """Exit as a program does that thinks it is done."""
    os._exit(3)


def count(until: int, emit: Callable[[int], None]) -> str:
    """Emit numbers and return a word."""
    for number in range(until):
        emit(number)
    return "counted"


def wait_for_interrupt(_argument: None, emit: Callable[[int], None]) -> str:
    """Say that it runs, then wait until it is interrupted."""
    try:
        emit(os.getpid())
        threading.Event().wait(LONG)
    except KeyboardInterrupt:
        return "interrupted"
    return "waited"


def start_a_thread() -> tuple[int, int]:
    """Leave a thread running that would hold an ordinary process up."""
    threading.Thread(target=threading.Event().wait).start()
    return os.getpid(), threading.active_count()


def start_a_process(noted: str) -> None:
    """Leave a process running that holds this file open, and below it another one."""
    with open(noted, "w", encoding="utf-8") as file:  # noqa: PTH123  (cheap to import)
        subprocess.Popen(["sh", "-c", f"sleep {LONG} & sleep {LONG}"], stdout=file)


def start_a_process_and_die(noted: str) -> None:
    """Leave a process running that holds this file open, and end without a word."""
    start_a_process(noted)
    die()


class ArrivesBroken(Exception):
    """An error that can leave its process and cannot be put together again in another one."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def refuse_oddly() -> None:
    """Raise an error that arrives broken."""
    raise ArrivesBroken("no", "way")


def unpicklable() -> object:
    """Return something that cannot leave the process."""
    return threading.Lock()


def threads_of_the_warm_process() -> tuple[int, bool]:
    """Return how many threads the fork server had when it was ready, and whether it is warm."""
    from orchestrator.workers import preload

    return preload.THREADS, "pulumi" in sys.modules


def work_until_interrupted(job: StackJob, emit: OnEvent) -> StackResult:
    """Do a stack's job that lasts until it is interrupted, and answer as a worker does."""
    try:
        emit(StackEvent(job.id, "create", "aws:iam/role:Role", "Admin", done=False))
        threading.Event().wait(LONG)
    except KeyboardInterrupt:
        return StackResult(job.id, job.account_id, StackStatus.CANCELLED, Reason.INTERRUPTED)
    return StackResult(job.id, job.account_id, StackStatus.SUCCEEDED)
