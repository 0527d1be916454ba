"""Locks: who holds them, which are stale, and that they are always given back."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from rehearsal.engine.errors import StackLockedError
from rehearsal.engine.locks import Holder, held_lock, is_stale, remove_locks, this_process
from tests.unit.engine_store.workbench import MemoryStore

FOLDER = ".pulumi/locks/organization/demo/dev"


def lock_file(**fields: Any) -> bytes:
    """Return a lock file as Pulumi's CLI writes it: held by this process, now."""
    process = this_process()
    lock = {
        "pid": process.pid,
        "username": "somebody",
        "hostname": process.host,
        "timestamp": "2099-01-02T03:04:05.123456789Z",
        **fields,
    }
    return json.dumps(lock).encode()


def store_with(content: bytes) -> MemoryStore:
    """Return a store in which somebody's lock lies."""
    store = MemoryStore()
    store.put(f"{FOLDER}/theirs.json", content)
    return store


def a_dead_pid() -> int:
    """Return the number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_lock_is_there_while_held_and_gone_afterwards() -> None:
    """The lock file has Pulumi's keys, and extra ones in a key of their own."""
    store = MemoryStore()
    with held_lock(store, FOLDER, lambda _: None):
        (key,) = store.objects
        lock = json.loads(store.objects[key])
    assert set(lock) == {"pid", "username", "hostname", "timestamp", "fleetyard"}
    assert (lock["pid"], key.startswith(f"{FOLDER}/")) == (os.getpid(), True)
    assert store.objects == {}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_lock_is_given_back_whatever_happens(error: type[BaseException]) -> None:
    """An error or an interruption inside leaves no lock."""
    store = MemoryStore()
    with pytest.raises(error), held_lock(store, FOLDER, lambda _: None):
        raise error
    assert store.objects == {}


def test_a_held_lock_refuses_the_next_in_the_words_of_the_cli() -> None:
    """The error begins with what the SDK looks for, and lists user, host, process and time."""
    store = store_with(lock_file())
    with pytest.raises(StackLockedError) as refused, held_lock(store, FOLDER, lambda _: None):
        pytest.fail("the lock was taken")
    host = this_process().host
    assert refused.value.summary.startswith("the stack is currently locked by 1 lock(s). Either wait")
    assert f"created by somebody@{host} (pid {os.getpid()}) at 2099-01-02T03:04:05Z" in str(refused.value)
    assert list(store.objects) == [f"{FOLDER}/theirs.json"]


def test_a_lock_of_a_dead_process_of_this_machine_is_broken_and_told() -> None:
    """What a killed process left behind holds nobody up."""
    pid = a_dead_pid()
    store, notes = store_with(lock_file(pid=pid)), list[str]()
    with held_lock(store, FOLDER, notes.append):
        assert f"{FOLDER}/theirs.json" not in store.objects
    assert len(notes) == 1
    assert f"process {pid}" in notes[0]


@pytest.mark.parametrize(
    "content",
    [lock_file(pid=1, hostname="elsewhere"), b"", b"[]", b'{"pid":"x"}'],
    ids=["another machine", "empty", "no object", "no number"],
)
def test_a_lock_that_may_be_held_is_never_broken(content: bytes) -> None:
    """A lock of another machine, or one that cannot be read, is respected."""
    store = store_with(content)
    with pytest.raises(StackLockedError), held_lock(store, FOLDER, lambda _: None):
        pytest.fail("the lock was taken")
    assert store.objects[f"{FOLDER}/theirs.json"] == content


def holder(**fields: Any) -> Holder:
    """Return this process as the holder of a lock."""
    process = this_process()
    plain = Holder("key", process.pid, "u", process.host, "2099-01-02T03:04:05Z", process.started, process.namespace)
    return dataclasses.replace(plain, **fields)


def test_a_living_process_holds_its_lock() -> None:
    """The lock of a process that runs, and has run since, is not stale."""
    assert not is_stale(holder(), this_process())


def test_a_number_given_to_another_process_is_recognised() -> None:
    """A lock is stale if its process number now belongs to a process that started later."""
    assert is_stale(holder(started=1.0), this_process())
    assert is_stale(holder(started=0.0, taken="2001-01-01T00:00:00.5Z"), this_process())
    assert not is_stale(holder(started=0.0), this_process())


def test_numbers_of_another_container_say_nothing() -> None:
    """A process number counts only inside its own namespace."""
    assert not is_stale(holder(pid=a_dead_pid(), namespace=1), this_process())


def test_two_that_come_at_once_do_not_both_get_in() -> None:
    """Whoever sees another lock after writing its own takes its own back."""

    class Racing(MemoryStore):
        """A store in which somebody else's lock appears right after ours."""

        def put(self, key: str, content: bytes, *, durable: bool = False) -> None:
            """Keep the object, and another's lock with the first."""
            super().put(key, content, durable=durable)
            self.objects.setdefault(f"{FOLDER}/theirs.json", lock_file())

    store = Racing()
    with pytest.raises(StackLockedError), held_lock(store, FOLDER, lambda _: None):
        pytest.fail("the lock was taken")
    assert list(store.objects) == [f"{FOLDER}/theirs.json"]


def test_cancel_removes_every_lock() -> None:
    """All locks of the stack go, whoever holds them; those of other stacks stay."""
    store = store_with(lock_file())
    store.put(f"{FOLDER}-other/x.json", b"")
    assert remove_locks(store, FOLDER) == 1
    assert list(store.objects) == [f"{FOLDER}-other/x.json"]
