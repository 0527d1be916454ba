"""Pulumi's rules for a sound snapshot, checked on every load and before every write.

Source: Pulumi `pkg/resource/stack/snapshot/integrity.go`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from rehearsal.engine.errors import StateCorruptError
from rehearsal.engine.state import ResourceState, Snapshot

_PROVIDER_TYPE = "pulumi:providers:"


def magic_of(version: str) -> str:
    """Return the manifest's magic for a version: its SHA-256 in hex, empty for no version."""
    return hashlib.sha256(version.encode()).hexdigest() if version else ""


def check_magic(version: str, magic: str) -> None:
    """Raise StateCorruptError if a manifest's magic is not that of its version."""
    if magic != magic_of(version):
        raise StateCorruptError(
            "snapshot integrity failure; refusing to use it", why="magic cookie mismatch: the file was changed by hand"
        )


def broken_rule(snapshot: Snapshot) -> str:
    """Return the first rule that a snapshot breaks, in words that name the resource; empty if it is sound."""
    return next(_broken_rules(snapshot), "")


def require_sound(snapshot: Snapshot) -> None:
    """Raise StateCorruptError if the snapshot breaks a rule."""
    broken = broken_rule(snapshot)
    if broken:
        raise StateCorruptError("snapshot integrity failure; refusing to use it", why=broken)


def _broken_rules(snapshot: Snapshot) -> Iterator[str]:
    seen: set[str] = set()
    providers: set[str] = set()
    for state in snapshot.resources:
        yield from _own_fields(state)
        if state.type.startswith(_PROVIDER_TYPE):
            providers.add(f"{state.urn}::{state.id}")
        if state.provider and state.provider not in providers and not state.pending_replacement:
            yield f"resource {state.urn} refers to unknown provider {state.provider}"
        for relation, urn in _references(state):
            if urn not in seen:
                yield f"resource {state.urn}'s {relation} {urn} is missing or comes after it"
        seen.add(state.urn)
    yield from _duplicates(snapshot)


def _own_fields(state: ResourceState) -> Iterator[str]:
    if not state.urn:
        yield "a resource has no urn"
    if not state.type:
        yield f"resource {state.urn} has no type"
    if state.id and not state.custom:
        yield f"resource {state.urn} has an id but is not custom"


def _references(state: ResourceState) -> Iterator[tuple[str, str]]:
    if state.parent:
        yield "parent", state.parent
    for urn in state.dependencies:
        yield "dependency", urn
    for urns in state.property_dependencies.values():
        for urn in urns:
            yield "property dependency", urn
    if state.deleted_with:
        yield "deletedWith", state.deleted_with


def _duplicates(snapshot: Snapshot) -> Iterator[str]:
    living: set[str] = set()
    for state in snapshot.resources:
        if not state.delete:
            if state.urn in living:
                yield f"duplicate resource {state.urn} (not marked for deletion)"
            living.add(state.urn)
