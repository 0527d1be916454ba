"""Engine events as Pulumi writes them, without sequence and time; secrets are blinded.

Source: Pulumi `sdk/go/common/apitype/events.go`, `pkg/engine/events.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.engine.state import ResourceState
from rehearsal.engine.update import StepOp, UpdateResult
from rehearsal.engine.values import (
    UNKNOWN_ID,
    Archive,
    Asset,
    PropertyDiff,
    ResourceReference,
    Secret,
    Unknown,
    Value,
)

MASK = "[secret]"


@dataclass(frozen=True, slots=True)
class Step:
    """One step as events show it. `logical` is false for the create and delete that make up a replacement."""

    op: StepOp
    urn: str
    old: ResourceState | None
    new: ResourceState | None
    provider: str = ""
    keys: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    detailed: Mapping[str, PropertyDiff] = field(default_factory=dict)
    logical: bool = True


def prelude(config: Mapping[str, str]) -> dict[str, Any]:
    """Return the first event of an update."""
    return {"preludeEvent": {"config": dict(config)}}


def summary(changes: Mapping[StepOp, int], seconds: float, *, preview: bool, result: UpdateResult) -> dict[str, Any]:
    """Return the last event of an update."""
    return {
        "summaryEvent": {
            "maybeCorrupt": False,
            "durationSeconds": int(seconds),
            "resourceChanges": {str(op): count for op, count in changes.items()},
            "PolicyPacks": {},
            "isPreview": preview,
            "result": "canceled" if result is UpdateResult.CANCELLED else str(result),
        }
    }


def diagnostic(severity: str, message: str, urn: str = "", *, ephemeral: bool = False) -> dict[str, Any]:
    """Return a message to the person who runs the update; severity is debug, info, warning or error."""
    body: dict[str, Any] = {"message": message, "color": "never", "severity": severity}
    prefix = {"warning": "warning: ", "error": "error: "}.get(severity)
    if urn:
        body["urn"] = urn
    if prefix:
        body["prefix"] = prefix
    if ephemeral:
        body["ephemeral"] = True
    return {"diagnosticEvent": body}


def before(step: Step, *, planning: bool) -> dict[str, Any]:
    """Return the event of a step that begins."""
    body: dict[str, Any] = {"metadata": _metadata(step)}
    return {"resourcePreEvent": {**body, "planning": True} if planning else body}


def after(step: Step, *, planning: bool) -> dict[str, Any]:
    """Return the event of a step that is done."""
    body: dict[str, Any] = {"metadata": _metadata(step)}
    return {"resOutputsEvent": {**body, "planning": True} if planning else body}


def failed(step: Step) -> dict[str, Any]:
    """Return the event of a step that failed."""
    return {"resOpFailedEvent": {"metadata": _metadata(step), "status": 0, "steps": 0}}


def _metadata(step: Step) -> dict[str, Any]:
    shown = step.new or step.old
    return {
        "op": str(step.op),
        "urn": step.urn,
        "type": shown.type if shown else "",
        "old": _state(step.old),
        "new": _state(step.new),
        "keys": list(step.keys) or None,
        "diffs": list(step.diffs) or None,
        "detailedDiff": {path: _detail(diff) for path, diff in step.detailed.items()} or None,
        "logical": step.logical,
        "provider": step.provider or (shown.provider if shown else ""),
    }


def _detail(diff: PropertyDiff) -> dict[str, Any]:
    return {"diffKind": f"{diff.kind}-replace" if diff.replaces else diff.kind, "inputDiff": diff.input_diff}


def _state(state: ResourceState | None) -> dict[str, Any] | None:
    if state is None:
        return None
    body: dict[str, Any] = {
        "type": state.type,
        "urn": state.urn,
        "custom": state.custom,
        "id": state.id,
        "parent": state.parent,
        "provider": state.provider,
        "inputs": {key: blinded(value) for key, value in state.inputs.items()},
        "outputs": {key: blinded(value) for key, value in state.outputs.items()},
    }
    flags = {"delete": state.delete, "protect": state.protect, "retainOnDelete": state.retain_on_delete}
    body.update({name: True for name, value in flags.items() if value})
    return body if not state.init_errors else {**body, "initErrors": list(state.init_errors)}


def blinded(value: Value) -> Any:
    """Return a value as JSON, secrets masked."""
    match value:
        case Secret():
            return MASK
        case Unknown():
            return UNKNOWN_ID
        case dict():
            return {key: blinded(item) for key, item in value.items()}
        case list():
            return [blinded(item) for item in value]
        case Asset() | Archive():
            return {"hash": value.hash, **({"path": value.path} if value.path else {})}
        case ResourceReference():
            return {"urn": value.urn, "id": blinded(value.id)}
        case _:
            return value
