"""The graph of a fleet's stacks: what there is, what rests on what, who runs it. Pure: reads the manifest only.

    organization/<management> ─▶ bootstrap/<management> ─▶ bootstrap-subaccount/<member> ─▶ <workload>/<member>[/region]

A workload rests on the role in its own account, and on every stack of the workloads that its `after` names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from landing_zone.fleet import Account, Manifest, Workload
from orchestrator.running.job import CallerName, Operation
from orchestrator.stack_id import StackId

ORGANIZATION = "organization"
BOOTSTRAP = "bootstrap"
SUBACCOUNT = "bootstrap-subaccount"


class StackKind(StrEnum):
    """Which of the programs a stack belongs to, which decides its config and caller."""

    ORGANIZATION = "organization"
    BOOTSTRAP = "bootstrap"
    SUBACCOUNT = "bootstrap-subaccount"
    WORKLOAD = "workload"


@dataclass(frozen=True, slots=True)
class PlannedStack:
    """One stack of the fleet."""

    id: StackId
    kind: StackKind
    account: Account
    workload: Workload | None = None
    holds_people: bool = False
    """Whether the users that people sign in with are among what it makes."""

    @property
    def caller(self) -> CallerName:
        """Which of the two callers runs it."""
        return CallerName.MANAGEMENT if self.kind is StackKind.WORKLOAD else CallerName.ADMINISTRATOR

    @property
    def kept(self) -> bool:
        """Whether `destroy` leaves it alone unless told otherwise: all other stacks rest on it, or it is protected."""
        foundation = self.kind in {StackKind.ORGANIZATION, StackKind.BOOTSTRAP}
        return foundation or self.holds_people or (self.workload is not None and self.workload.protected)


@dataclass(frozen=True, slots=True)
class Plan:
    """All stacks of a fleet in an order in which they can be deployed one by one, and what each rests on directly."""

    stacks: tuple[PlannedStack, ...]
    rests_on: Mapping[StackId, frozenset[StackId]]

    def stack(self, stack: StackId) -> PlannedStack:
        """Return the stack of this id; raises KeyError when the fleet has none."""
        found = next((planned for planned in self.stacks if planned.id == stack), None)
        if found is None:
            raise KeyError(stack)
        return found

    def order(self, operation: Operation) -> tuple[PlannedStack, ...]:
        """Return all stacks in the order of an operation."""
        return tuple(reversed(self.stacks)) if operation.backwards else self.stacks

    def dependencies(self, operation: Operation) -> Mapping[StackId, frozenset[StackId]]:
        """Return what has to be done with before each stack: the same graph read from the operation's end."""
        return self.dependents() if operation.backwards else self.rests_on

    def below(self, stack: StackId) -> frozenset[StackId]:
        """Return everything a stack rests on, directly or not."""
        found: set[StackId] = set()
        waiting = [stack]
        while waiting:
            new = self.rests_on[waiting.pop()] - found
            found |= new
            waiting.extend(new)
        return frozenset(found)

    def dependents(self) -> Mapping[StackId, frozenset[StackId]]:
        """Return what rests directly on each stack."""
        found: dict[StackId, set[StackId]] = {planned.id: set() for planned in self.stacks}
        for stack, below in self.rests_on.items():
            for other in below:
                found[other].add(stack)
        return {stack: frozenset(above) for stack, above in found.items()}


def make_plan(manifest: Manifest) -> Plan:
    """Return the plan of a fleet; the same manifest always gives the same order."""
    management = manifest.management_account
    organization = StackId(ORGANIZATION, management.name)
    bootstrap = StackId(BOOTSTRAP, management.name)
    stacks = [
        PlannedStack(organization, StackKind.ORGANIZATION, management),
        PlannedStack(bootstrap, StackKind.BOOTSTRAP, management),
    ]
    rests_on: dict[StackId, frozenset[StackId]] = {organization: frozenset(), bootstrap: frozenset({organization})}
    for account in manifest.members:
        stack = StackId(SUBACCOUNT, account.name)
        holds_people = account.name == manifest.people.account
        stacks.append(PlannedStack(stack, StackKind.SUBACCOUNT, account, holds_people=holds_people))
        rests_on[stack] = frozenset({bootstrap})
    for workload in _by_after(manifest.workloads):
        earlier = frozenset(stack for name in workload.after for stack in workload_stacks(manifest.workloads[name]))
        for stack in workload_stacks(workload):
            stacks.append(PlannedStack(stack, StackKind.WORKLOAD, manifest.account(stack.account), workload))
            rests_on[stack] = earlier | {StackId(SUBACCOUNT, stack.account)}
    return Plan(tuple(stacks), rests_on)


def workload_stacks(workload: Workload) -> tuple[StackId, ...]:
    """Return the ids of a workload's stacks, in the manifest's order."""
    return tuple(StackId(workload.name, account, region or None) for account, region in workload.targets())


def _by_after(workloads: Mapping[str, Workload]) -> Iterator[Workload]:
    """Yield the workloads so that each comes after those it names, else in the manifest's order."""
    done: set[str] = set()

    def visit(name: str, path: Sequence[str]) -> Iterator[Workload]:
        # The manifest's rules refuse cycles; going on here would only hide that they did not.
        if name in path:
            raise ValueError(f"workloads wait for each other: {' -> '.join((*path, name))}")
        if name in done:
            return
        for earlier in workloads[name].after:
            yield from visit(earlier, (*path, name))
        done.add(name)
        yield workloads[name]

    for name in workloads:
        yield from visit(name, ())
