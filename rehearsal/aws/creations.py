"""Remembers which resources we began to create, across a crash.

Between AWS's "created" and the engine's record of it a run may die. The next run then meets "already exists", and has
to know whether that is its own resource or somebody else's: a name taken by another stack is a mistake that a rehearsal
is there to show. So the URN is written down before each creation, and crossed out where AWS refuses it, where it is
deleted, and once the engine has it on record; only what stands there may be taken over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from rehearsal.twin.run_file import RUN_FILE_VARIABLE, read_run_file


class Creations(Protocol):
    """What we began to create."""

    def begin(self, urn: str, account_id: str) -> None:
        """Write down that this resource is about to be created in this account."""

    def end(self, urn: str, account_id: str) -> None:
        """Write down that there is no such resource of ours: AWS refused to create it, or it is deleted."""

    def recorded(self, urn: str, account_id: str) -> None:
        """Write down that the engine has the resource on record, so that no crash stands between it and AWS."""

    def began(self, urn: str, account_id: str) -> bool:
        """Tell whether it was begun and not ended, also by a process that has died."""


class NoMemory:
    """Remembers nothing, so that nothing is ever taken over."""

    def begin(self, urn: str, account_id: str) -> None:
        """Do nothing."""

    def end(self, urn: str, account_id: str) -> None:
        """Do nothing."""

    def recorded(self, urn: str, account_id: str) -> None:
        """Do nothing."""

    def began(self, urn: str, account_id: str) -> bool:  # noqa: ARG002 - the protocol's
        """Return False."""
        return False


class CreationLog:
    """A file beside the twin's run file: one line per creation begun or ended, for this run of the twin only.

    Lines are appended in one write each, so that processes may share the file; a line torn by a crash counts as none.
    """

    def __init__(self, path: Path, twin: str) -> None:
        self._path = path
        self._twin = twin
        self._lock = threading.Lock()
        self._first = True
        self._at_first: frozenset[str] | None = None
        """What the file said when this process first looked: a line for each creation begun and not ended."""

    def begin(self, urn: str, account_id: str) -> None:
        """Append the line."""
        self._append(self._line(urn, account_id, begun=True))

    def end(self, urn: str, account_id: str) -> None:
        """Append the line that crosses it out."""
        self._append(self._line(urn, account_id, begun=False))

    def recorded(self, urn: str, account_id: str) -> None:
        """Append the line that crosses it out, if an earlier process wrote it down; the file is read once for all."""
        with self._lock:
            if self._at_first is None:
                self._at_first = self._open_lines()
        if self._line(urn, account_id, begun=True) in self._at_first:
            self.end(urn, account_id)

    def _open_lines(self) -> frozenset[str]:
        """Return the line of every creation that was begun and not ended."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return frozenset()
        last = {line.rpartition(",")[0]: line for line in lines}
        return frozenset(line for line in last.values() if line.endswith(" true]\n"))

    def began(self, urn: str, account_id: str) -> bool:
        """Look for the resource's last line in the file."""
        begun, ended = (self._line(urn, account_id, begun=begun) for begun in (True, False))
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return False
        return next((line == begun for line in reversed(lines) if line in (begun, ended)), False)

    def _append(self, line: str) -> None:
        with self._lock:
            if self._first:
                self._forget_other_twins()
                self._first = False
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, line.encode())
            finally:
                os.close(handle)

    def _forget_other_twins(self) -> None:
        """Remove a file an earlier twin left; should two processes do so at once, a line lost means no taking over."""
        with contextlib.suppress(FileNotFoundError):
            if f'["{self._twin}"' not in self._path.read_text(encoding="utf-8"):
                self._path.unlink()

    def _line(self, urn: str, account_id: str, *, begun: bool) -> str:
        return json.dumps([self._twin, account_id, urn, begun]) + "\n"


def creations_of(env: Mapping[str, str]) -> Creations:
    """Return the memory that belongs to the twin `env` names; without a twin, none."""
    if not env.get(RUN_FILE_VARIABLE):
        return NoMemory()
    run_file = Path(env[RUN_FILE_VARIABLE])
    twin = hashlib.sha256(read_run_file(run_file).token.encode()).hexdigest()[:16]
    return CreationLog(run_file.with_suffix(".creations"), twin)
