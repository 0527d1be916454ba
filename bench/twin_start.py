"""How long the twin takes from its start to its first answer to a signed call, beside bare moto and an interpreter."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.bare_moto import bare_moto
from bench.figures import median_seconds, milliseconds, show
from bench.twin import administrators_client, new_folder, new_twin

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds: until the twin says it is healthy, until it has answered a signed call, of its processor by then."""

    healthy: float
    answered: float
    processor: float


def show_twin_start() -> None:
    """Print the medians."""
    starts = [_start() for _ in range(ROUNDS)]
    rows = [
        ["python -c pass", milliseconds(median_seconds(_empty_interpreter, ROUNDS)), ""],
        ["bare moto, to its open port", milliseconds(median_seconds(_bare_moto, ROUNDS)), ""],
        ["twin, to its healthy answer", _median(starts, lambda start: start.healthy), ""],
        ["twin, to its first signed answer", *(_median(starts, part) for part in (_answered, _processor))],
    ]
    show(
        f"12. Starting the twin ({ROUNDS} rounds each)",
        ["start", "wall", "processor"],
        rows,
        "Aim: under a second to the first signed answer. What is loaded ahead after that is not in these figures.",
    )


def _start() -> Start:
    with new_folder() as folder:
        started = time.perf_counter()
        with new_twin(folder / "twin.json") as run:
            healthy = time.perf_counter() - started
            with closing(administrators_client(run, "sts")) as client:
                asked = time.perf_counter()
                client.get_caller_identity()
                answered = healthy + time.perf_counter() - asked
            used = psutil.Process(run.pid).cpu_times()
    return Start(healthy, answered, float(used.user + used.system))


def _empty_interpreter() -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True, cwd=Path("/"))


def _bare_moto() -> None:
    with bare_moto(quick=False):
        pass


def _answered(start: Start) -> float:
    return start.answered


def _processor(start: Start) -> float:
    return start.processor


def _median(starts: list[Start], part: Callable[[Start], float]) -> str:
    return milliseconds(sorted(map(part, starts))[len(starts) // 2])
