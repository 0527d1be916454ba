"""Whether whoever took a lock may still be at work: known on this machine, guessed by age for another one."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from orchestrator.state.state_files import StackLock

LONG = timedelta(hours=4)
"""A lock of another machine that is older is worth a question: no operation of ours takes that long."""

_CLOCK = timedelta(seconds=2)
"""How far the start of a process and the time in a lock may be apart by rounding."""


class LockState(StrEnum):
    """What can be said of a lock from here."""

    HELD = "held"
    ORPHAN = "orphan"
    """Taken on this machine by a process that is gone."""
    OLD = "old"
    """Taken elsewhere, long ago."""
    UNREADABLE = "unreadable"
    """Its file does not tell who took it."""


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine: its name, the time, and when the process of a number began (None if there is none)."""

    host: str
    now: datetime
    started: Callable[[int], datetime | None]


def this_machine() -> Machine:
    """Return the machine we run on."""
    return Machine(socket.gethostname(), datetime.now(tz=UTC), _started)


def judge(lock: StackLock, machine: Machine) -> LockState:
    """Say whether a lock is still held, as far as that can be known."""
    if not lock.host:
        return LockState.UNREADABLE
    since = moment(lock.since)
    if lock.host == machine.host:
        began = machine.started(lock.pid)
        given_again = began is not None and since is not None and began > since + _CLOCK
        return LockState.ORPHAN if began is None or given_again else LockState.HELD
    if since is None or machine.now - since > LONG:
        return LockState.OLD
    return LockState.HELD


def moment(text: str) -> datetime | None:
    """Return the time in a text as Pulumi writes it; None if it is none. Without a zone it is taken as UTC."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _started(pid: int) -> datetime | None:
    import psutil  # noqa: PLC0415  (slow to import)

    try:
        return datetime.fromtimestamp(psutil.Process(pid).create_time(), tz=UTC)
    except (psutil.NoSuchProcess, ValueError):
        return None
    except psutil.AccessDenied:
        return datetime.min.replace(tzinfo=UTC)
