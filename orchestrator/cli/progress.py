"""Shows a run while it goes on, on standard error: drawn on a terminal, one plain line per ended stack elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from orchestrator.accounts.readiness import WAIT
from orchestrator.running.job import StackStatus
from orchestrator.running.observers import RunObserver
from orchestrator.running.report import counts_as_text, reason_as_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live

    from orchestrator.cli.world import World
    from orchestrator.running.job import Operation, StackEvent, StackResult
    from orchestrator.running.queue import Transition
    from orchestrator.running.report import RunReport
    from orchestrator.stack_id import StackId

STOPPING = "Stopping: the steps in hand are finished and recorded. Ctrl-C once more leaves them."
LEAVING = "Leaving: what was under way is recorded as pending."

COLOURS = {
    StackStatus.SUCCEEDED: "green",
    StackStatus.FAILED: "red",
    StackStatus.CANCELLED: "yellow",
    StackStatus.SKIPPED: "yellow",
    StackStatus.BLOCKED: "yellow",
}


class Display(RunObserver, Protocol):
    """Shows runs, and what else there is to say meanwhile."""

    def say(self, words: str) -> None:
        """Show a line."""


@contextmanager
def progress(world: World, *, quiet: bool = False) -> Iterator[Display]:
    """Yield what shows runs until the end of the block; a quiet one leaves no line of a stack that succeeded."""
    if not world.live or world.env.get("TERM") == "dumb":
        yield PlainProgress(world, quiet=quiet)
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(file=world.err, no_color="NO_COLOR" in world.env)
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        yield LiveProgress(console, live, quiet=quiet)


class PlainProgress:
    """Writes a line when a run starts and when a stack ends; for logs and pipes."""

    def __init__(self, world: World, *, quiet: bool = False) -> None:
        self._world = world
        self._quiet = quiet
        self._left = 0

    def say(self, words: str) -> None:
        """Write a line."""
        self._world.say(words)

    def started(self, operation: Operation, stacks: Sequence[StackId]) -> None:
        """Say how many stacks there are."""
        self._left = len(stacks)
        if not self._quiet:
            self._world.say(f"{operation.value}: {_counted(self._left)}")

    def moved(self, transition: Transition) -> None:
        """Say nothing."""

    def stepped(self, event: StackEvent) -> None:
        """Say what is waited for, and nothing else."""
        if event.op == WAIT:
            self._world.say(f"  {event.type}: {event.name}")

    def ended(self, result: StackResult) -> None:
        """Say how a stack ended, and how many are left."""
        self._left -= 1
        if _worth_a_line(result, quiet=self._quiet):
            self._world.say(f"  {ended_line(result)}, {self._left} left")

    def interrupted(self, count: int) -> None:
        """Say what happens now."""
        self.say(STOPPING if count == 1 else LEAVING)

    def finished(self, report: RunReport) -> None:
        """Say nothing: the report follows."""


class LiveProgress:
    """Draws what runs now, and lets ended stacks scroll away above."""

    def __init__(self, console: Console, live: Live, *, quiet: bool = False) -> None:
        self._console = console
        self._live = live
        self._quiet = quiet
        self._steps: dict[StackId, tuple[int, str]] = {}
        self._left = 0
        self._title = ""

    def say(self, words: str) -> None:
        """Let a line stand above."""
        self._console.print(words, markup=False, highlight=False)

    def started(self, operation: Operation, stacks: Sequence[StackId]) -> None:
        """Begin to draw."""
        self._title, self._left = operation.value, len(stacks)
        self._draw()

    def moved(self, transition: Transition) -> None:
        """Draw a stack that begins."""
        if transition.after is StackStatus.RUNNING:
            self._steps[transition.id] = (0, "starting")
            self._draw()

    def stepped(self, event: StackEvent) -> None:
        """Draw a stack's newest step."""
        done, _ = self._steps.get(event.id, (0, ""))
        self._steps[event.id] = (done + event.done, f"{event.op} {event.type} {event.name}")
        self._draw()

    def ended(self, result: StackResult) -> None:
        """Let a stack's line stand above."""
        from rich.text import Text

        self._steps.pop(result.id, None)
        self._left -= 1
        self._draw()
        if _worth_a_line(result, quiet=self._quiet):
            line = Text(ended_line(result))
            line.stylize(COLOURS[result.status], 0, len(result.status.value))
            self._console.print(line)

    def interrupted(self, count: int) -> None:
        """Let a line stand above that says what happens now."""
        self.say(STOPPING if count == 1 else LEAVING)

    def finished(self, report: RunReport) -> None:  # noqa: ARG002  (an observer's signature)
        """Clear what was drawn: the report follows."""
        self._steps.clear()
        self._draw()

    def _draw(self) -> None:
        from rich.text import Text

        lines = [f"  {stack}  {done} steps  {now}" for stack, (done, now) in self._steps.items()]
        text = "\n".join([f"{self._title}: {_counted(self._left)} left", *lines]) if lines else ""
        self._live.update(Text(text, overflow="ellipsis", no_wrap=True))


def _counted(stacks: int) -> str:
    return "1 stack" if stacks == 1 else f"{stacks} stacks"


def _worth_a_line(result: StackResult, *, quiet: bool) -> bool:
    return not quiet or result.status is not StackStatus.SUCCEEDED


def ended_line(result: StackResult) -> str:
    """Return how a stack ended, in one line."""
    succeeded = result.status is StackStatus.SUCCEEDED
    what = (counts_as_text(result) or "nothing there") if succeeded else reason_as_text(result)
    took = f" ({result.seconds:.1f} s)" if result.seconds else ""
    return f"{result.status.value} {result.id}: {what}{took}"
