"""Pulumi typed by hand in a program's folder: finds which program of the fleet is meant, and what Pulumi must be told.

    arguments + folder -> program of the fleet -> its backend, its settings, its caller

Works the same on either engine, as only the command's environment, folder and arguments are concerned. A folder that
holds no program of the fleet is none of our business: Pulumi is then run as typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from orchestrator.backends import Backends
from orchestrator.callers import AnswerKind, Identity
from orchestrator.errors import StateNotMade
from orchestrator.job import CallerName
from orchestrator.plan import Plan, PlannedStack
from orchestrator.project_files import PROJECT_FILE, write_work_project
from orchestrator.scheduler import Blocked
from orchestrator.workspace import Workspace

_SESSION = re.compile(r"arn:[^:]+:sts::\d{12}:assumed-role/(?P<role>[^/]+)/.+")
_FOLDER_OPTIONS = ("--cwd", "-C")
_STACK_OPTIONS = ("--stack", "-s")
_MAKING_STACKS = (("stack", "init"), ("stack", "new"), ("stack", "create"))


@dataclass(frozen=True, slots=True)
class Invocation:
    """One Pulumi command as it is to be run. `caller` is who runs this program; None if it is none of the fleet's."""

    arguments: tuple[str, ...]
    folder: Path
    env: Mapping[str, str] = field(repr=False)
    program: str = ""
    caller: CallerName | None = None


@dataclass(frozen=True, slots=True)
class HandTools:
    """What an invocation is worked out from."""

    manifest: Manifest
    workspace: Workspace
    plan: Plan
    lock: Lock
    backends: Backends

    def invocation(self, arguments: Sequence[str], folder: Path, env: Mapping[str, str]) -> Invocation:
        """Return what to run for a command typed in a folder.

        Raises: StateNotMade for a workload whose bucket is not made yet.
        """
        here, rest = take_folder(arguments, folder)
        planned = self._program_at(here)
        if planned is None:
            return Invocation(tuple(arguments), folder, env)
        try:
            backend = self.backends.home(planned, self.lock)
        except Blocked as blocked:
            raise StateNotMade(
                f"the state of {planned.id.program} has no bucket yet",
                subject=str(self.workspace.lock_path),
                why="the management account's bootstrap makes it, and has not run",
                not_run=" ".join(("pulumi", *arguments)),
                hint="fleetyard up --stack bootstrap",
            ) from blocked
        return Invocation(
            arguments=_with_secrets_provider(rest, backend.secrets_provider) if not backend.passphrase else rest,
            folder=here if self.workspace.settings is None else project_folder(self.workspace, planned),
            env={**env, "PULUMI_BACKEND_URL": backend.url},
            program=planned.id.program,
            caller=planned.caller,
        )

    def _program_at(self, folder: Path) -> PlannedStack | None:
        """Return any stack of the program whose project file Pulumi would find from a folder."""
        found = next((above for above in (folder, *folder.parents) if (above / PROJECT_FILE).is_file()), None)
        if found is None:
            return None
        for planned in self.plan.stacks:
            if self.workspace.project_file(planned).parent == found:
                return planned
        return None


def project_folder(workspace: Workspace, planned: PlannedStack) -> Path:
    """Return from where Pulumi is run by hand on a program: its folder, or in a rehearsal one with its settings.

    The latter is made ready; its project leads back to the program.
    """
    project_file = workspace.project_file(planned)
    if workspace.settings is None:
        return project_file.parent
    folder = workspace.hand_dir(planned)
    write_work_project(project_file, folder, workspace.settings_dir(planned))
    return folder


def wrong_caller(manifest: Manifest, command: Invocation, identity: Identity) -> str:
    """Return what to tell somebody whose command failed and who is not this program's caller; empty if they are."""
    session = _SESSION.fullmatch(identity.arn)
    role = session["role"] if session and session["role"] in manifest.management_roles else ""
    acting = CallerName.MANAGEMENT if role else CallerName.ADMINISTRATOR
    if identity.kind is not AnswerKind.KNOWN or command.caller is None or acting is command.caller:
        return ""
    profile = getattr(manifest.callers, command.caller)
    name = "admin" if command.caller is CallerName.ADMINISTRATOR else ""
    return (
        f"{command.program} is run by the {command.caller.value} caller, and you are {role or identity.arn}\n"
        f"  next: AWS_PROFILE={profile}, without keys in the environment; "
        f'in a rehearsal: eval "$(fleetyard twin env{f" --as {name}" if name else ""})"'
    )


def take_folder(arguments: Sequence[str], folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the folder that a command is meant for, and its arguments without the option that says so."""
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *words]
        elif name in _FOLDER_OPTIONS:
            folder = folder / (value if equals else next(words, ""))
        else:
            rest.append(word)
    return folder.resolve(), tuple(rest)


def stack_of(arguments: Sequence[str]) -> str:
    """Return the stack that a command names by option; empty if it names none."""
    for at, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name in _STACK_OPTIONS:
            return value if equals else next(iter(arguments[at + 1 :]), "")
    return ""


def _with_secrets_provider(arguments: tuple[str, ...], provider: str) -> tuple[str, ...]:
    """Return the arguments, with the fleet's secrets provider where a stack is made and none is named."""
    words = tuple(word for word in arguments if not word.startswith("-"))
    named = any(word.partition("=")[0] == "--secrets-provider" for word in arguments)
    return (*arguments, f"--secrets-provider={provider}") if words[:2] in _MAKING_STACKS and not named else arguments
