"""The outside world of the command line as one value: built at the entry point, passed down, built anew in tests."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from orchestrator.job import EngineChoice, EngineKind
    from orchestrator.rehearse.report import RehearsalReport
    from orchestrator.rehearse.run import RehearsalOptions
    from orchestrator.tools import Tools

OpenTools = Callable[[Mapping[str, str], "EngineChoice", "int | None"], "AbstractContextManager[Tools]"]
ChooseEngine = Callable[[Mapping[str, str], "EngineKind | None"], "EngineChoice"]
Rehearse = Callable[["RehearsalOptions"], "RehearsalReport"]


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
    live: bool = False
    """Whether `err` is a terminal that can be drawn on."""

    def say(self, words: str) -> None:
        """Tell a person something that is not the command's data."""
        _write(words, self.err)

    def give(self, data: str) -> None:
        """Write the command's data."""
        _write(data, self.out)


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
    interactive = sys.stdin.isatty() and sys.stderr.isatty()
    return World(
        env=dict(os.environ),
        folder=Path.cwd(),
        out=sys.stdout,
        err=sys.stderr,
        ask=_ask if interactive else None,
        choose_engine=_choose_engine,
        open_tools=_open_tools,
        rehearse=_rehearse,
        live=sys.stderr.isatty(),
    )


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _choose_engine(env: Mapping[str, str], requested: EngineKind | None) -> EngineChoice:
    from orchestrator import composition  # noqa: PLC0415  (costs start-up time)

    return composition.choose_engine(env, requested)


def _open_tools(env: Mapping[str, str], engine: EngineChoice, concurrency: int | None) -> AbstractContextManager[Tools]:
    from orchestrator import composition  # noqa: PLC0415  (costs start-up time)

    return composition.open_tools(env, engine, concurrency)


def _rehearse(options: RehearsalOptions) -> RehearsalReport:
    from orchestrator.pool import warm_ahead  # noqa: PLC0415  (costs start-up time)

    # Workers import while the twin starts; both take their seconds.
    warm_ahead()
    from orchestrator.rehearse.run import run_rehearsal  # noqa: PLC0415

    return run_rehearsal(options)
