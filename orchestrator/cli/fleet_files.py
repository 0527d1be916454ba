"""From what a command was given to the fleet it means: the manifest, and the workspace its files are in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import RehearsalGone

if TYPE_CHECKING:
    from landing_zone.fleet import Manifest
    from orchestrator.cli.world import World
    from orchestrator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Fleet:
    """A manifest that was read, and where everything of it is."""

    manifest: Manifest
    workspace: Workspace


def open_fleet(world: World, given: Path | None) -> Fleet:
    """Read the manifest, and find its files: the committed ones, or those of the kept rehearsal one has joined.

    Raises: FleetNotFound, RootNotFound, RehearsalGone, or ManifestError with every problem.
    """
    from landing_zone.manifest import load_manifest  # noqa: PLC0415  (costs start-up time)
    from orchestrator.workspace import REHEARSAL_VARIABLE, committed, find_fleet, kept_rehearsal  # noqa: PLC0415

    joined = world.env.get(REHEARSAL_VARIABLE)
    if not joined:
        path = find_fleet(given, world.env, world.folder)
        return Fleet(load_manifest(path), committed(path))
    workspace = kept_rehearsal(Path(joined))
    if given is not None and (world.folder / given).resolve() != workspace.fleet:
        raise RehearsalGone(
            "the kept rehearsal is of another fleet",
            subject=str(workspace.fleet),
            why=f"{REHEARSAL_VARIABLE} names it, and --fleet names {given}",
            not_run="any stack",
            hint=f"unset {REHEARSAL_VARIABLE}, or: fleetyard rehearse --keep --fleet {given}",
        )
    return Fleet(load_manifest(workspace.fleet), workspace)
