"""Checkpoints: the JSON document that holds a stack's state, to and from a `Snapshot`.

Version 3 is written, version 4 where a feature asks for it; both are read. Compact, fields in Pulumi's order, empty
ones left out. Fields this engine does not interpret are kept in `ResourceState.extra` and written back.
Source: Pulumi `sdk/go/common/apitype/core.go`, `pkg/resource/stack/{checkpoint,deployment}.go`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.engine.errors import StateCorruptError, StateUnsupportedError
from rehearsal.engine.go_json import compact
from rehearsal.engine.integrity import check_magic, magic_of, require_sound
from rehearsal.engine.resource_json import ResourceReader, ResourceWriter
from rehearsal.engine.state import PendingKind, PendingOperation, ResourceState, SecretsProvider, Snapshot
from rehearsal.engine.times import now_text
from rehearsal.engine.version import PULUMI_VERSION

_FEATURES = frozenset({"replaceWith"})
"""Features whose resources this engine may carry on: `replaceWith` is refused when a program sets it."""
_FORMS: Mapping[str, type] = {
    "manifest": dict,
    "secrets_providers": dict,
    "resources": list,
    "pending_operations": list,
    "metadata": dict,
}
_NOT_CARRIED = ("snippets", "extensions")
_REAL = "use the real Pulumi CLI for this stack"


@dataclass(frozen=True, slots=True)
class Document:
    """A checkpoint file as parsed: its deployment as JSON data (None for a stack that never had one)."""

    version: int
    features: tuple[str, ...] = ()
    deployment: Mapping[str, Any] | None = None

    @property
    def secrets_provider(self) -> SecretsProvider | None:
        """Return who encrypted the deployment's secrets, if anybody."""
        entry = (self.deployment or {}).get("secrets_providers")
        if not isinstance(entry, dict) or not entry.get("type"):
            return None
        return SecretsProvider(str(entry["type"]), entry.get("state") or {})

    @property
    def resources(self) -> list[dict[str, Any]]:
        """Return the resources as JSON data."""
        return list((self.deployment or {}).get("resources") or [])

    @property
    def written(self) -> str:
        """Return when the deployment was written (RFC 3339), empty if it has no time."""
        return str(((self.deployment or {}).get("manifest") or {}).get("time") or "")


def parse_checkpoint(content: bytes, subject: str) -> Document:
    """Parse a checkpoint file; raises StateCorruptError or StateUnsupportedError, naming the file."""
    envelope = _json_object(content, subject)
    version = envelope.get("version", 0)
    _check_version(version, envelope.get("features"), subject)
    checkpoint = envelope.get("checkpoint")
    if not isinstance(checkpoint, dict):
        raise StateCorruptError("this is no Pulumi checkpoint", subject=subject, why="it has no checkpoint in it")
    return _document(version, envelope.get("features"), checkpoint.get("latest"), subject)


def parse_deployment(content: bytes, subject: str) -> Document:
    """Parse what `stack export` writes: `{version, features?, deployment}`; raises as `parse_checkpoint`."""
    envelope = _json_object(content, subject)
    if "deployment" not in envelope:
        raise StateCorruptError("this is no exported deployment", subject=subject, why="it has no deployment in it")
    _check_version(envelope.get("version", 0), envelope.get("features"), subject)
    return _document(envelope["version"], envelope.get("features"), envelope.get("deployment"), subject)


def read_snapshot(document: Document, reader: ResourceReader) -> Snapshot:
    """Return the snapshot of a document, checked against Pulumi's integrity rules; raises StateCorruptError."""
    deployment = document.deployment or {}
    manifest = deployment.get("manifest") or {}
    check_magic(str(manifest.get("version") or ""), str(manifest.get("magic") or ""))
    snapshot = Snapshot(
        resources=tuple(reader.read(entry) for entry in document.resources),
        pending_operations=tuple(_pending(entry, reader) for entry in deployment.get("pending_operations") or []),
        secrets_provider=document.secrets_provider,
        metadata=deployment.get("metadata") or {},
    )
    require_sound(snapshot)
    return snapshot


@dataclass(slots=True)
class CheckpointWriter:
    """Writes one stack's snapshots; keeps each resource's text as long as the resource object is the same.

    Not safe for several threads at once.
    """

    stack: str
    resources: ResourceWriter
    secrets_provider: SecretsProvider | None
    _texts: dict[int, tuple[ResourceState, str]] = field(default_factory=dict)

    def checkpoint(self, snapshot: Snapshot) -> bytes:
        """Return the checkpoint file of a snapshot."""
        texts = self._kept(snapshot)
        features = features_of(states_of(snapshot))
        latest = self._frame(snapshot)
        head = compact({"version": 4 if features else 3, **({"features": features} if features else {})})
        body = [f'"manifest":{compact(latest["manifest"])}']
        if "secrets_providers" in latest:
            body.append(f'"secrets_providers":{compact(latest["secrets_providers"])}')
        if snapshot.resources:
            body.append(f'"resources":[{",".join(texts[id(state)][1] for state in snapshot.resources)}]')
        if snapshot.pending_operations:
            operations = (
                f'{{"resource":{texts[id(pending.resource)][1]},"type":{compact(pending.kind.value)}}}'
                for pending in snapshot.pending_operations
            )
            body.append(f'"pending_operations":[{",".join(operations)}]')
        body.append(f'"metadata":{compact(latest["metadata"])}')
        stack = compact(self.stack)
        text = f'{head[:-1]},"checkpoint":{{"stack":{stack},"latest":{{{",".join(body)}}}}}}}'
        # Lone surrogates, which only a hand-edited file can hold, have no UTF-8 form; Go replaces them as well.
        return text.encode("utf-8", "replace")

    def deployment(self, snapshot: Snapshot) -> dict[str, Any]:
        """Return `{version, features?, deployment}` of a snapshot as JSON data, for `stack export`."""
        features = features_of(states_of(snapshot))
        frame = self._frame(snapshot)
        metadata = frame.pop("metadata")
        if snapshot.resources:
            frame["resources"] = [self.resources.write(state) for state in snapshot.resources]
        if snapshot.pending_operations:
            frame["pending_operations"] = [
                {"resource": self.resources.write(pending.resource), "type": pending.kind.value}
                for pending in snapshot.pending_operations
            ]
        found: dict[str, Any] = {"version": 4 if features else 3}
        return found | ({"features": features} if features else {}) | {"deployment": {**frame, "metadata": metadata}}

    def _frame(self, snapshot: Snapshot) -> dict[str, Any]:
        frame: dict[str, Any] = {"manifest": manifest(PULUMI_VERSION)}
        if self.secrets_provider is not None:
            frame["secrets_providers"] = {
                "type": self.secrets_provider.type,
                "state": dict(self.secrets_provider.state),
            }
        return frame | {"metadata": dict(snapshot.metadata)}

    def _kept(self, snapshot: Snapshot) -> dict[int, tuple[ResourceState, str]]:
        """Return the text of every resource, made only for those not seen in the snapshot before."""
        before = self._texts
        self._texts = {
            id(state): before.get(id(state)) or (state, compact(self.resources.write(state)))
            for state in states_of(snapshot)
        }
        return self._texts


def states_of(snapshot: Snapshot) -> list[ResourceState]:
    """Return every resource of a snapshot, those of pending operations last."""
    return [*snapshot.resources, *(pending.resource for pending in snapshot.pending_operations)]


def features_of(states: Iterable[ResourceState]) -> list[str]:
    """Return the checkpoint features that resources need, sorted."""
    found = {"taint" for state in states if state.taint} | {"replaceWith" for state in states if state.replace_with}
    return sorted(found)


def manifest(version: str) -> dict[str, str]:
    """Return a deployment's manifest, made now by a version of Pulumi."""
    return {"time": now_text(), "magic": magic_of(version), "version": version}


def _pending(entry: Mapping[str, Any], reader: ResourceReader) -> PendingOperation:
    try:
        kind = PendingKind(str(entry.get("type")))
    except ValueError:
        raise StateCorruptError(f"unknown pending operation {entry.get('type')!r} in the state") from None
    return PendingOperation(reader.read(entry.get("resource") or {}), kind)


def _json_object(content: bytes, subject: str) -> dict[str, Any]:
    try:
        data = json.loads(content)
    except ValueError as error:
        raise StateCorruptError(
            "this is no JSON",
            subject=subject,
            why=str(error),
            not_run="the file was left as it is",
            hint="the previous state lies beside it as .bak, earlier ones in the backups folder; copy one over it",
        ) from error
    if not isinstance(data, dict):
        raise StateCorruptError("this is no Pulumi checkpoint", subject=subject, why="it is not a JSON object")
    return data


def _check_version(version: object, features: object, subject: str) -> None:
    if version not in {3, 4}:
        age = "newer than" if isinstance(version, int) and version > 4 else "older than"
        raise StateUnsupportedError(
            f"checkpoint version {version} is {age} the embedded engine reads",
            subject=subject,
            not_run="the file was left as it is",
            hint=_REAL,
        )
    unknown = sorted(set(features) - _FEATURES) if isinstance(features, list) and version == 4 else []
    if unknown:
        raise StateUnsupportedError(
            f"the state uses features that the embedded engine does not carry out: {', '.join(unknown)}",
            subject=subject,
            not_run="the file was left as it is",
            hint=_REAL,
        )


def _document(version: int, features: object, latest: object, subject: str) -> Document:
    if latest is not None and not isinstance(latest, dict):
        raise StateCorruptError("the deployment is not a JSON object", subject=subject)
    for name, kind in _FORMS.items():
        value = (latest or {}).get(name)
        parts = value if isinstance(value, list) else []
        if (value and not isinstance(value, kind)) or not all(isinstance(part, dict) for part in parts):
            raise StateCorruptError(f"{name} of the deployment have another form than Pulumi's", subject=subject)
    for name in _NOT_CARRIED:
        if latest and latest.get(name):
            raise StateUnsupportedError(
                f"the state holds {name}, which the embedded engine does not carry out", subject=subject, hint=_REAL
            )
    return Document(version, tuple(features) if isinstance(features, list) else (), latest)
