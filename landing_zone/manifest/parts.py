"""A piece of a manifest as a tree in which every key and value knows its place, so that layers can be merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from landing_zone.manifest.bounds import MOST_VALUES, TooMuch
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Place, Problems

APPENDS = "+"
"""At the end of a list's key: the list adds to that of the layers below."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the manifest with the places of its key and of itself, if it has them.

    Keys and values are in `parts`, entries of a list in `items`, anything else in `value`. A list that `appends` adds
    to the one below it. `beaten` are the places of the values that this one won over, `added` those of the lists that
    were added to this one, the last one first.
    """

    key: Place | None = None
    place: Place | None = None
    value: Any = None
    parts: Mapping[str, Part] | None = None
    items: tuple[Part, ...] | None = None
    appends: bool = False
    beaten: tuple[Place, ...] = ()
    added: tuple[Place, ...] = ()

    @property
    def where(self) -> Place:
        """Where a reader looks for it: its key, or itself in a list."""
        return self.key or self.place or Place("", 1, 1)

    def inside(self, *names: str) -> Part | None:
        """Return the part under these keys, or None where there is none."""
        part: Part | None = self
        for name in names:
            part = part.parts.get(name) if part is not None and part.parts is not None else None
        return part

    def blocks(self) -> Iterator[tuple[str, Part]]:
        """Yield each key whose value holds keys and values itself."""
        return ((name, part) for name, part in (self.parts or {}).items() if part.parts is not None)

    def plain(self) -> Any:
        """Return the value without places."""
        if self.parts is not None:
            return {name: part.plain() for name, part in self.parts.items()}
        return [part.plain() for part in self.items] if self.items is not None else self.value

    def places(self) -> Iterator[Place]:
        """Yield the place of every key and value in it."""
        yield from (place for place in (self.key, self.place) if place is not None)
        for part in (*(self.parts or {}).values(), *(self.items or ())):
            yield from part.places()


def part_of(document: Document, problems: Problems) -> Part:
    """Return the tree of a document; a list's `NAME` and `NAME+` beside each other are noted as a problem."""
    return _part(document.values, (), document, problems)


def _part(value: Any, path: Path, document: Document, problems: Problems) -> Part:
    key, place = document.keys.get(path), document.places.get(path)
    if isinstance(value, dict):
        return Part(key, place, parts=_named(value, path, document, problems))
    if isinstance(value, list):
        return Part(
            key, place, items=tuple(_part(each, (*path, at), document, problems) for at, each in enumerate(value))
        )
    return Part(key, place, value)


def _named(values: Mapping[str, Any], path: Path, document: Document, problems: Problems) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    for written, value in values.items():
        part = _part(value, (*path, written), document, problems)
        name = written
        if part.items is not None and written.endswith(APPENDS) and written != APPENDS:
            name = written.removesuffix(APPENDS)
            part = Part(part.key, part.place, items=part.items, appends=True)
            if name in values:
                both = f'"{name}" and "{written}" stand in one block: write one list'
                problems.add(document.key(*path, written), both)
                continue
        parts[name] = part
    return parts


def document_of(part: Part, file: str) -> Document:
    """Return the tree as a document, each place that of its own file; raises TooMuch."""
    document = Document(file)
    document.values = _flattened(part, (), document)
    return document


def _flattened(part: Part, path: Path, document: Document) -> Any:
    if part.key is not None:
        document.keys[path] = part.key
    if part.place is not None:
        document.places[path] = part.place
    if part.beaten:
        document.beaten[path] = part.beaten
    if len(document.places) > MOST_VALUES:
        raise TooMuch(f"more than {MOST_VALUES:,} values once layers and defaults are merged", part.where)
    if part.parts is not None:
        return {name: _flattened(inner, (*path, name), document) for name, inner in part.parts.items()}
    if part.items is not None:
        return [_flattened(inner, (*path, at), document) for at, inner in enumerate(part.items)]
    return part.value
