"""A mutation: one small edit of the source that takes out or turns round one step of a decision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class MutationDoesNotApply(Exception):
    """The text that a mutation replaces is not there exactly once: the table has to follow the source."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """What the edit takes out, in words; the file, from the repository's root; the text and what stands in for it.

    `rules` are the modules of tests/rehearsed/twin/rules that ought to notice: they are tried first, then all others.
    """

    name: str
    path: str
    before: str
    after: str
    rules: tuple[str, ...]

    def apply(self, root: Path) -> None:
        """Edit the copy of the source at `root`. Raises: MutationDoesNotApply."""
        file = root / self.path
        file.write_text(self.edited(file.read_text(encoding="utf-8")), encoding="utf-8")

    def edited(self, source: str) -> str:
        """Return the source with the edit. Raises: MutationDoesNotApply."""
        found = source.count(self.before)
        if found != 1:
            raise MutationDoesNotApply(f"{self.name}: {self.path} has {found} times, not once: {self.before!r}")
        return source.replace(self.before, self.after)
