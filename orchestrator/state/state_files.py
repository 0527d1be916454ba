"""What a self-managed backend says of a stack, read without Pulumi: enough for plans, `status` and `state doctor`.

Source: Pulumi `pkg/backend/diy`, layout of the self-managed backend; either engine writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

ROOT_TYPE = "pulumi:pulumi:Stack"
PROVIDER_TYPE = "pulumi:providers:"


class StateObjects(Protocol):
    """The objects of a backend, in a folder or a bucket; keys have slashes."""

    def read(self, key: str) -> bytes | None:
        """Return an object, None if there is none."""

    def keys(self, prefix: str) -> Sequence[str]:
        """Return the keys that begin with a prefix, sorted; the prefix ends with a slash."""


@dataclass(frozen=True, slots=True)
class FolderObjects:
    """A backend in a folder."""

    folder: Path

    def read(self, key: str) -> bytes | None:
        """Return a file's content; None if it is gone or cannot be read."""
        try:
            return (self.folder / key).read_bytes()
        except OSError:
            return None

    def keys(self, prefix: str) -> Sequence[str]:
        """Return the files below a folder."""
        found = (file.relative_to(self.folder).as_posix() for file in (self.folder / prefix).rglob("*.json"))
        return sorted(found)


@dataclass(frozen=True, slots=True)
class StackLock:
    """Who holds a stack's lock; `key` is the lock's own object."""

    key: str
    user: str
    host: str
    pid: int
    since: str


@dataclass(frozen=True, slots=True)
class StackState:
    """What is on record of one stack. `resources` counts what its program made, without root and providers."""

    readable: bool
    resources: int = 0
    pending: int = 0
    """Operations under way when the state was last written; without a lock, an engine died in the middle of them."""
    last_operation: str = ""
    """Pulumi's word for the newest operation in the history: update, refresh, destroy."""
    last_result: str = ""
    last_time: int = 0
    """When it ended, in seconds since the epoch."""
    locks: tuple[StackLock, ...] = ()
    protected: tuple[str, ...] = ()
    """What its program protects, as type and name: no destroy deletes it."""

    @property
    def deployed(self) -> bool:
        """Whether there is something there; a state that cannot be read counts, as it must not be passed over."""
        return not self.readable or self.resources > 0


@dataclass(frozen=True, slots=True)
class StateFiles:
    """The state of stacks in one backend."""

    objects: StateObjects

    def exists(self, project: str, stack: str) -> bool:
        """Return whether the backend has a stack."""
        return self.objects.read(checkpoint_key(project, stack)) is not None

    def stack(self, project: str, stack: str) -> StackState | None:
        """Return what is on record of a stack; None when there is no such stack."""
        state = self.state(project, stack)
        if state is None:
            return None
        last = self._last_operation(project, stack)
        return replace(
            state,
            last_operation=str(last.get("kind", "")),
            last_result=str(last.get("result", "")),
            last_time=int(last.get("endTime") or 0),
            locks=tuple(self.locks(project, stack)),
        )

    def stacks(self) -> tuple[tuple[str, str], ...]:
        """Return (project, stack) of every stack on record."""
        parts = (key.split("/")[2:] for key in self.objects.keys(".pulumi/stacks/"))
        return tuple(sorted((part[0], part[1].removesuffix(".json")) for part in parts if _is_checkpoint(part)))

    def locks(self, project: str, stack: str) -> list[StackLock]:
        """Return the locks held on a stack now."""
        return [
            _lock(key, self.objects.read(key))
            for key in self.objects.keys(f".pulumi/locks/organization/{project}/{stack}/")
        ]

    def state(self, project: str, stack: str) -> StackState | None:
        """Return what a stack's state alone says, by one read; None when there is no such stack."""
        checkpoint = self.objects.read(checkpoint_key(project, stack))
        if checkpoint is None:
            return None
        latest = _latest(checkpoint)
        if latest is None:
            return StackState(readable=False)
        return StackState(
            readable=True,
            resources=sum(1 for resource in latest.get("resources") or [] if is_made(resource)),
            pending=len(latest.get("pending_operations") or []),
            protected=tuple(_named(each) for each in latest.get("resources") or [] if _is_protected(each)),
        )

    def _last_operation(self, project: str, stack: str) -> Mapping[str, Any]:
        keys = self.objects.keys(f".pulumi/history/{project}/{stack}/")
        newest = max((key for key in keys if key.endswith(".history.json")), default="")
        return _json_object(self.objects.read(newest)) if newest else {}


def checkpoint_key(project: str, stack: str) -> str:
    """Return where a stack's state is."""
    return f".pulumi/stacks/{project}/{stack}.json"


def _is_checkpoint(part: Sequence[str]) -> bool:
    return len(part) == 2 and part[1].endswith(".json")


def _latest(checkpoint: bytes) -> Mapping[str, Any] | None:
    """Return the deployment in a checkpoint, an empty one if there is none yet; None if the file is no checkpoint."""
    inner = _json_object(checkpoint).get("checkpoint")
    if not isinstance(inner, Mapping):
        return None
    latest = inner.get("latest", {})
    return latest if isinstance(latest, Mapping) else None


def is_made(resource: Any) -> bool:
    """Return whether an entry of a state is a resource that the program made, neither root nor provider."""
    kind = resource.get("type", "") if isinstance(resource, Mapping) else ""
    return kind != ROOT_TYPE and not str(kind).startswith(PROVIDER_TYPE)


def _is_protected(resource: Any) -> bool:
    """Return whether a destroy is refused for it; of a component's protection its resources tell."""
    if not (isinstance(resource, Mapping) and is_made(resource)):
        return False
    return resource.get("protect") is True and resource.get("custom", True) is True


def _named(resource: Mapping[str, Any]) -> str:
    """Return the short type and the name of a resource, as in `Bucket logs`."""
    return f"{str(resource.get('type', '')).rpartition(':')[2]} {str(resource.get('urn', '')).rpartition('::')[2]}"


def _lock(key: str, content: bytes | None) -> StackLock:
    values = _json_object(content)
    pid = values.get("pid")
    return StackLock(
        key,
        user=str(values.get("username", "")),
        host=str(values.get("hostname", "")),
        pid=pid if isinstance(pid, int) else 0,
        since=str(values.get("timestamp", "")),
    )


def _json_object(content: bytes | None) -> Mapping[str, Any]:
    """Return the object in a file; an empty one if the file is gone, damaged or holds something else."""
    try:
        values = json.loads(content or b"")
    except ValueError:
        return {}
    return values if isinstance(values, Mapping) else {}
