"""What a self-managed backend on disk says of a stack, read without Pulumi: enough for plans and `status`.

Source: Pulumi `pkg/backend/diy`, layout of the self-managed backend; either engine writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT_TYPE = "pulumi:pulumi:Stack"
PROVIDER_TYPE = "pulumi:providers:"


@dataclass(frozen=True, slots=True)
class StackLock:
    """Who holds a stack's lock."""

    file: Path
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

    @property
    def deployed(self) -> bool:
        """Whether there is something there; a state that cannot be read counts, as it must not be passed over."""
        return not self.readable or self.resources > 0


@dataclass(frozen=True, slots=True)
class StateFiles:
    """The files of one backend."""

    folder: Path

    def stack(self, project: str, stack: str) -> StackState | None:
        """Return what is on record of a stack; None when there is no such stack."""
        checkpoint = self._pulumi / "stacks" / project / f"{stack}.json"
        if not checkpoint.exists():
            return None
        latest = _latest(checkpoint)
        last = self._last_operation(project, stack)
        resources = latest.get("resources") or [] if latest is not None else []
        return StackState(
            readable=latest is not None,
            resources=sum(1 for resource in resources if _is_made(resource)),
            pending=len((latest or {}).get("pending_operations") or []),
            last_operation=str(last.get("kind", "")),
            last_result=str(last.get("result", "")),
            last_time=int(last.get("endTime") or 0),
            locks=tuple(self.locks(project, stack)),
        )

    def stacks(self) -> tuple[tuple[str, str], ...]:
        """Return (project, stack) of every stack on record."""
        files = (self._pulumi / "stacks").glob("*/*.json")
        return tuple(sorted((file.parent.name, file.name.removesuffix(".json")) for file in files))

    def locks(self, project: str, stack: str) -> list[StackLock]:
        """Return the locks held on a stack now."""
        folder = self._pulumi / "locks" / "organization" / project / stack
        return [_lock(file) for file in sorted(folder.glob("*.json"))]

    @property
    def _pulumi(self) -> Path:
        return self.folder / ".pulumi"

    def _last_operation(self, project: str, stack: str) -> Mapping[str, Any]:
        folder = self._pulumi / "history" / project / stack
        newest = max((file.name for file in folder.glob("*.history.json")), default="")
        return _json_object(folder / newest) if newest else {}


def _latest(checkpoint: Path) -> Mapping[str, Any] | None:
    """Return the deployment in a checkpoint, an empty one if there is none yet; None if the file is no checkpoint."""
    inner = _json_object(checkpoint).get("checkpoint")
    if not isinstance(inner, Mapping):
        return None
    latest = inner.get("latest", {})
    return latest if isinstance(latest, Mapping) else None


def _is_made(resource: Any) -> bool:  # noqa: ANN401  (whatever the file held)
    kind = resource.get("type", "") if isinstance(resource, Mapping) else ""
    return kind != ROOT_TYPE and not str(kind).startswith(PROVIDER_TYPE)


def _lock(file: Path) -> StackLock:
    values = _json_object(file)
    pid = values.get("pid")
    return StackLock(
        file,
        user=str(values.get("username", "")),
        host=str(values.get("hostname", "")),
        pid=pid if isinstance(pid, int) else 0,
        since=str(values.get("timestamp", "")),
    )


def _json_object(path: Path) -> Mapping[str, Any]:
    """Return the object in a file; an empty one if the file is gone, damaged or holds something else."""
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, Mapping) else {}
