"""Writes stack config into `Pulumi.<stack>.yaml` without running anything: for people who run Pulumi by hand."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from landing_zone.lock import Lock
from landing_zone.naming import CONFIG_NAMESPACE
from orchestrator.files.project_files import read_config, round_trip, stack_file_name, write_if_changed
from orchestrator.planning.plan import PlannedStack
from orchestrator.running.jobs import JobWriter
from orchestrator.running.scheduler import Blocked
from orchestrator.stack_id import StackId
from orchestrator.state.backends import Backend


class Writing(StrEnum):
    """What became of one settings file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """One stack's settings file. `reason` says why it could not be written, `backend` where the stack's state lives."""

    stack: StackId
    file: Path
    writing: Writing
    backend: Backend | None = None
    reason: str = ""


def write_settings(
    writer: JobWriter, stacks: Sequence[PlannedStack], lock: Lock, *, dry: bool = False
) -> tuple[SettingsFile, ...]:
    """Write the config of each stack into its settings file; whatever else the file holds stays as it is.

    With `dry` nothing is written, and the result is what would be. Raises: what the config's builders raise.
    """
    return tuple(_write(writer, planned, lock, dry=dry) for planned in stacks)


def _write(writer: JobWriter, planned: PlannedStack, lock: Lock, *, dry: bool) -> SettingsFile:
    file = writer.workspace.settings_dir(planned) / stack_file_name(planned.id.stack_name)
    try:
        config, backend = writer.config(planned, lock), writer.backends.home(planned, lock)
    except Blocked as blocked:
        return SettingsFile(planned.id, file, Writing.BLOCKED, reason=blocked.reason.value)
    written = read_config(file)
    ours = {key: value for key, value in written.items() if key.startswith(f"{CONFIG_NAMESPACE}:")}
    if ours == config:
        return SettingsFile(planned.id, file, Writing.UNCHANGED, backend)
    if not dry:
        write_if_changed(file, _with_config(file, config))
    return SettingsFile(planned.id, file, Writing.WRITTEN, backend)


def _with_config(file: Path, config: Mapping[str, str]) -> str:
    """Return the file's text with exactly these keys of ours."""
    yaml = round_trip()
    settings = yaml.load(file.read_text(encoding="utf-8")) if file.exists() else None
    settings = settings if settings is not None else {}
    values = settings.setdefault("config", {})
    for stale in [key for key in values if str(key).startswith(f"{CONFIG_NAMESPACE}:") and key not in config]:
        del values[stale]
    values.update(config)
    text = io.StringIO()
    yaml.dump(settings, text)
    return text.getvalue()
