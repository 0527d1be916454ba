"""States of stacks that the manifest does not have: which program each is of, and how it comes back under the manifest.

A state is stored under its program's Pulumi project, which need not be the name that the manifest has for the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.files.project_files import PROJECT_FILE, project_name
from orchestrator.files.workspace import WORKLOADS, Workspace
from orchestrator.planning.plan import Plan
from orchestrator.state.backends import stack_record_name
from orchestrator.state.bucket_states import Name
from orchestrator.state.state_files import StackState


@dataclass(frozen=True, slots=True)
class Orphan:
    """A state without a stack in the manifest; `program` is the manifest's name of its program, empty if it is gone."""

    project: str
    stack: str
    program: str = ""
    state: StackState | None = None

    def __str__(self) -> str:
        """Return what `--stack` selects it by once it is back."""
        return selected_as((self.program or self.project, self.stack))

    @property
    def put_back(self) -> str:
        """The step after which runs work on it again."""
        gone = "" if self.program else f"bring back the program whose Pulumi.yaml has the name {self.project}, and "
        return f"{gone}put {self} back into the manifest"

    @property
    def destroyed(self) -> tuple[str, ...]:
        """The steps that destroy it, once it is back."""
        kept = self.state.protected if self.state else ()
        return (*unprotecting(str(self), kept), f"fleetyard destroy --stack {self}")


def selected_as(name: Name) -> str:
    """Return how `--stack` selects what is program and stack: `program/account[/region]`; no account has a dot."""
    program, stack = name
    return f"{program}/{stack.replace('.', '/', 1)}"


def unprotecting(stack: str, protected: tuple[str, ...]) -> tuple[str, ...]:
    """Return the steps after which a stack's resources can be destroyed; none if its program protects none of them.

    The protection that counts is the state's, and only an `up` of the changed program takes it out of there.
    """
    if not protected:
        return ()
    return (f"take protect off {listed(protected)} in the program of {stack}", f"fleetyard up --stack {stack}")


def listed(protected: tuple[str, ...]) -> str:
    """Return the first protected resources by name, and how many more there are."""
    more = f" and {len(protected) - _SHOWN} more" if len(protected) > _SHOWN else ""
    return f"{', '.join(protected[:_SHOWN])}{more}"


def programs_by_project(workspace: Workspace, plan: Plan) -> Mapping[str, str]:
    """Return the name by which the manifest has, or would have, the program of each Pulumi project."""
    files = (workspace.root / WORKLOADS).glob(f"*/{PROJECT_FILE}")
    found = {project: file.parent.name for file in sorted(files) if (project := project_name(file))}
    return found | {stack_record_name(workspace, each)[0]: each.id.program for each in plan.stacks}


_SHOWN = 4
