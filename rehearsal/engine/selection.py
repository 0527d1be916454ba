"""Which stack a project folder has selected, kept where Pulumi's CLI keeps it.

Source: Pulumi `pkg/workspace/{workspace,settings}.go`, `pkg/backend/state/state.go`.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Selection:
    """The selected stack of one project file, by backend URL."""

    file: Path
    url: str
    override: str = ""

    def stack(self) -> str:
        """Return the selected stack's name, empty if none is; PULUMI_STACK goes before the file."""
        if self.override:
            return self.override
        settings = self._read()
        stacks = settings.get("stacks")
        chosen = stacks.get(self.url) if isinstance(stacks, dict) else None
        return str(chosen or settings.get("stack") or "")

    def select(self, stack: str) -> None:
        """Remember a stack; an empty name forgets it."""
        settings = self._read()
        known = settings.get("stacks")
        stacks = {url: name for url, name in (known if isinstance(known, dict) else {}).items() if url != self.url}
        if stack:
            stacks[self.url] = stack
        kept = {name: value for name, value in settings.items() if name not in {"stack", "stacks"}}
        kept |= {"stacks": stacks} if stacks else {}
        if kept != settings:
            self._write(kept)

    def _read(self) -> dict[str, Any]:
        try:
            settings = json.loads(self.file.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return settings if isinstance(settings, dict) else {}

    def _write(self, settings: Mapping[str, Any]) -> None:
        if not settings:
            self.file.unlink(missing_ok=True)
            return
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self.file.with_name(f".{self.file.name}.{uuid.uuid4().hex}")
        temporary.write_text(json.dumps(settings, indent=4), encoding="utf-8")
        temporary.chmod(0o600)
        temporary.replace(self.file)


def selection_of(project_name: str, project_file: Path, url: str, env: Mapping[str, str]) -> Selection:
    """Return the selection of a project file under PULUMI_HOME (default `~/.pulumi`)."""
    home = Path(env.get("PULUMI_HOME") or Path.home() / ".pulumi")
    digest = hashlib.sha1(str(project_file).encode(), usedforsecurity=False).hexdigest()
    file = home / "workspaces" / f"{project_name}-{digest}-workspace.json"
    return Selection(file, url, env.get("PULUMI_STACK", ""))
