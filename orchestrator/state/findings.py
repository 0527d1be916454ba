"""What `state doctor` can find, as data, and how people and machines read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.state.verify import counted


class Kind(StrEnum):
    """One word for each thing that can be wrong."""

    ORPHAN_LOCK = "orphan-lock"
    OLD_LOCK = "old-lock"
    UNREADABLE_LOCK = "unreadable-lock"
    DAMAGED = "damaged-state"
    UNPLANNED = "unplanned-stack"
    UNWRITTEN = "unwritten-state"
    PENDING = "pending-operations"
    WRONG_BACKEND = "wrong-backend"
    HALF_MOVED = "half-moved"
    SETTINGS = "settings-mismatch"
    ENCRYPTION = "wrong-encryption"
    OTHER_FLEET = "other-fleet"
    OTHER_STACK = "other-stack"
    UNREADABLE = "unreadable-backend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: of which stack, in which backend, at which address, why it matters, what to type."""

    kind: Kind
    stack: str
    backend: str
    where: str
    words: str
    matters: str
    resolve: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that was found; `looked` counts the stacks looked at in either backend."""

    findings: tuple[Finding, ...]
    looked: int = 0

    @property
    def exit_code(self) -> int:
        """Return 0 where all is well, else 1."""
        return int(bool(self.findings))


def diagnosis_as_text(diagnosis: Diagnosis) -> str:
    """Return each finding with why it matters and what to do, and how many there are."""
    lines: list[str] = []
    for finding in diagnosis.findings:
        subject = f" {finding.stack}" if finding.stack else ""
        lines += [
            f"{finding.kind.value}:{subject}: {finding.words} [{finding.where}]",
            f"  why it matters: {finding.matters}",
            f"  next: {finding.resolve}",
            "",
        ]
    return "\n".join([*lines, _verdict(diagnosis)])


def diagnosis_as_json(diagnosis: Diagnosis) -> dict[str, object]:
    """Return the findings as one JSON object."""
    return {
        "exit_code": diagnosis.exit_code,
        "looked_at": diagnosis.looked,
        "findings": [
            {
                "kind": finding.kind.value,
                "stack": finding.stack,
                "backend": finding.backend,
                "where": finding.where,
                "words": finding.words,
                "matters": finding.matters,
                "next": finding.resolve,
            }
            for finding in diagnosis.findings
        ],
    }


def _verdict(diagnosis: Diagnosis) -> str:
    stacks = counted(diagnosis.looked, "state")
    count = len(diagnosis.findings)
    return f"{counted(count, 'finding')} in {stacks}" if count else f"All is well with {stacks}."


def by_stack(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings in an order that keeps those of a stack together; what concerns all comes first."""
    return tuple(sorted(findings, key=lambda finding: (finding.stack, finding.backend, finding.kind.value)))
