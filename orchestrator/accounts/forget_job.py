"""What crosses between who forgets states and the process that does it: a job in, a result out. Needs no Pulumi."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from orchestrator.running.job import StackErrorInfo, StackJob
from orchestrator.stack_id import StackId


class Forgotten(StrEnum):
    """What became of a state, or of one resource in it."""

    FORGOTTEN = "forgotten"
    ABSENT = "absent"
    """There was nothing to forget: an earlier attempt did it, or it was never there."""
    NOTED = "noted"
    """It stays, and says the unit that the account was moved to."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ForgetJob:
    """A stack to forget whole, or one resource of it by type and id; its state is kept in a file first.

    `stack` is the stack as it is run. With `only` the stack itself stays: it is (type, id) of the resource. With
    `parent` that stays as well, and only says this id of a unit from then on.
    """

    stack: StackJob
    keep_in: Path
    only: tuple[str, str] | None = None
    parent: str = ""

    @property
    def id(self) -> StackId:
        """The stack."""
        return self.stack.id


@dataclass(frozen=True, slots=True)
class ForgetResult:
    """How it ended. `kept` is the file with what the state was, None if nothing was in it; `resources` counts them."""

    id: StackId
    outcome: Forgotten
    resources: int = 0
    kept: Path | None = None
    error: StackErrorInfo | None = None
