"""Which AWS operations the steps of a resource type call, read from their code; for the pages of types.

A declared step names its operation. A function's code names the methods of clients that it calls, and those that its
own functions call, so nothing has to be run or written down twice; a test compares with what the twin was asked.
Never imported while serving.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

import botocore.session
from botocore import xform_name

from rehearsal.aws.operations import Operation
from rehearsal.aws.resource_type import ResourceType

_OURS = "rehearsal.aws."


@dataclass(frozen=True, slots=True)
class StepCalls:
    """One step of a type's life, in words, and its operations as `service:Operation`."""

    step: str
    operations: tuple[str, ...]


def calls_by_step(kind: ResourceType) -> tuple[StepCalls, ...]:
    """Return what a type calls to create, read, change, tag, find and delete a resource; steps without calls left out.

    A change right after creation is one of the changes; what a step shares with another is named in both.
    """
    steps: list[tuple[str, object]] = [("create", kind.create), ("read", kind.read)]
    steps += [
        ("change " + ", ".join(f"`{name}`" for name in change.properties), change.step) for change in kind.changes
    ]
    if kind.tagging:
        steps += [("add tags", kind.tagging.add), ("remove tags", kind.tagging.remove)]
    steps += [("wait until it can be used", kind.ready), ("find one that exists", kind.find), ("delete", kind.delete)]
    found = (StepCalls(words, tuple(sorted(_operations(step, kind.service)))) for words, step in steps if step)
    return tuple(step for step in found if step.operations)


def all_calls(kind: ResourceType) -> frozenset[str]:
    """Return every operation that a type may call, as `service:Operation`."""
    return frozenset(operation for step in calls_by_step(kind) for operation in step.operations)


def _operations(step: object, service: str) -> Iterator[str]:
    if isinstance(step, Operation):
        yield f"{service}:{_methods(service)[step.name]}"
        return
    words = frozenset(word for code in _codes(step) for word in _words(code))
    # A function that asks another service for something names it where it takes that service's client.
    for name in {service, *(words & _services() if "client" in words else ())}:
        methods = _methods(name)
        yield from (f"{name}:{methods[word]}" for word in words & methods.keys())


def _codes(step: object) -> Iterator[CodeType]:
    """Yield the code of a function and of every function of the provider that it reaches."""
    waiting: list[object] = [step]
    seen: set[CodeType] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, functools.partial):
            waiting += [one.func, *one.args, *one.keywords.values()]
        elif isinstance(one, FunctionType) and one.__module__.startswith(_OURS) and one.__code__ not in seen:
            seen.add(one.__code__)
            yield from _with_inner(one.__code__)
            waiting += [one.__globals__.get(name) for code in _with_inner(one.__code__) for name in code.co_names]
            waiting += [cell.cell_contents for cell in one.__closure__ or ()]


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _with_inner(constant)


def _words(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    yield from (constant for constant in code.co_consts if isinstance(constant, str))


@lru_cache(maxsize=1)
def _session() -> Any:
    return botocore.session.get_session()


@lru_cache(maxsize=1)
def _services() -> frozenset[str]:
    return frozenset(_session().get_available_services())


@functools.cache
def _methods(service: str) -> Mapping[str, str]:
    """Return boto3's methods of a service, and the operation each calls."""
    return {xform_name(name): name for name in _session().get_service_model(service).operation_names}
