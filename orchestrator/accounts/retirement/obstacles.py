"""What would be lost with an account, and what keeps it from being destroyed: looked for before anything is. Pure.

A resource that its program protects, a stack that the manifest has no more, or one that somebody works on would be met
when other stacks, and the roles to come back by, are gone.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.accounts.release import AccountRecord
from orchestrator.accounts.retirement.errors import RetirementRefused
from orchestrator.errors import ResourceProtected
from orchestrator.running.job import Reason, StackResult
from orchestrator.stack_id import StackId
from orchestrator.state.lock_holders import LockState, Machine, judge, this_machine
from orchestrator.state.orphans import listed, unprotecting
from orchestrator.status import StackRecord

FolderOf = Callable[[StackId], Path]
"""Returns the folder of a stack's program."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a stack from being destroyed, and the step that settles it; `code` is that of an error, or empty."""

    stack: str
    words: str
    step: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """What destroying one stack would delete: resources by type. `kept` marks a workload that destroy spares else.

    `problem` says why it could not be destroyed, `obstacle` what to do about that where it is its own.
    """

    stack: str
    resources: Mapping[str, int] = field(default_factory=dict)
    kept: bool = False
    problem: str = ""
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """An account that is to be retired, as AWS has it, and what would be lost with it."""

    name: str
    id: str
    email: str
    losses: tuple[Loss, ...] = ()


def failed(result: StackResult) -> Obstacle | None:
    """Return what a preview of destroying a stack met; None where it only waits for another stack."""
    if result.error is None:
        if result.reason is Reason.DEPENDENCY_FAILED:
            return None
        words = f"{result.status}" + (f", {result.reason}" if result.reason else "")
        return Obstacle(str(result.id), words, "fleetyard doctor")
    # The engine's own advice is left out: `state unprotect` lasts until the next up, and not every engine has it.
    why = " ".join(result.error.why.partition("To unprotect")[0].split())
    words = result.error.summary + (f" ({why})" if why else "")
    step = result.error.hint or f"fleetyard destroy --preview --stack {result.id}"
    if result.error.code == ResourceProtected.code:
        step = f"take protect out of its program, then: fleetyard up --stack {result.id}"
    return Obstacle(str(result.id), words, step, result.error.code)


def _unplanned(record: AccountRecord) -> tuple[Obstacle, ...]:
    """Return the stacks of an account that hold something and that the manifest does not have any more."""
    return tuple(
        Obstacle(
            str(orphan),
            "it is deployed, and the manifest does not have it any more",
            ", then: ".join((orphan.put_back, *orphan.destroyed, "take it out again")),
        )
        for orphan in record.unplanned
    )


def obstacles_of(
    record: AccountRecord, losses: Sequence[Loss], folder_of: FolderOf, machine: Machine | None = None
) -> tuple[Obstacle, ...]:
    """Return everything that is in the way of destroying an account's stacks, each with its step."""
    known = [each.obstacle for each in losses if each.obstacle]
    looked = [each for stack in record.stacks for each in _of_state(stack, folder_of, machine or this_machine())]
    told = {each.stack for each in looked}
    return (*_unplanned(record), *looked, *(each for each in known if each.stack not in told))


def refuse_obstructed(name: str, obstacles: Sequence[Obstacle]) -> None:
    """Raise RetirementRefused, naming everything that is in the way and the step for each, unless nothing is."""
    if obstacles:
        raise RetirementRefused(
            f"{name} cannot be retired before what is in the way is settled",
            subject=", ".join(dict.fromkeys(each.stack for each in obstacles)),
            why="; ".join(f"{each.stack}: {each.words}" for each in obstacles),
            not_run="anything: nothing was destroyed",
            hint="; ".join((*dict.fromkeys(each.step for each in obstacles), "then repeat the command")),
        )


def _of_state(stack: StackRecord, folder_of: FolderOf, machine: Machine) -> Iterator[Obstacle]:
    if stack.unknown:
        yield Obstacle(str(stack.id), f"its state cannot be read: {stack.unknown}", "fleetyard doctor")
        return
    if stack.state is None:
        return
    if not stack.state.readable:
        yield Obstacle(str(stack.id), "its state is damaged", f"fleetyard state doctor --stack {stack.id}")
    # A lock that a process left which is gone on this machine is taken over.
    held = [lock for lock in stack.state.locks if judge(lock, machine) is not LockState.ORPHAN]
    if held:
        lock, folder = held[0], shlex.quote(str(folder_of(stack.id)))
        words = f"it is locked by {lock.user}@{lock.host}, pid {lock.pid}, since {lock.since}"
        cancel = f"fleetyard pulumi cancel --yes --stack {stack.id.stack_name} --cwd {folder}"
        yield Obstacle(str(stack.id), words, f"wait for that run; if it is gone: {cancel}")
    if protected := stack.state.protected:
        words = f"its program protects {listed(protected)}"
        step = ", then: ".join(unprotecting(str(stack.id), protected))
        yield Obstacle(str(stack.id), words, step, ResourceProtected.code)
