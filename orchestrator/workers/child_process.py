"""What a forked child of the pool does: one call, its events and its result over a pipe, then the end."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

EXIT_SECONDS = 10.0
"""How long a child may take to end once it has answered."""

SAFE_PATH_VARIABLE = "PYTHONSAFEPATH"
SAFE_PATH = "the warm process"
"""The variable's value when the pool has set it, for the warm process alone; Python asks only whether it is empty."""

ORPHAN_SECONDS = 20.0
"""How long a child may take to finish the steps in hand once its driver is gone."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The child is in a process group of its own and can be interrupted."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the call emitted."""

    value: object


@dataclass(frozen=True, slots=True)
class Returned:
    """The call's result; the last message."""

    value: object


@dataclass(frozen=True, slots=True)
class Raised:
    """The exception that the call ended with; the last message."""

    error: BaseException


def serve(
    pipe: Connection,
    fn: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    reporting: bool,
) -> None:
    """Carry out the call and end the process at once, without the interpreter's own farewell.

    Threads that the call left behind (gRPC's, botocore's) cannot hold the child up, and handlers that the parent
    registered do not run twice.
    """
    os.setpgid(0, 0)
    if os.environ.get(SAFE_PATH_VARIABLE) == SAFE_PATH:
        del os.environ[SAFE_PATH_VARIABLE]
    _print_for_people()
    threading.Thread(target=_end_with_driver, name="end-with-driver", daemon=True).start()
    interrupts = _Interrupts()
    lock = threading.Lock()

    def send(message: Listening | Event | Returned | Raised) -> None:
        # The driver may be gone; then nobody is there to be told.
        with interrupts.held(), lock, contextlib.suppress(OSError):
            pipe.send(message)

    answer: Returned | Raised = Raised(KeyboardInterrupt())
    # The one interrupt that is raised may come after the call, even while its answer is being put down.
    with contextlib.suppress(KeyboardInterrupt):
        try:
            interrupts.install()
            send(Listening())
            emitter = (lambda value: send(Event(value)),) if reporting else ()
            answer = Returned(fn(*args, *emitter, **kwargs))
        except BaseException as error:  # noqa: BLE001  (it is handed over, whatever it is)
            answer = Raised(error)
        interrupts.end()
    try:
        send(answer)
    except Exception as error:  # noqa: BLE001  (an answer that cannot be pickled is a failure of the call)
        send(Raised(RuntimeError(f"the answer cannot be handed over: {error}")))
    # Whoever read standard error may have gone away.
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    _leave_nothing_running()
    os._exit(0)


def _leave_nothing_running() -> None:
    """End what the call has started in this process group and left running; what made a group of its own stays.

    The leader steps out first, into the fork server's group. A group's number is not given to another process while
    its leader lives, so nobody else is struck. Source: setpgid(2), fork(2).
    """
    group = os.getpid()
    with contextlib.suppress(OSError):  # the fork server is gone, or the group is empty
        os.setpgid(0, os.getpgid(os.getppid()))
        os.killpg(group, signal.SIGKILL)


class _BestEffort(io.FileIO):
    """A file descriptor whose writes never fail: a reader that has gone away ends no program."""

    def write(self, data: ReadableBuffer) -> int:
        """Write what can be written and say that it was all."""
        with contextlib.suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes


def _print_for_people() -> None:
    """Lead standard output to standard error, as the driver's standard output is for data."""
    with contextlib.suppress(OSError):  # standard error may be closed
        os.dup2(2, 1)
        sys.stdout, sys.stderr = _best_effort(1), _best_effort(2)


def _best_effort(descriptor: int) -> TextIO:
    raw = io.BufferedWriter(_BestEffort(descriptor, "w", closefd=False))
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)


class _Interrupts:
    """Lets the first SIGINT raise KeyboardInterrupt and ignores the others, so that clearing up is not interrupted."""

    def __init__(self) -> None:
        self._holding = False
        self._came = False

    def install(self) -> None:
        """Begin to raise; until here the pool keeps SIGINT blocked, as the interpreter would print a traceback."""
        signal.signal(signal.SIGINT, self._first)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def end(self) -> None:
        """Raise no more."""
        signal.signal(signal.SIGINT, _ignore)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Raise after the block what comes within it, so that no message is cut in two and no lock stays taken."""
        if threading.current_thread() is not threading.main_thread():  # only the main thread is interrupted
            yield
            return
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._came:
            self._came = False
            raise KeyboardInterrupt

    def _first(self, _number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, _ignore)
        if self._holding:
            self._came = True
            return
        raise KeyboardInterrupt


def _ignore(_number: int, _frame: object) -> None:
    """Take no notice. A function, as an ignored signal would be inherited by what the child starts."""


def _end_with_driver() -> None:
    """Wait until the driver is gone, however it went; then stop in good order, and at once if that takes too long."""
    driver = parent_process()
    if driver is None:
        return
    connection.wait([driver.sentinel])
    os.killpg(0, signal.SIGINT)
    threading.Event().wait(ORPHAN_SECONDS)
    os.killpg(0, signal.SIGKILL)
