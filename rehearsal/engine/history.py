"""What was done to a stack: one entry per finished operation, failed ones included.

Source: Pulumi `pkg/backend/updates.go` (UpdateInfo), `pkg/backend/diy/state.go` (addToHistory, getHistory),
`pkg/cmd/pulumi/stack/stack_history.go` (what `--json` prints).
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.engine.arguments import Invocation
from rehearsal.engine.backend import Backend
from rehearsal.engine.config_tree import ConfigData, from_json_data, is_object, is_secure, text_of, to_json_data
from rehearsal.engine.errors import EngineError, StateCorruptError, StateUnsupportedError
from rehearsal.engine.go_json import compact
from rehearsal.engine.references import StackReference
from rehearsal.engine.secret_managers import SecretsManager
from rehearsal.engine.times import milliseconds
from rehearsal.engine.version import PULUMI_VERSION

_ENTRY = ".history.json"
_UNREADABLE = "ERROR_UNABLE_TO_DECRYPT"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_EXEC_KINDS = {"auto.inline", "auto.local"}
_BOOLEANS = frozenset(
    {"PULUMI_SKIP_UPDATE_CHECK", "PULUMI_DEBUG_COMMANDS", "PULUMI_EXPERIMENTAL"}
    | {"PULUMI_SKIP_CONFIRMATIONS", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "PULUMI_CONTINUE_ON_ERROR"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished operation. Times are in seconds since the epoch; `config` holds secrets sealed."""

    kind: str
    started: int
    ended: int
    result: str
    message: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    config: ConfigData = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)


def add_entry(backend: Backend, reference: StackReference, entry: Entry, *, backup: bool = False) -> None:
    """Write an entry and, beside it, a copy of the state as it is now; with `backup`, another in the backups folder."""
    data: dict[str, Any] = {
        "kind": entry.kind,
        "startTime": entry.started,
        "message": entry.message,
        "environment": {name: entry.environment[name] for name in sorted(entry.environment)},
        "config": {key: to_json_data(entry.config[key]) for key in sorted(entry.config)},
        "version": 0,
        "result": entry.result,
        "endTime": entry.ended,
    }
    if entry.changes:
        data["resourceChanges"] = {op: entry.changes[op] for op in sorted(entry.changes)}
    stem = f"{reference.history_folder}/{reference.name}-{time.time_ns()}"
    backend.store.together(
        lambda: backend.store.put(f"{stem}{_ENTRY}", compact(data).encode()),
        lambda: backend.store.copy(reference.checkpoint_key, f"{stem}.checkpoint.json"),
        *((lambda: backend.backup(reference),) if backup else ()),
    )


def entries(backend: Backend, reference: StackReference, page_size: int = 0, page: int = 1) -> list[dict[str, Any]]:
    """Return entries as JSON data, the latest first; a page size of 0 means all.

    Raises StateCorruptError or StateUnsupportedError, naming the file.
    """
    keys = [info.key for info in backend.store.list(reference.history_folder)]
    packed = [key for key in keys if key.endswith((f"{_ENTRY}.gz", f"{_ENTRY}.zst"))]
    if packed:
        raise StateUnsupportedError("compressed history is not supported", subject=backend.address(packed[0]))
    latest = [key for key in reversed(keys) if key.endswith(_ENTRY)]
    if page_size > 0:
        start = (max(page, 1) - 1) * page_size
        latest = latest[start : start + page_size]
    return [_parsed(backend, key) for key in latest]


def shown(entry: Mapping[str, Any], manager: SecretsManager | None) -> dict[str, Any]:
    """Return an entry in the form of `stack history --json`; secrets are left out without a manager."""
    config = {key: _shown_value(value, manager) for key, value in sorted((entry.get("config") or {}).items())}
    return {
        "version": entry.get("version", 0),
        "kind": entry.get("kind", ""),
        "startTime": milliseconds(float(entry.get("startTime", 0))),
        "message": entry.get("message", ""),
        "environment": entry.get("environment") or {},
        "config": config,
        "result": entry.get("result", ""),
        "endTime": milliseconds(float(entry.get("endTime", 0))),
        "resourceChanges": entry.get("resourceChanges") or {},
    }


def environment_of(invocation: Invocation, env: Mapping[str, str]) -> dict[str, str]:
    """Describe how an operation was started: names of flags and variables, never their values.

    Source: Pulumi `pkg/cmd/pulumi/metadata/metadata.go`.
    """
    kind = invocation.value("exec-kind")
    found = {f"pulumi.env.{name}": _how_set(name, value) for name, value in env.items() if name.startswith("PULUMI_")}
    for name in invocation.options:
        found[f"pulumi.flag.{name}"] = str(invocation.flag(name)).lower() if name in invocation.flags else "set"
    found |= {
        "pulumi.version": PULUMI_VERSION,
        "pulumi.os": sys.platform,
        "pulumi.arch": _MACHINES.get(platform.machine(), platform.machine()),
        "exec.kind": kind if kind in _EXEC_KINDS else "cli",
        "updatePlan": "false",
        "stack.environments": "[]",
    }
    if invocation.value("exec-agent"):
        found["exec.agent"] = invocation.value("exec-agent")
    return found


def _how_set(name: str, value: str) -> str:
    if name not in _BOOLEANS:
        return "set"
    return "true" if value in {"1", "t", "true", "True", "TRUE"} else "false"


def _parsed(backend: Backend, key: str) -> dict[str, Any]:
    try:
        data = json.loads(backend.store.get(key) or b"")
    except ValueError as error:
        raise StateCorruptError(
            "a history entry cannot be read", subject=backend.address(key), why=str(error), hint="remove that file"
        ) from error
    if not isinstance(data, dict):
        raise StateCorruptError("a history entry cannot be read", subject=backend.address(key))
    return data


def _shown_value(data: object, manager: SecretsManager | None) -> dict[str, Any]:
    value = from_json_data(data)
    secret = is_secure(value)
    if secret and manager is None:
        return {"secret": True}
    try:
        text = text_of(value, manager.decrypt if manager else None)
    except EngineError:
        return {"value": _UNREADABLE, "secret": secret}
    found: dict[str, Any] = {"value": text}
    if is_object(value):
        found["objectValue"] = json.loads(text)
    return found | {"secret": secret}
