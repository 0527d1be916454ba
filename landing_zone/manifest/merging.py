"""Merges pieces of a manifest: one over another, where later wins, or beside each other, where nothing may clash."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from landing_zone.manifest.bounds import TooMuch
from landing_zone.manifest.parts import APPENDS, Part
from landing_zone.manifest.problems import Place, Problems

MOST_MERGED = 2_000_000
"""Values looked at while files are merged; a thousand accounts that import the same hundred values take a tenth."""

Names = tuple[str, ...]


@dataclass(slots=True)
class Merger:
    """Merges parts and notes what can't be; both ways raise TooMuch when files multiply each other."""

    problems: Problems
    merged: int = 0

    def over(self, layers: Sequence[Part], names: Names = ()) -> Part:
        """Return at least one part merged from the lowest to the highest; `names` are the keys that lead to them.

        Keys and values are merged deeply, a list that appends adds to what is below it, anything else replaces it.
        Keys and values above or below anything else are noted as a problem.
        """
        self._count(layers)
        top = layers[-1]
        if len(layers) == 1:
            return top
        mappings = [part for part in layers if part.parts is not None]
        if mappings and len(mappings) < len(layers):
            return self._of_two_kinds(layers, names)
        if mappings:
            merged = {name: self.over(found, (*names, name)) for name, found in _by_name(layers).items()}
            return dataclasses.replace(layers[0], parts=merged)
        if top.appends:
            adding = list(takewhile(lambda part: part.appends, reversed(layers)))[::-1]
            rest = layers[: len(layers) - len(adding)]
            return self._appended(self.over(rest, names) if rest else None, adding, names)
        beaten = (place for part in reversed(layers[:-1]) for place in (*part.added, part.where, *part.beaten))
        return dataclasses.replace(top, beaten=_others((top.where, *top.added), (*top.beaten, *beaten)))

    def beside(self, parts: Sequence[Part], names: Names = ()) -> Part:
        """Return parts of one layer as one; two definitions of one thing are noted with both places.

        The order matters to lists that append only. A definition that is reached by two ways is one.
        """
        self._count(parts)
        first = parts[0]
        if len(parts) == 1:
            return first
        if all(part.parts is not None for part in parts):
            merged = {name: self.beside(found, (*names, name)) for name, found in _by_name(parts).items()}
            return dataclasses.replace(first, parts=merged)
        defined = [part for part in parts if not part.appends]
        for other in defined[1:]:
            if (other.key, other.place) != (defined[0].key, defined[0].place):
                where = other.where
                said = f"{'.'.join(names)} is defined twice at one layer, here and in {defined[0].where.seen_in(where)}"
                self.problems.add(where, said)
        appending = [part for part in parts if part.appends]
        return self._appended(defined[0] if defined else None, appending, names) if appending else defined[0]

    def _of_two_kinds(self, layers: Sequence[Part], names: Names) -> Part:
        top = layers[-1]
        other = next(part for part in reversed(layers) if (part.parts is None) != (top.parts is None))
        there = f"in {other.where.seen_in(top.where)}"
        having, lacking = ("here", there) if top.parts is not None else (there, "here")
        self.problems.add(top.where, f"{'.'.join(names)} holds keys and values {having}, and none {lacking}")
        return top

    def _appended(self, below: Part | None, adding: Sequence[Part], names: Names) -> Part:
        """Return the list below, if there is one, and what is added to it."""
        if below is not None and below.items is None:
            name = names[-1] if names else ""
            said = f'"{name}{APPENDS}" adds to a list, and "{name}" is none'
            self.problems.add(adding[0].where, f"{said} in {below.where.seen_in(adding[0].where)}")
            below = None
        parts = [below, *adding] if below is not None else adding
        if len(parts) == 1:
            return parts[0]
        entries: list[Part] = []
        seen: set[Place | None] = set()
        for part in parts:
            entries += [entry for entry in part.items or () if entry.place not in seen]
            seen.update(entry.place for entry in part.items or ())
        first = parts[0]
        added = [place for part in reversed(parts[1:]) for place in (*part.added, part.where)]
        beaten = below.beaten if below is not None else ()
        return dataclasses.replace(
            first, items=tuple(entries), beaten=beaten, added=_others((first.where,), (*added, *first.added))
        )

    def _count(self, parts: Sequence[Part]) -> None:
        self.merged += len(parts)
        if self.merged > MOST_MERGED:
            raise TooMuch("the files import each other's values too many times over", parts[0].where)


def _by_name(parts: Sequence[Part]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for part in parts:
        for name, inner in (part.parts or {}).items():
            found.setdefault(name, []).append(inner)
    return found


def _others(own: Sequence[Place], places: Sequence[Place]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(place for place in places if place not in own))
