"""Is the machine large enough: memory for the stacks at a time, room on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestrator.doctor.finding import Finding, Outcome, Topic
from orchestrator.doctor.state_checks import nearest_folder, refusal_to_write

MIB = 1024 * 1024
LITTLE_ROOM = 1024 * MIB
TOO_LITTLE_ROOM = 100 * MIB
"""Work directories, states and their backups of some hundred stacks take less."""


@dataclass(frozen=True, slots=True)
class MemoryQuestion:
    """Stacks at a time, bytes that each takes, and bytes that are free."""

    concurrency: int
    per_stack: int
    available: int


def free_memory() -> int:
    """Return how many bytes of memory are free for new processes."""
    import psutil  # noqa: PLC0415  (costs start-up time)

    return int(psutil.virtual_memory().available)


def check_memory(question: MemoryQuestion) -> tuple[Finding, ...]:
    """Compare the free memory with what the stacks at a time are reckoned to take."""
    fitting = question.available // question.per_stack
    words = (
        f"{question.available // MIB} MiB are free; {question.concurrency} stacks at a time take some "
        f"{question.concurrency * question.per_stack // MIB} MiB"
    )
    if fitting >= question.concurrency:
        return (Finding("memory", Topic.MACHINE, Outcome.OK, words),)
    if fitting:
        return (Finding("memory", Topic.MACHINE, Outcome.WARNING, words, f"--concurrency {fitting}"),)
    hint = "free some memory; below this a worker may be killed: --concurrency 1 at most"
    return (Finding("memory", Topic.MACHINE, Outcome.FAILED, words, hint),)


def free_bytes(folder: Path) -> int:
    """Return the room left on a folder's disk."""
    return shutil.disk_usage(folder).free


def check_disk(folder: Path, free: Callable[[Path], int] = free_bytes) -> tuple[Finding, ...]:
    """Tell how much room there is where work directories lie, and whether anything can be written there."""
    place = nearest_folder(folder)
    try:
        room = free(place)
    except OSError as error:
        words = f"{place}: {error.strerror or error}"
        return (Finding("disk", Topic.MACHINE, Outcome.FAILED, words, f"df {place}"),)
    refusal = refusal_to_write(place)
    if refusal:
        words = f"nothing can be written to {place}: {refusal}"
        return (Finding("disk", Topic.MACHINE, Outcome.FAILED, words, f"ls -ld {place}; df {place}"),)
    words = f"{room // MIB} MiB are free at {place}"
    if room < TOO_LITTLE_ROOM:
        return (Finding("disk", Topic.MACHINE, Outcome.FAILED, words, f"make room: df {place}"),)
    if room < LITTLE_ROOM:
        return (Finding("disk", Topic.MACHINE, Outcome.WARNING, words, f"make room: df {place}"),)
    return (Finding("disk", Topic.MACHINE, Outcome.OK, words),)
