"""A YAML text with the places of its entries: where a key, a value, its lines and its comments begin and end. Pure.

Made of ruamel.yaml's node graph, whose marks are indexes into the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

Keys = tuple[str, ...]
"""Keys from the top of the file to a mapping or to an entry."""

_ALIAS = re.compile(r"\s*:\s*\*[^\s,\[\]{}]+")


class _Yaml(YAML):
    """YAML without a look for plug-ins on disk, which takes as long as a small file does."""

    def official_plug_ins(self) -> list[str]:
        """Return none."""
        return []


class FormNotUnderstood(Exception):
    """Raised where a text is written in a form that cannot be changed without touching other values."""


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry: the mapping it is in, its place among the entries, and the text from its key to its value's end."""

    mapping: MappingNode
    at: int
    start: int
    end: int

    @property
    def key(self) -> Node:
        """Its key."""
        node: Node = self.mapping.value[self.at][0]
        return node

    @property
    def value(self) -> Node:
        """Its value."""
        node: Node = self.mapping.value[self.at][1]
        return node


@dataclass(frozen=True, slots=True)
class Tree:
    """A text with its nodes."""

    text: str
    root: MappingNode

    def mapping(self, keys: Keys) -> MappingNode | None:
        """Return the mapping under these keys, None where there is none."""
        node: Node | None = self.root
        for key in keys:
            if not isinstance(node, MappingNode):
                return None
            node = next((value for name, value in node.value if name.value == key), None)
        return node if isinstance(node, MappingNode) else None

    def entry(self, keys: Keys) -> FoundEntry:
        """Return an entry; raises FormNotUnderstood where it is not written out."""
        mapping = self.mapping(keys[:-1])
        for index, (key, value) in enumerate(mapping.value if mapping is not None else ()):
            if mapping is not None and key.value == keys[-1]:
                return FoundEntry(mapping, index, key.start_mark.index, end_of(self.text, key, value))
        raise FormNotUnderstood

    def siblings_in_braces(self, keys: Keys) -> bool:
        """Return whether the last entry of a mapping is written in one line; true where it has none."""
        mapping = self.mapping(keys)
        last = mapping.value[-1][1] if mapping is not None and mapping.value else None
        return not isinstance(last, MappingNode) or bool(last.flow_style)


def tree_of(text: str) -> Tree:
    """Return a text with its nodes; raises FormNotUnderstood where it is no YAML, or no mapping."""
    try:
        root = _Yaml(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        raise FormNotUnderstood from error
    if not isinstance(root, MappingNode):
        raise FormNotUnderstood
    return Tree(text, root)


def in_braces(node: Node) -> bool:
    """Return whether a collection is written in one, as JSON is."""
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def is_alias(key: Node, value: Node) -> bool:
    """Return whether a value is written elsewhere: what an alias means stands before it."""
    return bool(value.start_mark.index < key.end_mark.index)


def end_of(text: str, key: Node, value: Node) -> int:
    """Return the index after an entry's last character that is no comment."""
    if is_alias(key, value):
        found = _ALIAS.match(text, key.end_mark.index)
        if found is None:
            raise FormNotUnderstood
        return found.end()
    if isinstance(value, ScalarNode):
        if not value.value and value.style is None and not value.anchor:
            return after_colon(text, key)
        end = int(value.end_mark.index)
        return end - 1 if value.style in {"|", ">"} and text[end - 1 : end] == "\n" else end
    if in_braces(value):
        return int(value.end_mark.index)
    if isinstance(value, MappingNode):
        return end_of(text, *value.value[-1])
    return max(_end_of_item(text, item) for item in value.value) if isinstance(value, SequenceNode) else 0


def _end_of_item(text: str, item: Node) -> int:
    if isinstance(item, MappingNode) and not item.flow_style:
        return end_of(text, *item.value[-1])
    if isinstance(item, SequenceNode) and not item.flow_style:
        return max(_end_of_item(text, each) for each in item.value)
    end = int(item.end_mark.index)
    return len(text[:end].rstrip()) if not text[:end].strip() or text[end - 1 : end].isspace() else end


def after_colon(text: str, key: Node) -> int:
    """Return the index after the colon of a key; raises FormNotUnderstood where it has none."""
    found = re.compile(r"\s*:").match(text, key.end_mark.index)
    if found is None:
        raise FormNotUnderstood
    return found.end()


def line_start(text: str, index: int) -> int:
    """Return the index of the line's first character."""
    return text.rfind("\n", 0, index) + 1


def line_end(text: str, index: int) -> int:
    """Return the index after the line's own ending."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def lines_of(text: str, found: FoundEntry) -> tuple[int, int]:
    """Return where the lines of an entry begin and end, deeper comments below it included."""
    first = line_start(text, found.start)
    if text[first : found.start].strip():
        raise FormNotUnderstood
    return first, past_comments(text, line_end(text, found.end), found.start - first + 1)


def past_comments(text: str, index: int, column: int) -> int:
    """Return the index after the comments from there on that stand at that column or deeper."""
    while index < len(text):
        line = text[index : line_end(text, index)]
        words = line.lstrip(" ")
        if not words.startswith("#") or len(line) - len(words) < column:
            return index
        index += len(line)
    return index
