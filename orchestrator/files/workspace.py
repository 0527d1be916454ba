"""Where the files of a fleet are: programs, settings, lock, state, work directories.

Committed: settings lie in each program's folder, the lock beside the manifest, the state in `state/` beside it.
Rehearsal: all of that lies in one folder outside the committed tree; programs are used in place.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from landing_zone.lock import LOCK_NAME, lock_path
from landing_zone.naming import ORGANIZATION_PROJECT
from orchestrator.errors import FleetNotFound, ProgramMissing, RehearsalGone, RootNotFound
from orchestrator.files.project_files import PROJECT_FILE, copy_settings, project_name
from orchestrator.next_steps import LEAVE
from orchestrator.planning.plan import PlannedStack, StackKind
from orchestrator.workers.environment import REHEARSAL_VARIABLE as REHEARSAL_VARIABLE  # noqa: PLC0414  (re-exported by name)

FLEET_FILE = "fleet.yaml"
FLEET_VARIABLE = "FLEETYARD_FLEET"
FOLDER = ".fleetyard"
WORKLOADS = "workloads"
"""The folder of the programs that a manifest names without a folder."""

_INSTALLATION = Path(__file__).resolve().parents[2]
_NOTE = "rehearsal.json"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The places of one fleet. All paths are absolute."""

    root: Path
    """The repository: the folder of the project file named `org`."""
    fleet: Path
    lock_path: Path
    state: Path
    """The folder of Pulumi's self-managed backend."""
    work: Path
    settings: Path | None = None
    """The folder of all settings files; None when each lies in its program's folder."""

    @property
    def backend_url(self) -> str:
        """The state's folder as Pulumi names it; the folder is made, as Pulumi does not."""
        self.state.mkdir(parents=True, exist_ok=True)
        return self.state.as_uri()

    @property
    def runs(self) -> Path:
        """Where records of runs lie."""
        return self.state / FOLDER / "runs"

    def project_file(self, stack: PlannedStack) -> Path:
        """Return the project file of a stack's program; raises ProgramMissing if it names no project."""
        file = self._program_folder(stack) / PROJECT_FILE
        if project_name(file) is None:
            raise ProgramMissing(
                f"the program {stack.id.program} has no project file",
                subject=str(file),
                not_run="any stack",
                hint=f"see docs/add-a-workload.md, or take {stack.id.program} out of {self.fleet.name}",
            )
        return file

    def settings_dir(self, stack: PlannedStack) -> Path:
        """Return where the stack's `Pulumi.<stack>.yaml` lies."""
        return self.settings / stack.id.program if self.settings else self._program_folder(stack)

    def work_dir(self, stack: PlannedStack, *, dry: bool = False) -> Path:
        """Return the stack's own work directory, the same for each run; dry operations have another one."""
        return self.work / ("dry" if dry else "run") / stack.id.program / stack.id.stack_name

    def hand_dir(self, stack: PlannedStack) -> Path:
        """Return from where Pulumi is run by hand on any stack of a program, with a rehearsal's settings."""
        return self.work / "hand" / stack.id.program

    def copy_in(self, stacks: tuple[PlannedStack, ...]) -> None:
        """Copy the settings that the programs' folders hold into a rehearsal that has none of its own yet."""
        if self.settings is None:
            return
        for stack in stacks:
            name = f"Pulumi.{stack.id.stack_name}.yaml"
            target = self.settings_dir(stack) / name
            source = self._program_folder(stack) / name
            if source.exists() and not target.exists():
                copy_settings(source, target, with_encryption=False)

    def _program_folder(self, stack: PlannedStack) -> Path:
        if stack.kind is StackKind.ORGANIZATION:
            return self.root
        if stack.workload is None:
            return self.root / stack.id.program
        return stack.workload.folder or self.root / WORKLOADS / stack.workload.name


def committed(fleet: Path) -> Workspace:
    """Return the workspace that is committed with the fleet; raises RootNotFound."""
    fleet = fleet.resolve()
    root = find_root(fleet)
    return Workspace(
        root=root,
        fleet=fleet,
        lock_path=lock_path(fleet),
        state=fleet.parent / "state",
        work=root / FOLDER / "work",
    )


def rehearsal(fleet: Path, directory: Path) -> Workspace:
    """Return a new rehearsal's workspace, all under a directory, and note there which fleet it is of."""
    fleet, directory = fleet.resolve(), directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _NOTE).write_text(json.dumps({"fleet": str(fleet)}), encoding="utf-8")
    return _rehearsal(fleet, directory)


def kept_rehearsal(directory: Path) -> Workspace:
    """Return the workspace of a rehearsal that was kept; raises RehearsalGone if the directory holds none."""
    return _rehearsal(rehearsed_fleet(directory), directory.resolve())


def _rehearsal(fleet: Path, directory: Path) -> Workspace:
    return Workspace(
        root=find_root(fleet),
        fleet=fleet,
        lock_path=directory / LOCK_NAME,
        state=directory / "state",
        work=directory / "work",
        settings=directory / "settings",
    )


def twin_run_file(root: Path) -> Path:
    """Return where the twin of a repository notes that it runs."""
    return root / FOLDER / "twin.json"


def rehearsal_folder(run_file: Path) -> Path:
    """Return where the rehearsal on a twin keeps its files: beside the twin's run file."""
    return run_file.parent / "rehearsal"


def is_rehearsal(directory: Path) -> bool:
    """Return whether a folder holds a rehearsal's files."""
    return (directory / _NOTE).is_file()


def remove_rehearsal(directory: Path) -> None:
    """Remove a rehearsal's files; a folder that is none stays."""
    if is_rehearsal(directory):
        shutil.rmtree(directory)


def rehearsed_fleet(directory: Path) -> Path:
    """Return the manifest that a kept rehearsal is of; raises RehearsalGone if the directory holds none."""
    try:
        return Path(json.loads((directory / _NOTE).read_text(encoding="utf-8"))["fleet"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RehearsalGone(
            "there is no kept rehearsal in this folder",
            subject=str(directory),
            why=f"{REHEARSAL_VARIABLE} names it",
            not_run="any stack",
            hint=f"{LEAVE}, or make one anew: fleetyard rehearse --keep",
        ) from error


def find_fleet(given: Path | None, env: Mapping[str, str], folder: Path) -> Path:
    """Return the manifest: the one given, else FLEETYARD_FLEET's, else `fleet.yaml` in the folder or upwards.

    A file that was named is returned whether or not it exists. Raises: FleetNotFound.
    """
    named = given or (Path(env[FLEET_VARIABLE]) if env.get(FLEET_VARIABLE) else None)
    if named is not None:
        return named if named.is_absolute() else folder / named
    for above in (folder, *folder.parents):
        if (above / FLEET_FILE).is_file():
            return above / FLEET_FILE
    raise FleetNotFound(
        f"there is no {FLEET_FILE} here or in any folder above",
        subject=str(folder),
        not_run="any stack",
        hint="--fleet FILE, such as --fleet examples/acme/fleet.yaml",
    )


def find_root(fleet: Path, otherwise: Sequence[Path] | None = None) -> Path:
    """Return the repository of a manifest: the nearest at or above it.

    A manifest outside of any repository belongs to the one at or above the first folder of `otherwise` that has one:
    the working directory, then where Fleetyard itself lies. Raises: RootNotFound.
    """
    for start in (fleet.parent, *(otherwise if otherwise is not None else (Path.cwd(), _INSTALLATION))):
        for folder in (start, *start.parents):
            if project_name(folder / PROJECT_FILE) == ORGANIZATION_PROJECT:
                return folder
    raise RootNotFound(
        f"no folder at or above the manifest holds a {PROJECT_FILE} with the name {ORGANIZATION_PROJECT}",
        subject=str(fleet),
        not_run="any stack",
        hint="keep the manifest in a clone of Fleetyard",
    )
