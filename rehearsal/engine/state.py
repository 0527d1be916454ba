"""What a stack's state is: resources in dependency order, pending operations, who encrypts.

Behaviourless data. `checkpoint` reads and writes it, `deployment` makes new ones from it. Instances are immutable:
a change is a new object, so that an encoded form may be kept per object.
Source: Pulumi `sdk/go/common/apitype/core.go` (ResourceV3, DeploymentV3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rehearsal.engine.values import Value


class PendingKind(StrEnum):
    """What was under way when the engine last wrote the state."""

    CREATING = "creating"
    UPDATING = "updating"
    DELETING = "deleting"
    READING = "reading"
    IMPORTING = "importing"


@dataclass(frozen=True, slots=True, eq=False)
class ResourceState:
    """One resource as Pulumi's checkpoint holds it; field names are Pulumi's, in snake case.

    Identity equality on purpose: two states of one URN may both live in a snapshot (one marked `delete`).
    `inputs` and `outputs` are never mutated once the object exists.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Mapping[str, Value] = field(default_factory=dict)
    outputs: Mapping[str, Value] = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    delete: bool = False
    protect: bool = False
    taint: bool = False
    external: bool = False
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    init_errors: tuple[str, ...] = ()
    pending_replacement: bool = False
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""
    source_position: str = ""
    stack_trace: tuple[Mapping[str, Any], ...] = ()
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    hide_diff: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Checkpoint fields this engine does not interpret but must write back unchanged (viewOf, resourceHooks, ...)."""


@dataclass(frozen=True, slots=True)
class PendingOperation:
    """An operation that had begun; one left in a read state means the engine died in the middle of it."""

    resource: ResourceState
    kind: PendingKind


@dataclass(frozen=True, slots=True)
class SecretsProvider:
    """Who encrypts a stack's secrets: Pulumi's `secrets_providers` entry. Never holds key material in clear."""

    type: str
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stack's state at one moment. `resources` is topologically ordered: what is referred to comes first."""

    resources: tuple[ResourceState, ...] = ()
    pending_operations: tuple[PendingOperation, ...] = ()
    secrets_provider: SecretsProvider | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
