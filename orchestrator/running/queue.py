"""The order of a run's stacks and the one owner of their status. Starts nothing, knows neither workers nor Pulumi.

1. Every stack starts as pending. One whose dependencies are all done with becomes ready.
2. Whoever runs stacks takes ready ones (`ready`), claims them (`start`) and reports how they ended (`finish`).
3. In a gated queue only a dependency that succeeded lets its dependents go on; any other end skips them, naming the
   stack that was the first cause. An ungated queue keeps the order only.

Used by one thread, the scheduler's; it takes no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.errors import InternalError
from orchestrator.running.job import TRANSITIONS, Reason, StackStatus
from orchestrator.stack_id import StackId


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of a stack's status."""

    id: StackId
    before: StackStatus
    after: StackStatus
    reason: Reason | None = None
    cause: StackId | None = None


OnTransition = Callable[[Transition], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a stack is, and why."""

    status: StackStatus
    reason: Reason | None = None
    cause: StackId | None = None


class RunQueue:
    """Stacks in their given order, each with a status; dependencies outside the queue count as done with.

    `dependencies` maps a stack to those that must be done with before it; it has no cycle.
    """

    def __init__(
        self,
        stacks: Sequence[StackId],
        dependencies: Mapping[StackId, frozenset[StackId]],
        *,
        gated: bool = True,
        on_transition: OnTransition = lambda _transition: None,
    ) -> None:
        known = set(stacks)
        self._order = tuple(stacks)
        self._dependencies = {stack: dependencies.get(stack, frozenset()) & known for stack in stacks}
        self._entries = dict.fromkeys(stacks, Entry(StackStatus.PENDING))
        self._gated = gated
        self._on_transition = on_transition
        self._promote()

    def ready(self, limit: int) -> tuple[StackId, ...]:
        """Return at most `limit` stacks that may start now, in the queue's order."""
        waiting = (stack for stack in self._order if self._entries[stack].status is StackStatus.READY)
        return tuple(stack for stack, _ in zip(waiting, range(limit), strict=False))

    def start(self, stack: StackId) -> None:
        """Claim a ready stack."""
        self._set(stack, Entry(StackStatus.RUNNING))

    def finish(self, stack: StackId, entry: Entry) -> None:
        """Say how a stack ended, which decides what becomes of those that rest on it."""
        if not entry.status.terminal:
            raise InternalError(f"{stack} cannot end as {entry.status}")
        self._set(stack, entry)
        self._promote()

    def cancel_waiting(self) -> None:
        """Cancel every stack that has not started, because the run was interrupted."""
        for stack in self._order:
            if self._entries[stack].status in {StackStatus.PENDING, StackStatus.READY}:
                self._set(stack, Entry(StackStatus.CANCELLED, Reason.INTERRUPTED))

    def entry(self, stack: StackId) -> Entry:
        """Return where a stack is."""
        return self._entries[stack]

    @property
    def done(self) -> bool:
        """Whether every stack has ended."""
        return all(entry.status.terminal for entry in self._entries.values())

    def _promote(self) -> None:
        """Carry ends on to dependents until nothing changes: each pass settles at least one stack."""
        changed = True
        while changed:
            changed = False
            for stack in self._order:
                if self._entries[stack].status is StackStatus.PENDING:
                    changed |= self._settle(stack)

    def _settle(self, stack: StackId) -> bool:
        dependencies = [(other, self._entries[other]) for other in sorted(self._dependencies[stack])]
        if self._gated:
            for other, entry in dependencies:
                if entry.status.terminal and entry.status is not StackStatus.SUCCEEDED:
                    self._set(stack, _inherited(other, entry))
                    return True
        if all(entry.status.terminal for _, entry in dependencies):
            self._set(stack, Entry(StackStatus.READY))
            return True
        return False

    def _set(self, stack: StackId, entry: Entry) -> None:
        before = self._entries[stack].status
        if entry.status not in TRANSITIONS[before]:
            raise InternalError(f"{stack} cannot go from {before} to {entry.status}")
        self._entries[stack] = entry
        self._on_transition(Transition(stack, before, entry.status, entry.reason, entry.cause))


def _inherited(other: StackId, entry: Entry) -> Entry:
    """Return what becomes of a stack that rests on one which ended like this; the first cause stays named."""
    cause = entry.cause or other
    match entry.status:
        case StackStatus.CANCELLED:
            return Entry(StackStatus.CANCELLED, Reason.INTERRUPTED, cause)
        case StackStatus.BLOCKED:
            return Entry(StackStatus.BLOCKED, entry.reason, cause)
        case _:
            return Entry(StackStatus.SKIPPED, Reason.DEPENDENCY_FAILED, cause)
