"""Looks over the states of a fleet in both backends and says of each thing that is wrong how to put it right.

Changes nothing. The rules are pure: they read what the survey has found.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from landing_zone.naming import account_of_stack
from orchestrator.files.project_files import stack_file_name
from orchestrator.files.workspace import Workspace
from orchestrator.next_steps import GO_ON_RETIRING
from orchestrator.planning.plan import Plan, PlannedStack, StackKind
from orchestrator.state.backends import Backends, stack_record_name
from orchestrator.state.bucket_states import Name
from orchestrator.state.encryption import encryption_of_settings
from orchestrator.state.findings import Diagnosis, Finding, Kind, by_stack
from orchestrator.state.lock_holders import LockState, Machine, judge, moment
from orchestrator.state.move_job import again
from orchestrator.state.orphans import Orphan, programs_by_project
from orchestrator.state.places import BackendName, Place
from orchestrator.state.state_files import StackLock
from orchestrator.state.survey import HeldStack, Holdings
from orchestrator.state.unwritten import UnwrittenState
from orchestrator.state.verify import counted


@dataclass(frozen=True, slots=True)
class Ward:
    """What is looked over: a fleet's plan and what its backends hold.

    `selected` limits it to some stacks; None looks at those too that the manifest does not have. The lock is resolved
    with the manifest's own ids.
    """

    manifest: Manifest
    workspace: Workspace
    plan: Plan
    lock: Lock
    backends: Backends
    places: Mapping[BackendName, Place]
    holdings: Mapping[BackendName, Holdings]
    selected: Sequence[PlannedStack] | None = None
    unwritten: Sequence[UnwrittenState] = ()
    """What is kept on this machine, the newest first."""
    retiring: frozenset[str] = frozenset()
    """Accounts that are being retired: runs skip their stacks, so only their retirement destroys any."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One stack in one backend; `elsewhere` is what the backend where it belongs holds of it, or any other one."""

    planned: PlannedStack | None
    held: HeldStack
    place: Place
    elsewhere: HeldStack | None

    @property
    def stack(self) -> str:
        """The stack as people name it."""
        return str(self.planned.id) if self.planned else "/".join(self.held.name)


def diagnose(ward: Ward, machine: Machine) -> Diagnosis:
    """Return everything that is wrong."""
    cases = list(_cases(ward))
    found = [finding for case in cases for finding in _of_case(case, ward, machine)]
    looked = sum(1 for case in cases if case.held.state is not None)
    return Diagnosis((*_unreadable(ward), *by_stack(found)), looked)


def _cases(ward: Ward) -> Iterator[_Case]:
    wanted = ward.plan.stacks if ward.selected is None else ward.selected
    planned = {stack_record_name(ward.workspace, each): each for each in wanted}
    for name, holdings in ward.holdings.items():
        others = [other.stacks for where, other in ward.holdings.items() if where != name]
        for held in holdings.stacks.values():
            if ward.selected is None or held.name in planned:
                elsewhere = (found for stacks in others if (found := _with_state(stacks.get(held.name))))
                yield _Case(planned.get(held.name), held, ward.places[name], next(elsewhere, None))


def _with_state(held: HeldStack | None) -> HeldStack | None:
    return held if held is not None and held.state is not None else None


def _home(planned: PlannedStack, ward: Ward) -> BackendName:
    """Return where a stack's state belongs."""
    return BackendName(ward.backends.bucket_of(planned)) if ward.backends.in_bucket(planned) else BackendName.FILES


def names_of(selected: Sequence[PlannedStack], workspace: Workspace) -> tuple[Name, ...]:
    """Return the names that stacks have in a backend."""
    return tuple(stack_record_name(workspace, planned) for planned in selected)


def _of_case(case: _Case, ward: Ward, machine: Machine) -> Iterator[Finding]:
    yield from _locks(case, ward, machine)
    state = case.held.state
    if state is None:
        return
    unwritten = _unwritten(case, ward)
    if unwritten and case.planned:
        yield _finding(
            case,
            Kind.UNWRITTEN,
            f"its last state could not be written, and is kept in {unwritten.file}",
            "the stored state does not have what was done last; an up of it would do the same a second time",
            f"{_put_back(unwritten, case.planned, ward)}; to give up what was done: rm {_quoted(unwritten.file)}",
        )
    if not state.readable:
        yield _damaged(case)
        return
    yield from _strangers(case, ward)
    if state.pending and case.planned:
        kept = f"; how it ended is kept in {unwritten.file}" if unwritten else ""
        yield _finding(
            case,
            Kind.PENDING,
            f"{counted(state.pending, 'operation')} under way when an engine died{kept}",
            "AWS may hold what the state does not know of; Pulumi drops these marks when a state is moved",
            f"{_put_back(unwritten, case.planned, ward)}, which settles them"
            if unwritten
            else "look whether AWS made what was being created, then: "
            f"fleetyard refresh --clear-pending-creates --stack {case.stack}",
        )
    if case.planned is None:
        yield _unplanned(case, ward)
        return
    yield from _place(case, case.planned, ward)


def _locks(case: _Case, ward: Ward, machine: Machine) -> Iterator[Finding]:
    for lock in case.held.locks:
        release = _release(case, ward, lock)
        holder = f"locked by {lock.user}@{lock.host} since {lock.since}"
        closed = "nobody can work on the stack while it is locked"
        match judge(lock, machine):
            case LockState.HELD:
                continue
            case LockState.ORPHAN:
                kind, words = Kind.ORPHAN_LOCK, f"{holder}, and process {lock.pid} is gone here"
                matters = "Pulumi's CLI refuses the stack; the embedded engine takes such a lock over by itself"
                resolve = release
            case LockState.OLD:
                kind, words, matters = Kind.OLD_LOCK, f"{holder}, on another machine", closed
                resolve = f"ask {lock.user} whether process {lock.pid} on {lock.host} still runs; if not: {release}"
            case LockState.UNREADABLE:
                kind, matters = Kind.UNREADABLE_LOCK, closed
                words = "the lock file cannot be read, so nobody knows who took the lock"
                resolve = f"make sure that nobody works on the stack, then: {release}"
        where = case.place.address(lock.key)
        yield Finding(kind, case.stack, case.place.name.value, where, words, matters, resolve)


def _unwritten(case: _Case, ward: Ward) -> UnwrittenState | None:
    """Return the newest state kept for a stack of this backend; None if the stored one is as new."""
    place, stored = case.place, moment(case.held.written)
    backend = f"s3://{place.bucket}" if place.bucket else f"file://{place.folder.resolve()}"
    newest = next((each for each in ward.unwritten if (each.backend, each.name) == (backend, case.held.name)), None)
    return newest if newest and (stored is None or newest.made > stored) else None


def _put_back(unwritten: UnwrittenState, planned: PlannedStack, ward: Ward) -> str:
    where = f"--stack {planned.id.stack_name} --cwd {_quoted(ward.workspace.project_file(planned).parent)}"
    return (
        f"fleetyard pulumi cancel --yes {where} && "
        f"fleetyard pulumi stack import --file {_quoted(unwritten.file)} {where}"
    )


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _release(case: _Case, ward: Ward, lock: StackLock) -> str:
    """Return the command that takes the stack's locks away; Pulumi's own does it only where the stack is one."""
    if case.planned is None or case.held.state is None:
        return case.place.remove(lock.key)
    folder = ward.workspace.project_file(case.planned).parent
    return f"fleetyard pulumi cancel --yes --stack {case.planned.id.stack_name} --cwd {shlex.quote(str(folder))}"


def _damaged(case: _Case) -> Finding:
    place, held = case.place, case.held
    if held.spare:
        resolve = place.put_back(held.spare.key, held.key)
        content = counted(held.spare.resources, "resource") + (f", {held.spare.written}" if held.spare.written else "")
        words = (
            "the state is damaged, or is none; the newest copy that can be read is "
            f"{place.address(held.spare.key)} ({content})"
        )
    else:
        words = "the state is damaged, or is none, and no copy beside it can be read"
        resolve = place.versions(held.key)
    if case.planned:
        resolve += f", then: fleetyard refresh --preview --stack {case.stack}"
    return _finding(case, Kind.DAMAGED, words, "no operation reads it, and without it a run would deploy anew", resolve)


def _unplanned(case: _Case, ward: Ward) -> Finding:
    count, aside = case.held.resources, case.place.aside(case.held.key)
    if not count:
        words = "the manifest has no such stack, and it holds nothing"
        return _finding(case, Kind.UNPLANNED, words, "it is only in the way", aside)
    return _finding(
        case,
        Kind.UNPLANNED,
        f"the manifest has no such stack, and it holds {counted(count, 'resource')}",
        "nothing of it is deployed, refreshed or destroyed any more, and AWS goes on charging for it",
        f"{_settled(case, ward)}; if AWS holds nothing of it: {aside}",
    )


def _settled(case: _Case, ward: Ward) -> str:
    """Return how a state without a stack is settled, by what has become of its account."""
    project, stack = case.held.name
    name = account_of_stack(stack)
    orphan = Orphan(project, stack, programs_by_project(ward.workspace, ward.plan).get(project, ""), case.held.state)
    account = next((each for each in ward.manifest.accounts if each.name == name), None)
    going_on = [GO_ON_RETIRING] if name in ward.retiring else []
    steps: list[str] = []
    if account is None:
        steps = [f"{name} is not in the manifest: fleetyard accounts show {name} tells what became of it"]
        if name in ward.lock.accounts:
            steps = [f"fleetyard accounts release {name}", *(going_on or [f"fleetyard accounts remove {name}"])]
    elif account.in_suspended_unit:
        # Nothing can be destroyed there; what is in an account that is being retired goes with it.
        steps = [f"fleetyard accounts release {name}, which forgets it", *going_on]
    elif going_on:
        steps = [orphan.put_back, *going_on]
    else:
        steps = [f"fleetyard accounts resume {name}"] if account.suspended else []
        steps += [orphan.put_back, *orphan.destroyed]
    return ", then: ".join(steps)


def _strangers(case: _Case, ward: Ward) -> Iterator[Finding]:
    held, place = case.held, case.place
    aside = place.aside(held.key)
    if held.stranger:
        yield _finding(
            case,
            Kind.OTHER_STACK,
            f"this is the state of another stack: it holds {held.stranger}",
            "an up would delete what belongs to that stack",
            f"{aside}, then put the right one in its place: {place.versions(held.key)}",
        )
        return
    expected = _account(case.planned, ward)
    if expected and held.accounts and expected not in held.accounts:
        yield _finding(
            case,
            Kind.OTHER_FLEET,
            f"its providers act in {', '.join(held.accounts)}, and {case.stack} belongs into {expected}",
            "it is the state of another fleet, or of an account that was made anew",
            f"look at it: {place.look(held.key)}; if it is none of this fleet's: {aside}",
        )


def _account(planned: PlannedStack | None, ward: Ward) -> str:
    return ward.lock.accounts.get(planned.account.name, "") if planned else ""


def _place(case: _Case, planned: PlannedStack, ward: Ward) -> Iterator[Finding]:
    """Find a state in the wrong backend or in both, and settings that do not fit a state in the right one."""
    home = _home(planned, ward)
    here, workload = case.place.name, planned.kind is StackKind.WORKLOAD
    if here != home:
        both = case.elsewhere is not None
        yield _finding(
            case,
            Kind.HALF_MOVED if both else Kind.WRONG_BACKEND,
            f"its state is {'also ' if both else ''}in {here.words}, and belongs into {home.words}",
            "a run would go by one of the two" if both else "no run finds it there",
            again(planned.id) if workload else _foundation_home(case, ward, both=both),
        )
    elif case.elsewhere is None and case.held.encryption:
        yield from _encryption(case, planned, ward)


def _foundation_home(case: _Case, ward: Ward, *, both: bool) -> str:
    key = case.held.key
    fetch = [] if both else [case.place.fetch(key, ward.places[BackendName.FILES])]
    return "; ".join([*fetch, case.place.aside(key)])


def _encryption(case: _Case, planned: PlannedStack, ward: Ward) -> Iterator[Finding]:
    file = ward.workspace.settings_dir(planned) / stack_file_name(planned.id.stack_name)
    stored, said = case.held.encryption, encryption_of_settings(file)
    workload = planned.kind is StackKind.WORKLOAD
    provider = ward.backends.home(planned, ward.lock).secrets_provider
    if workload and not stored.by(provider):
        yield _finding(
            case,
            Kind.ENCRYPTION,
            f"its secrets are encrypted by {stored.words}, and belong under {provider.partition('?')[0]}",
            "whoever may use the state cannot open its secrets",
            again(planned.id),
        )
    elif said != stored:
        yield Finding(
            Kind.SETTINGS,
            case.stack,
            case.place.name.value,
            str(file),
            f"the settings file names {said.words}, the state {stored.words}",
            "its secrets cannot be opened, or new ones are encrypted so that others cannot open them",
            again(planned.id) if workload else f"git checkout -- {file}",
        )


def _unreadable(ward: Ward) -> Iterator[Finding]:
    for name, holdings in ward.holdings.items():
        if holdings.refused:
            yield Finding(
                Kind.UNREADABLE,
                "",
                name.value,
                ward.places[name].address(""),
                holdings.refused,
                "nothing can be said of the states there",
                "fleetyard doctor",
            )


def _finding(case: _Case, kind: Kind, words: str, matters: str, resolve: str) -> Finding:
    return Finding(kind, case.stack, case.place.name.value, case.place.address(case.held.key), words, matters, resolve)
