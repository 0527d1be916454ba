"""Listens to one operation's engine events and keeps what results and progress need of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrator.running.job import QUIET_OPS, OnEvent, ResourceChange, StackEvent
from orchestrator.stack_id import StackId

if TYPE_CHECKING:
    from pulumi.automation.events import DiagnosticEvent, EngineEvent, StepEventMetadata

KEPT_MESSAGES = 50
"""More errors or warnings than this in one stack say nothing new."""

_AMBIENT = re.compile(r"using pulumi-resource-\S+ from \$PATH at ")
"""The real CLI's remark on a plugin that is led to by PATH, as ours is in a rehearsal: it says nothing new either."""


class EventCollector:
    """Receives Pulumi's events of one operation, from whatever thread, one at a time."""

    def __init__(self, stack: StackId, emit: OnEvent) -> None:
        self._stack = stack
        self._emit = emit
        self._changes: dict[str, ResourceChange] = {}
        self.counts: Mapping[str, int] = {}
        """Resources by Pulumi's word for what was done with them; known at the end."""
        self.errors: list[tuple[str, str]] = []
        """(URN or empty, message) of each error."""
        self.warnings: list[str] = []
        self.failed: list[str] = []
        """URNs of resources whose step failed."""

    def __call__(self, event: EngineEvent) -> None:
        """Take in one event."""
        if event.resource_pre_event:
            self._step(event.resource_pre_event.metadata, done=False)
        elif event.res_outputs_event:
            self._step(event.res_outputs_event.metadata, done=True)
        elif event.res_op_failed_event:
            self.failed.append(event.res_op_failed_event.metadata.urn)
        elif event.diagnostic_event:
            self._message(event.diagnostic_event)
        elif event.summary_event:
            self.counts = {_word(op): count for op, count in event.summary_event.resource_changes.items()}

    @property
    def changes(self) -> tuple[ResourceChange, ...]:
        """What was changed, or would be, in the order of the steps; one entry per resource."""
        return tuple(self._changes.values())

    def _step(self, step: StepEventMetadata, *, done: bool) -> None:
        op = _word(step.op)
        if op not in QUIET_OPS:
            self._note(step, op)
        self._emit(StackEvent(self._stack, op, step.type, step.urn.rsplit("::", 1)[-1], done))

    def _note(self, step: StepEventMetadata, op: str) -> None:
        earlier = self._changes.get(step.urn)
        # A replacement is three steps of one resource; to a reader it is one.
        word = "replace" if "replace" in op or (earlier and earlier.op == "replace") else op
        diffs = tuple(sorted(step.detailed_diff or ())) or tuple(sorted(step.diffs or ()))
        self._changes[step.urn] = ResourceChange(step.urn, step.type, word, diffs or (earlier.diffs if earlier else ()))

    def _message(self, diagnostic: DiagnosticEvent) -> None:
        text = diagnostic.message.strip()
        if diagnostic.severity == "error" and len(self.errors) < KEPT_MESSAGES:
            self.errors.append((diagnostic.urn or "", text))
        elif diagnostic.severity == "warning" and len(self.warnings) < KEPT_MESSAGES and not _AMBIENT.match(text):
            self.warnings.append(text)


def _word(op: object) -> str:
    """Return Pulumi's word for an operation, which the SDK gives as an enum or as text."""
    return str(getattr(op, "value", op))
