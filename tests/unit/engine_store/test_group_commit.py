"""The journal: safe before it returns, several in one write, nothing after the end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import partial

import pytest

from rehearsal.engine.backend import Backend
from rehearsal.engine.checkpoint import CheckpointWriter
from rehearsal.engine.errors import StateNotWrittenError
from rehearsal.engine.journal import StateJournal
from rehearsal.engine.references import StackReference
from rehearsal.engine.resource_json import ResourceWriter, SealBook
from rehearsal.engine.state import ResourceState, Snapshot
from tests.unit.engine_store.workbench import MemoryStore

REFERENCE = StackReference("demo", "dev")


class SlowStore(MemoryStore):
    """A store whose first write of state waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way = threading.Event()
        self.let_go = threading.Event()

    def put(self, key: str, content: bytes, *, durable: bool = False) -> None:
        """Keep an object, the first one late."""
        if not self.under_way.is_set():
            self.under_way.set()
            assert self.let_go.wait(10)
        super().put(key, content, durable=durable)


def journal(store: MemoryStore) -> StateJournal:
    """Return a journal of stack `dev`."""
    writer = CheckpointWriter(REFERENCE.qualified, ResourceWriter(None, SealBook()), None)
    return StateJournal(Backend(store), REFERENCE, writer)


def snapshot(count: int) -> Snapshot:
    """Return a snapshot of so many resources."""
    return Snapshot(
        tuple(ResourceState(f"urn:pulumi:dev::demo::t:i:T::{number}", "t:i:T", custom=False) for number in range(count))
    )


def resources(store: MemoryStore) -> int:
    """Return how many resources are in the state file."""
    return len(json.loads(store.objects[REFERENCE.checkpoint_key])["checkpoint"]["latest"].get("resources", []))


def in_thread(work: Callable[[], None]) -> threading.Thread:
    """Start work in a thread."""
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_record_is_in_the_file_when_the_call_returns() -> None:
    """After each call the state file holds that snapshot."""
    store = MemoryStore()
    book = journal(store)
    for count in (1, 2, 1):
        book.record(snapshot(count))
        assert resources(store) == count


def test_records_that_come_during_a_write_share_the_next_one() -> None:
    """While one write is under way the others wait, and one write of the newest covers them."""
    store = SlowStore()
    book = journal(store)
    first = in_thread(lambda: book.record(snapshot(0)))
    assert store.under_way.wait(10)
    waiting = [in_thread(partial(book.record, snapshot(count))) for count in range(1, 6)]
    while book.waiting < 6:
        threading.Event().wait(0.001)
    store.let_go.set()
    for thread in (first, *waiting):
        thread.join(10)
    assert store.writes.count(REFERENCE.checkpoint_key) == 2


def test_the_state_from_before_is_kept_once() -> None:
    """The first write of an update keeps the state as it was; later ones do not touch that copy."""
    store = MemoryStore()
    store.put(REFERENCE.checkpoint_key, b"before")
    book = journal(store)
    book.record(snapshot(1))
    book.record(snapshot(2))
    assert store.objects[f"{REFERENCE.checkpoint_key}.bak"] == b"before"


def test_nothing_is_written_after_the_end() -> None:
    """A journal that is finished or settled refuses what comes too late, and leaves the file."""
    for end in (lambda book: book.finish(snapshot(1)), lambda book: (book.record(snapshot(1)), book.settle())):
        store = MemoryStore()
        book = journal(store)
        end(book)
        with pytest.raises(StateNotWrittenError, match="stopped"):
            book.record(snapshot(2))
        assert resources(store) == 1


def test_an_unsound_snapshot_is_written_and_told() -> None:
    """A record of a resource is never lost to an integrity rule: it is written, and then refused."""
    store = MemoryStore()
    twice = snapshot(1).resources * 2
    with pytest.raises(StateNotWrittenError, match="already written, but is invalid"):
        journal(store).record(Snapshot(twice))
    assert resources(store) == 2


def test_a_write_that_fails_is_told_to_everybody_who_waits_for_it() -> None:
    """Whoever records learns that the state is not safe; the next record tries again."""

    class Full(MemoryStore):
        """A store without room, until there is."""

        room = False

        def put(self, key: str, content: bytes, *, durable: bool = False) -> None:
            """Refuse."""
            if not self.room:
                raise StateNotWrittenError("cannot write dev.json", why="No space left on device")
            super().put(key, content, durable=durable)

    store = Full()
    book = journal(store)
    with pytest.raises(StateNotWrittenError, match="No space left"):
        book.record(snapshot(1))
    store.room = True
    book.record(snapshot(2))
    assert resources(store) == 2
