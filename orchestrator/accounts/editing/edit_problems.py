"""What would be wrong with an edited manifest, told by the lines that the files have now. Pure.

A problem's place is one of the edited text, which nobody has on disk; it is led back to the line it was before.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from landing_zone.manifest.positions import Document
from landing_zone.manifest.positions import Path as Keys
from landing_zone.manifest.problems import Place, Problem


@dataclass(frozen=True, slots=True)
class EditProblem:
    """One problem: where it stands now and under which keys (none for what the edit itself writes), and what it is."""

    file: str
    place: Place | None
    keys: Keys
    message: str

    def __str__(self) -> str:
        """Return the line a user reads."""
        where = f"{self.place}" if self.place else f"{self.file}, in the lines of this change"
        return f"{where}, {'.'.join(map(str, self.keys))}: {self.message}" if self.keys else f"{where}: {self.message}"


def edit_problems(
    problems: Iterable[Problem], before: Document, texts: Mapping[Path, tuple[str, str]]
) -> tuple[EditProblem, ...]:
    """Return problems of an edited manifest, each once; `texts` has the edited files before and after the edit."""
    keys = {place: path for path, place in sorted((*before.keys.items(), *before.places.items()), key=_depth)}
    lines = {file: _lines_before(*both) for file, both in texts.items()}
    found: dict[EditProblem, None] = {}
    for problem in problems:
        place = _as_it_stands(problem.place, lines)
        meant = f' (did you mean "{problem.suggestion}"?)' if problem.suggestion else ""
        path = keys.get(place, ()) if place else ()
        found.setdefault(EditProblem(problem.place.file, place, path, problem.message + meant))
    return tuple(found)


def listed(lines: Sequence[object]) -> str:
    """Return one line as it is, several below each other."""
    return str(lines[0]) if len(lines) == 1 else "".join(f"\n    {line}" for line in lines)


def _depth(entry: tuple[Keys, Place]) -> int:
    return len(entry[0])


def _as_it_stands(place: Place, lines: Mapping[Path, Mapping[int, int]]) -> Place | None:
    """Return a place of the edited text as the file has it now; None for what it does not have."""
    edited = lines.get(Path(place.file).resolve())
    if edited is None:
        return place
    line = edited.get(place.line)
    return replace(place, line=line) if line else None


def _lines_before(before: str, after: str) -> Mapping[int, int]:
    """Return which line of a text each unchanged line of another was; both count from 1."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return {block.b + at + 1: block.a + at + 1 for block in matcher.get_matching_blocks() for at in range(block.size)}
