"""How much a manifest or a lock may hold before it is refused, so that no file can exhaust its reader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import Node

from landing_zone.manifest.problems import Place

LARGEST_FILE = 5_000_000
"""Bytes; a manifest of a thousand accounts has a fraction of it."""

DEEPEST = 50
"""Levels of lists and keys below the top of the file; five levels of units take a fifth of it."""

MOST_VALUES = 100_000
"""Keys' values and list entries, each counted as often as aliases and merges repeat it."""

TOO_DEEP = f"nested deeper than {DEEPEST} levels"
TOO_MANY = f"more than {MOST_VALUES:,} values once aliases are written out"


class TooMuch(Exception):
    """A file exceeds a bound: what it exceeds, and where; never leaves the reader, which tells it as a problem."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


class TooDeep(MarkedYAMLError):
    """A text nests its nodes too deep; `problem_mark` is where."""


class BoundedComposer(Composer):
    """Composes nodes as ruamel.yaml does, which recurses, but raises TooDeep while there is stack left."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader=loader)
        self._depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """Return the node of the next events; raises TooDeep."""
        if self._depth > DEEPEST:
            raise TooDeep(problem=TOO_DEEP, problem_mark=self.parser.peek_event().start_mark)
        self._depth += 1
        try:
            node: Node | None = super().compose_node(parent, index)
        finally:
            self._depth -= 1
        return node


@dataclass(slots=True)
class Extent:
    """How far the building of values has come: the nodes it stands in, by id, and how many it has built."""

    inside: set[int] = field(default_factory=set)
    built: int = 0
    top: Place | None = None

    def count(self, values: int, place: Place) -> None:
        """Count values built or copied; raises TooMuch at this place, or at the key of the top level if it is known."""
        self.built += values
        if self.built > MOST_VALUES:
            raise TooMuch(TOO_MANY, self.top or place)

    @contextmanager
    def within(self, node: Node, key: Place) -> Iterator[None]:
        """Count a node and stand in it; `key` is where its key stands.

        Raises: TooMuch, at the key of the top level that holds the node.
        """
        if len(self.inside) <= 1 or self.top is None:
            self.top = key
        if len(self.inside) > DEEPEST:
            raise TooMuch(TOO_DEEP, self.top)
        self.count(1, self.top)
        self.inside.add(id(node))
        try:
            yield
        finally:
            self.inside.discard(id(node))
