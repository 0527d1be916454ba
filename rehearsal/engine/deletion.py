"""Deletes what is no longer wanted: in rounds, each resource after everything that depends on it.

Source: Pulumi `pkg/resource/deploy/step_generator.go` (ScheduleDeletes), `deployment_executor.go`, `step.go`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from rehearsal.engine.events import Step
from rehearsal.engine.ledger import Result
from rehearsal.engine.provider_calls import ProviderCalls
from rehearsal.engine.providers import split_reference
from rehearsal.engine.state import ResourceState
from rehearsal.engine.stepper import StepFailed, Stepper
from rehearsal.engine.update import StepOp
from rehearsal.engine.urn import is_provider

CallsOf = Callable[[ResourceState], ProviderCalls | None]
"""Returns the provider instance of a resource; raises StepFailed when there is none."""


@dataclasses.dataclass(frozen=True)
class Deletion:
    """What deletes act through. `everything` is the old state, for who depends on whom."""

    stepper: Stepper
    calls_of: CallsOf
    cancelled: Callable[[], bool]
    continue_on_error: bool
    everything: Sequence[ResourceState] = ()

    def delete(self, condemned: Sequence[ResourceState]) -> None:
        """Delete these resources; raises StepFailed when one could not be.

        A failure ends it after its round, unless the update goes on with errors: then what the failed resource needs
        is left alone. A protected resource is refused like that, and the rest goes on.
        """
        left = self.stepper.ledger.old_resources()
        gone = deleted_with_another(left, condemned)
        # What is neither condemned nor replaced stays as it was: it failed, or was skipped for one that did.
        stays = set(left) - set(condemned)
        failed: list[ResourceState] = [*self.stepper.failed, *stays]
        first: StepFailed | None = None
        for layer in rounds(condemned):
            spared = needed_by(failed, [*self.everything, *condemned])
            for state, error in self._round([state for state in layer if state not in spared], gone):
                first = first or error
                failed.append(state)
            if self.cancelled() or self.stepper.refused:
                break
            if first and not self.continue_on_error and any(not state.protect or state.delete for state in failed):
                break
        if first:
            raise first

    def _round(
        self, states: Sequence[ResourceState], gone: Collection[ResourceState]
    ) -> list[tuple[ResourceState, StepFailed]]:
        with ThreadPoolExecutor(max_workers=max(1, self.stepper.parallel), thread_name_prefix="delete") as pool:
            done = [(state, pool.submit(self._delete_one, state, gone)) for state in states]
        failures = []
        for state, future in done:
            error = future.exception()
            if isinstance(error, StepFailed):
                failures.append((state, error))
            elif error is not None:
                raise error
        return failures

    def _delete_one(self, state: ResourceState, gone: Collection[ResourceState]) -> None:
        if state.pending_replacement and not state.delete:
            step = Step(StepOp.REMOVE_PENDING_REPLACE, state.urn, state, None, logical=False)
            self.stepper.tell_before(step)
            self.stepper.finish(Result(drop=(state,)))
            self.stepper.tell_after(step)
            return
        op = delete_op(state, replacing=state.delete)
        step = Step(op, state.urn, state, None, logical=not state.delete)
        if state.protect and not state.delete:
            self.stepper.tell_before(step)
            raise self.stepper.fail(step, _protection(state))
        needs_provider = not self.stepper.dry_run and provider_deletes(state, deleted_with=state in gone)
        self.stepper.delete(self.calls_of(state) if needs_provider else None, step)


def delete_op(state: ResourceState, *, replacing: bool) -> StepOp:
    """Return the operation by which a resource goes: what is only read is discarded."""
    if state.external:
        return StepOp.DISCARD_REPLACED if replacing else StepOp.DISCARD
    return StepOp.DELETE_REPLACED if replacing else StepOp.DELETE


def deleted_with_another(
    left: Sequence[ResourceState], condemned: Collection[ResourceState]
) -> frozenset[ResourceState]:
    """Return the condemned states that go by themselves, as the resource they are deleted with is condemned as well.

    `left` is the old state in its order: of several by one name, a resource is deleted with the last one before it.
    """
    doomed, last, found = set(condemned), dict[str, ResourceState](), set()
    for state in left:
        if state in doomed and last.get(state.deleted_with) in doomed:
            found.add(state)
        last[state.urn] = state
    return frozenset(found)


def provider_deletes(state: ResourceState, *, deleted_with: bool) -> bool:
    """Whether deleting a resource is the provider's work, rather than only the state's or another's."""
    kept = state.external or state.retain_on_delete or deleted_with
    # What was deleted to be made anew is gone, and the new one may go by the same id.
    made_anew = state.delete and state.pending_replacement
    return state.custom and not is_provider(state.type) and not kept and not made_anew


def rounds(states: Sequence[ResourceState]) -> list[list[ResourceState]]:
    """Return the states in rounds: what a state refers to is in a later round than the state itself."""
    by_urn: dict[str, list[ResourceState]] = {}
    depth: dict[ResourceState, int] = {}
    # The snapshot is in order of dependency, so from its start everything a state needs has been seen before it.
    for state in states:
        above = [depth[needed] for urn in needs(state) for needed in by_urn.get(urn, ())]
        depth[state] = max(above, default=-1) + 1
        by_urn.setdefault(state.urn, []).append(state)
    layers: dict[int, list[ResourceState]] = {}
    for state in reversed(states):
        layers.setdefault(depth[state], []).append(state)
    return [layers[level] for level in sorted(layers, reverse=True)]


def needed_by(failed: Iterable[ResourceState], states: Sequence[ResourceState]) -> set[ResourceState]:
    """Return every state that one of the failed ones needs, directly or through others."""
    wanted = {urn for state in failed for urn in needs(state)}
    found: set[ResourceState] = set()
    for state in reversed(states):
        if state.urn in wanted:
            found.add(state)
            wanted |= needs(state)
    return found


def needs(state: ResourceState) -> set[str]:
    """Return the URNs that a state refers to."""
    needed = {state.parent, state.deleted_with, *state.dependencies}
    needed.update(urn for urns in state.property_dependencies.values() for urn in urns)
    if state.provider:
        needed.add(split_reference(state.provider)[0])
    return {urn for urn in needed if urn}


def _protection(state: ResourceState) -> str:
    return (
        f'resource "{state.urn}" cannot be deleted\n'
        "because it is protected. To unprotect the resource, either remove the `protect` flag from the resource in "
        "your Pulumi program and run `pulumi up`, or use the command:\n"
        f"`pulumi state unprotect '{state.urn}'`"
    )
