"""What is decided about stacks before any of them starts: who is left out, who must wait, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestrator.errors import StillNeeded
from orchestrator.job import Operation, Reason, StackStatus
from orchestrator.plan import Plan, PlannedStack
from orchestrator.queue import Entry
from orchestrator.stack_id import StackId

IsDeployed = Callable[[StackId], bool]
"""Whether the state holds anything of a stack."""


@dataclass(frozen=True, slots=True)
class Request:
    """One operation on some of a plan's stacks."""

    operation: Operation
    plan: Plan
    selected: Sequence[PlannedStack]
    is_deployed: IsDeployed
    include_foundation: bool = False


def left_out(request: Request) -> dict[StackId, Entry]:
    """Return the selected stacks that the operation does not concern, and why."""
    if request.operation in {Operation.UP, Operation.PREVIEW}:
        return {}
    entries: dict[StackId, Entry] = {}
    for planned in request.selected:
        if request.operation.backwards and planned.kept and not request.include_foundation:
            entries[planned.id] = Entry(StackStatus.SKIPPED, Reason.PROTECTED)
        elif not request.is_deployed(planned.id):
            entries[planned.id] = Entry(StackStatus.SKIPPED, Reason.NOT_DEPLOYED)
    return entries


def blocked(request: Request) -> dict[StackId, Entry]:
    """Return the selected stacks that rest on something neither selected nor deployed, and on what."""
    if request.operation is not Operation.UP:
        return {}
    selected = {planned.id for planned in request.selected}
    entries: dict[StackId, Entry] = {}
    for stack in sorted(selected):
        for below in sorted(request.plan.rests_on[stack] - selected):
            if not request.is_deployed(below):
                entries.setdefault(stack, Entry(StackStatus.BLOCKED, Reason.DEPENDENCY_MISSING, below))
    return entries


def refuse_stranding(request: Request, concerned: Sequence[StackId]) -> None:
    """Raise StillNeeded if a stack is to be destroyed while one that rests on it is deployed and stays."""
    if not request.operation.backwards:
        return
    above = request.plan.dependents()
    stranded = {
        stack: sorted(other for other in above[stack] - set(concerned) if request.is_deployed(other))
        for stack in concerned
    }
    for stack, others in stranded.items():
        if others:
            names = ", ".join(map(str, others[:3])) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
            raise StillNeeded(
                f"{stack} cannot be destroyed before what rests on it",
                subject=names,
                why="they are deployed and not selected",
                not_run="any stack",
                hint=" ".join(["fleetyard destroy", *(f"--stack {other}" for other in others[:3]), f"--stack {stack}"]),
            )
