"""What is decided about stacks before any of them starts: who is left out, who must wait, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestrator.errors import StillNeeded
from orchestrator.next_steps import GO_ON_RETIRING
from orchestrator.planning.plan import Plan, PlannedStack
from orchestrator.running.job import Operation, Reason, StackStatus
from orchestrator.running.queue import Entry
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
    clear_pending_creates: bool = False
    account_wait: float = 600.0
    """Seconds to wait for a new account to become usable."""
    retiring: frozenset[str] = frozenset()
    """Accounts that are left alone for being on their way out; the plan has them as suspended."""


def left_out(request: Request) -> dict[StackId, Entry]:
    """Return the selected stacks that the operation does not concern, and why."""
    entries = {
        planned.id: Entry(StackStatus.SKIPPED, Reason.SUSPENDED)
        for planned in request.selected
        if planned.account.suspended
    }
    if request.operation in {Operation.UP, Operation.PREVIEW}:
        return entries
    kept = _kept(request) if request.operation.backwards and not request.include_foundation else frozenset()
    for planned in request.selected:
        if planned.account.suspended:
            continue
        if planned.id in kept:
            entries[planned.id] = Entry(StackStatus.SKIPPED, Reason.PROTECTED)
        elif not request.is_deployed(planned.id):
            entries[planned.id] = Entry(StackStatus.SKIPPED, Reason.NOT_DEPLOYED)
    return entries


def _kept(request: Request) -> frozenset[StackId]:
    """Return the stacks that a destroy leaves alone: those kept for themselves, and what deployed ones rest on."""
    kept = {planned.id for planned in request.plan.stacks if planned.kept}
    below = [request.plan.below(stack) for stack in kept if request.is_deployed(stack)]
    return frozenset(kept.union(*below))


def blocked(request: Request) -> dict[StackId, Entry]:
    """Return the selected stacks that rest on something neither selected nor deployed, and on what."""
    if request.operation is not Operation.UP:
        return {}
    selected = {planned.id for planned in request.selected}
    entries: dict[StackId, Entry] = {}
    for stack in sorted(selected):
        for below in sorted(request.plan.rests_on[stack] - selected):
            # A suspended account's stacks are left as they are, whatever rests on them.
            if not request.plan.stack(below).account.suspended and not request.is_deployed(below):
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
                hint=_left_alone_hint(request, others) or _whole_destroy(request, concerned),
            )


def _left_alone_hint(request: Request, others: Sequence[StackId]) -> str:
    """Return what to do about stacks of accounts that no destroy touches; empty if there are none."""
    accounts = (request.plan.stack(other).account for other in others)
    first = next((account for account in accounts if account.suspended), None)
    if first is None:
        return ""
    if first.name in request.retiring:
        return GO_ON_RETIRING
    if first.in_suspended_unit:
        return f"write {first.name} under another unit, or: fleetyard accounts release {first.name}"
    return f"fleetyard accounts resume {first.name}, or: fleetyard accounts release {first.name}"


def _whole_destroy(request: Request, concerned: Sequence[StackId]) -> str:
    """Return the command that destroys the concerned stacks with every deployed one that rests on them."""
    wanted, waiting, above = set(concerned), list(concerned), request.plan.dependents()
    while waiting:
        new = {other for other in above[waiting.pop()] - wanted if request.is_deployed(other)}
        wanted |= new
        waiting += new
    selectors: dict[str, None] = {}
    for planned in request.plan.order(request.operation):
        if planned.id not in wanted:
            continue
        program = planned.id.program
        deployed = {p.id for p in request.plan.stacks if p.id.program == program and request.is_deployed(p.id)}
        selectors[program if deployed <= wanted and len(deployed) > 1 else str(planned.id)] = None
    kept = any(planned.kept for planned in request.plan.stacks if planned.id in wanted)
    flags = {"--preview": request.operation.dry, "--include-foundation": kept}
    words = [*(flag for flag, given in flags.items() if given), *(f"--stack {selector}" for selector in selectors)]
    return " ".join(["fleetyard destroy", *words])
