"""The seam between the command surface and a deployment: one request in, one outcome out.

`command` (arguments, backend, secrets, config, history) builds an `UpdateRequest` and owns everything on disk;
`deployment.run_update` (programs, steps, providers) carries it out and touches no file. Data flows:

    command -> UpdateRequest -> run_update -> Journal.record(Snapshot)*, EventSink.emit(event)* -> UpdateOutcome
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.engine.state import Snapshot
from rehearsal.engine.values import Properties

ProviderFactory = Callable[[Mapping[str, str]], provider_pb2_grpc.ResourceProviderServicer]
"""Makes one provider instance from the operation's whole environment."""


class UpdateKind(StrEnum):
    """What an update does; the values are those of Pulumi's history entries."""

    UPDATE = "update"
    REFRESH = "refresh"
    DESTROY = "destroy"


class StepOp(StrEnum):
    """A step's operation. Source: Pulumi `pkg/resource/display/...`/`apitype.OpType`; the SDK refuses other words."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    REFRESH = "refresh"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"


class UpdateResult(StrEnum):
    """How an update ended; the values are those of Pulumi's history entries (cancelled is recorded as failed)."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """One stack config value in clear; `secret` values must reach no log, event or file in clear.

    `plaintext` of an object value is its JSON text, as Pulumi hands it to programs.
    """

    plaintext: str
    secret: bool = False
    is_object: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A Pulumi project: the folder of its project file, and the program to run.

    `program_dir` is the working directory of the program, `entry` what to run in it (`.`, a folder or a file).
    """

    name: str
    root: Path
    program_dir: Path
    entry: str = "."
    runtime: str = "python"
    runtime_options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpdateOptions:
    """Options of one operation. `parallel` counts steps in flight."""

    parallel: int = 16
    refresh: bool = False
    run_program: bool = False
    continue_on_error: bool = False
    debug: bool = False


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """Everything one deployment needs to know.

    `config` keys are fully qualified (`<namespace>:<name>`); `client` is the address of an inline program's language
    server; `env` is the operation's whole environment (process environment with the workspace's on top);
    `cancelled` is set by the caller to stop: no new registrations, steps in hand are finished and recorded.
    """

    kind: UpdateKind
    dry_run: bool
    project: Project
    stack: str
    snapshot: Snapshot
    config: Mapping[str, ConfigValue] = field(default_factory=dict)
    options: UpdateOptions = UpdateOptions()
    client: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class UpdateOutcome:
    """What a deployment did. `snapshot` is the last recorded state (the old one after a dry run).

    `error` is for a person and becomes stderr; `program_error` tells that the program itself raised, which the SDK
    recognises by text. `outputs` are the root stack's.
    """

    result: UpdateResult
    snapshot: Snapshot
    changes: Mapping[StepOp, int] = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    error: str = ""
    program_error: bool = False


class Journal(Protocol):
    """Receives every state worth surviving a crash, in order; returns once it is safe."""

    def record(self, snapshot: Snapshot) -> None:
        """Persist this snapshot; several waiting ones may be covered by one write of the newest."""


class EventSink(Protocol):
    """Receives engine events as Pulumi's JSON objects without `sequence` and `timestamp`, which the sink adds."""

    def emit(self, event: Mapping[str, Any]) -> None:
        """Accept one event; never raises into the deployment."""


class StackOutputs(Protocol):
    """Reads another stack's outputs for StackReference."""

    def __call__(self, stack_name: str) -> Properties:
        """Return the outputs, secrets marked; raises a RehearsalError when there is no such stack."""


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """How a program ended: `error` is empty on success; `bail` means the error has been shown already."""

    error: str = ""
    bail: bool = False


class ProgramHost(Protocol):
    """Runs an ordinary project directory against a monitor."""

    def run(self, request: UpdateRequest, monitor_address: str, engine_address: str) -> ProgramResult:
        """Run the program to its end and say how it ended."""


@runtime_checkable
class NearHost(Protocol):
    """Runs an ordinary project directory in this process, against services that are called without a network."""

    def run_near(self, request: UpdateRequest, monitor: Any, engine: Any) -> ProgramResult:
        """Run the program to its end and say how it ended."""


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What a deployment acts through; all are passed in, so that each has its double."""

    providers: Mapping[str, ProviderFactory]
    journal: Journal
    events: EventSink
    stack_outputs: StackOutputs
    program_host: ProgramHost | NearHost
