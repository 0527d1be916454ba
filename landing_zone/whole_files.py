"""Files that are written whole or not at all: beside the old one first, then put in its place."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_beside(path: Path, content: bytes, mode: int) -> Path:
    """Write content into a new file of the same folder, on the disk when this returns; raises OSError, leaving none."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole or not at all; raises OSError."""
    written = write_beside(path, content, mode)
    try:
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def replace_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all; who may read it stays as it is. Raises OSError."""
    write_whole(path, content, path.stat().st_mode & 0o7777)
