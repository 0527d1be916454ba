"""Pulumi typed by hand in a program's folder: finds which program of the fleet is meant, and what Pulumi must be told.

    arguments + folder -> program of the fleet -> its backend, its settings, its caller

Works the same on either engine, as only the command's environment, folder and arguments are concerned. A folder that
holds no program of the fleet is none of our business: Pulumi is then run as typed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from landing_zone.fleet import Manifest, StateRights
from landing_zone.lock import Lock
from orchestrator.callers import AnswerKind, Identity, assumed_role
from orchestrator.errors import StateNotMade
from orchestrator.files.project_files import PROJECT_FILE, write_work_project
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import Plan, PlannedStack
from orchestrator.running.job import CallerName
from orchestrator.running.scheduler import Blocked
from orchestrator.state.backends import Backends

_FOLDER_OPTIONS = ("--cwd", "-C")
_STACK_OPTIONS = ("--stack", "-s")
_STACK_AS_ARGUMENT = (("stack", "select"), ("stack", "rm"), ("stack", "remove"), ("cancel",))
_ABOUT_ACCESS = re.compile(
    r"AccessDenied|UnauthorizedOperation|not authorized to perform|ExpiredToken|FY(?:412|531|532|533|538|659)\b"
)
_MAY_BE_ABOUT_ACCESS = frozenset({1, 3, 4, 255})
"""Exit codes of a CLI that writes to the terminal itself: not told apart, about sign-in, about resources."""
_MAKING_STACKS = (("stack", "init"), ("stack", "new"), ("stack", "create"))


@dataclass(frozen=True, slots=True)
class Invocation:
    """One Pulumi command as it is to be run.

    `caller` is who runs this program; None if it is none of the fleet's. `stack_missing` is what to do next if there
    is no such stack.
    """

    arguments: tuple[str, ...]
    folder: Path
    env: Mapping[str, str] = field(repr=False)
    program: str = ""
    caller: CallerName | None = None
    stack_missing: str = ""


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
        planned = self._program_at(here) if here.is_dir() else None
        if planned is None:
            return Invocation(tuple(arguments), folder, env)
        planned = self._meant(planned, rest)
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
            stack_missing=self._if_missing(planned, stack_of(rest), folder),
        )

    def _meant(self, any_stack: PlannedStack, arguments: tuple[str, ...]) -> PlannedStack:
        """Return the stack of a program that a command names, as its account says which bucket it is in.

        Without a name, or with one that the program does not have, it is any of its stacks.
        """
        words = tuple(word for word in arguments if not word.startswith("-"))
        name = stack_of(arguments) or (words[2].rpartition("/")[2] if words[:2] in _MAKING_STACKS and words[2:] else "")
        own = (other for other in self.plan.stacks if other.id.program == any_stack.id.program)
        return next((other for other in own if other.id.stack_name == name), any_stack)

    def _if_missing(self, planned: PlannedStack, name: str, folder: Path) -> str:
        """Return what to do if a program has no stack of a name: make it, or correct name or folder."""
        program = planned.id.program
        own = [other.id.stack_name for other in self.plan.stacks if other.id.program == program]
        if not name:
            return ""
        if name in own:
            return f"fleetyard up --stack {program}/{name} makes it"
        there = f"stacks are {', '.join(own)}" if len(own) > 1 else f"only stack is {own[0]}"
        found = f"this folder holds the program {program}; its {there}"
        elsewhere = [other for other in self.plan.stacks if other.id.stack_name == name]
        if elsewhere:
            ways = " or ".join(f"{other.id.program} (--cwd {self._way(other, folder)})" for other in elsewhere)
            return f"{found}; {name} is a stack of {ways}"
        near = get_close_matches(name, own, n=1)
        return f"did you mean {near[0]}? {found}" if near else f"{found}; fleet.yaml has no {name}"

    def _way(self, planned: PlannedStack, folder: Path) -> str:
        return os.path.relpath(self.workspace.project_file(planned).parent, folder.resolve())

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
    session_of = assumed_role(identity.arn)
    role = session_of if session_of in manifest.management_roles else ""
    acting: CallerName | None = CallerName.MANAGEMENT if role else CallerName.ADMINISTRATOR
    without = bool(role) and manifest.management_roles[role].state is StateRights.NONE
    if without:
        acting = None
    if identity.kind is not AnswerKind.KNOWN or command.caller is None or acting is command.caller:
        return ""
    profile = getattr(manifest.callers, command.caller)
    name = "admin" if command.caller is CallerName.ADMINISTRATOR else ""
    return (
        f"{command.program} is run by the {command.caller.value} caller, and you are {role or identity.arn}"
        f"{', which has no rights to the state of workloads' if without else ''}\n"
        f"  next: AWS_PROFILE={profile}, without keys in the environment; "
        f'in a rehearsal: eval "$(fleetyard twin env{f" --as {name}" if name else ""})"'
    )


def about_access(code: int, told: Sequence[str]) -> bool:
    """Tell whether a command failed for want of access, by the lines it printed; without any, by its exit code."""
    if told:
        return any(_ABOUT_ACCESS.search(line) for line in told)
    return code in _MAY_BE_ABOUT_ACCESS


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
    """Return the stack that a command names, without organisation and project; empty if it names none."""
    named = ""
    for at, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name in _STACK_OPTIONS:
            named = value if equals else next(iter(arguments[at + 1 :]), "")
        elif word.startswith("-s") and not equals:
            named = word.removeprefix("-s")
    words = tuple(word for word in arguments if not word.startswith("-"))
    if not named:
        named = next((words[len(way)] for way in _STACK_AS_ARGUMENT if words[:-1] == way), "")
    return named.rpartition("/")[2]


def _with_secrets_provider(arguments: tuple[str, ...], provider: str) -> tuple[str, ...]:
    """Return the arguments, with the fleet's secrets provider where a stack is made and none is named."""
    words = tuple(word for word in arguments if not word.startswith("-"))
    named = any(word.partition("=")[0] == "--secrets-provider" for word in arguments)
    return (*arguments, f"--secrets-provider={provider}") if words[:2] in _MAKING_STACKS and not named else arguments
