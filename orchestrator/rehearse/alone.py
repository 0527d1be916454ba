"""Makes sure that a checkout holds one rehearsal at a time: all of its files lie in one folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestrator import composition
from orchestrator.errors import RehearsalInTheWay
from orchestrator.next_steps import JOIN


@contextmanager
def alone(run_file: Path) -> Iterator[None]:
    """Keep others from rehearsing beside this run file until the end of the block, or of the process.

    Raises: RehearsalInTheWay while another rehearsal goes on there, or a twin is up.
    """
    lock = run_file.with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+", encoding="utf-8") as file:
        try:
            # The system lets go of it when the process ends, however it ends.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _going_on(lock) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        _refuse_live_twin(run_file)
        yield
        file.truncate(0)


def _going_on(lock: Path) -> RehearsalInTheWay:
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
