"""What an update did and could not write down is kept on this machine, to be imported once the backend answers again.

Until then it stands in the way: the stored state does not know of it, so an update would do it a second time. Pulumi's
CLI gives such a state up. Secrets in the file are encrypted as in the state. The file is what `stack export` writes,
with `kept_for` beside: the backend's address and the stack. Pulumi's CLI imports it as well, and skips that entry.
"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.engine.backend import lasting_address
from rehearsal.engine.checkpoint import Document
from rehearsal.engine.errors import StateUnwrittenError
from rehearsal.engine.go_json import indented
from rehearsal.engine.journal import StateJournal
from rehearsal.engine.references import StackReference
from rehearsal.engine.session import Session
from rehearsal.engine.times import seconds_of

_FOLDER = "unwritten"
_KEPT_FOR = "kept_for"
_NOT_WRITTEN = "the last state could not be written to the backend, and is kept in"


@contextmanager
def unwritten_kept(session: Session, journal: StateJournal) -> Iterator[None]:
    """Keep the last state of an update that ends with it unwritten under PULUMI_HOME, and say where it is."""
    try:
        yield
    except BaseException:
        _keep(session, journal)
        raise


def refuse_unwritten(session: Session, reference: StackReference, document: Document) -> None:
    """Raise StateUnwrittenError if a state newer than the stored one was kept for this stack of this backend."""
    kept = _in_the_way(session, reference, document)
    if kept is None:
        return
    raise StateUnwrittenError(
        f"the last update of {reference.name} did what its stored state does not have",
        subject=session.backend.address(reference.checkpoint_key),
        why=f"{_NOT_WRITTEN} {kept.file}; without it the same would be done a second time",
        not_run="nothing was changed",
        hint=f"{_put_back(kept.file, reference)}, then run the command again; "
        f"to give up what was done: rm {shlex.quote(str(kept.file))}",
    )


def warn_of_unwritten(session: Session, reference: StackReference, document: Document) -> None:
    """Warn of what `refuse_unwritten` would refuse."""
    kept = _in_the_way(session, reference, document)
    if kept is not None:
        session.lines.warn(
            f"{_NOT_WRITTEN} {kept.file}; what follows does not know of it; {_put_back(kept.file, reference)}"
        )


def forget_imported(session: Session, reference: StackReference, imported: Path) -> None:
    """Remove a kept file that was imported into the stack it was kept for; another file stays."""
    for kept in _kept_for(session, reference):
        if kept.file.resolve() == imported.resolve():
            with suppress(OSError):
                kept.file.unlink()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A kept file, and when its state was made, in seconds since the epoch."""

    file: Path
    made: float


def _keep(session: Session, journal: StateJournal) -> None:
    deployment = journal.unwritten()
    if deployment is None:
        return
    reference = journal.reference
    file = _folder(session.env) / f"{reference.project}-{reference.name}-{time.time_ns()}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        text = indented({_KEPT_FOR: _key(session, reference), **deployment}, 4)
        file.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        session.lines.warn(f"the last state could not be written here either: {file}: {error.strerror}")
        with suppress(OSError):
            file.unlink()
        return
    session.lines.warn(
        f"{_NOT_WRITTEN} {file}; once the backend answers: {_put_back(file, reference)}, then run the command again"
    )


def _in_the_way(session: Session, reference: StackReference, document: Document) -> _Kept | None:
    """Return the newest state kept for a stack, None if the stored one is as new."""
    stored = seconds_of(document.written)
    newest = max(_kept_for(session, reference), key=lambda kept: kept.made, default=None)
    return newest if newest and (stored is None or newest.made > stored) else None


def _kept_for(session: Session, reference: StackReference) -> Iterator[_Kept]:
    files = _folder(session.env).glob(f"{reference.project}-{reference.name}-*.json")
    key = None
    for file in files:
        key = key or _key(session, reference)
        try:
            content = json.loads(file.read_bytes())
            made = seconds_of(content["deployment"]["manifest"]["time"])
            if content[_KEPT_FOR] == key and made is not None:
                yield _Kept(file, made)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue


def _key(session: Session, reference: StackReference) -> dict[str, Any]:
    """Return what a file is kept for."""
    return {"backend": lasting_address(session.backend.store.url, session.cwd), "stack": reference.qualified}


def _put_back(file: Path, reference: StackReference) -> str:
    quoted = shlex.quote(str(file))
    return (
        f"pulumi cancel --yes --stack {reference.name}, then "
        f"pulumi stack import --file {quoted} --stack {reference.name}"
    )


def _folder(env: Mapping[str, str]) -> Path:
    return Path(env.get("PULUMI_HOME") or Path.home() / ".pulumi") / _FOLDER
