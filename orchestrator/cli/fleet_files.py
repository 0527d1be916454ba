"""From what a command was given to the fleet it means: the manifest, and the workspace its files are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import HalfJoined, RehearsalGone
from orchestrator.next_steps import JOIN, LEAVE
from orchestrator.workers.environment import REHEARSAL_VARIABLE, RUN_FILE_VARIABLE

if TYPE_CHECKING:
    from landing_zone.fleet import Manifest
    from landing_zone.lock import Lock
    from orchestrator.cli.world import World
    from orchestrator.files.workspace import Workspace
    from orchestrator.state.backends import Backends


@dataclass(frozen=True, slots=True)
class Fleet:
    """A manifest that was read, and where everything of it is."""

    manifest: Manifest
    workspace: Workspace

    def lock(self) -> Lock:
        """Read the lock file, with the ids that the manifest gives; raises LockUnreadable or LockConflict."""
        from landing_zone.lock import load_lock, resolve_lock

        return resolve_lock(self.manifest, load_lock(self.workspace.lock_path))

    def backends(self, env: Mapping[str, str]) -> Backends:
        """Return where the states of its stacks are, at the endpoint that an environment leads to."""
        from orchestrator import composition
        from orchestrator.state.backends import Backends

        return Backends(self.manifest, self.workspace, composition.bucket_options(env))


def open_fleet(world: World, given: Path | None) -> Fleet:
    """Read the manifest, and find its files: the committed ones, or those of the kept rehearsal one has joined.

    Raises: FleetNotFound, RootNotFound, RehearsalGone, HalfJoined, or ManifestError with every problem.
    """
    from orchestrator.files.workspace import committed, find_fleet, kept_rehearsal

    joined = world.env.get(REHEARSAL_VARIABLE)
    if not joined:
        refuse_half_joined(world.env)
        path = find_fleet(given, world.env, world.folder)
        return Fleet(_load(path), committed(path))
    workspace = kept_rehearsal(Path(joined))
    if given is not None and (world.folder / given).resolve() != workspace.fleet:
        raise RehearsalGone(
            "the kept rehearsal is of another fleet",
            subject=str(workspace.fleet),
            why=f"{REHEARSAL_VARIABLE} names it, and --fleet names {given}",
            not_run="any stack",
            hint=f"{LEAVE}, or: fleetyard rehearse --keep --fleet {given}",
        )
    refuse_half_joined(world.env)
    return Fleet(_load(workspace.fleet), workspace)


def read_fleet(world: World, given: Path | None) -> Fleet:
    """Read the manifest for a command that runs nothing: any fleet may be named, whichever rehearsal one has joined.

    The lock is the rehearsal's where that is of the same fleet. Raises: as `open_fleet`, but for the rehearsal.
    """
    from orchestrator.files.workspace import committed, find_fleet, kept_rehearsal

    path = find_fleet(given, world.env, world.folder)
    manifest = _load(path)
    if joined := world.env.get(REHEARSAL_VARIABLE):
        try:
            workspace = kept_rehearsal(Path(joined))
        except RehearsalGone:
            return Fleet(manifest, committed(path))
        if workspace.fleet == path.resolve():
            return Fleet(manifest, workspace)
    return Fleet(manifest, committed(path))


def refuse_half_joined(env: Mapping[str, str]) -> None:
    """Raise HalfJoined unless an environment leads to one twin in every respect, or to none."""
    from orchestrator.files.workspace import is_rehearsal, rehearsal_folder
    from orchestrator.twin_endpoint import refuse_unnamed_twin

    run_file = env.get(RUN_FILE_VARIABLE)
    folder = rehearsal_folder(Path(run_file)) if run_file else None
    joined = env.get(REHEARSAL_VARIABLE)
    if not joined:
        if folder is not None and is_rehearsal(folder):
            raise _half(
                f"{REHEARSAL_VARIABLE} is not set, though {RUN_FILE_VARIABLE} leads to a kept rehearsal",
                "the stacks would be the committed ones, on a twin that holds the rehearsal's",
            )
        refuse_unnamed_twin(env)
        return
    missing = [name for name in (RUN_FILE_VARIABLE, "AWS_ENDPOINT_URL") if not env.get(name)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise _half(
            f"{' and '.join(missing)} {verb} not set, though {REHEARSAL_VARIABLE} is",
            "the stacks would be the rehearsal's, and calls would not go to its twin",
        )
    if folder is not None and folder.resolve() != Path(joined).resolve():
        raise _half(
            f"{REHEARSAL_VARIABLE} and {RUN_FILE_VARIABLE} belong to two rehearsals",
            f"the first is {joined}, the twin's is {folder}",
        )


def _half(summary: str, why: str) -> HalfJoined:
    return HalfJoined(summary, why=why, not_run="any stack", hint=f"join it whole: {JOIN}; or leave it: {LEAVE}")


def _load(path: Path) -> Manifest:
    from orchestrator.validation.fleet_rules import load_checked

    return load_checked(path)
