"""Corrects the state: reads every resource as it is, and drops what is gone.

Source: Pulumi `pkg/resource/deploy/step.go` (RefreshStep), `deployment_executor.go` (refresh).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from rehearsal.engine import events
from rehearsal.engine.builtin import STACK_REFERENCE, read_stack_reference
from rehearsal.engine.comparing import differing
from rehearsal.engine.deletion import CallsOf
from rehearsal.engine.events import Step
from rehearsal.engine.provider_calls import Difference, ProviderFailure, ReadBack
from rehearsal.engine.providers import is_default_provider
from rehearsal.engine.state import ResourceState
from rehearsal.engine.step_choice import ignore_changes, settled
from rehearsal.engine.stepper import StepFailed, Stepper, half_made, now, subject_of, with_secrets
from rehearsal.engine.update import StackOutputs, StepOp
from rehearsal.engine.urn import is_provider
from rehearsal.engine.values import PropertyDiff


@dataclasses.dataclass(frozen=True)
class Refresh:
    """What a refresh acts through."""

    stepper: Stepper
    calls_of: CallsOf
    cancelled: Callable[[], bool]
    stack_outputs: StackOutputs
    alone: bool
    """Whether this is all there is to do: a refresh before an update is told as such and not counted."""

    def refresh(self, states: Sequence[ResourceState]) -> tuple[ResourceState, ...]:
        """Return the states as they are now, those of missing resources left out; raises StepFailed if a read fails."""
        with ThreadPoolExecutor(max_workers=max(1, self.stepper.parallel), thread_name_prefix="refresh") as pool:
            futures = [pool.submit(self._refresh_one, state) for state in states]
        failed = [future.exception() for future in futures if future.exception() is not None]
        for error in failed:
            if not isinstance(error, StepFailed):
                raise error  # type: ignore[misc]  # None is filtered out
        found = [
            (state, state if future.exception() is not None else future.result())
            for state, future in zip(states, futures, strict=True)
        ]
        kept = without_missing(found)
        if failed:
            raise RefreshIncomplete(kept)
        return kept

    def _refresh_one(self, state: ResourceState) -> ResourceState | None:
        if self.cancelled():
            return state
        step = Step(StepOp.REFRESH, state.urn, state, state, logical=False)
        self.stepper.events.emit(events.before(step, planning=self.stepper.dry_run))
        if not state.custom or is_provider(state.type) or state.pending_replacement or not state.provider:
            return self._told(step, StepOp.SAME)
        found = self._read(step, state)
        if found is None:
            self._told(dataclasses.replace(step, new=None), StepOp.DELETE)
            return None
        diff = self._difference(step, state, found)
        op = StepOp.UPDATE if diff.changes else StepOp.SAME
        self._told(dataclasses.replace(step, new=found, diffs=diff.diffs, detailed=inverted(diff.detailed)), op)
        return found

    def _told(self, step: Step, op: StepOp) -> ResourceState | None:
        if not is_default_provider(step.urn) and self.alone:
            self.stepper.count(op)
        self.stepper.tell_outputs(dataclasses.replace(step, op=op if self.alone else StepOp.REFRESH))
        return step.new

    def _read(self, step: Step, state: ResourceState) -> ResourceState | None:
        try:
            back = self._answer(state)
        except ProviderFailure as error:
            if error.partial is None:
                raise self.stepper.fail(step, str(error)) from error
            reasons = error.partial.reasons
            self.stepper.warn(state.urn, "Refreshed resource is in an unhealthy state:\n* " + "\n* ".join(reasons))
            half = half_made(state, error.partial)
            return dataclasses.replace(half, modified=now()) if half.outputs != state.outputs else half
        if not back.id:
            return None
        inputs = state.inputs if back.inputs is None else back.inputs
        new = dataclasses.replace(state, id=back.id, inputs=inputs, outputs=back.outputs, init_errors=())
        new = with_secrets(new)
        changed = dict(new.inputs) != dict(state.inputs) or dict(new.outputs) != dict(state.outputs)
        return dataclasses.replace(new, modified=now()) if changed else new

    def _answer(self, state: ResourceState) -> ReadBack:
        if state.type == STACK_REFERENCE:
            return read_stack_reference(state.inputs, state.id, self.stack_outputs)
        calls = self.calls_of(state)
        if calls is None:
            return ReadBack(state.id, None, dict(state.outputs))
        return self.stepper.with_slot(lambda: calls.read(subject_of(state, "read"), (state.inputs, state.outputs)))

    def _difference(self, step: Step, old: ResourceState, found: ResourceState) -> Difference:
        """Return what an `up` right after this would change; the refresh is that, seen from the other side."""
        calls = None if old.external else self.calls_of(old)
        if calls is None:
            return Difference(changes=bool(differing(old.outputs, found.outputs)))
        before = (found.inputs, found.outputs)
        try:
            diff = calls.diff(subject_of(found, "update"), before, old.inputs, old.ignore_changes)
        except ProviderFailure as error:
            raise self.stepper.fail(step, str(error)) from error
        return settled(found, ignore_changes(found.inputs, dict(old.inputs), old.ignore_changes), diff)


def inverted(detailed: Mapping[str, PropertyDiff]) -> dict[str, PropertyDiff]:
    """Return differences seen from the other side: what one adds the other deletes."""
    other = {"add": "delete", "delete": "add"}
    return {path: dataclasses.replace(diff, kind=other.get(diff.kind, diff.kind)) for path, diff in detailed.items()}


class RefreshIncomplete(StepFailed):
    """Some resources could not be read; `kept` holds what is known of all."""

    def __init__(self, kept: tuple[ResourceState, ...]) -> None:
        super().__init__("some resources could not be read")
        self.kept = kept


def without_missing(found: Sequence[tuple[ResourceState, ResourceState | None]]) -> tuple[ResourceState, ...]:
    """Return what is there, with no reference left to what is not; a child of what is gone is without a parent.

    Source: Pulumi deployment_executor.go (rebuildBaseState, undangleParentResources; its comment promises the
    grandparent, but it knows of none, as those that are gone are not in the list it goes through).
    """
    present: set[str] = set()
    kept = []
    for _, state in found:
        if state is not None:
            kept.append(_with_references(state, present))
            present.add(state.urn)
    return tuple(kept)


def _with_references(state: ResourceState, present: set[str]) -> ResourceState:
    """Return a state that refers only to what is present; what it depends on by no property is left out."""
    depends = {key: tuple(urn for urn in urns if urn in present) for key, urns in state.property_dependencies.items()}
    return dataclasses.replace(
        state,
        parent=state.parent if state.parent in present else "",
        dependencies=tuple(urn for urn in state.dependencies if urn in present),
        property_dependencies={key: urns for key, urns in depends.items() if urns},
        deleted_with=state.deleted_with if state.deleted_with in present else "",
    )
