"""Property values as they stand in a checkpoint, secrets sealed.

Markers are Pulumi's. A secret is written as the sealed JSON text of its value. A seal is reused while a property's
plaintext stays the same, so that an update that changes nothing rewrites nothing.
Source: Pulumi `pkg/resource/stack/deployment.go` (SerializePropertyValue), `sdk/go/common/resource/sig/sig.go`.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from rehearsal.engine.errors import StateCorruptError, StateUnsupportedError
from rehearsal.engine.go_json import compact, go_number
from rehearsal.engine.values import UNKNOWN, UNKNOWN_ID, Archive, Asset, ResourceReference, Secret, Unknown, Value

MARKER = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (Pulumi's marker, not a secret)
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
_BYTES = "803fd3297a5875dc03ca845dda5d2a98"
_FLOAT = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c"
BLINDED = "[secret]"

Path: TypeAlias = tuple[str | int, ...]
Seal: TypeAlias = Callable[[Path, str], Mapping[str, str]]
"""Turns a secret's JSON text, found at a path, into the fields that stand beside its marker."""
Unseal: TypeAlias = Callable[[Path, Mapping[str, Any]], str]
"""Turns the fields beside a secret's marker, found at a path, into its JSON text."""


def encode_value(value: Value, seal: Seal, path: Path = ()) -> Any:
    """Return a value as JSON data with maps in key order."""
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return go_number(value) if math.isfinite(value) else {MARKER: _FLOAT, "value": _bits(value)}
        case dict():
            return {key: encode_value(value[key], seal, (*path, key)) for key in sorted(value)}
        case list() | tuple():
            return [encode_value(item, seal, (*path, index)) for index, item in enumerate(value)]
        case Secret():
            inner = value.value.value if isinstance(value.value, Secret) else value.value
            return {MARKER: SECRET, **seal(path, compact(encode_value(inner, plaintext_seal), escape_html=True))}
        case Unknown():
            return UNKNOWN_ID
        case Asset() | Archive():
            return _encode_files(value)
        case ResourceReference():
            return _encode_reference(value)


def decode_value(data: Any, unseal: Unseal, path: Path = ()) -> Value:
    """Return the value that JSON data stands for; raises StateCorruptError or StateUnsupportedError."""
    if isinstance(data, str):
        return UNKNOWN if data == UNKNOWN_ID else data
    if isinstance(data, list):
        return [decode_value(item, unseal, (*path, index)) for index, item in enumerate(data)]
    if not isinstance(data, dict):
        scalar: bool | int | float | None = data
        return scalar
    if MARKER not in data:
        return {key: decode_value(item, unseal, (*path, key)) for key, item in data.items()}
    return _decode_marked(data, unseal, path)


def plaintext_seal(_path: Path, text: str) -> Mapping[str, str]:
    """Keep a secret inside another secret as text: the outer one is encrypted as a whole."""
    return {"ciphertext": text}


def showing_seal(_path: Path, text: str) -> Mapping[str, str]:
    """Write a secret in clear, as `stack export --show-secrets` does."""
    return {"plaintext": text}


def plaintext_unseal(_path: Path, fields: Mapping[str, Any]) -> str:
    """Read a secret inside another secret."""
    return sealed_text(fields)[1]


def sealed_text(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return which of `ciphertext` and `plaintext` a secret holds, and its text; raises StateCorruptError."""
    held = [(name, fields[name]) for name in ("ciphertext", "plaintext") if fields.get(name)]
    if len(held) != 1 or not isinstance(held[0][1], str):
        raise StateCorruptError("a secret in the state holds neither or both of ciphertext and plaintext")
    return held[0]


def json_text(text: str) -> Any:
    """Parse a secret's JSON text; raises StateCorruptError without repeating it."""
    try:
        return json.loads(text)
    except ValueError:
        raise StateCorruptError("a secret in the state does not hold JSON") from None


def _decode_marked(data: dict[str, Any], unseal: Unseal, path: Path) -> Value:
    match data[MARKER]:
        case str() as marker if marker == SECRET:
            return Secret(_flat(decode_value(json_text(unseal(path, data)), plaintext_unseal)))
        case str() as marker if marker == _REFERENCE:
            return _decode_reference(data)
        case str() as marker if marker in {_ASSET, _ARCHIVE}:
            return _decode_files(data)
        case str() as marker if marker == _FLOAT:
            return _float(data)
        case str() as marker if marker == _BYTES:
            raise StateUnsupportedError(
                "the state holds a string that is not text", subject=".".join(map(str, path)), hint=_REAL
            )
        case _:
            raise StateCorruptError("the state holds a value of an unknown kind", subject=".".join(map(str, path)))


def _flat(value: Value) -> Value:
    return value.value if isinstance(value, Secret) else value


def _encode_files(files: Asset | Archive) -> dict[str, Any]:
    found: dict[str, Any] = {MARKER: _ASSET if isinstance(files, Asset) else _ARCHIVE}
    if isinstance(files, Archive) and files.assets is not None:
        found["assets"] = {name: _encode_files(files.assets[name]) for name in sorted(files.assets)}
    fields = {"hash": files.hash, "path": files.path, "text": getattr(files, "text", None), "uri": files.uri}
    return found | {name: field for name, field in fields.items() if field}


def _decode_files(data: Mapping[str, Any]) -> Asset | Archive:
    fields = {name: data.get(name) for name in ("text", "path", "uri", "hash")}
    if any(field is not None and not isinstance(field, str) for field in fields.values()):
        raise StateCorruptError("an asset in the state has a field that is not text")
    path, uri, content_hash = fields["path"], fields["uri"], fields["hash"] or ""
    if data[MARKER] == _ASSET:
        text = fields["text"] if path or uri or fields["text"] is not None else ""
        return Asset(text=text, path=path, uri=uri, hash=content_hash)
    assets = data.get("assets")
    parts = {name: _decode_files(part) for name, part in assets.items()} if isinstance(assets, dict) else None
    return Archive(assets=parts, path=path, uri=uri, hash=content_hash)


def _encode_reference(reference: ResourceReference) -> dict[str, Any]:
    found: dict[str, Any] = {MARKER: _REFERENCE}
    if reference.id is not None:
        found["id"] = reference.id if isinstance(reference.id, str) else ""
    return found | {"packageVersion": reference.package_version, "urn": reference.urn}


def _decode_reference(data: Mapping[str, Any]) -> ResourceReference:
    urn, identifier = data.get("urn"), data.get("id")
    if not isinstance(urn, str):
        raise StateCorruptError("a resource reference in the state has no urn")
    if isinstance(identifier, dict):  # A form that some releases of Pulumi wrote; source: deployment.go, deserializeID.
        identifier = identifier.get("V") if isinstance(identifier.get("V"), str | None) else ""
    return ResourceReference(urn, identifier, str(data.get("packageVersion") or ""))


def _bits(value: float) -> str:
    return struct.pack(">d", value).hex()


def _float(data: Mapping[str, Any]) -> float:
    try:
        return float(struct.unpack(">d", bytes.fromhex(str(data.get("value"))))[0])
    except (ValueError, struct.error):
        raise StateCorruptError("a number in the state is malformed") from None


_REAL = "use the real Pulumi CLI for this stack"
