"""What a backend holds of each stack, read without Pulumi: enough to decide what to move and what to put right.

Source: Pulumi `pkg/backend/diy`, layout of the self-managed backend; either engine writes it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from orchestrator.state.bucket_states import THREADS, Name, open_bucket
from orchestrator.state.encryption import Encryption, encryption_of_state
from orchestrator.state.lock_holders import moment
from orchestrator.state.state_files import (
    PROVIDER_TYPE,
    ROOT_TYPE,
    StackLock,
    StackState,
    StateFiles,
    StateObjects,
    checkpoint_key,
    is_made,
)

_DIGITS = 19
"""Of a time in nanoseconds since the epoch, until 2286."""

_LOCKS = ".pulumi/locks/organization/"


@dataclass(frozen=True, slots=True)
class Spare:
    """A copy of a checkpoint that can be read; `written` is its own time, empty if it tells none."""

    key: str
    resources: int
    written: str = ""


@dataclass(frozen=True, slots=True)
class HeldStack:
    """What one backend holds of one stack.

    `state` is None where there is no checkpoint, which is so for a lock that outlived its stack. `empty` tells of a
    stack that was made and never deployed. `accounts` are those that its providers are bound to. `stranger` is the
    first URN that belongs to another stack. `spare` is the newest copy that can be read, looked for only if the
    checkpoint cannot.
    """

    name: Name
    state: StackState | None
    locks: tuple[StackLock, ...] = ()
    empty: bool = True
    encryption: Encryption = field(default_factory=Encryption)
    written: str = ""
    accounts: tuple[str, ...] = ()
    stranger: str = ""
    spare: Spare | None = None

    @property
    def key(self) -> str:
        """Where its checkpoint lies in the backend."""
        return checkpoint_key(*self.name)

    @property
    def resources(self) -> int:
        """How many resources its program made there."""
        return self.state.resources if self.state else 0


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one backend holds; `refused` has AWS's words where it could not be read."""

    stacks: Mapping[Name, HeldStack] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class SurveyQuery:
    """Which stacks of a bucket to look at, all if none is named. `env` is the caller's environment."""

    env: Mapping[str, str] = field(repr=False)
    url: str
    names: tuple[Name, ...] = ()


SurveyBucket = Callable[[SurveyQuery], Holdings]
"""Answers a query; never raises for what AWS refuses."""


def survey_in_own_process(query: SurveyQuery) -> Holdings:
    """Look at the bucket's stacks; for a process that is there for nothing else."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (the driver itself needs none of it)

    os.environ.clear()
    os.environ.update(query.env)
    try:
        return survey(open_bucket(query.url), query.names)
    except (ClientError, BotoCoreError) as error:
        return Holdings(refused=str(error))


def survey(objects: StateObjects, names: Iterable[Name] = ()) -> Holdings:
    """Look at some stacks of a backend, or at all with the locks of those that are gone."""
    files = StateFiles(objects)
    wanted = tuple(names) or _all_names(files, objects)
    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(lambda name: _held(files, name), wanted))
    return Holdings({held.name: held for held in found if held is not None})


def _all_names(files: StateFiles, objects: StateObjects) -> tuple[Name, ...]:
    locked = (key.removeprefix(_LOCKS).split("/") for key in objects.keys(_LOCKS))
    return tuple(sorted({*files.stacks(), *((parts[0], parts[1]) for parts in locked if len(parts) == 3)}))


def _held(files: StateFiles, name: Name) -> HeldStack | None:
    content = files.objects.read(checkpoint_key(*name))
    if content is None:
        locks = tuple(files.locks(*name))
        return HeldStack(name, None, locks) if locks else None
    state = files.stack(*name) or StackState(readable=False)
    if not state.readable:
        return HeldStack(name, state, state.locks, empty=False, spare=_spare(files.objects, name))
    deployment = deployment_of(content)
    resources = [entry for entry in deployment.get("resources") or () if isinstance(entry, Mapping)]
    return HeldStack(
        name,
        state,
        state.locks,
        empty=not any(entry.get("type") != ROOT_TYPE for entry in resources),
        encryption=encryption_of_state(deployment),
        written=_written(deployment),
        accounts=_accounts(resources),
        stranger=_stranger(resources, name),
    )


def deployment_of(checkpoint: bytes) -> Mapping[str, Any]:
    """Return the deployment in a checkpoint file; empty if there is none or the file is damaged."""
    try:
        latest = json.loads(checkpoint)["checkpoint"]["latest"]
    except (ValueError, KeyError, TypeError):
        return {}
    return latest if isinstance(latest, Mapping) else {}


def _accounts(resources: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the accounts that the stack's own providers may act in; the engine stores lists as JSON text."""
    found: set[str] = set()
    for entry in resources:
        inputs = entry.get("inputs")
        if not str(entry.get("type", "")).startswith(f"{PROVIDER_TYPE}aws") or not isinstance(inputs, Mapping):
            continue
        allowed = inputs.get("allowedAccountIds")
        try:
            values = json.loads(allowed) if isinstance(allowed, str) else allowed
        except ValueError:
            continue
        found |= {str(account) for account in values} if isinstance(values, list) else set()
    return tuple(sorted(found))


def _stranger(resources: Sequence[Mapping[str, Any]], name: Name) -> str:
    project, stack = name
    own = f"urn:pulumi:{stack}::{project}::"
    return next((str(urn) for entry in resources if (urn := entry.get("urn")) and not str(urn).startswith(own)), "")


def _written(deployment: Mapping[str, Any]) -> str:
    manifest = deployment.get("manifest")
    return str(manifest.get("time", "")) if isinstance(manifest, Mapping) else ""


def _spare(objects: StateObjects, name: Name) -> Spare | None:
    """Return the newest copy of a checkpoint that can be read, of the state before the last change and the backups.

    Each operation leaves a backup of what it has done, so the newest one is newer than `.bak` as a rule. Backups are
    named `<stack>.<nanoseconds>.json`.
    """
    project, stack = name
    backups = sorted(objects.keys(f".pulumi/backups/{project}/{stack}/"), key=_nanoseconds, reverse=True)
    before = _copy(objects, f"{checkpoint_key(*name)}.bak")
    newest = next((copy for copy in (_copy(objects, key) for key in backups) if copy), None)
    # Of two copies with the same time the backup wins: it was made later.
    return max((copy for copy in (newest, before) if copy), key=_time_of, default=None)


def _copy(objects: StateObjects, key: str) -> Spare | None:
    content = objects.read(key) or b""
    deployment = deployment_of(content)
    if not deployment:
        return None
    resources = sum(1 for entry in deployment.get("resources") or () if is_made(entry))
    nanoseconds = _nanoseconds(key)
    named = f"{datetime.fromtimestamp(nanoseconds // 10**9, tz=UTC):%Y-%m-%dT%H:%M:%SZ}" if nanoseconds else ""
    return Spare(key, resources, _written(deployment) or named)


def _nanoseconds(key: str) -> int:
    """Return the time in a backup's name since the epoch; 0 if it has none."""
    number = key.removesuffix(".json").rpartition(".")[2]
    return int(number) if number.isdecimal() and number.isascii() and len(number) <= _DIGITS else 0


def _time_of(spare: Spare) -> datetime:
    return moment(spare.written) or datetime.min.replace(tzinfo=UTC)
