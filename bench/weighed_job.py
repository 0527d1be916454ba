"""A job that weighs its own process when it is done. Imports nothing heavy: that would be weighed too."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil

from orchestrator import composition
from orchestrator.running.job import OnEvent, StackJob, StackResult


@dataclass(frozen=True, slots=True)
class Weighed:
    """A job's result, and memory at its end in bytes: what this process has for itself, and the warm process's own."""

    result: StackResult
    own: int
    warm: int


def run_weighed(job: StackJob, emit: OnEvent) -> Weighed:
    """Run a job in a child of the pool, and weigh child and parent."""
    result = composition.run_job(job, emit)
    own = psutil.Process().memory_full_info().uss
    return Weighed(result, own, psutil.Process(os.getppid()).memory_info().rss)
