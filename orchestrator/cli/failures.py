"""Tells how a command failed: words for people on standard error, one JSON object on standard output if that was asked.

The object is `{"error": {...}}` with the keys `code`, `exit_code`, `message`, `why`, `hint`, and for a manifest
`problems`. A command that had written its data before it failed writes no second object.
"""

from __future__ import annotations

import json
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.cli.world import World

BUG = "FY901"
BUG_EXIT = 70
INTERRUPTED = "interrupted"
INTERRUPTED_EXIT = 130
USAGE = "usage"
"""The code of a command line that cannot be understood; what is wrong with it is the message."""

LOCK_DAMAGED = "FY120"


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether a command line asks for JSON; one that is passed on to Pulumi asks Pulumi."""
    if arguments and arguments[0] == "pulumi":
        return False
    pairs = zip(arguments, [*arguments[1:], ""], strict=False)  # no words, no pairs
    return any(word == "--format=json" or (word == "--format" and value == "json") for word, value in pairs)


def error_as_json(error: object) -> dict[str, object]:
    """Return an error of ours, or of the rehearsal's, as a JSON object; both have the same shape."""
    fields: dict[str, object] = {
        "code": getattr(error, "code", BUG),
        "exit_code": getattr(error, "exit_code", BUG_EXIT),
        "message": str(getattr(error, "summary", error)).splitlines()[0],
        "why": getattr(error, "why", ""),
        "hint": getattr(error, "hint", ""),
    }
    if subject := getattr(error, "subject", ""):
        fields["subject"] = subject
    if problems := getattr(error, "problems", ()):
        fields["problems"] = [str(problem) for problem in problems]
    return fields


def tell(error: Exception, world: World, *, as_json: bool) -> int:
    """Tell an error and return its exit code."""
    if isinstance(error, OSError) and error.filename is not None:
        from orchestrator.errors import FilesUnusable

        error = FilesUnusable(f"{error.filename} cannot be used", why=error.strerror or str(error))
    code = getattr(error, "exit_code", None)
    if isinstance(code, int) and isinstance(getattr(error, "summary", None), str) and code != BUG_EXIT:
        _fit_to_rehearsal(error, world)
        world.say(str(error))
        give_error(error_as_json(error), world, as_json=as_json)
        return code
    _tell_bug(error, world, as_json=as_json)
    return BUG_EXIT


def tell_usage(message: str, code: int, world: World, *, as_json: bool) -> int:
    """Give the words of a command line that cannot be understood, which people have read already."""
    fields = {"code": USAGE, "exit_code": code, "message": message, "why": "", "hint": "fleetyard --help"}
    give_error(fields, world, as_json=as_json)
    return code


def tell_interrupt(world: World, *, as_json: bool) -> int:
    """Tell that a command was interrupted before it had anything to give."""
    world.say("Interrupted.")
    fields = {"code": INTERRUPTED, "exit_code": INTERRUPTED_EXIT, "message": "interrupted", "why": "", "hint": ""}
    give_error(fields, world, as_json=as_json)
    return INTERRUPTED_EXIT


def give_error(fields: dict[str, object], world: World, *, as_json: bool) -> None:
    """Write an error as data, unless the command has written its data."""
    if as_json and not world.given:
        world.give(json.dumps({"error": fields}, indent=2))


def _fit_to_rehearsal(error: Exception, world: World) -> None:
    """Correct a next step that is for committed files only: those of a rehearsal are in no repository."""
    from orchestrator.next_steps import ANEW
    from orchestrator.workers.environment import REHEARSAL_VARIABLE

    joined = world.env.get(REHEARSAL_VARIABLE)
    subject = str(getattr(error, "subject", ""))
    if joined and getattr(error, "code", "") == LOCK_DAMAGED and Path(subject).is_relative_to(joined):
        error.hint = ANEW  # type: ignore[attr-defined]


def _tell_bug(error: Exception, world: World, *, as_json: bool) -> None:
    note = _write_traceback(error, world.folder)
    why = f"{type(error).__name__}: {error}"
    hint = f"report it at the project's issue tracker with {note} (read it first; it holds names of stacks)"
    world.say(f"{BUG}: a bug in Fleetyard, not a mistake of yours\n  why: {why}\n  next: {hint}")
    message = "a bug in Fleetyard"
    fields = {"code": BUG, "exit_code": BUG_EXIT, "message": message, "why": why, "hint": hint}
    give_error(fields, world, as_json=as_json)


def _write_traceback(error: Exception, folder: Path) -> Path:
    """Write the traceback to a file in the folder, or where that cannot be written to, in a temporary one."""
    text = "".join(traceback.format_exception(error))
    name = f"{datetime.now(tz=UTC):%Y%m%dT%H%M%S%f}.txt"
    note = folder / ".fleetyard" / "bugs" / name
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(text, encoding="utf-8")
    except OSError:
        note = Path(tempfile.mkdtemp(prefix="fleetyard-")) / name
        note.write_text(text, encoding="utf-8")
    return note
