"""What is on record of a fleet's stacks, put together from plan, lock and state files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landing_zone.fleet import Manifest
from landing_zone.lock import load_lock, resolve_lock
from orchestrator.plan import Plan, PlannedStack
from orchestrator.project_files import project_name
from orchestrator.stack_id import StackId
from orchestrator.state_files import StackState, StateFiles
from orchestrator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class StackRecord:
    """One stack of the plan; `state` is None if there is no such stack in the backend."""

    id: StackId
    account_id: str
    state: StackState | None

    @property
    def word(self) -> str:
        """Say in a word what is there: absent, empty, deployed or unreadable."""
        if self.state is None:
            return "absent"
        if not self.state.readable:
            return "unreadable"
        return "deployed" if self.state.deployed else "empty"


@dataclass(frozen=True, slots=True)
class FleetRecord:
    """The selected stacks, and those in the backend that the manifest no longer has, as project and stack."""

    stacks: tuple[StackRecord, ...]
    unplanned: tuple[tuple[str, str], ...]


def read_status(manifest: Manifest, workspace: Workspace, plan: Plan, selected: Sequence[PlannedStack]) -> FleetRecord:
    """Return what is on record; raises LockUnreadable, LockConflict or ProgramMissing."""
    lock = resolve_lock(manifest, load_lock(workspace.lock_path))
    files = StateFiles(workspace.state)
    projects = {planned.id: project_name(workspace.project_file(planned)) or "" for planned in plan.stacks}
    stacks = tuple(
        StackRecord(
            planned.id,
            lock.accounts.get(planned.account.name, ""),
            files.stack(projects[planned.id], planned.id.stack_name),
        )
        for planned in selected
    )
    planned_names = {(project, stack.stack_name) for stack, project in projects.items()}
    return FleetRecord(stacks, tuple(found for found in files.stacks() if found not in planned_names))
