"""The record of runs: beside the state, one folder per run, one JSON line per change of status. Nothing secret.

Shape of a line: `schema`, `run`, `at` (UTC), `event`; then by event
`run_started` (operation, stacks), `moved` (stack, before, after, reason?, cause?), `ended` (as in a command's JSON),
`interrupted` (count), `run_finished` (exit_code, seconds, interrupted).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.running.job import Operation, StackEvent, StackResult
from orchestrator.running.queue import Transition
from orchestrator.running.report import RunReport, stack_as_json
from orchestrator.stack_id import StackId

SCHEMA = 1
FILE_NAME = "events.jsonl"

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(tz=UTC)


class RunRecord:
    """Observes runs and writes each to a folder of its own under `runs`; lines are on disk as soon as they happen."""

    def __init__(self, runs: Path, clock: Clock = _now) -> None:
        self._runs = runs
        self._clock = clock
        self._file: Path | None = None
        self.run_id = ""
        """The newest run's id: its start in UTC, and a few letters that tell two of one second apart."""

    def started(self, operation: Operation, stacks: Sequence[StackId]) -> None:
        """Begin a run's record."""
        self.run_id = f"{self._clock():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        folder = self._runs / self.run_id
        folder.mkdir(parents=True)
        self._file = folder / FILE_NAME
        self._write("run_started", {"operation": operation.value, "stacks": [str(stack) for stack in stacks]})

    def moved(self, transition: Transition) -> None:
        """Write a change of status."""
        fields: dict[str, object] = {
            "stack": str(transition.id),
            "before": transition.before.value,
            "after": transition.after.value,
        }
        if transition.reason:
            fields["reason"] = transition.reason.value
        if transition.cause:
            fields["cause"] = str(transition.cause)
        self._write("moved", fields)

    def stepped(self, event: StackEvent) -> None:
        """Leave steps out: the stack's own history has them."""

    def ended(self, result: StackResult) -> None:
        """Write a stack's result."""
        self._write("ended", stack_as_json(result))

    def interrupted(self, count: int) -> None:
        """Write that the run was asked to stop."""
        self._write("interrupted", {"count": count})

    def finished(self, report: RunReport) -> None:
        """Write how the run ended."""
        fields = {"exit_code": report.exit_code, "seconds": round(report.seconds, 3)}
        self._write("run_finished", {**fields, "interrupted": report.interrupted})

    def _write(self, event: str, fields: dict[str, object]) -> None:
        if self._file is None:
            return
        line = {"schema": SCHEMA, "run": self.run_id, "at": self._clock().isoformat(), "event": event, **fields}
        # Opened for each line: a run that ends in whatever way leaves nothing open and nothing unwritten.
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
