"""Which resources must be deleted before the one they depend on is deleted to be made anew.

Source: Pulumi `pkg/resource/deploy/step_generator.go` (calculateDependentReplacements).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rehearsal.engine import step_choice
from rehearsal.engine.deletion import needs
from rehearsal.engine.provider_calls import Difference
from rehearsal.engine.provider_registration import ProviderRegistrar
from rehearsal.engine.providers import split_reference
from rehearsal.engine.state import ResourceState
from rehearsal.engine.stepper import subject_of
from rehearsal.engine.urn import is_provider
from rehearsal.engine.values import UNKNOWN, Properties


@dataclass(frozen=True, slots=True)
class Dependent:
    """An old resource that goes with another, and the properties because of which."""

    state: ResourceState
    keys: tuple[str, ...] = ()


def dependents_of(root: ResourceState, providers: ProviderRegistrar, settled: Collection[str]) -> list[Dependent]:
    """Return who must go with a resource, in order of dependency; `settled` are registered already and stay.

    A dependent goes if it would be replaced by a change of what it takes from one that goes. Raises StepFailed.
    """
    states = list(providers.olds.resources)
    after = states[_position(root, states) + 1 :]
    affected, replaced, found = {root.urn}, {root.urn}, []
    for state in after:
        if state.urn in settled or not affected & (needs(state) - {state.parent}):
            continue
        affected.add(state.urn)
        keys = _reason(state, replaced, providers)
        if keys is not None:
            found.append(Dependent(providers.olds.get(state.urn) or state if not state.delete else state, keys))
            replaced.add(state.urn)
    chosen = {dependent.state.urn for dependent in found} | {root.urn}
    found += [
        Dependent(state)
        for state in providers.olds.live()
        if state.deleted_with == root.urn and state.urn not in chosen and state.urn not in settled
    ]
    return found


def _position(root: ResourceState, states: list[ResourceState]) -> int:
    live = [index for index, state in enumerate(states) if state.urn == root.urn and not state.delete]
    return live[0] if live else len(states)


def _reason(state: ResourceState, replaced: set[str], providers: ProviderRegistrar) -> tuple[str, ...] | None:
    """Return the properties because of which a resource goes too, None if it can stay."""
    if not state.custom or state.external:
        return None
    if state.provider and split_reference(state.provider)[0] in replaced:
        return ()
    if state.deleted_with in replaced:
        return ()
    inputs = dict(state.inputs)
    touched = [key for key in inputs if set(state.property_dependencies.get(key, ())) & replaced]
    if not touched:
        return None
    inputs.update(dict.fromkeys(touched, UNKNOWN))
    diff = providers.asked(state.urn, lambda: _difference(state, inputs, providers))
    diff = step_choice.with_forced_replacement(diff, state.replace_on_changes, half_made=False)
    return diff.replaces if step_choice.replaces(diff) else None


def _difference(state: ResourceState, inputs: Properties, providers: ProviderRegistrar) -> Difference:
    if is_provider(state.type):
        return providers.config_difference(state, inputs)
    calls = providers.of_old(state)
    if calls is None:
        return Difference(changes=False)
    before = (state.inputs, state.outputs)
    diff = calls.diff(subject_of(state, "update"), before, inputs, state.ignore_changes)
    return step_choice.settled(state, inputs, diff)
