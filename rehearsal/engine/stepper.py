"""Carries out steps: tells events, keeps the ledger, calls the provider, counts.

One `Stepper` per update. Registrations come from many threads at once; the ledger has its own lock, and at most
`parallel` provider calls are under way. Source: Pulumi `pkg/resource/deploy/step.go`, `pkg/engine/update.go`.
"""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from rehearsal.engine import events
from rehearsal.engine.events import Step
from rehearsal.engine.ledger import Ledger, Result
from rehearsal.engine.properties import secret
from rehearsal.engine.provider_calls import PartialResource, ProviderCalls, ProviderFailure, Subject
from rehearsal.engine.providers import is_default_provider
from rehearsal.engine.state import PendingKind, ResourceState
from rehearsal.engine.update import EventSink, StepOp
from rehearsal.engine.urn import name_of
from rehearsal.engine.values import Properties, Secret
from rehearsal.errors import RehearsalError

T = TypeVar("T")


class StepFailed(Exception):
    """A step did not succeed; it has been told already."""


def now() -> str:
    """Return the time as Pulumi writes it in state."""
    return datetime.now(tz=UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def subject_of(state: ResourceState, kind: str) -> Subject:
    """Return what a provider call about this resource says of it."""
    return Subject(state.urn, name_of(state.urn), state.type, state.id, state.custom_timeouts.get(kind, 0.0))


@dataclasses.dataclass
class Stepper:
    """What steps share.

    `failures` are the reasons why the update does not succeed; `refused` tells that one of them was found before
    anything was tried, which ends the update even with continue-on-error; `failed` are the resources of steps that
    were tried; `stopped` tells that the update must not go on unless it does so with errors; `components` holds the
    step of each component, which is told once more when its outputs are known.
    """

    ledger: Ledger
    events: EventSink
    dry_run: bool
    parallel: int
    counts: Counter[StepOp] = dataclasses.field(default_factory=Counter)
    failures: list[str] = dataclasses.field(default_factory=list)
    refused: bool = False
    stopped: bool = False
    failed: list[ResourceState] = dataclasses.field(default_factory=list)
    components: dict[str, Step] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self._slots = threading.BoundedSemaphore(max(1, self.parallel))
        self._lock = threading.Lock()

    # -- telling ---------------------------------------------------------------------------------------------------

    def tell_before(self, step: Step) -> None:
        """Tell that a step begins."""
        self.events.emit(events.before(step, planning=self.dry_run))

    def tell_after(self, step: Step) -> None:
        """Tell that a step is done, and count it if it is one that people count.

        A component is told in an update once its outputs are known.
        """
        if step.logical and not is_default_provider(step.urn) and _is_counted(step):
            self.count(step.op)
        shown = step.new or step.old
        if step.logical and step.new is not None and not step.new.custom:
            self.components[step.urn] = step
        if self.dry_run or step.op is StepOp.DELETE or (shown is not None and shown.custom):
            self.tell_outputs(step)

    def tell_outputs(self, step: Step) -> None:
        """Tell what a step's resource has become."""
        self.events.emit(events.after(step, planning=self.dry_run))

    def count(self, op: StepOp) -> None:
        """Count a step."""
        with self._lock:
            self.counts[op] += 1

    def refuse(self, urn: str, message: str) -> StepFailed:
        """Tell that something can't be done at all, and return the exception to raise."""
        self.refused = True
        return self.report(urn, message)

    def report(self, urn: str, message: str, *, stop: bool = True) -> StepFailed:
        """Tell an error that makes the update fail, and return the exception to raise."""
        with self._lock:
            self.stopped |= stop
            self.failures.append(f"{urn}: {message}" if urn else message)
        self.events.emit(events.diagnostic("error", message, urn))
        return StepFailed(message)

    def fail(self, step: Step, message: str) -> StepFailed:
        """Tell that a step was tried and failed, and return the exception to raise."""
        with self._lock:
            self.failed += [state for state in (step.old, step.new) if state is not None]
        failure = self.report(step.urn, f"Preview failed: {message}" if self.dry_run else message)
        if not self.dry_run:
            self.events.emit(events.failed(step))
        return failure

    def warn(self, urn: str, message: str) -> None:
        """Tell a warning."""
        self.events.emit(events.diagnostic("warning", message, urn))

    # -- steps -----------------------------------------------------------------------------------------------------

    def create(
        self, calls: ProviderCalls | None, step: Step, supersede: tuple[ResourceState, ResourceState] | None = None
    ) -> ResourceState:
        """Create the step's new resource and return it with id and outputs; `calls` is None for a component.

        `supersede` is what becomes of an old resource once the new one exists.
        """
        new = _required(step.new)
        self.tell_before(step)
        self._begin(new, PendingKind.CREATING)
        gone_already = step.old is not None and step.old.pending_replacement and supersede is None
        drop = (step.old,) if step.old is not None and gone_already else ()

        def call() -> tuple[str, Properties | None]:
            if calls is None:
                return "", None
            id_, outputs = calls.create(subject_of(new, "create"), new.inputs, preview=self.dry_run)
            if not id_ and not self.dry_run:
                raise ProviderFailure("provider did not return an ID from Create")
            return id_, outputs

        try:
            id_, outputs = self.with_slot(call) if new.custom else call()
        except ProviderFailure as error:
            stamped = dataclasses.replace(new, created=now(), modified=now())
            made = half_made(stamped, error.partial) if error.partial else None
            raise self._failed_half_way(error, step, Result(new, made, drop, supersede)) from error
        known = _assumed(new) if outputs is None else outputs
        done = with_secrets(dataclasses.replace(new, id=id_, outputs=known, created=now(), modified=now()))
        self.finish(Result(new, done, drop, supersede))
        self.tell_after(dataclasses.replace(step, new=done))
        return done

    def update(self, calls: ProviderCalls | None, step: Step, ignore: tuple[str, ...]) -> ResourceState:
        """Update the step's resource and return it with its outputs."""
        old, new = _required(step.old), _required(step.new)
        self.tell_before(step)
        self._begin(new, PendingKind.UPDATING)

        def call() -> Properties | None:
            if calls is None:
                return None
            before = (old.inputs, old.outputs)
            return calls.update(subject_of(new, "update"), before, new.inputs, ignore, preview=self.dry_run)

        try:
            outputs = self.with_slot(call) if new.custom else call()
        except ProviderFailure as error:
            made = half_made(dataclasses.replace(new, modified=now()), error.partial) if error.partial else None
            # The provider's outputs are those it was asked for; what it was given last with success are the old inputs.
            kept = dataclasses.replace(made, inputs=old.inputs) if made else None
            raise self._failed_half_way(error, step, Result(new, kept, (old,))) from error
        known = _assumed(new) if outputs is None else outputs
        done = with_secrets(dataclasses.replace(new, outputs=known, modified=now()))
        self.finish(Result(new, done, (old,)))
        self.tell_after(dataclasses.replace(step, new=done))
        return done

    def same(self, step: Step) -> ResourceState:
        """Keep the step's resource; a state that differs in nothing that matters is not written for it."""
        old, new = _required(step.old), with_secrets(_required(step.new))
        self.tell_before(step)
        self.finish(Result(add=new, drop=(old,), quiet=_alike(old, new)))
        self.tell_after(step)
        return new

    def delete(
        self, calls: ProviderCalls | None, step: Step, supersede: tuple[ResourceState, ResourceState] | None = None
    ) -> None:
        """Delete the step's old resource; without a provider only the state forgets it, or keeps `supersede` instead.

        Source of the order: a resource deleted to be made anew stays in the state until that is done.
        """
        old = _required(step.old)
        self.tell_before(step)
        if calls is not None and not self.dry_run:
            self._begin(old, PendingKind.DELETING)
            try:
                self.with_slot(lambda: calls.delete(subject_of(old, "delete"), (old.inputs, old.outputs)))
            except ProviderFailure as error:
                raise self._failed_half_way(error, step, Result(old)) from error
        self.finish(Result(old, supersede=supersede, drop=() if supersede else (old,)))
        self.tell_after(step)

    # -- what steps need -------------------------------------------------------------------------------------------

    def finish(self, result: Result) -> None:
        """Note what an operation led to; raises StepFailed if it could not be recorded."""
        self._recorded(lambda: self.ledger.finish(result))

    def with_slot(self, call: Callable[[], T]) -> T:
        """Make a provider call when there is a place for it."""
        with self._slots:
            return call()

    def _begin(self, state: ResourceState, kind: PendingKind) -> None:
        if not self.dry_run and state.custom:
            self._recorded(lambda: self.ledger.begin(state, kind))

    def _recorded(self, change: Callable[[], None]) -> None:
        try:
            change()
        except RehearsalError as error:
            raise self.refuse("", str(error)) from error

    def _failed_half_way(self, error: ProviderFailure, step: Step, result: Result) -> StepFailed:
        """Record what exists although the step failed; nothing changes when nothing is known to have been done."""
        failure = self.fail(step, str(error))
        if result.add is None:
            result = Result(result.begun)
        self.finish(dataclasses.replace(result, add=result.add and with_secrets(result.add)))
        return failure


def half_made(new: ResourceState, partial: PartialResource) -> ResourceState:
    """Return what there is of a resource whose initialisation failed."""
    return dataclasses.replace(new, id=partial.id, outputs=partial.outputs, init_errors=partial.reasons)


def with_secrets(state: ResourceState) -> ResourceState:
    """Return a state whose outputs are secret where the program says so, or where the input of that name is.

    The same object if that changes nothing.
    """
    marked = {
        name: secret(value)
        for name, value in state.outputs.items()
        if (name in state.additional_secret_outputs or _is_secret_input(state, name)) and not _is_marked(value)
    }
    return dataclasses.replace(state, outputs={**state.outputs, **marked}) if marked else state


def _is_secret_input(state: ResourceState, name: str) -> bool:
    return name in state.inputs and _is_marked(state.inputs[name])


def _is_marked(value: object) -> bool:
    return isinstance(value, Secret)


def _is_counted(step: Step) -> bool:
    """Whether a step counts; a read does if it found something else than the last one."""
    if step.op is not StepOp.READ:
        return True
    return step.old is not None and step.new is not None and dict(step.old.outputs) != dict(step.new.outputs)


def _assumed(new: ResourceState) -> Properties:
    """Return the outputs of a resource of which no provider has told: a component's come later, from the program."""
    return dict(new.inputs) if new.custom else {}


def _required(state: ResourceState | None) -> ResourceState:
    if state is None:
        raise AssertionError("a step without the state it is about")
    return state


_COMPARED: Mapping[str, None] = dict.fromkeys(
    field.name
    for field in dataclasses.fields(ResourceState)
    if field.name not in {"source_position", "stack_trace", "created", "modified"}
)


def _alike(old: ResourceState, new: ResourceState) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in _COMPARED)
