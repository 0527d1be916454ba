"""The state a registration asks for, before any provider has acted on it."""

from __future__ import annotations

from rehearsal.engine.goal import Goal
from rehearsal.engine.state import ResourceState
from rehearsal.engine.values import Properties


def new_state(urn: str, goal: Goal, inputs: Properties, old: ResourceState | None, provider: str = "") -> ResourceState:
    """Return what a goal asks for; times and places in the source are carried over from the old state.

    Source: Pulumi step_generator.go (generateResourceSteps).
    """
    return ResourceState(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=inputs,
        parent=goal.parent,
        provider=provider,
        protect=bool(goal.protect),
        dependencies=goal.dependencies,
        property_dependencies=goal.property_dependencies,
        additional_secret_outputs=goal.additional_secret_outputs,
        custom_timeouts=goal.custom_timeouts,
        import_id=goal.import_id,
        retain_on_delete=bool(goal.retain_on_delete),
        deleted_with=goal.deleted_with,
        created=old.created if old is not None else "",
        modified=old.modified if old is not None else "",
        source_position=old.source_position if old is not None else "",
        stack_trace=old.stack_trace if old is not None else (),
        ignore_changes=goal.ignore_changes,
        replace_on_changes=goal.replace_on_changes,
    )
