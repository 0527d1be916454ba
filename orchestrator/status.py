"""What is on record of a fleet's stacks, put together from plan, lock and state files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock, load_lock, resolve_lock
from orchestrator.planning.plan import Plan, PlannedStack
from orchestrator.stack_id import StackId
from orchestrator.state.backends import Backends, stack_record_name
from orchestrator.state.bucket_states import BucketStates, Name
from orchestrator.state.state_files import FolderObjects, StackState, StateFiles

AskBucket = Callable[[Lock, Sequence[Name]], BucketStates]
"""Reads the record of these stacks from the state bucket."""


@dataclass(frozen=True, slots=True)
class StackRecord:
    """One stack of the plan; `state` is None if there is no such stack in the backend, or if it is `unknown`."""

    id: StackId
    account_id: str
    state: StackState | None
    unknown: str = ""
    """AWS's words when the state could not be read."""
    suspended: bool = False
    """Whether runs leave its account alone."""

    @property
    def word(self) -> str:
        """Say in a word what is there: absent, empty, deployed, unreadable or unknown."""
        if self.unknown:
            return "unknown"
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


def read_status(
    manifest: Manifest, backends: Backends, plan: Plan, selected: Sequence[PlannedStack], bucket: AskBucket
) -> FleetRecord:
    """Return what is on record; `bucket` is asked only if a stack's state belongs there.

    Raises: LockUnreadable, LockConflict or ProgramMissing.
    """
    workspace = backends.workspace
    lock = resolve_lock(manifest, load_lock(workspace.lock_path))
    files = StateFiles(FolderObjects(workspace.state))
    names = {planned.id: stack_record_name(workspace, planned) for planned in plan.stacks}
    far = [planned for planned in selected if backends.in_bucket(planned)]
    answer = bucket(lock, [names[planned.id] for planned in far]) if far and lock.homes else BucketStates()
    stacks = tuple(
        StackRecord(
            planned.id,
            lock.accounts.get(planned.account.name, ""),
            answer.states.get(names[planned.id]) if planned in far else files.stack(*names[planned.id]),
            answer.words(names[planned.id]) if planned in far else "",
            planned.account.suspended,
        )
        for planned in selected
    )
    found = (*files.stacks(), *answer.names)
    return FleetRecord(stacks, tuple(name for name in found if name not in set(names.values())))
