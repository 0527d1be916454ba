"""Reads YAML into plain values while keeping where each key and value stands.

Works on ruamel.yaml's node graph (YAML 1.2), since only nodes tell all duplicate keys at once and keep a number's
own digits: an unquoted account id must be reported as it was written, leading zeros included.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from landing_zone.manifest.bounds import BoundedComposer, Extent, TooDeep, TooMuch
from landing_zone.manifest.problems import Place, Problems

Path = tuple[str | int, ...]
"""Keys and list indexes from the top of the file to a value."""

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "map", "seq", "merge"))


@dataclass(slots=True)
class Document:
    """The plain values of a manifest and the place of each key and value, in whichever file it is.

    `beaten` has the places of the values that a value won over where layers were merged.
    """

    file: str
    values: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    places: dict[Path, Place] = field(default_factory=dict)
    beaten: dict[Path, tuple[Place, ...]] = field(default_factory=dict)

    def key(self, *path: str | int) -> Place:
        """Return where the key of this path stands, or the list entry; for a path that is not there, the one above."""
        if path and isinstance(path[-1], int) and path in self.places:
            return self.places[path]
        return self._nearest(self.keys, path)

    def value(self, *path: str | int) -> Place:
        """Return where the value of this path stands; for a path that is not there, the key nearest above it."""
        return self.places[path] if path in self.places else self._nearest(self.keys, path)

    def _nearest(self, places: dict[Path, Place], path: Path) -> Place:
        while path and path not in places:
            path = path[:-1]
        return places.get(path, Place(self.file, 1, 1))


def read_document(
    text: str, file: str, problems: Problems, extent: Extent | None = None, *, example: str = "organization: ..."
) -> Document:
    """Return the document of one YAML text; what can't be read is added to the problems.

    `values` is None when there is nothing to go on with: no YAML, an empty file, a list at the top, too much of it.
    `extent` counts the values of several files together; `example` is what such a file may hold.
    """
    document = Document(file)
    yaml = _Yaml(typ="safe", pure=True)
    yaml.Composer = BoundedComposer
    try:
        node: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        _note_syntax(document, error, text, problems)
        return document
    except (ReaderError, YAMLError) as error:
        problems.add(Place(file, 1, 1), f"not YAML: {_first_line(str(error))}")
        return document
    if node is None or (isinstance(node, ScalarNode) and node.tag == _TAG + "null"):
        problems.add(Place(file, 1, 1), "the file is empty")
    elif not isinstance(node, MappingNode):
        problems.add(_place(file, node), f"the file must hold keys and values ({example}), not a list or a word")
    else:
        try:
            document.values = _Builder(document, problems, extent or Extent(), yaml.constructor).build(node, ())
        except TooMuch as error:
            problems.add(error.place, f"not read: {error.message}")
    return document


class _Yaml(YAML):
    """YAML without a look for plug-ins on disk, which takes as long as a small file does."""

    def official_plug_ins(self) -> list[str]:
        """Return none."""
        return []


def _note_syntax(document: Document, error: MarkedYAMLError, text: str, problems: Problems) -> None:
    mark = error.problem_mark or error.context_mark
    place = Place(document.file, mark.line + 1, mark.column + 1) if mark else Place(document.file, 1, 1)
    if isinstance(error, TooDeep):
        problems.add(place, f"not read: {error.problem}")
        return
    line = text.splitlines()[place.line - 1] if place.line <= len(text.splitlines()) else ""
    if "\t" in line[: place.column]:
        problems.add(place, "a tab stands where YAML wants spaces: indent with spaces")
        return
    words = [word for word in (error.context, error.problem) if word]
    problems.add(place, f"not YAML: {', '.join(words) or _first_line(str(error))}")


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0]


def _place(file: str, node: Node) -> Place:
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)


class _Builder:
    """Turns nodes into values; refuses what JSON could not say, since programs receive these values as JSON."""

    def __init__(
        self,
        document: Document,
        problems: Problems,
        extent: Extent,
        scalars: Any,
    ) -> None:
        self._document = document
        self._problems = problems
        self._extent = extent
        self._scalars = scalars

    def build(self, node: Node, path: Path) -> Any:
        place = _place(self._document.file, node)
        self._document.places.setdefault(path, place)
        if id(node) in self._extent.inside:
            self._problems.add(place, "an alias contains itself")
            return None
        with self._extent.within(node, self._document.key(*path)):
            return self._value(node, path, place)

    def _value(self, node: Node, path: Path, place: Place) -> Any:
        if node.tag == _TAG + "timestamp":
            return str(node.value)
        if node.tag not in _PLAIN_TAGS:
            self._problems.add(place, f"the YAML tag {node.tag} is not supported")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, place)

    def _scalar(self, node: Node, place: Place) -> Any:
        try:
            value = self._scalars.construct_object(node)
        except (YAMLError, ValueError, LookupError):
            value = math.nan
        if isinstance(value, float) and not math.isfinite(value):
            self._problems.add(place, f"{node.value!r} is no {(node.tag or '').removeprefix(_TAG)} that JSON knows")
            return None
        return value

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        seen: dict[str, Place] = {}
        for key_node, value_node in self._entries(node):
            place = _place(self._document.file, key_node)
            if not isinstance(key_node, ScalarNode):
                self._problems.add(place, "a key must be a word")
                continue
            key = str(key_node.value)
            if key in seen:
                self._problems.add(place, f'the key "{key}" stands here twice, first in line {seen[key].line}')
                continue
            seen[key] = place
            self._document.keys[*path, key] = place
            if isinstance(value_node, ScalarNode) and not value_node.value and value_node.style is None:
                # Where nothing is written, YAML's own mark is at whatever comes next.
                self._document.places[*path, key] = place
            values[key] = self.build(value_node, (*path, key))
        return self._merged(node, values, path)

    def _entries(self, node: MappingNode) -> Iterator[tuple[Node, Node]]:
        return ((key, value) for key, value in node.value if key.tag != _TAG + "merge")

    def _merged(self, node: MappingNode, values: dict[str, Any], path: Path) -> dict[str, Any]:
        """Add what `<<: *anchor` brings; keys written out win."""
        for key_node, value_node in node.value:
            if key_node.tag != _TAG + "merge":
                continue
            sources = value_node.value if isinstance(value_node, SequenceNode) else [value_node]
            for source in sources:
                if not isinstance(source, MappingNode):
                    self._problems.add(_place(self._document.file, source), "<<: takes an alias of keys and values")
                    continue
                self._merge_from(source, values, path)
        return values

    def _merge_from(self, source: MappingNode, values: dict[str, Any], path: Path) -> None:
        if id(source) in self._extent.inside:
            self._problems.add(_place(self._document.file, source), "an alias contains itself")
            return
        hidden = Document(self._document.file)
        brought = _Builder(hidden, self._problems, self._extent, self._scalars).build(source, ())
        # What a merge brings is copied once for every merge around it: counting copies bounds that work too.
        self._extent.count(len(hidden.places), _place(self._document.file, source))
        added = {key: value for key, value in brought.items() if key not in values}
        values.update(added)
        for own, theirs in ((self._document.keys, hidden.keys), (self._document.places, hidden.places)):
            own.update({(*path, *inner): at for inner, at in theirs.items() if inner and inner[0] in added})
