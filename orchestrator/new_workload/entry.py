"""A workload's lines in the manifest: made, and put in without a change to any other line."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node

from landing_zone.errors import ManifestInvalid
from landing_zone.fleet import Manifest
from landing_zone.manifest import parse_manifest
from orchestrator.new_workload.errors import ManifestNotBlock, WorkloadUnfit

_KEY = "workloads"
_INDENT = 2
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_OTHER_THAN_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""What some reader of YAML, 1.1 or 1.2, takes for something else than text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A workload as the manifest has it: in which accounts, by which role."""

    name: str
    role: str
    accounts: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    @property
    def selects(self) -> bool:
        """Whether it says in which accounts."""
        return bool(self.accounts or self.stages or self.units)

    def lines(self, indent: int = _INDENT) -> tuple[str, ...]:
        """Return its lines, the first indented by that many spaces."""
        chosen = {"accounts": self.accounts, "stages": self.stages, "units": self.units}
        keys = [f"{key}: [{', '.join(map(_text, values))}]" for key, values in chosen.items() if values]
        before, inner = " " * indent, " " * (indent + _INDENT)
        return (f"{before}{_text(self.name)}:", *(f"{inner}{key}" for key in (*keys, f"role: {_text(self.role)}")))


def with_entry(text: str, manifest: Manifest, entry: Entry) -> str:
    """Return the manifest's text with the entry at the end of its workloads; every other line is as it was.

    `manifest` is what the text says. Raises: WorkloadUnfit, ManifestNotBlock.
    """
    changed = _inserted(text, entry)
    if changed is None:
        raise _no_place(manifest.path, entry)
    try:
        found = parse_manifest(changed, manifest.path)
    except ManifestInvalid as error:
        raise WorkloadUnfit(
            f"the manifest would not be valid with the workload {entry.name}",
            subject=str(manifest.path),
            why="; ".join(_words(error)),
            not_run="nothing was written",
            hint="fleetyard plan lists the accounts; name others with --account, --stage or --unit, or a role with "
            "--role",
        ) from error
    others = {name: workload for name, workload in found.workloads.items() if name != entry.name}
    if entry.name not in found.workloads or dataclasses.replace(found, workloads=others) != manifest:
        raise _no_place(manifest.path, entry)
    return changed


def _inserted(text: str, entry: Entry) -> str | None:
    """Return the text with the entry's lines in it; None where the form of the file has no place for them."""
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except YAMLError:
        return None
    if not isinstance(root, MappingNode) or root.flow_style:
        return None
    workloads = next((value for key, value in root.value if key.value == _KEY), None)
    if workloads is None:
        at, added = len(lines), ("", f"{_KEY}:", *entry.lines())
    else:
        place = _end_of_block(workloads, lines)
        if place is None:
            return None
        at, added = place[0], entry.lines(place[1])
    before = lines[:at]
    if before and not before[-1].endswith("\n"):
        before[-1] += ending
    return "".join([*before, *(line + ending for line in added), *lines[at:]])


def _end_of_block(workloads: Node, lines: Sequence[str]) -> tuple[int, int] | None:
    """Return the index of the line after the last entry and the entries' indentation; None where they have no lines.

    A comment that stands as deep as the entries or deeper belongs to the last one, any other to what follows.
    """
    if not isinstance(workloads, MappingNode) or workloads.flow_style or not workloads.value:
        return None
    indent = workloads.value[0][0].start_mark.column
    at = min(workloads.end_mark.line, len(lines))
    if workloads.end_mark.column and at < len(lines):
        at += 1  # the file ends within its last line
    while at and _is_between(lines[at - 1], indent):
        at -= 1
    return at, indent


def _is_between(line: str, indent: int) -> bool:
    words = line.strip()
    return not words or (words.startswith("#") and len(line) - len(line.lstrip()) < indent)


def _text(word: str) -> str:
    plain = _PLAIN.fullmatch(word) and word.lower() not in _OTHER_THAN_TEXT
    return word if plain else json.dumps(word, ensure_ascii=False)


def _words(error: ManifestInvalid) -> list[str]:
    """Return the problems in words; their lines would be those of a file that was not written."""
    return [
        problem.message + (f' (did you mean "{problem.suggestion}"?)' if problem.suggestion else "")
        for problem in error.problems
    ]


def _no_place(path: Path, entry: Entry) -> ManifestNotBlock:
    return ManifestNotBlock(
        "workloads: is not written as one entry per line, so none can be added",
        subject=str(path),
        not_run="nothing was written",
        hint=f"make the folder alone, then add the lines it prints: fleetyard workload new {entry.name}",
    )
