"""Inputs held against the argument classes of the installed pulumi_aws: names, required ones, types, enums.

No schema is shipped with the package; the classes' own annotations are read, by the SDK's own reader.
"""

from __future__ import annotations

import collections.abc
import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import pulumi
from pulumi import _types  # the SDK's own reader of these classes; it has no public name

from rehearsal.aws.sdk_reference import PROVIDER, argument_class
from rehearsal.aws.wire import Files

_WRAPPERS = (collections.abc.Awaitable, pulumi.Output)


@cache
def _properties(arguments: type) -> Mapping[str, Any]:
    """Return the type of each property of an argument class, by its name on the wire."""
    return _types.input_type_types(arguments)


@cache
def _required(arguments: type) -> frozenset[str]:
    """Return the wire names of the properties that an argument class can't be made without."""
    parameters = inspect.signature(arguments.__init__).parameters.values()  # type: ignore[misc]
    needed = {item.name for item in parameters if item.default is inspect.Parameter.empty and item.name != "__self__"}
    wire_names = _types.input_type_py_to_pulumi_names(arguments)
    return frozenset(wire_names[name] for name in needed)


def wrong_inputs(token: str, inputs: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a resource's inputs as the engine receives them; unknown values are left out.

    Everything a provider is configured with is a text on the wire: JSON where its type is another one.
    """
    arguments = argument_class(token)
    return list(_wrong_object(arguments, _decoded(arguments, inputs) if token == PROVIDER else inputs, ""))


def _decoded(arguments: type, inputs: Mapping[str, Any]) -> dict[str, Any]:
    types = _properties(arguments)
    texts = {name for name, kind in types.items() if kind is str}
    return {
        name: json.loads(value) if isinstance(value, str) and name in types and name not in texts else value
        for name, value in inputs.items()
    }


def _wrong_object(arguments: type, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: must be an object, not {value!r}"
        return
    types = _properties(arguments)
    here = f"{path}." if path else ""
    yield from (f"{here}{name}: is not known" for name in sorted(value.keys() - types.keys()))
    yield from (f"{here}{name}: is required" for name in sorted(_required(arguments) - value.keys()))
    for name in sorted(value.keys() & types.keys()):
        yield from _wrong(types[name], value[name], f"{here}{name}")


def _wrong(kind: Any, value: object, path: str) -> Iterator[str]:
    options = list(_options(kind))
    if value is None or Any in options:
        return
    found = [list(_wrong_option(option, value, path)) for option in options]
    if all(found):
        # The one that comes nearest: an object's own problems say more than that it is no text.
        yield from max(found, key=lambda problems: len(problems[0].partition(":")[0]))


def _options(kind: Any) -> Iterator[Any]:
    """Yield what a value may be, without what the SDK resolves before a value is sent.

    Where an enum stands beside a text, the enum alone counts: that is what the text may say.
    """
    if get_origin(kind) in (Union, UnionType):
        options = [option for part in get_args(kind) for option in _options(part)]
        has_enum = any(isinstance(option, type) and issubclass(option, Enum) for option in options)
        yield from (option for option in options if not (has_enum and option is str))
    elif get_origin(kind) not in _WRAPPERS and kind is not NoneType:
        yield kind


def _wrong_option(kind: Any, value: object, path: str) -> Iterator[str]:
    origin = get_origin(kind)
    if origin is collections.abc.Sequence:
        yield from _wrong_items(get_args(kind)[0], value, path)
    elif origin is collections.abc.Mapping:
        yield from _wrong_values(get_args(kind)[1], value, path)
    elif _types.is_input_type(kind):
        yield from _wrong_object(kind, value, path)
    elif issubclass(kind, Enum):
        known = [member.value for member in kind]
        if value not in known:
            yield f"{path}: must be one of {', '.join(map(str, known))}, not {value!r}"
    elif not _is(kind, value):
        yield f"{path}: must be {kind.__name__}, not {value!r}"


def _wrong_items(kind: Any, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        yield f"{path}: must be a list, not {value!r}"
        return
    for index, item in enumerate(value):
        yield from _wrong(kind, item, f"{path}[{index}]")


def _wrong_values(kind: Any, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: must be a map, not {value!r}"
        return
    for key, item in value.items():
        yield from _wrong(kind, item, f"{path}.{key}")


def _is(kind: type, value: object) -> bool:
    """Tell whether a value is of a plain type. Every number is a float on the wire; a flag is no number."""
    if kind in (int, float):
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return not isinstance(value, bool) and (whole or (kind is float and isinstance(value, float)))
    if kind is pulumi.Archive:
        return isinstance(value, Files) and value.is_archive
    return isinstance(value, kind)
