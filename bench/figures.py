"""Tables of figures, and medians for them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence


def median_seconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median wall clock of some work, in seconds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def milliseconds(seconds: float) -> str:
    """Return a duration as it is printed, with a decimal where it is short."""
    return f"{seconds * 1000:.{1 if seconds < 0.01 else 0}f} ms"


def megabytes(size: float) -> str:
    """Return a number of bytes as it is printed."""
    return f"{size / 1e6:.0f} MB"


def show(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *notes: str) -> None:
    """Print a table under its title, names to the left and figures to the right, then what is to be said of it."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    print(f"\n{title}")
    for row in (headings, *rows):
        figures = (f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        print("  " + "   ".join([f"{row[0]:<{widths[0]}}", *figures]))
    for note in notes:
        print(f"  {note}", flush=True)
