"""States that the embedded engine could not write down and has kept on this machine, read without it.

Source: `rehearsal/engine/rescue.py`: what `stack export` writes, with the backend's address and the stack beside.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestrator.state.bucket_states import Name
from orchestrator.state.lock_holders import moment


@dataclass(frozen=True, slots=True)
class UnwrittenState:
    """One kept file: the backend (`s3://BUCKET` or `file://FOLDER`), the stack, and when its state was made."""

    file: Path
    backend: str
    name: Name
    made: datetime


def unwritten_states(env: Mapping[str, str]) -> tuple[UnwrittenState, ...]:
    """Return every kept state under PULUMI_HOME, the newest first; a file that is none is passed over."""
    home = Path(env.get("PULUMI_HOME") or Path(env.get("HOME") or Path.home()) / ".pulumi")
    return tuple(sorted(_read(home / "unwritten"), key=lambda state: state.made, reverse=True))


def _read(folder: Path) -> Iterator[UnwrittenState]:
    for file in folder.glob("*.json"):
        try:
            content = json.loads(file.read_bytes())
            kept_for = content["kept_for"]
            _, project, stack = kept_for["stack"].split("/")
            made = moment(content["deployment"]["manifest"]["time"])
            if made is not None:
                yield UnwrittenState(file, str(kept_for["backend"]), (project, stack), made)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
