"""What crosses between a migration and the process that moves a stack: a job in, a result out. Needs no Pulumi."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.running.job import StackErrorInfo, StackJob
from orchestrator.stack_id import StackId


class Step(StrEnum):
    """What has just been done; a move may end after each."""

    INITIALISED = "initialised"
    IMPORTED = "imported"
    ENCRYPTED = "encrypted"
    VERIFIED = "verified"
    SETTINGS_WRITTEN = "settings_written"
    HISTORY_COPIED = "history_copied"
    REMOVED = "removed"


class Outcome(StrEnum):
    """What became of a stack."""

    MOVED = "moved"
    FINISHED = "finished"
    """An earlier move was cut short, and this one did the rest."""
    SETTLED = "settled"
    """The state was there already, and the settings file now says what opens it."""
    THERE = "there"
    ABSENT = "absent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class MoveJob:
    """One stack as it is run in either backend; the two jobs differ in backend, environment and secrets provider only.

    `look` has the command that shows the state in the source and that for the target, `aside` those that move each
    aside.
    """

    source: StackJob
    target: StackJob
    look: tuple[str, str]
    aside: tuple[str, str]

    @property
    def id(self) -> StackId:
        """The stack."""
        return self.target.id


@dataclass(frozen=True, slots=True)
class MoveResult:
    """How one stack ended. `resources` leaves root and providers out, `history` the objects of its history copied."""

    id: StackId
    outcome: Outcome
    resources: int = 0
    history: int = 0
    error: StackErrorInfo | None = None
    seconds: float = 0.0


def again(stack: StackId) -> str:
    """Return the command that moves a stack, or goes on with it."""
    return f"fleetyard state migrate --stack {stack}"
