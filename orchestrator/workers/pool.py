"""An executor of one fresh process per call, forked from a warm one that has imported everything and runs no thread.

    driver ── collector thread ──▶ fork server (`preload`, no threads) ──fork──▶ child: one call, then exit
                   ▲                                                                 │
                   └────────────── events, then the result, over a pipe ◀────────────┘

A call costs a fork, not an import, and cannot see what another one imported, patched or left running. A child that
dies fails its own call only. Children are in process groups of their own, so that a terminal's Ctrl-C reaches them
through the driver alone, and end with the driver however that ends. What a call leaves running in its group ends with
it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from multiprocessing import connection, forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from orchestrator.workers import child_process

PRELOAD = ("orchestrator.workers.preload",)

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A")
E = TypeVar("E")


class ChildDied(RuntimeError):
    """A child ended without handing back a result, or could not be started; says how."""


@dataclass(eq=False, slots=True)
class _Call:
    """One submitted call, then the child that carries it out."""

    future: Future[Any]
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    on_event: Callable[[Any], None] | None
    process: ForkServerProcess | None = None
    pipe: connection.Connection | None = None
    listening: bool = False
    """Whether the child has said that it can be interrupted."""
    interrupted: bool = False
    listener_error: Exception | None = None
    """What `on_event` raised; it then hears no more, and the call fails with it."""


@dataclass(slots=True)
class _Shared:
    """What the collector thread and callers share; guarded by the pool's lock."""

    waiting: deque[_Call] = field(default_factory=deque)
    running: list[_Call] = field(default_factory=list)
    closed: bool = False
    """Whether no more calls are taken."""
    ended: bool = False
    """Whether the collector thread has come to its end, and with it its wake-up pipe."""


def warm_ahead(preload: Sequence[str] = PRELOAD) -> None:
    """Let the warm process import while the caller does something else; a pool made later finds it ready."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(preload))
    # It sets the signal mask itself and undoes that.
    resource_tracker.ensure_running()
    with _interrupts_blocked(), _safe_path():
        forkserver.ensure_running()


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Let what starts within the block inherit a blocked SIGINT; a child unblocks it when it can take one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _safe_path() -> Iterator[None]:
    """Let what starts within the block import nothing from the working directory, which may be another checkout.

    Source: Python's documentation of PYTHONSAFEPATH.
    """
    if os.environ.get(child_process.SAFE_PATH_VARIABLE):
        yield
        return
    os.environ[child_process.SAFE_PATH_VARIABLE] = child_process.SAFE_PATH
    try:
        yield
    finally:
        del os.environ[child_process.SAFE_PATH_VARIABLE]


class ForkPool(Executor):
    """Runs calls in children forked from the warm process, at most `limit` at a time.

    Functions, arguments, results and events are pickled; functions must be importable by name. Usable from several
    threads. The fork server belongs to the interpreter, so pools made one after the other share the warm process.
    """

    def __init__(self, limit: int, *, preload: Sequence[str] = PRELOAD) -> None:
        if limit < 1:
            raise ValueError("a pool needs room for one child at least")
        self._limit = limit
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        warm_ahead(preload)
        self._lock = threading.Lock()
        self._shared = _Shared()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._collector = threading.Thread(target=self._collect, name="fork-pool", daemon=True)
        self._collector.start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn(*args, **kwargs)` in a child; the future raises ChildDied if the child ends without an answer."""
        return self._add(_Call(Future(), fn, args, kwargs, on_event=None))

    def submit_reporting(
        self, on_event: Callable[[E], None], fn: Callable[[A, Callable[[E], None]], T], argument: A
    ) -> Future[T]:
        """Run `fn(argument, emit)` in a child; what it emits reaches `on_event`, called from the pool's own thread."""
        return self._add(_Call(Future(), fn, (argument,), {}, on_event))

    def interrupt(self) -> None:
        """Cancel what has not started, and send one interrupt to each child and what it runs in the foreground."""
        with self._lock:
            waiting, self._shared.waiting = self._shared.waiting, deque()
            for call in self._shared.running:
                call.interrupted = True
                if call.listening:
                    _signal_group(call.process, signal.SIGINT)
        for call in waiting:
            call.future.cancel()
            call.future.set_running_or_notify_cancel()

    def kill(self) -> None:
        """Kill each child and everything it has started."""
        with self._lock:
            processes = [call.process for call in self._shared.running if call.process]
        for process in processes:
            _kill_tree(process)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; with `wait`, return when the last child has ended."""
        with self._lock:
            self._shared.closed = True
            waiting = self._shared.waiting if cancel_futures else deque[_Call]()
            if cancel_futures:
                self._shared.waiting = deque()
        for call in waiting:
            call.future.cancel()
            call.future.set_running_or_notify_cancel()
        self._wake()
        if wait and threading.current_thread() is not self._collector:
            self._collector.join()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what runs; whoever leaves by an exception waits for no more than the steps in hand."""
        if kind is not None:
            self.interrupt()
        self.shutdown(wait=True)

    def _add(self, call: _Call) -> Future[Any]:
        with self._lock:
            if self._shared.closed:
                raise RuntimeError("the pool is closed")
            self._shared.waiting.append(call)
        self._wake()
        return call.future

    def _wake(self) -> None:
        # A closed descriptor's number may be somebody else's by now, whose stream this would corrupt.
        with self._lock:
            if not self._shared.ended:
                # A full pipe has a wake-up in it already.
                with contextlib.suppress(BlockingIOError):
                    os.write(self._wake_write, b"x")

    def _collect(self) -> None:
        """Start children and receive from them until the pool is closed and empty; the only thread that does."""
        try:
            while self._fill():
                pipes = {call.pipe: call for call in self._shared.running if call.pipe}
                for source in connection.wait([*pipes, self._wake_read]):
                    if isinstance(source, connection.Connection):
                        self._receive(pipes[source])
                    else:
                        os.read(self._wake_read, 4096)
        except BaseException as error:
            self._give_up(error)
            raise
        finally:
            with self._lock:
                self._shared.ended = True
                os.close(self._wake_read)
                os.close(self._wake_write)

    def _give_up(self, error: BaseException) -> None:
        """Fail every call, so that nobody waits for ever for a pool that has ended."""
        self.kill()
        with self._lock:
            self._shared.closed = True
            calls = [*self._shared.running, *self._shared.waiting]
            self._shared = _Shared(closed=True)
        for call in calls:
            if not call.future.done():
                call.future.set_exception(error)

    def _fill(self) -> bool:
        """Start what there is room for; tells whether anything runs or may still come."""
        while True:
            with self._lock:
                shared = self._shared
                if not shared.waiting or len(shared.running) >= self._limit:
                    return bool(shared.running or shared.waiting or not shared.closed)
                call = shared.waiting.popleft()
                if not call.future.set_running_or_notify_cancel():
                    continue
                shared.running.append(call)
            self._start(call)

    def _start(self, call: _Call) -> None:
        ours, theirs = self._context.Pipe(duplex=True)
        reporting = call.on_event is not None
        try:
            process = self._context.Process(
                target=child_process.serve, args=(theirs, call.fn, call.args, call.kwargs, reporting), daemon=True
            )
            process.start()
        except Exception as error:  # noqa: BLE001  (unpicklable arguments, no fork server: the call's own failure)
            ours.close()
            self._forget(call)
            call.future.set_exception(_not_started(error))
            return
        finally:
            theirs.close()
        with self._lock:
            call.process, call.pipe = process, ours

    def _receive(self, call: _Call) -> None:
        assert call.pipe is not None  # noqa: S101  (for the type checker)
        try:
            message = call.pipe.recv()
        except (EOFError, OSError):
            self._reap(call)
            return
        except Exception as unreadable:  # noqa: BLE001  (what cannot be put together again is the call's own failure)
            broken = ChildDied(f"its answer cannot be read: {type(unreadable).__name__}: {unreadable}")
            self._reap(call, lambda: call.future.set_exception(broken))
            return
        match message:
            case child_process.Listening():
                with self._lock:
                    call.listening = True
                    if call.interrupted:
                        _signal_group(call.process, signal.SIGINT)
            case child_process.Event(value=value):
                _pass_on(call, value)
            case child_process.Returned(value=value):
                self._reap(call, lambda: call.future.set_result(value))
            case child_process.Raised(error=error):
                self._reap(call, lambda: call.future.set_exception(error))

    def _reap(self, call: _Call, settle: Callable[[], None] | None = None) -> None:
        """Wait for the child's very end, so that none is left when its caller hears of it; then settle the future."""
        assert call.process is not None and call.pipe is not None  # noqa: S101, PT018  (for the type checker)
        call.pipe.close()
        call.process.join(timeout=child_process.EXIT_SECONDS)
        if call.process.exitcode is None:
            _kill_tree(call.process)
            call.process.join()
        code = call.process.exitcode
        if settle is None:
            # Who answers ends by itself what it has started; who dies cannot.
            _signal_group(call.process, signal.SIGKILL)
        call.process.close()
        self._forget(call)
        if call.listener_error:
            call.future.set_exception(call.listener_error)
        elif settle:
            settle()
        else:
            call.future.set_exception(ChildDied(_how(code)))

    def _forget(self, call: _Call) -> None:
        with self._lock:
            self._shared.running.remove(call)


def _pass_on(call: _Call, value: object) -> None:
    if call.on_event is None or call.listener_error:
        return
    try:
        call.on_event(value)
    except Exception as error:  # noqa: BLE001  (a listener's fault must not end the pool)
        call.listener_error = error


def _not_started(error: Exception) -> Exception:
    """Return what a call fails with that could not be started: without its warm process there is no child."""
    if isinstance(error, EOFError | ConnectionError):
        return ChildDied("its process could not be started, as the process it is forked from has ended")
    return error


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"


def _signal_group(process: ForkServerProcess | None, number: signal.Signals) -> None:
    if process is not None and process.pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


def _kill_tree(process: ForkServerProcess) -> None:
    """Kill a child and all below it, those too that made process groups of their own, as Pulumi's plugins do."""
    import psutil  # noqa: PLC0415  (needed only here, and slow to import)

    if process.pid is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(process.pid)
        family = [*root.children(recursive=True), root]
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
