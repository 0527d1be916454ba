"""Runs a job beside the fleet: the same job, with work directory, settings and state of its own."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from orchestrator.running.job import StackJob

BACKEND_VARIABLE = "PULUMI_BACKEND_URL"


def in_scratch(job: StackJob, folder: Path) -> StackJob:
    """Return the job with everything it writes moved to a new folder; raises FileExistsError if that is not new."""
    state = folder / "state"
    state.mkdir(parents=True)
    return dataclasses.replace(
        job,
        work_dir=folder / "work",
        settings_dir=folder / "settings",
        backend_url=state.as_uri(),
        env={**job.env, BACKEND_VARIABLE: state.as_uri()},
    )
