"""Properties on the wire: Pulumi's gRPC structs to engine values and back.

Source: Pulumi `sdk/go/common/resource/plugin/rpc.go` and `sdk/go/common/resource/sig/sig.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from rehearsal.engine.values import (
    UNKNOWN,
    UNKNOWN_ID,
    Archive,
    Asset,
    Properties,
    ResourceReference,
    Secret,
    Unknown,
    Value,
)

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (a marker, not a secret)
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
BYTES = "803fd3297a5875dc03ca845dda5d2a98"


class UnsupportedValue(Exception):
    """A value of a kind that this engine does not carry; the message names it."""


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Return the properties of a struct; raises UnsupportedValue."""
    return {key: from_proto(value) for key, value in struct.fields.items()}


def from_proto(value: struct_pb2.Value) -> Value:
    """Return one value of a struct."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_ID else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [from_proto(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _from_object({key: from_proto(item) for key, item in value.struct_value.fields.items()})
    return None


def _from_object(fields: dict[str, Any]) -> Value:
    signature = fields.get(SIGNATURE)
    if signature is None:
        return fields
    if signature == SECRET_MARK:
        return secret(fields.get("value"))
    if signature == ASSET:
        return Asset(fields.get("text"), fields.get("path"), fields.get("uri"), fields.get("hash") or "")
    if signature == ARCHIVE:
        return Archive(fields.get("assets"), fields.get("path"), fields.get("uri"), fields.get("hash") or "")
    if signature == RESOURCE:
        return ResourceReference(str(fields["urn"]), fields.get("id"), str(fields.get("packageVersion") or ""))
    if signature == OUTPUT:
        raise UnsupportedValue("an output value, which only remote components and method calls take")
    if signature == BYTES:
        raise UnsupportedValue("a string that is not UTF-8")
    raise UnsupportedValue(f"a value with the unknown signature {signature}")


def secret(value: Value) -> Secret:
    """Return a secret of this value, taking secrets inside it out: Pulumi does not nest them."""
    return Secret(unwrapped(value))


def unwrapped(value: Value) -> Value:
    """Return the value without any secret marks."""
    if isinstance(value, Secret):
        return unwrapped(value.value)
    if isinstance(value, dict):
        return {key: unwrapped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unwrapped(item) for item in value]
    return value


def has_secret(value: Value) -> bool:
    """Whether a secret is anywhere in the value."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    return isinstance(value, list) and any(has_secret(item) for item in value)


def has_unknown(value: Value) -> bool:
    """Whether an unknown is anywhere in the value."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)


def to_struct(properties: Mapping[str, Value], *, secrets: bool = True) -> struct_pb2.Struct:
    """Return properties as a struct; without `secrets` they travel as plain values."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        _fill(struct.fields[key], value, secrets)
    return struct


def _fill(target: struct_pb2.Value, value: Value, secrets: bool) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, Unknown):
        target.string_value = UNKNOWN_ID
    elif isinstance(value, list):
        target.list_value.SetInParent()
        for item in value:
            _fill(target.list_value.values.add(), item, secrets)
    elif isinstance(value, Secret) and not secrets:
        _fill(target, value.value, secrets)
    else:
        target.struct_value.SetInParent()
        for key, item in (value if isinstance(value, dict) else _marked(value)).items():
            _fill(target.struct_value.fields[key], item, secrets)


def _marked(value: Secret | Asset | Archive | ResourceReference) -> dict[str, Any]:
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET_MARK, "value": value.value}
    if isinstance(value, ResourceReference):
        fields: dict[str, Any] = {SIGNATURE: RESOURCE, "urn": value.urn, "packageVersion": value.package_version}
        return fields if value.id is None else {**fields, "id": value.id}
    mark = ASSET if isinstance(value, Asset) else ARCHIVE
    names = ("text", "path", "uri") if isinstance(value, Asset) else ("assets", "path", "uri")
    parts = {name: getattr(value, name) for name in names if getattr(value, name) is not None}
    return {SIGNATURE: mark, "hash": value.hash, **parts}
