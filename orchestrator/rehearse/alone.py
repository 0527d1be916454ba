"""Makes sure that a checkout holds one rehearsal at a time: all of its files lie in one folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from orchestrator import composition
from orchestrator.errors import RehearsalInTheWay
from orchestrator.next_steps import JOIN


@contextmanager
def alone(run_file: Path) -> Iterator[None]:
    """Keep others from rehearsing beside this run file until the end of the block, or of the process.

    Raises: RehearsalInTheWay while another rehearsal goes on there, or a twin is up.
    """
    lock = run_file.with_suffix(".lock")
    with _locked(lock) as file:
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            _refuse_live_twin(run_file)
            yield
        finally:
            lock.unlink(missing_ok=True)


def rehearsing_process(run_file: Path) -> str:
    """Return the id of the process that rehearses beside this run file now, `?` if it is not known; empty if none."""
    lock = run_file.with_suffix(".lock")
    try:
        with lock.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().strip() or "?"
    except FileNotFoundError:
        pass
    return ""


def _locked(lock: Path) -> TextIO:
    """Return the open file that holds the lock; the system lets go of it when the process ends, however it ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    while True:
        file = lock.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever held it before may have removed the file since it was opened here.
            if os.path.samestat(os.fstat(file.fileno()), lock.stat()):
                return file
        except FileNotFoundError:
            pass
        except BlockingIOError:
            file.close()
            raise _going_on(lock) from None
        file.close()


def _going_on(lock: Path) -> RehearsalInTheWay:
    holder = ""
    with contextlib.suppress(FileNotFoundError):  # it has ended this very moment
        holder = lock.read_text(encoding="utf-8").strip()
    return RehearsalInTheWay(
        "another rehearsal is going on in this checkout",
        subject=str(lock.parent),
        why=f"process {holder} performs it" if holder else "its lock is held",
        not_run="this rehearsal",
        hint="wait until it has ended, or rehearse in another clone",
    )


def _refuse_live_twin(run_file: Path) -> None:
    try:
        run = composition.running_twin(run_file)
    except composition.REHEARSAL_ERROR:
        return  # none runs, or what runs there is for whoever starts one to judge
    raise RehearsalInTheWay(
        "a twin is up in this checkout, of a kept rehearsal or of `twin start`",
        subject=run.endpoint,
        why="a new rehearsal would take its place, and all that is deployed on it would be gone",
        not_run="this rehearsal",
        hint=f"use it: {JOIN}; or end it: fleetyard twin stop",
    )
