"""The outside world of the command line as one value: built at the entry point, passed down, built anew in tests."""

from __future__ import annotations

import contextlib
import errno
import gc
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from orchestrator.rehearse.report import RehearsalReport
    from orchestrator.rehearse.run import RehearsalOptions
    from orchestrator.running.job import EngineChoice, EngineKind
    from orchestrator.state.bucket_states import BucketQuery, BucketStates, ReadBucket
    from orchestrator.tools import Tools

OpenTools = Callable[[Mapping[str, str], "EngineChoice", "int | None"], "AbstractContextManager[Tools]"]
ChooseEngine = Callable[[Mapping[str, str], "EngineKind | None"], "EngineChoice"]
Rehearse = Callable[["RehearsalOptions"], "RehearsalReport"]
OpenChildren = Callable[[], "AbstractContextManager[Executor]"]
InstallEngine = Callable[[Mapping[str, str], Callable[[str], None]], "EngineChoice"]

CHILDREN = 8
"""Questions to AWS at a time."""


def _install_engine(env: Mapping[str, str], tell: Callable[[str], None]) -> EngineChoice:
    from orchestrator.engine.install import Installers, install_engine
    from orchestrator.engine.real_engine import required_plugins

    return install_engine(env, tell, Installers(), required_plugins())


def _read_line() -> str:
    return sys.stdin.readline().strip()


@contextlib.contextmanager
def _open_children() -> Iterator[Executor]:
    """Yield processes for questions to AWS; whatever still waits for an answer at the end is ended."""
    from orchestrator.doctor.examination import PRELOAD
    from orchestrator.workers.pool import ForkPool

    with ForkPool(CHILDREN, preload=PRELOAD) as pool:
        try:
            yield pool
        finally:
            pool.kill()


_NOBODY_READS = frozenset({errno.EPIPE, errno.EBADF})
"""The reader has gone away, which is its own business; anything else is data lost."""


@dataclass(frozen=True, slots=True)
class World:
    """What commands act through. Data goes to `out`, everything else to `err`."""

    env: Mapping[str, str] = field(repr=False)
    folder: Path
    """The working directory."""
    out: TextIO
    err: TextIO
    ask: Callable[[str], str] | None
    """Shows a question and returns the line typed; None when nobody is there to ask."""
    choose_engine: ChooseEngine
    open_tools: OpenTools
    rehearse: Rehearse
    read_bucket: ReadBucket
    live: bool = False
    """Whether `err` is a terminal that can be drawn on."""
    given: list[str] = field(default_factory=list, repr=False, compare=False)
    """The first line of each piece of data that the command has written."""
    open_children: OpenChildren = _open_children
    """Opens processes that ask AWS, each for one question."""
    install_engine: InstallEngine = _install_engine
    read_line: Callable[[], str] = _read_line
    """Reads a line of standard input, for what may be piped in."""

    def say(self, words: str) -> None:
        """Tell a person something that is not the command's data."""
        _write(words, self.err)

    def give(self, data: str) -> None:
        """Write the command's data."""
        self.given.append(data.partition("\n")[0])
        try:
            print(data, file=self.out, flush=True)
        except OSError as error:
            let_go(self.out)
            if error.errno not in _NOBODY_READS:
                from orchestrator.errors import FilesUnusable

                raise FilesUnusable("standard output cannot be written", why=error.strerror or str(error)) from error


def _write(text: str, stream: TextIO) -> None:
    """Write a line; when nobody reads the stream any more the rest goes nowhere, as a run must not end for that.

    Source: Python's documentation of SIGPIPE, "Note on SIGPIPE": a dead stream is led to the null device, so that the
    flush at exit does not fail either.
    """
    try:
        print(text, file=stream, flush=True)
    except OSError:
        let_go(stream)


def let_go(stream: TextIO) -> None:
    """Lead a dead stream to the null device; one without a file descriptor stays as it is."""
    with contextlib.suppress(OSError):
        descriptor = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, descriptor)
        os.close(null)


def real_world() -> World:
    """Return the world of this process."""
    # Python has None for a stream that was closed before it started.
    out, err = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    interactive = sys.stdin is not None and sys.stdin.isatty() and err.isatty()
    return World(
        env=dict(os.environ),
        folder=Path.cwd(),
        out=out,
        err=err,
        ask=_ask if interactive else None,
        choose_engine=_choose_engine,
        open_tools=_open_tools,
        rehearse=_rehearse,
        read_bucket=_read_bucket,
        live=err.isatty(),
    )


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _choose_engine(env: Mapping[str, str], requested: EngineKind | None) -> EngineChoice:
    from orchestrator import composition

    return composition.choose_engine(env, requested)


def _open_tools(env: Mapping[str, str], engine: EngineChoice, concurrency: int | None) -> AbstractContextManager[Tools]:
    from orchestrator import composition

    return composition.open_tools(env, engine, concurrency)


def _read_bucket(query: BucketQuery) -> BucketStates:
    from orchestrator import composition

    return composition.read_bucket(query)


def _rehearse(options: RehearsalOptions) -> RehearsalReport:
    from orchestrator.workers.pool import warm_ahead

    # Workers import while the twin starts; both take their seconds.
    warm_ahead()
    # Clients for every service of every account are made and kept: looking among them for garbage takes half the time.
    gc.set_threshold(50_000, 20, 20)
    from orchestrator.rehearse.run import run_rehearsal

    return run_rehearsal(options)
