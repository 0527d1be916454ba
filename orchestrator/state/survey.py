"""What a backend holds of each stack, read without Pulumi: enough to decide what to move and what to put right.

Source: Pulumi `pkg/backend/diy`, layout of the self-managed backend; either engine writes it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from orchestrator.bucket_states import THREADS, Name, open_bucket
from orchestrator.state.encryption import Encryption, encryption_of_state
from orchestrator.state_files import (
    PROVIDER_TYPE,
    ROOT_TYPE,
    StackLock,
    StackState,
    StateFiles,
    StateObjects,
    checkpoint_key,
)

_LOCKS = ".pulumi/locks/organization/"


@dataclass(frozen=True, slots=True)
class HeldStack:
    """What one backend holds of one stack.

    `state` is None where there is no checkpoint, which is so for a lock that outlived its stack. `empty` tells of a
    stack that was made and never deployed. `accounts` are those that its providers are bound to. `stranger` is the
    first URN that belongs to another stack. `spare` is the key of a copy that can be read, looked for only if the
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
    spare: str = ""

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
    manifest = deployment.get("manifest")
    return HeldStack(
        name,
        state,
        state.locks,
        empty=not any(entry.get("type") != ROOT_TYPE for entry in resources),
        encryption=encryption_of_state(deployment),
        written=str(manifest.get("time", "")) if isinstance(manifest, Mapping) else "",
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


def _spare(objects: StateObjects, name: Name) -> str:
    """Return the newest copy of a checkpoint that is one: the state before the last change, else from the backups."""
    project, stack = name
    backups = objects.keys(f".pulumi/backups/{project}/{stack}/")
    candidates = (f"{checkpoint_key(*name)}.bak", *sorted(backups, reverse=True))
    return next((key for key in candidates if deployment_of(objects.read(key) or b"")), "")
