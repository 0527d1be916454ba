"""Values between the engine and the provider: protobuf structs on one side, plain Python values on the other.

A value is a JSON value or UNKNOWN. Secrets arrive in clear, as this provider does not accept them; it may send them.
Source: Pulumi `sdk/go/common/resource/sig/sig.go`, `plugin/rpc.go`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf import struct_pb2

from rehearsal.aws.errors import ValueNotSupported

Value: TypeAlias = Any
"""None, bool, int, float, str, UNKNOWN, Files, or a list or dict of values."""
Properties: TypeAlias = dict[str, Value]

_UNKNOWN_ON_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - Pulumi's marker of a secret, not one
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_REFUSED = {"5cf8f73096256a8f31e491e813e4eb8e": "a resource reference"}


class _Unknown:
    """A value known only once the update has run; one instance, compared by identity."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@dataclass(frozen=True, slots=True)
class Secret:
    """A value to be encrypted in state; only ever sent, at the top level of outputs."""

    value: Value


@dataclass(frozen=True, slots=True)
class Files:
    """An asset, or an archive of them: exactly one of text or assets, path and uri is set."""

    is_archive: bool
    text: str | None = None
    assets: Mapping[str, Files] | None = None
    path: str | None = None
    uri: str | None = None
    hash: str = ""
    """Of the content; empty where nobody has computed it."""


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Return the struct's fields as plain values; nulls are left out.

    Raises: ValueNotSupported for resource references.
    """
    return {name: value for name, field in struct.fields.items() if (value := _from_wire(field, name)) is not None}


def to_struct(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """Return the values as a struct; None is left out."""
    struct = struct_pb2.Struct()
    for name, value in values.items():
        if value is not None:
            struct.fields[name].CopyFrom(_to_wire(value))
    return struct


def has_unknown(value: Value) -> bool:
    """Tell whether the value is unknown or contains something unknown."""
    return any(item is UNKNOWN for item in _leaves(value))


def _leaves(value: Value) -> Iterator[Value]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _from_wire(field: struct_pb2.Value, path: str) -> Value:
    match field.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if field.string_value == _UNKNOWN_ON_WIRE else field.string_value
        case "bool_value":
            return field.bool_value
        case "number_value":
            number = field.number_value
            return int(number) if number.is_integer() else number
        case "list_value":
            return [_from_wire(item, path) for item in field.list_value.values]
        case "struct_value":
            return _object_from_wire(field.struct_value, path)
        case _:
            return None


def _object_from_wire(struct: struct_pb2.Struct, path: str) -> Value:
    if _SIGNATURE_KEY not in struct.fields:
        members = ((name, _from_wire(field, f"{path}.{name}")) for name, field in struct.fields.items())
        return {name: value for name, value in members if value is not None}
    signature = struct.fields[_SIGNATURE_KEY].string_value
    if signature == _SECRET:
        return _from_wire(struct.fields["value"], path)
    if signature == _OUTPUT:
        return _from_wire(struct.fields["value"], path) if "value" in struct.fields else UNKNOWN
    if signature in (_ASSET, _ARCHIVE):
        return _files_from_wire(struct, path, is_archive=signature == _ARCHIVE)
    raise ValueNotSupported(f"{path} is {_REFUSED.get(signature, 'of an unknown kind')}", not_run="this resource")


def _files_from_wire(struct: struct_pb2.Struct, path: str, *, is_archive: bool) -> Files:
    told = {name: _from_wire(field, path) for name, field in struct.fields.items() if name != _SIGNATURE_KEY}
    text, assets, hashed = told.get("text"), told.get("assets"), told.get("hash") or ""
    return Files(is_archive, text, assets, told.get("path"), told.get("uri"), hashed)


def _files_to_wire(files: Files) -> struct_pb2.Struct:
    signature = _ARCHIVE if files.is_archive else _ASSET
    parts = {"text": files.text, "assets": files.assets, "path": files.path, "uri": files.uri, "hash": files.hash}
    return to_struct({_SIGNATURE_KEY: signature, **parts})


def _to_wire(value: Value) -> struct_pb2.Value:
    wire = struct_pb2.Value()
    match value:
        case None:
            wire.null_value = struct_pb2.NULL_VALUE
        case bool():
            wire.bool_value = value
        case int() | float():
            wire.number_value = value
        case str():
            wire.string_value = value
        case _Unknown():
            wire.string_value = _UNKNOWN_ON_WIRE
        case dict():
            wire.struct_value.CopyFrom(to_struct(value))
        case list() | tuple():
            wire.list_value.values.extend(_to_wire(item) for item in value)
        case Files():
            wire.struct_value.CopyFrom(_files_to_wire(value))
        case Secret(value=hidden):
            wire.struct_value.CopyFrom(to_struct({_SIGNATURE_KEY: _SECRET, "value": hidden}))
        case _:
            raise TypeError(f"no wire form for {type(value).__name__}")
    return wire
