"""Files that programs hand to resources: what is in an asset or archive, Pulumi's hash of it, and it as a ZIP file.

Paths are relative to the folder the program runs in, which is this process's. Nothing is fetched from a URI.
Source: Pulumi `sdk/go/common/resource/asset`, `sdk/go/common/resource/archive` (EnsureHash, archiveTar, archiveZIP).
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rehearsal.aws.wire import Files

_TAR = (".tar", ".tgz", ".tar.gz")
_ZIP = (".zip", ".jar")
_BOOKKEEPING = ".pulumi"
_BLOCK = 512
_DATE = (1980, 1, 1, 0, 0, 0)


class UnreadableFilesError(Exception):
    """Files that are named can't be read: which, and why."""


def with_hash(files: Files) -> Files:
    """Return the files with the hash of their content, as Pulumi's engine writes it into a state.

    An engine that computes it sends it along, and then it stays. Raises: UnreadableFilesError.
    """
    if files.hash:
        return files
    parts = {name: with_hash(part) for name, part in files.assets.items()} if files.assets is not None else None
    return replace(files, assets=parts, hash=hashlib.sha256(_content(files)).hexdigest())


def as_zip(files: Files) -> bytes:
    """Return an archive as a ZIP file: one that is there as it is, anything else packed.

    Raises: UnreadableFilesError.
    """
    if files.path and files.path.endswith(_ZIP):
        return _read(Path(files.path))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _members(files):
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _content(files: Files) -> bytes:
    """Return what is hashed: a file's bytes, an archive that is one file, or the members of one that is not as TAR."""
    if not files.is_archive:
        return _asset(files)
    if files.path and files.path.endswith((*_TAR, *_ZIP)):
        return _read(Path(files.path))
    members = (_header(name, len(content)) + content + _padding(content) for name, content in _members(files))
    return b"".join(members) + bytes(2 * _BLOCK)


def _asset(files: Files) -> bytes:
    if files.uri:
        raise UnreadableFilesError(f"{files.uri} is not fetched in a rehearsal")
    return _read(Path(files.path)) if files.path else (files.text or "").encode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFilesError(f"{path} can't be read: {error.strerror}") from error


def _members(files: Files) -> Iterator[tuple[str, bytes]]:
    """Yield an archive's files by name, each name once, in Pulumi's order."""
    seen: set[str] = set()
    for name, content in _all_members(files):
        if name not in seen:
            seen.add(name)
            yield name, content


def _all_members(files: Files) -> Iterator[tuple[str, bytes]]:
    if files.uri:
        raise UnreadableFilesError(f"{files.uri} is not fetched in a rehearsal")
    if files.path:
        yield from _members_of_path(Path(files.path))
        return
    for name, part in sorted((files.assets or {}).items()):
        if part.is_archive:
            yield from ((f"{name}/{inner}", content) for inner, content in _all_members(part))
        else:
            yield name, _asset(part)


def _members_of_path(path: Path) -> Iterator[tuple[str, bytes]]:
    name = path.name
    if name.endswith(_ZIP):
        with zipfile.ZipFile(io.BytesIO(_read(path))) as archive:
            yield from ((item.filename, archive.read(item)) for item in archive.infolist() if not item.is_dir())
    elif name.endswith(_TAR):
        with tarfile.open(fileobj=io.BytesIO(_read(path))) as archive:
            found = ((item.name, archive.extractfile(item)) for item in archive if item.isfile())
            yield from ((name, content.read()) for name, content in found if content is not None)
    elif path.is_dir():
        yield from ((str(file.relative_to(path)), _read(file)) for file in _walk(path))
    else:
        words = "is neither an archive nor a folder" if path.exists() else "is not there"
        raise UnreadableFilesError(f"{path} {words}")


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in the order of their names, without Pulumi's own."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.name == _BOOKKEEPING:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        elif not entry.is_dir():
            yield Path(entry.path)


def _header(name: str, size: int) -> bytes:
    """Return a TAR header as Go writes it: name, mode and size, everything else zero."""
    head, tail = _split(name)
    fields = (
        tail.ljust(100, b"\0"),
        b"0000600\0",
        b"0000000\0",
        b"0000000\0",
        f"{size:011o}\0".encode(),
        b"00000000000\0",
        b" " * 8,
        b"0" + bytes(100) + b"ustar\0" + b"00" + bytes(64) + b"0000000\0" * 2,
        head.ljust(155, b"\0"),
    )
    block = b"".join(fields).ljust(_BLOCK, b"\0")
    checksum = f"{sum(block):06o}\0 ".encode()
    return block[:148] + checksum + block[156:]


def _split(name: str) -> tuple[bytes, bytes]:
    """Split a name that is too long for one field at a slash; what does not fit either way is cut off."""
    whole = name.encode()
    if len(whole) <= 100:
        return b"", whole
    head, _, tail = whole[:156].rpartition(b"/")
    return head, (tail + whole[156:])[:100]


def _padding(content: bytes) -> bytes:
    return bytes(-len(content) % _BLOCK)
