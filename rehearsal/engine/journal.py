"""Writes a stack's state while an update goes on, so that a crash at any moment loses nothing.

Group commit: whoever calls while a write is under way waits, and one write of the newest snapshot covers them all.
Source of the rules: Pulumi `pkg/backend/snapshot.go`, `pkg/backend/diy/state.go` (saveStack).
"""

from __future__ import annotations

import threading
from typing import Any

from rehearsal.engine.backend import Backend
from rehearsal.engine.checkpoint import CheckpointWriter
from rehearsal.engine.errors import StateNotWrittenError
from rehearsal.engine.integrity import broken_rule
from rehearsal.engine.references import StackReference
from rehearsal.engine.state import Snapshot


class StateJournal:
    """A `Journal` over one stack's checkpoint file. Calls count in the order in which they are made.

    The state from before the update is kept as `.bak` at the first write.
    """

    def __init__(self, backend: Backend, reference: StackReference, writer: CheckpointWriter) -> None:
        """Take where to write, and what turns a snapshot into a file."""
        self._backend = backend
        self.reference = reference
        self._writer = writer
        self._turn = threading.Condition()
        self._newest = Snapshot()
        self._written: Snapshot | None = None
        self._unwritten: Snapshot | None = None
        self._asked = 0
        self._done = 0
        self._writing = False
        self._closed = False
        self._kept_previous = False

    @property
    def waiting(self) -> int:
        """Return how many snapshots are not written yet, those of a write under way included."""
        with self._turn:
            return self._asked - self._done

    def unwritten(self) -> dict[str, Any] | None:
        """Return the newest state whose write failed, in the form of `stack export`; None if what counts is written."""
        with self._turn:
            while self._writing:
                self._turn.wait()
            return None if self._unwritten is None else self._writer.deployment(self._unwritten)

    def record(self, snapshot: Snapshot) -> None:
        """Return once this snapshot, or a newer one, is written.

        Raises StateNotWrittenError if it could not be, or breaks an integrity rule (it is then written all the same:
        an unsound record of a resource is better than none).
        """
        with self._turn:
            self._asked += 1
            mine, self._newest = self._asked, snapshot
            while self._done < mine:
                if self._writing:
                    self._turn.wait()
                    continue
                self._write_newest(durable=False)

    def finish(self, snapshot: Snapshot) -> None:
        """Write the last state so that it survives a power cut, and take no more; raises StateNotWrittenError."""
        with self._turn:
            while self._writing:
                self._turn.wait()
            self._asked += 1
            self._newest = snapshot
            try:
                self._write_newest(durable=True)
            finally:
                self._closed = True

    def settle(self) -> None:
        """Take no more snapshots: an update that is not waited for any longer must not write once the lock is gone."""
        with self._turn:
            while self._writing:
                self._turn.wait()
            self._closed = True

    def _write_newest(self, *, durable: bool) -> None:
        """Write the newest snapshot with the lock given up meanwhile; called with the lock held."""
        if self._closed:
            raise StateNotWrittenError("the update was stopped", subject=self.reference.qualified)
        upto, snapshot = self._asked, self._newest
        self._writing = True
        self._turn.release()
        try:
            self._write(snapshot, durable=durable)
        finally:
            self._turn.acquire()
            self._writing = False
            self._turn.notify_all()
        self._done = max(self._done, upto)

    def _write(self, snapshot: Snapshot, *, durable: bool) -> None:
        if durable and snapshot == self._written:
            self._backend.store.settle(self.reference.checkpoint_key)
            return
        self._unwritten = snapshot
        if not self._kept_previous:
            self._backend.keep_previous(self.reference)
            self._kept_previous = True
        self._backend.write(self.reference, self._writer.checkpoint(snapshot), durable=durable)
        self._written, self._unwritten = snapshot, None
        broken = broken_rule(snapshot)
        if broken:
            raise StateNotWrittenError(
                "snapshot integrity failure; it was already written, but is invalid",
                subject=self._backend.address(self.reference.checkpoint_key),
                why=broken,
                hint="this is a fault of the engine; the state from before the update lies beside it as .bak",
            )
