"""Locks of a stack: Pulumi's own lock files, and which of them nobody holds any more.

Protocol: list, write one's own, list again; whoever then sees another's lock takes its own back. A lock is stale, and
broken without asking, only if it was taken on this machine and its process is gone, or its number has since been given
to another process. Source: Pulumi `pkg/backend/diy/lock.go`; unknown keys in a lock file are ignored there.
"""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from rehearsal.engine.errors import EngineError, StackLockedError
from rehearsal.engine.store import ObjectStore, address_of
from rehearsal.engine.times import now_text, seconds_of, to_second

_SAME_START_SECONDS = 1.0
_OURS = "fleetyard"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock, as its file tells. `started` and `namespace` are ours; 0 when Pulumi's CLI wrote the file."""

    key: str
    pid: int
    user: str
    host: str
    taken: str
    started: float = 0.0
    namespace: int = 0

    def line(self, url: str) -> str:
        """Return the line that Pulumi's CLI prints for a lock."""
        who = f"{self.user}@{self.host} (pid {self.pid})"
        return f"  {address_of(url, self.key)}: created by {who} at {to_second(self.taken)}"


@dataclass(frozen=True, slots=True)
class Process:
    """This process, as far as locks are concerned."""

    pid: int
    started: float
    user: str
    host: str
    namespace: int


def this_process() -> Process:
    """Return who we are: process number and start, user, host, and the namespace in which the number counts."""
    return Process(
        pid=os.getpid(),
        started=psutil.Process().create_time(),
        user=user_name(),
        host=socket.gethostname(),
        namespace=_pid_namespace(),
    )


def user_name() -> str:
    """Return the name of the user who runs this process."""
    return psutil.Process().username()


@contextmanager
def held_lock(store: ObjectStore, folder: str, note: Callable[[str], None]) -> Iterator[None]:
    """Hold a stack's lock; `note` is told in one line of each stale lock that was broken.

    Raises StackLockedError if another process holds one. The lock is given back whatever happens inside; if it cannot
    be, as when a session has ended meanwhile, that is noted, and what happened inside is what counts (as in Pulumi).
    """
    process = this_process()
    own = f"{folder}/{uuid.uuid4()}.json"
    _refuse_if_held(store, folder, own, process, note)
    try:
        store.put_new(own, _content(process))
        _refuse_if_held(store, folder, own, process, note)
        yield
    finally:
        _give_back(store, own, note)


def _give_back(store: ObjectStore, own: str, note: Callable[[str], None]) -> None:
    try:
        store.delete(own)
    except EngineError as error:
        note(
            f"there was a problem deleting the lock at {address_of(store.url, own)}, "
            f"remove it with `pulumi cancel`: {error.summary}: {error.why}"
        )


def remove_locks(store: ObjectStore, folder: str) -> int:
    """Remove every lock of a stack, whoever holds it; returns how many there were."""
    found = store.list(folder)
    store.delete(*(info.key for info in found))
    return len(found)


def is_stale(holder: Holder, process: Process) -> bool:
    """Tell whether a lock's process is certainly gone, seen from this process."""
    if holder.host != process.host or holder.namespace not in {0, process.namespace}:
        return False
    try:
        other = psutil.Process(holder.pid)
        started = other.create_time()
        if other.status() == psutil.STATUS_ZOMBIE:
            return True
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
    if holder.started:
        return abs(started - holder.started) > _SAME_START_SECONDS
    taken = seconds_of(holder.taken)
    return taken is not None and started > taken + _SAME_START_SECONDS


def _refuse_if_held(store: ObjectStore, folder: str, own: str, process: Process, note: Callable[[str], None]) -> None:
    living: list[Holder] = []
    for info in store.list(folder):
        if info.key == own:
            continue
        holder = _holder(info.key, store.get(info.key))
        if holder is not None and is_stale(holder, process):
            store.delete(info.key)
            note(f"broke a stale lock of process {holder.pid} on this machine, which is gone (taken {holder.taken})")
        elif holder is not None:
            living.append(holder)
    if living:
        lines = "\n".join(holder.line(store.url) for holder in living)
        raise StackLockedError(
            f"the stack is currently locked by {len(living)} lock(s). Either wait for the other process(es) to end "
            f"or delete the lock file with `pulumi cancel`.\n{lines}",
            not_run="nothing was changed",
        )


def _holder(key: str, content: bytes | None) -> Holder | None:
    """Read a lock file; one that is gone holds nothing, one that cannot be read is held by somebody unknown."""
    if content is None:
        return None
    data: Any
    try:
        data = json.loads(content)
    except ValueError:
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("pid"), int):
        return Holder(key, 0, "unknown", "an unreadable lock file", "an unknown time")
    extra = data.get(_OURS)
    ours: dict[str, Any] = extra if isinstance(extra, dict) else {}
    return Holder(
        key,
        data["pid"],
        str(data.get("username", "")),
        str(data.get("hostname", "")),
        str(data.get("timestamp", "")),
        float(ours.get("started", 0)),
        int(ours.get("pidNamespace", 0)),
    )


def _content(process: Process) -> bytes:
    lock = {
        "pid": process.pid,
        "username": process.user,
        "hostname": process.host,
        "timestamp": now_text(),
        _OURS: {"started": process.started, "pidNamespace": process.namespace},
    }
    return json.dumps(lock, separators=(",", ":")).encode()


def _pid_namespace() -> int:
    """Return what tells one container's process numbers from another's; 0 where the system has no such thing."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0
