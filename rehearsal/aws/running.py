"""Runs one step of a resource type's table: a declared operation, or the entry's own function."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.operations import (
    EC2_TAGS,
    ID,
    TAG_KEYS,
    AttributeValue,
    Fixed,
    ListOfOne,
    Operation,
    OrElse,
    Parameter,
    Source,
)
from rehearsal.aws.resource_type import ResourceType, Step
from rehearsal.aws.tags import tags_to_aws


def run_step(kind: ResourceType, step: Step, call: Call) -> Any:
    """Run the step and return its answer; parameters without a value are left out of the call.

    Raises: what botocore raises.
    """
    if not isinstance(step, Operation):
        return step(call)
    values = {name: _value(kind, parameter, call) for name, parameter in step.parameters.items()}
    return step.pick(getattr(call.aws, step.name)(**{k: v for k, v in values.items() if v is not None}))


def _value(kind: ResourceType, parameter: Parameter, call: Call) -> Any:
    match parameter:
        case Fixed(value=value):
            return value
        case OrElse(name=name, value=value):
            found = _value(kind, name, call)
            return value if found is None else found
        case ListOfOne(of=of):
            return [_value(kind, of, call)]
        case AttributeValue(name=name):
            return {"Value": _value(kind, name, call)}
        case Source():
            return _from_source(kind, parameter, call)
        case str():
            found = call[parameter]
            return None if found is None else kind.by_name[parameter].kind.to_aws(found)


def _from_source(kind: ResourceType, source: Source, call: Call) -> Any:
    if source is ID:
        return call.id
    tagging = kind.tagging
    if tagging is None or not call.tags:
        return None
    if source is TAG_KEYS:
        return sorted(call.tags)
    tags = tags_to_aws(call.tags, tagging.shape)
    return [{"ResourceType": tagging.ec2_type, "Tags": tags}] if source is EC2_TAGS else tags
