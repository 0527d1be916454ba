"""What crosses between driver and worker: a job in, a result out, events between. Picklable data without behaviour.

plan -> StackJob -> worker -> StackEvent*, StackResult -> queue, record, report
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from orchestrator.stack_id import StackId


class Operation(StrEnum):
    """What a run does to each of its stacks."""

    PREVIEW = "preview"
    UP = "up"
    REFRESH = "refresh"
    DESTROY = "destroy"
    PREVIEW_REFRESH = "preview-refresh"
    PREVIEW_DESTROY = "preview-destroy"

    @property
    def dry(self) -> bool:
        """Whether it changes neither AWS nor any state."""
        return self in {Operation.PREVIEW, Operation.PREVIEW_REFRESH, Operation.PREVIEW_DESTROY}

    @property
    def backwards(self) -> bool:
        """Whether it takes the graph from the other end: what rests on a stack goes before it."""
        return self in {Operation.DESTROY, Operation.PREVIEW_DESTROY}

    @property
    def gated(self) -> bool:
        """Whether a stack must not run unless what it rests on has succeeded.

        A preview or a refresh of one stack means something by itself, so it tells about all stacks at once.
        """
        return self in {Operation.UP, Operation.DESTROY}


class StackStatus(StrEnum):
    """Where a stack is in a run."""

    PENDING = "pending"
    READY = "ready"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    BLOCKED = "blocked"

    @property
    def terminal(self) -> bool:
        """Whether a stack stays in this status to the end of the run."""
        return not TRANSITIONS[self]


TRANSITIONS: Mapping[StackStatus, frozenset[StackStatus]] = {
    StackStatus.PENDING: frozenset(
        {StackStatus.READY, StackStatus.SKIPPED, StackStatus.BLOCKED, StackStatus.CANCELLED}
    ),
    StackStatus.READY: frozenset(
        {StackStatus.RUNNING, StackStatus.FAILED, StackStatus.SKIPPED, StackStatus.BLOCKED, StackStatus.CANCELLED}
    ),
    StackStatus.RUNNING: frozenset({StackStatus.SUCCEEDED, StackStatus.FAILED, StackStatus.CANCELLED}),
    StackStatus.SUCCEEDED: frozenset(),
    StackStatus.FAILED: frozenset(),
    StackStatus.CANCELLED: frozenset(),
    StackStatus.SKIPPED: frozenset(),
    StackStatus.BLOCKED: frozenset(),
}
"""The allowed changes of status; READY to FAILED is a stack whose job could not even be written."""


class Reason(StrEnum):
    """Why a stack did not simply succeed."""

    FAILED = "failed"
    DEPENDENCY_FAILED = "dependency_failed"
    DEPENDENCY_MISSING = "dependency_missing"
    CALLER_MISSING = "caller_missing"
    ACCOUNT_NOT_CREATED = "account_not_created"
    STATE_NOT_CREATED = "state_not_created"
    NOT_DEPLOYED = "not_deployed"
    PROTECTED = "protected"
    SUSPENDED = "suspended"
    RETIRING = "retiring"
    INTERRUPTED = "interrupted"
    WORKER_DIED = "worker_died"


class CallerName(StrEnum):
    """The two callers of a fleet, as the manifest names them under `callers:`."""

    ADMINISTRATOR = "administrator"
    MANAGEMENT = "management"


@dataclass(frozen=True, slots=True)
class Caller:
    """With whose credentials a stack runs."""

    name: CallerName
    profile: str
    expected_account: str
    """Id of the account the profile must belong to; any other identity is refused before anything is touched."""
    roles: tuple[str, ...] = ()
    """The roles of that account of which it must be one; empty for whoever the account lets act."""


class EngineKind(StrEnum):
    """What executes stacks."""

    EMBEDDED = "embedded"
    PULUMI = "pulumi"


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The engine of a run. `command` and `version` are those of the real CLI, empty for the embedded engine."""

    kind: EngineKind
    command: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class StackKeys:
    """What spares a worker the derivation of a passphrase's key, 0.2 s of processor time on purpose.

    `salt` is for the settings file of a stack that has none yet, in Pulumi's form; stacks may share one. `derived` maps
    a hash of salt and passphrase to the key; it never leaves the memory of driver and worker.
    """

    salt: str
    derived: Mapping[bytes, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AwaitedRole:
    """The role through which a new account is first reached, and for how many seconds to try."""

    arn: str
    limit: float


@dataclass(frozen=True, slots=True)
class StackJob:
    """Everything a worker needs to carry out one operation on one stack."""

    id: StackId
    operation: Operation
    account_id: str
    project: str
    """Pulumi's name of the project."""
    project_file: Path
    """The program's own Pulumi.yaml, which the work directory's is made from."""
    work_dir: Path
    settings_dir: Path
    """Where `Pulumi.<stack>.yaml` lies; a dry operation works on a copy of it."""
    backend_url: str
    config: Mapping[str, str]
    """The stack's whole `fleetyard:` config, fully qualified keys; nothing secret."""
    region: str
    caller: Caller
    engine: EngineChoice
    env: Mapping[str, str] = field(repr=False)
    """The operation's whole environment; the worker's own does not shine through."""
    secrets_provider: str = "passphrase"
    """What encrypts the secrets of a stack that is made by this job: `passphrase`, or a key as Pulumi names it."""
    clear_pending_creates: bool = False
    """Whether a refresh takes creates that a dead run had begun out of the state."""
    parallel: int = 16
    """Steps in flight within the stack."""
    keys: StackKeys | None = None
    """Given where the engine can make use of it."""
    awaited: AwaitedRole | None = None
    """What must be assumable before the operation begins, in an account that may be new."""


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource that an operation changed, or would change."""

    urn: str
    type: str
    op: str
    """Pulumi's word: create, update, delete, replace, ..."""
    diffs: tuple[str, ...] = ()
    """Paths of the properties that differ; values stay out of reports."""

    @property
    def name(self) -> str:
        """The resource's own name, the last part of its URN."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, slots=True)
class StackErrorInfo:
    """An error as data: one of our error classes by its code, with the words to show."""

    code: str
    summary: str
    why: str = ""
    hint: str = ""
    exit_code: int = 1


@dataclass(frozen=True, slots=True)
class StackResult:
    """How one stack ended.

    `resource_changes` counts by Pulumi's words for operations; an unchanged stack has only `same`. `outputs` leaves out
    secrets. `seconds` is the worker's wall clock, `peak_memory` its largest resident set in bytes (0: not measured).
    """

    id: StackId
    account_id: str
    status: StackStatus
    reason: Reason | None = None
    cause: StackId | None = None
    resource_changes: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[ResourceChange, ...] = ()
    outputs: Mapping[str, object] = field(default_factory=dict)
    error: StackErrorInfo | None = None
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    peak_memory: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything but reading happened, or would."""
        return any(count and op not in QUIET_OPS for op, count in self.resource_changes.items())


QUIET_OPS = frozenset({"same", "read", "read-replacement", "discard", "discard-replaced", "refresh"})
"""Operations that change nothing. Source: Pulumi's own `--expect-no-changes`."""


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One step of a running stack, for live progress."""

    id: StackId
    op: str
    type: str
    name: str
    done: bool


OnEvent = Callable[[StackEvent], None]
"""Receives events of running stacks, one at a time."""


def ignore_event(_event: StackEvent) -> None:
    """Receive an event and do nothing with it."""
