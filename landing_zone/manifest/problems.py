"""What is wrong with a manifest: problems with their place, collected so that all are told at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

NEAREST_CUTOFF = 0.6
"""How alike two names must be (0 to 1) for one to be proposed for the other; difflib's own default."""


_BEGINNING = 80
_QUOTES = "'\""
_LONG = re.compile(r"""(?<!\w)(?:'[^']{200,}'|"[^"]{200,}")(?!\w)|(?<!\S)[^\s'"/][^\s'"]{200,}[^\s'":;,.]""")
"""A value of more than 200 characters: in quotes, or without white space; no path of a file."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Return `file:line:column`, which editors and terminals turn into a link."""
        return f"{self.file}:{self.line}:{self.column}"

    def seen_in(self, other: Place) -> str:
        """Return this place as a message at the other one names it: by its line alone in the same file."""
        return f"line {self.line}" if self.file == other.file else str(self)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where, what, and the name that was probably meant (or empty)."""

    place: Place
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        """Return the line a user reads."""
        meant = f' (did you mean "{self.suggestion}"?)' if self.suggestion else ""
        return f"{self.place}: {self.message}{meant}"


@dataclass(slots=True)
class Problems:
    """Collects problems; the same one is kept once."""

    _found: dict[Problem, None] = field(default_factory=dict)

    def add(self, place: Place, message: str, suggestion: str = "") -> None:
        """Note one problem."""
        self._found.setdefault(Problem(place, in_short(message), suggestion))

    def add_unknown(self, place: Place, what: str, name: str, known: Iterable[str]) -> None:
        """Note a name that nothing has, with the nearest one that exists."""
        self.add(place, f'{what} "{name}"', nearest(name, known))

    def tells_of(self, place: Place) -> bool:
        """Return whether a problem at this place is noted."""
        return any(problem.place == place for problem in self._found)

    def sorted(self) -> tuple[Problem, ...]:
        """Return all problems in the order of their places."""
        return tuple(sorted(self._found))

    def __len__(self) -> int:
        return len(self._found)


def in_short(message: str) -> str:
    """Return a message on one line, with the beginning alone of very long values."""
    return _LONG.sub(_begun, message.replace("\n", "\\n"))


def _begun(found: re.Match[str]) -> str:
    value = found.group()
    return f"{value[:_BEGINNING]}... ({len(value):,} characters){value[-1] if value[-1] in _QUOTES else ''}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like this one, or an empty string when none is alike."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=NEAREST_CUTOFF)
    return by_lower[found[0]] if found else ""
