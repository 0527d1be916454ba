"""Where state lies: named objects in one folder, and the seam for other places.

A plain file store, not an object-store library: such libraries run threads of their own, and a child forked from a
process that has them hangs at its first write; S3, where one is used, is `s3_store`. Keys use `/`; the sidecar files
that Pulumi's CLI keeps beside each object (`.attrs`, gocloud fileblob) are hidden, and dropped once out of date.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rehearsal.engine.errors import StateNotWrittenError

_SIDECAR = ".attrs"
_SCRATCH = ".pulumi"
_TEMPORARY = ".tmp"
_OLD_TEMPORARY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object: its key, and when it was written (seconds since the epoch)."""

    key: str
    modified: float


class ObjectStore(Protocol):
    """Objects by key. A reader sees an object whole, old or new, never a part of it.

    Besides what is named, any call may raise the EngineError of a store that cannot be reached or says no.
    """

    @property
    def url(self) -> str:
        """The address of the store, for messages and for the workspace's selection."""

    def get(self, key: str) -> bytes | None:
        """Return an object's content, or None if there is no such object."""

    def put(self, key: str, content: bytes, *, durable: bool = False) -> None:
        """Write an object whole; `durable` waits until it would survive a power cut.

        Raises StateNotWrittenError.
        """

    def settle(self, key: str) -> None:
        """Wait until an object as it was put would survive a power cut. Raises StateNotWrittenError."""

    def put_new(self, key: str, content: bytes) -> bool:
        """Write an object unless there is one already; tells whether what is there has this content.

        Raises StateNotWrittenError.
        """

    def copy(self, source: str, target: str) -> None:
        """Copy an object whole; does nothing if the source is missing. Raises StateNotWrittenError."""

    def delete(self, *keys: str) -> None:
        """Remove objects; those that are missing are none to remove. Raises StateNotWrittenError."""

    def list(self, prefix: str) -> list[ObjectInfo]:
        """Return every object under a folder, at any depth, by key."""

    def together(self, *calls: Callable[[], object]) -> None:
        """Carry out calls that do not depend on each other, at once where that is faster; raises what one of them does.

        All of them are carried out, whatever becomes of one.
        """

    def tidy(self) -> None:
        """Remove what writers that were killed left behind."""


def address_of(url: str, key: str) -> str:
    """Return the address of an object in the store of a URL, options last, as Pulumi shows it."""
    base, question, options = url.partition("?")
    return f"{base.rstrip('/')}/{key}{question}{options}"


class FileStore:
    """Objects as files under one folder; writes go to a temporary file of the same file system and are renamed.

    Temporary files lie in `.pulumi` itself, not beside the object: Pulumi's CLI takes any file in a lock folder for a
    lock.
    """

    def __init__(self, root: Path, url: str) -> None:
        """Take the folder, which exists, and the URL it was given as."""
        self._root = root
        self._url = url

    @property
    def url(self) -> str:
        """Return the URL the folder was given as."""
        return self._url

    def get(self, key: str) -> bytes | None:
        """Return a file's content."""
        try:
            return (self._root / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def put(self, key: str, content: bytes, *, durable: bool = False) -> None:
        """Write a file whole: temporary name, optional sync, rename."""
        path = self._root / key
        temporary = self._root / _SCRATCH / f"{uuid.uuid4().hex}{_TEMPORARY}"
        try:
            _write(temporary, content, durable=durable)
            _rename(temporary, path)
            path.with_name(path.name + _SIDECAR).unlink(missing_ok=True)
            if durable:
                _sync(path.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise _not_written(path, error) from error

    def settle(self, key: str) -> None:
        """Sync a file and its folder."""
        path = self._root / key
        try:
            _sync(path)
            _sync(path.parent)
        except OSError as error:
            raise _not_written(path, error) from error

    def put_new(self, key: str, content: bytes) -> bool:
        """Write a file whole unless there is one: a hard link fails where the name exists already."""
        path = self._root / key
        temporary = self._root / _SCRATCH / f"{uuid.uuid4().hex}{_TEMPORARY}"
        try:
            _write(temporary, content, durable=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.hardlink_to(temporary)
            _sync(path.parent)
        except FileExistsError:
            return self.get(key) == content
        except OSError as error:
            raise _not_written(path, error) from error
        finally:
            temporary.unlink(missing_ok=True)
        return True

    def copy(self, source: str, target: str) -> None:
        """Copy a file whole."""
        content = self.get(source)
        if content is not None:
            self.put(target, content)

    def delete(self, *keys: str) -> None:
        """Remove files and their sidecars."""
        for key in keys:
            self._delete(key)

    def _delete(self, key: str) -> None:
        path = self._root / key
        try:
            path.unlink(missing_ok=True)
            path.with_name(path.name + _SIDECAR).unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise _not_written(path, error) from error

    def list(self, prefix: str) -> list[ObjectInfo]:
        """Return files under a folder by key, without sidecars and temporary files."""
        return sorted(_walk(self._root / prefix, prefix.rstrip("/")), key=lambda info: info.key)

    def together(self, *calls: Callable[[], object]) -> None:
        """Carry out calls one after the other: a thread costs more than a file."""
        with ExitStack() as rest:
            for call in reversed(calls):
                rest.callback(call)

    def tidy(self) -> None:
        """Remove temporary files that are older than any write takes."""
        before = time.time() - _OLD_TEMPORARY_SECONDS
        for path in (self._root / _SCRATCH).glob(f"*{_TEMPORARY}"):
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
            except FileNotFoundError:
                continue


def _walk(folder: Path, prefix: str) -> Iterator[ObjectInfo]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        key = f"{prefix}/{entry.name}" if prefix else entry.name
        if entry.is_dir():
            yield from _walk(folder / entry.name, key)
        elif not entry.name.endswith((_SIDECAR, _TEMPORARY)):
            try:
                yield ObjectInfo(key, entry.stat().st_mtime)
            except FileNotFoundError:
                continue


def _write(path: Path, content: bytes, *, durable: bool) -> None:
    try:
        file = path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("xb")
    with file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())


def _rename(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _not_written(path: Path, error: OSError) -> StateNotWrittenError:
    return StateNotWrittenError(
        f"cannot write {path.name}",
        subject=str(path),
        why=error.strerror or str(error),
        hint="make room or give this user the right to write there, then run the command again",
    )
