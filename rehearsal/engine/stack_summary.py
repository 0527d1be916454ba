"""`pulumi stack` alone: which stack is meant, when it was written last, its resources as a tree, its outputs.

Source: Pulumi `pkg/cmd/pulumi/stack/stack.go` (runStackText, renderTree).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rehearsal.engine.checkpoint import Document
from rehearsal.engine.session import Session
from rehearsal.engine.stack_commands import output_table, outputs_of
from rehearsal.engine.table import table_lines
from rehearsal.engine.times import to_second

_ROOT = "pulumi:pulumi:Stack"
_INDENT = "    "


def show(session: Session) -> None:
    """Tell of a stack what a person asks first; `--show-name` prints its name alone."""
    reference = session.reference()
    document = session.document(reference)
    say = session.lines.say
    if session.invocation.flag("show-name"):
        say(reference.name)
        return
    say(f"Current stack is {reference.shown(session.project_name)}:")
    say(f"{_INDENT}Managed by {session.backend.store.url}")
    say(f"{_INDENT}Last updated: {to_second(document.written)}" if document.written else f"{_INDENT}No updates yet")
    say(f"Current stack resources ({len(document.resources)}):")
    if not document.resources:
        say(f"{_INDENT}No resources currently in this stack")
        return
    say("\n".join(table_lines(("TYPE", "NAME"), _rows(document), indent=_INDENT)))
    say()
    output_table(session, outputs_of(session, document))


def _rows(document: Document) -> list[tuple[str, str]]:
    """Return type and name of each resource, each below its parent; plain where there is no root to hang them on."""
    resources = document.resources
    known = {str(entry.get("urn")) for entry in resources}
    root = next((entry for entry in resources if entry.get("type") == _ROOT and not entry.get("parent")), None)
    if root is None or any(entry.get("parent") and entry["parent"] not in known for entry in resources):
        return [_row(entry, "") for entry in resources]
    children: dict[str, list[Mapping[str, Any]]] = {}
    for entry in resources:
        if entry is not root:
            children.setdefault(str(entry.get("parent") or root["urn"]), []).append(entry)
    return [_row(root, ""), *_below(children, children.pop(str(root["urn"]), []), "")]


def _below(
    children: dict[str, list[Mapping[str, Any]]], entries: Sequence[Mapping[str, Any]], padding: str
) -> Iterator[tuple[str, str]]:
    """Yield the rows of resources and of what is below each; `pop`, as a URN may stand twice during a replacement."""
    for entry in entries:
        last = entry is entries[-1]
        yield _row(entry, f"{padding}{'└─ ' if last else '├─ '}")
        yield from _below(children, children.pop(str(entry.get("urn")), []), f"{padding}{'   ' if last else '│  '}")


def _row(entry: Mapping[str, Any], prefix: str) -> tuple[str, str]:
    return f"{prefix}{entry.get('type', '')}", str(entry.get("urn", "")).split("::", 3)[-1]
