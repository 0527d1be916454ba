"""Puts file, line and column before what a workload's program says of its `config` in the manifest.

The program alone knows its settings, and sees their values without places: it names them by their keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from landing_zone.errors import ManifestError
from landing_zone.manifest.load import load_with_places
from landing_zone.manifest.positions import Document
from orchestrator.running.job import StackResult

_SAID = re.compile(
    r"(?<!\S)workloads\.(?P<workload>[\w-]+)\.config of the manifest: (?=(?:(?P<keys>[\w.-]+): (?P<key>unknown key)?)?)"
)
"""How `WorkloadConfig.settings` begins each of its lines."""


@dataclass(slots=True)
class ConfigPlaces:
    """Knows where the manifest has its values; the file is read once, when a program first refuses some."""

    manifest: Path
    _document: Document | None = field(default=None, init=False)
    _read: bool = field(default=False, init=False)

    def placed(self, result: StackResult) -> StackResult:
        """Return the result with places in its error, where it is about a workload's config."""
        if result.error is None or not _SAID.search(result.error.why):
            return result
        document = self._places()
        if document is None:
            return result
        why = _SAID.sub(
            lambda said: f"{_place(document, said)}: workloads.{said['workload']}.config: ", result.error.why
        )
        _, then, again = result.error.hint.partition(", then ")
        return replace(result, error=replace(result.error, why=why, hint=f"correct it there{then}{again}"))

    def _places(self) -> Document | None:
        if not self._read:
            self._read = True
            try:
                self._document = load_with_places(self.manifest)[1].document
            except ManifestError:
                return None  # it was changed since this run read it
        return self._document


def _place(document: Document, said: re.Match[str]) -> str:
    keys = [int(key) if key.isdecimal() else key for key in (said["keys"] or "").split(".") if key]
    path = ("workloads", said["workload"], "config", *keys)
    return str(document.key(*path) if said["key"] else document.value(*path))
