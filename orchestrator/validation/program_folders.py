"""One more rule of the manifest: every workload's program is there. Told with all other problems, at its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from landing_zone.manifest.problems import nearest
from orchestrator.errors import RootNotFound
from orchestrator.files.project_files import PROJECT_FILE, project_name
from orchestrator.files.workspace import find_root

if TYPE_CHECKING:
    from landing_zone.manifest.load import Rule
    from landing_zone.manifest.outline import Outline, WorkloadLine
    from landing_zone.manifest.positions import Document
    from landing_zone.manifest.problems import Problems

DEFAULT = "workloads"
"""The repository's folder of programs whose workloads name no folder."""


def programs_exist(fleet: Path) -> Rule:
    """Return the rule for the manifest at this path; without a repository only folders that are named are looked at."""
    base = fleet.resolve().parent

    def check(outline: Outline, document: Document, problems: Problems) -> None:
        try:
            root = find_root(fleet.resolve())
        except RootNotFound:
            root = None
        for workload in outline.workloads:
            if workload.folder is not None:
                written, start, place = workload.folder.value, base, document.value(*workload.folder.path)
            elif root is not None:
                written, start, place = f"{DEFAULT}/{workload.name}", root, document.key(*workload.path)
            else:
                continue
            if wrong := _wrong_with(workload, start, written):
                problems.add(place, wrong, _nearest_program(start, written))

    return check


def _wrong_with(workload: WorkloadLine, start: Path, written: str) -> str:
    folder = start / written
    # os.path takes any text for a path that is not there; pathlib raises for some.
    if not os.path.isdir(folder):  # noqa: PTH112
        return f'the program of "{workload.name}" is not there: no folder {written}'
    if project_name(folder / PROJECT_FILE) is None:
        return f'the program of "{workload.name}" is none: {written} has no {PROJECT_FILE} that names a project'
    return ""


def _nearest_program(start: Path, written: str) -> str:
    """Return the program beside the one that is meant whose name is most like its own, written as it is; or empty."""
    above, name = os.path.split(written.rstrip("/"))
    try:
        beside = sorted(os.listdir(start / above))  # noqa: PTH208  (names alone)
    except (OSError, ValueError):
        return ""
    found = nearest(name, [other for other in beside if project_name(start / above / other / PROJECT_FILE)])
    return os.path.join(above, found) if found else ""  # noqa: PTH118  (as written)
