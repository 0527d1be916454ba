"""What one check found out, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


class Topic(IntEnum):
    """What a check is about; its value is the exit code when the check fails."""

    MACHINE = 1
    MANIFEST = 2
    ACCESS = 3
    ENGINE = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination. `hint` is what to type next; empty where all is well."""

    name: str
    topic: Topic
    outcome: Outcome
    words: str
    hint: str = ""


class Told(Protocol):
    """An error that says why and what next, as all of ours do; those of the rehearsal are of another tree."""

    @property
    def summary(self) -> str:
        """What failed."""

    @property
    def why(self) -> str:
        """Why."""

    @property
    def hint(self) -> str:
        """What to type next."""


def failed(name: str, topic: Topic, error: Told) -> Finding:
    """Return the finding that an error of ours stands for."""
    why = f": {error.why}" if error.why else ""
    return Finding(name, topic, Outcome.FAILED, f"{error.summary}{why}", error.hint)


def exit_code(findings: Iterable[Finding]) -> int:
    """Return the largest exit code among the failed checks: 5 engine, 3 access, 2 manifest, 1 machine; 0 if none is."""
    return max((finding.topic.value for finding in findings if finding.outcome is Outcome.FAILED), default=0)
