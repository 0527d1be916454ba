"""Who watches a run: the record, the live display, tests. Watching changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from orchestrator.running.job import Operation, StackEvent, StackResult
from orchestrator.running.queue import Transition
from orchestrator.running.report import RunReport
from orchestrator.stack_id import StackId


class RunObserver(Protocol):
    """Watches runs; called by the thread that runs them."""

    def started(self, operation: Operation, stacks: Sequence[StackId]) -> None:
        """Hear that a run begins, on these stacks in this order."""

    def moved(self, transition: Transition) -> None:
        """Hear that a stack has another status."""

    def stepped(self, event: StackEvent) -> None:
        """Hear that a step of a running stack begins or is done."""

    def ended(self, result: StackResult) -> None:
        """Hear of a stack's result."""

    def interrupted(self, count: int) -> None:
        """Hear that somebody asked the run to stop, for the first, second, ... time."""

    def finished(self, report: RunReport) -> None:
        """Hear that the run is over."""


class Observers:
    """Passes everything on to several observers, in their order."""

    def __init__(self, observers: Sequence[RunObserver] = ()) -> None:
        self._observers = tuple(observers)

    def started(self, operation: Operation, stacks: Sequence[StackId]) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.started(operation, stacks)

    def moved(self, transition: Transition) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.moved(transition)

    def stepped(self, event: StackEvent) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.stepped(event)

    def ended(self, result: StackResult) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.ended(result)

    def interrupted(self, count: int) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.interrupted(count)

    def finished(self, report: RunReport) -> None:
        """Pass it on."""
        for observer in self._observers:
            observer.finished(report)
