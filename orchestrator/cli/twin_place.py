"""Where the run file of the twin that a command means is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.cli.world import World


def run_file_of(world: World, fleet: Path | None) -> Path:
    """Return the run file: the one the environment names, else the one of the manifest's repository."""
    from orchestrator.composition import RUN_FILE_VARIABLE
    from orchestrator.files.workspace import find_root, twin_run_file

    named = world.env.get(RUN_FILE_VARIABLE)
    if named:
        return Path(named)
    start = world.folder / (fleet or "fleet.yaml")
    return twin_run_file(find_root(start.resolve()))
