"""Finds the files that an entry of `imports:` means: a path or a glob, inside the repository."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from landing_zone.manifest.problems import nearest

_WILD = frozenset("*?[")
_OF_MANIFESTS = frozenset({".yaml", ".yml"})
_OUTSIDE = "{} out of the repository {}; files outside are not imported"


class NoSuchImport(Exception):
    """An entry means no file that may be read: why, and the path that was probably meant; told as a problem."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Found:
    """A file: the path to show and to be relative to, and the one without links, by which it is known."""

    path: Path
    real: Path


def repository_of(manifest: Path) -> Path:
    """Return the folder that imports stay in: the nearest one upwards with `.git`, or else the manifest's own."""
    own = manifest.resolve().parent
    return next((folder for folder in (own, *own.parents) if os.path.lexists(folder / ".git")), own)


def find_imports(written: str, folder: Path, repository: Path) -> tuple[Found, ...]:
    """Return the files that an entry means, by their names; raises NoSuchImport.

    `written` is relative to `folder`, that of the file it stands in. A glob means files only; it passes by folders and
    by what is hidden, and is refused for what looks like a file and cannot be read. `**` means folders of any depth and
    follows no links to them.
    """
    if written.startswith(("/", "~")) or "\\" in written or (written[1:2] == ":" and written[0].isalpha()):
        raise NoSuchImport(f'"{written}" is no path relative to this file, with / between its parts')
    try:
        return _find(written, folder, repository)
    except (OSError, ValueError) as error:
        raise NoSuchImport(f"{written!r} is no path: {error}") from None


def _find(written: str, folder: Path, repository: Path) -> tuple[Found, ...]:
    parts = written.split("/")
    wild = next((at for at, part in enumerate(parts) if _WILD & set(part)), len(parts))
    start = Path(os.path.normpath(folder.joinpath(*parts[:wild])))
    if wild == len(parts):
        if start.is_dir():
            raise NoSuchImport(f'"{written}" is a folder; import the files in it', f"{written.rstrip('/')}/*.yaml")
        paths = [start] if os.path.isfile(start) else []  # noqa: PTH113  (pathlib raises for some texts)
    else:
        if ".." in parts[wild:]:
            raise NoSuchImport(f'"{written}" goes upwards after a wildcard')
        if not start.resolve().is_relative_to(repository):  # before the search, which could be of the whole disk
            raise NoSuchImport(_OUTSIDE.format(f'"{written}" leads', repository))
        matched = sorted(path for path in start.glob("/".join(parts[wild:])) if _is_seen(path, start))
        for path in matched:
            _refuse_unreadable(path, written)
        paths = [path for path in matched if path.is_file()]
    if not paths:
        what = "there is no file" if wild == len(parts) else "no file matches"
        raise NoSuchImport(f'{what} "{written}"', _nearest_path(parts[:wild], parts[wild:], folder))
    return tuple(_inside(path, written, repository) for path in paths)


def _is_seen(path: Path, start: Path) -> bool:
    return not any(part.startswith(".") for part in path.relative_to(start).parts)


def _refuse_unreadable(path: Path, written: str) -> None:
    """Raise NoSuchImport for what a glob matches and nobody can read: somebody meant it to be in the manifest."""
    if path.is_file() or (path.is_dir() and path.suffix not in _OF_MANIFESTS):
        return
    if path.is_dir():
        what = "is a folder"
    elif path.is_symlink() and not path.exists():
        what = f"is a link to {path.readlink()}, which is not there"
    else:
        what = "is no file that can be read"
    raise NoSuchImport(f'"{written}" finds {path.name}, which {what}')


def _inside(path: Path, written: str, repository: Path) -> Found:
    real = path.resolve()
    if not real.is_relative_to(repository):
        which = "leads" if path.name == written.rpartition("/")[2] else f"finds {path.name}, which leads"
        raise NoSuchImport(_OUTSIDE.format(f'"{written}" {which}', repository))
    return Found(path, real)


def _nearest_path(plain: list[str], wild: list[str], folder: Path) -> str:
    """Return the path with the first part that is not there replaced by the name beside it that is most like it."""
    for at, part in enumerate(plain):
        above = folder.joinpath(*plain[:at])
        if os.path.lexists(above / part):
            continue
        beside = [entry.name for entry in above.iterdir() if entry.is_dir() or (at + 1 == len(plain) and not wild)]
        by_stem = {Path(name).stem: name for name in sorted(beside)}
        meant = by_stem.get(nearest(Path(part).stem, by_stem), "")
        return "/".join([*plain[:at], meant, *plain[at + 1 :], *wild]) if meant else ""
    return ""
