"""Makes sure that one `accounts retire` is at work in a checkout at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestrator.accounts.retirement.errors import RetirementUnderWay
from orchestrator.files.workspace import FOLDER


@contextmanager
def alone(retired: Path) -> Iterator[None]:
    """Keep others from retiring by this file of retired accounts until the end of the block, or of the process.

    The lock's file stays: whoever removed it would let two in. Raises: RetirementUnderWay.
    """
    path = retired.parent / FOLDER / "retire.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _under_way(path) from None
        file.truncate(0)
        file.write(_holder())
        file.flush()
        yield


def _holder() -> str:
    return f"process {os.getpid()} on {os.uname().nodename}"


def _under_way(path: Path) -> RetirementUnderWay:
    holder = ""
    with contextlib.suppress(OSError):
        holder = path.read_text(encoding="utf-8").strip()
    return RetirementUnderWay(
        "another retirement is under way in this checkout",
        subject=str(path.parent.parent),
        why=f"{holder} performs it" if holder else "its lock is held",
        not_run="anything: nothing was changed",
        hint="wait until it has ended, then repeat the command; fleetyard accounts list tells how far it is",
    )
