"""The snapshot as it grows: what this update has made or kept, what of the old state is left, what is under way.

New resources stand in the order in which they were finished, which is an order of dependency; what is left of the old
state follows in its own order. Every change is handed to the journal before and after the provider acts; one write
covers all changes made while the write before it was under way. Source: Pulumi `pkg/backend/snapshot.go`.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rehearsal.engine.interrupted import kept
from rehearsal.engine.state import PendingKind, PendingOperation, ResourceState, Snapshot
from rehearsal.engine.update import Journal


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation led to.

    `begun` is no longer under way; `add` is a finished resource; `drop` are old ones that are gone or have become
    `add`; `supersede` gives an old resource its new form, such as one marked for deletion: one that had been deleted
    before that, to be made anew, stays for its delete to be told and is in the state no longer. `quiet` changes are
    not worth a write of their own.
    """

    begun: ResourceState | None = None
    add: ResourceState | None = None
    drop: tuple[ResourceState, ...] = ()
    supersede: tuple[ResourceState, ResourceState] | None = None
    quiet: bool = False


class Ledger:
    """Keeps the state of one update; called from many threads."""

    def __init__(self, base: Snapshot, journal: Journal | None) -> None:
        self._base = base
        self._lock = threading.Lock()
        self._old: dict[ResourceState, None] = dict.fromkeys(base.resources)
        self._new: dict[ResourceState, None] = {}
        self._live: dict[str, ResourceState] = {}
        self._renamed: dict[str, str] = {}
        self._rewritten: dict[ResourceState, ResourceState] = {}
        self._told_only: set[ResourceState] = set()
        self._pending: dict[ResourceState, PendingOperation] = {
            operation.resource: operation for operation in kept(base.pending_operations)
        }
        self._changes = 0
        self._writes = _Writes(journal, self._numbered)

    def old_resources(self) -> tuple[ResourceState, ...]:
        """Return what is left of the old state, as it now stands."""
        with self._lock:
            return tuple(self._old)

    def current(self, urn: str) -> ResourceState | None:
        """Return the resource of a URN that this update has finished."""
        with self._lock:
            return self._live.get(urn)

    def begin(self, state: ResourceState, kind: PendingKind) -> None:
        """Note that an operation on this resource begins; returns once that is written."""
        with self._lock:
            self._pending[state] = PendingOperation(state, kind)
            mine = self._changed()
        self._writes.await_change(mine)

    def finish(self, result: Result) -> None:
        """Note what an operation led to; returns once that is written, unless it is quiet."""
        with self._lock:
            self._apply(result)
            mine = self._changed()
        if not result.quiet:
            self._writes.await_change(mine)

    def replace_new(self, old: ResourceState, new: ResourceState) -> None:
        """Put another version of a finished resource in its place, in the same position; a later write covers it."""
        with self._lock:
            self._new = {new if state is old else state: None for state in self._new}
            self._live[new.urn] = new
            self._changed()

    def snapshot(self) -> Snapshot:
        """Return the state as it stands."""
        with self._lock:
            return self._snapshot()

    def flush(self) -> None:
        """Write the state as it stands."""
        with self._lock:
            mine = self._changed()
        self._writes.await_change(mine)

    def _changed(self) -> int:
        self._changes += 1
        return self._changes

    def _numbered(self) -> tuple[int, Snapshot]:
        with self._lock:
            return self._changes, self._snapshot()

    def _apply(self, result: Result) -> None:
        add, begun = result.add, result.begun
        if begun is not None:
            self._pending.pop(begun, None)
        for state in result.drop:
            self._old.pop(state, None)
            self._new.pop(state, None)
            if add is not None and state.urn != add.urn:
                self._renamed[state.urn] = add.urn
                self._rewritten.clear()
        if result.supersede is not None:
            before, after = result.supersede
            if before.pending_replacement and after.delete:
                self._told_only.add(after)
            self._old = {after if state is before else state: None for state in self._old}
            self._new = {after if state is before else state: None for state in self._new}
        if add is not None:
            self._new[add] = None
            self._live[add.urn] = add

    def _snapshot(self) -> Snapshot:
        left = [state for state in self._old if state not in self._told_only] if self._told_only else self._old
        olds = (self._with_new_names(state) for state in left) if self._renamed else left
        return Snapshot(
            resources=(*self._new, *olds),
            pending_operations=tuple(self._pending.values()),
            secrets_provider=self._base.secrets_provider,
            metadata=self._base.metadata,
        )

    def _with_new_names(self, state: ResourceState) -> ResourceState:
        """Return an old resource with its references to resources that have been renamed since."""
        if state not in self._rewritten:
            self._rewritten[state] = with_names(state, self._renamed)
        return self._rewritten[state]


class _Writes:
    """Group commit: whoever needs a write while one is under way waits for the next, which covers all who wait."""

    def __init__(self, journal: Journal | None, newest: Callable[[], tuple[int, Snapshot]]) -> None:
        self._journal = journal
        self._newest = newest
        self._turn = threading.Condition()
        self._written = 0
        self._writing = False

    def await_change(self, mine: int) -> None:
        """Return once the change of this number is written; raises what the journal raises."""
        if self._journal is None:
            return
        while self._must_write(mine):
            upto = 0
            try:
                number, snapshot = self._newest()
                self._journal.record(snapshot)
                upto = number
            finally:
                with self._turn:
                    self._writing = False
                    self._written = max(self._written, upto)
                    self._turn.notify_all()

    def _must_write(self, mine: int) -> bool:
        with self._turn:
            while self._writing and self._written < mine:
                self._turn.wait()
            if self._written >= mine:
                return False
            self._writing = True
            return True


def with_names(state: ResourceState, renamed: Mapping[str, str]) -> ResourceState:
    """Return a resource whose references to renamed resources follow; the same object if it has none."""

    def names(urns: Iterable[str]) -> tuple[str, ...]:
        return tuple(renamed.get(urn, urn) for urn in urns)

    provider, _, id_ = state.provider.rpartition("::")
    changed = {
        "parent": renamed.get(state.parent, state.parent),
        "provider": f"{renamed[provider]}::{id_}" if provider in renamed else state.provider,
        "deleted_with": renamed.get(state.deleted_with, state.deleted_with),
        "dependencies": names(state.dependencies),
        "property_dependencies": {key: names(urns) for key, urns in state.property_dependencies.items()},
    }
    if all(getattr(state, field) == value for field, value in changed.items()):
        return state
    return dataclasses.replace(state, **changed)  # type: ignore[arg-type]  # one type per field
