"""Plain lines for standard output: a step each, diagnostics, outputs, counts.

Source for the words: Pulumi `pkg/backend/display/{rows,display,summary}.go`, non-interactive mode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.engine.go_json import compact
from rehearsal.engine.outputs import shown_outputs
from rehearsal.engine.values import UNKNOWN_ID, Properties

_UNKNOWN = "[unknown]"


@dataclass(frozen=True, slots=True)
class _Words:
    """How one operation is told: its sign, as planned, and as done."""

    sign: str
    planned: str
    done: str


_OPERATIONS = {
    "create": _Words("+", "create", "created"),
    "update": _Words("~", "update", "updated"),
    "delete": _Words("-", "delete", "deleted"),
    "replace": _Words("+-", "replace", "replaced"),
    "create-replacement": _Words("++", "create replacement", "created replacement"),
    "delete-replaced": _Words("--", "delete original", "deleted original"),
    "read": _Words(">", "read", "read"),
    "read-replacement": _Words(">>", "read replacement", "read replacement"),
    "refresh": _Words("~", "refresh", "refreshed"),
    "import": _Words("=", "import", "imported"),
    "import-replacement": _Words("=>", "import replacement", "imported replacement"),
    "discard": _Words("<", "discard", "discarded"),
    "discard-replaced": _Words("<<", "discard original", "discarded original"),
    "remove-pending-replace": _Words("~", "complete replacement", "completed replacement"),
}
_NOT_COUNTED = frozenset({"same", "read", "read-replacement", "create-replacement", "delete-replaced"})


@dataclass(frozen=True, slots=True)
class Display:
    """Turns events into lines as they come. `say` prints; `debug` shows debug messages as well.

    `told` words the commands in warnings and errors as they are typed here.
    """

    say: Callable[[str], None]
    dry_run: bool
    debug: bool = False
    told: Callable[[str], str] = str

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Print what one event has to tell a person, if anything."""
        if "resOutputsEvent" in event:
            self._step(event["resOutputsEvent"]["metadata"])
        elif "resOpFailedEvent" in event:
            self._failure(event["resOpFailedEvent"]["metadata"])
        elif "diagnosticEvent" in event:
            self._diagnostic(event["diagnosticEvent"])
        elif "stdoutEvent" in event:
            self.say(str(event["stdoutEvent"].get("message", "")).rstrip("\n"))

    def _step(self, step: Mapping[str, Any]) -> None:
        words = _OPERATIONS.get(step["op"])
        if words is not None:
            told = words.planned if self.dry_run else words.done
            self.say(f" {words.sign.ljust(2)} {_named(step['urn'])} {told}")

    def _failure(self, step: Mapping[str, Any]) -> None:
        words = _OPERATIONS.get(step["op"], _Words(" ", str(step["op"]), ""))
        self.say(f" {words.sign.ljust(2)} {_named(step['urn'])} **{words.planned} failed**")

    def _diagnostic(self, diagnostic: Mapping[str, Any]) -> None:
        severity = diagnostic.get("severity", "info")
        message = str(diagnostic.get("message", "")).rstrip("\n")
        if diagnostic.get("ephemeral") or not message or (severity == "debug" and not self.debug):
            return
        urn = str(diagnostic.get("urn", ""))
        about = f"{_named(urn)}: " if urn else ""
        kind = "" if severity == "info" else f"{severity}: "
        message = self.told(message) if severity in {"warning", "error"} else message
        self.say("    " + f"{about}{kind}{message}".replace("\n", "\n    "))


def output_lines(outputs: Properties, *, show_secrets: bool) -> list[str]:
    """Return a stack's outputs, one line each, secrets masked unless they are to be shown, unknown ones as unknown."""
    if not outputs:
        return []
    shown = shown_outputs(outputs, show_secrets=show_secrets)
    width = max(len(name) for name in shown)
    return ["Outputs:", *(f"    {name.ljust(width)}: {_known(compact(value))}" for name, value in shown.items())]


def summary_lines(changes: Mapping[str, int], seconds: float, *, dry_run: bool) -> list[str]:
    """Return the counts of an operation; reads are not counted, as in Pulumi."""
    lines = ["Resources:"]
    for op, words in _OPERATIONS.items():
        if changes.get(op) and op not in _NOT_COUNTED:
            told = f"to {words.planned}" if dry_run else words.done
            lines.append(f"    {words.sign} {changes[op]} {told}")
    if changes.get("same"):
        lines.append(f"    {changes['same']} unchanged")
    return lines if dry_run else [*lines, "", f"Duration: {max(1, round(seconds))}s"]


def _known(text: str) -> str:
    """Return JSON text with Pulumi's word for what only the update will tell."""
    return text.replace(f'"{UNKNOWN_ID}"', _UNKNOWN)


def _named(urn: str) -> str:
    """Return type and name of a resource."""
    parts = urn.split("::", 3)
    if len(parts) < 4:
        return urn
    return f"{parts[2].rpartition('$')[2]} {parts[3]}"
