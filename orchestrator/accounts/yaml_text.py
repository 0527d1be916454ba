"""Changes one entry of a YAML text and leaves every other character as it is. Pure.

Works by the places of ruamel.yaml's node graph: a round trip through its documents would lay out afresh what it did
not change (indentation of lists, spaces in braces, columns of comments). What comes out is read again and compared
with what the change should have made of the values, so a form that is not understood is refused, never spoilt.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from landing_zone.manifest.positions import read_document
from landing_zone.manifest.problems import Problems
from orchestrator.accounts.yaml_words import INDENT, Entry, flow_words

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
class _Found:
    """An entry: the mapping it is in, its place among the entries, and the text from its key to its value's end."""

    mapping: MappingNode
    at: int
    start: int
    end: int

    @property
    def key(self) -> Node:
        node: Node = self.mapping.value[self.at][0]
        return node

    @property
    def value(self) -> Node:
        node: Node = self.mapping.value[self.at][1]
        return node


@dataclass(frozen=True, slots=True)
class _Tree:
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

    def entry(self, keys: Keys) -> _Found:
        """Return an entry; raises FormNotUnderstood where it is not written out."""
        mapping = self.mapping(keys[:-1])
        for index, (key, value) in enumerate(mapping.value if mapping is not None else ()):
            if mapping is not None and key.value == keys[-1]:
                return _Found(mapping, index, key.start_mark.index, _end(self.text, key, value))
        raise FormNotUnderstood


def values_of(text: str) -> Any:  # noqa: ANN401  (YAML values)
    """Return what a text says; raises FormNotUnderstood where it is no YAML, or an empty one."""
    problems = Problems()
    values = read_document(text, "", problems).values
    if problems or values is None:
        raise FormNotUnderstood
    return values


def has(values: Any, keys: Sequence[str]) -> bool:  # noqa: ANN401  (YAML values)
    """Return whether there is something under these keys."""
    for key in keys:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def at(values: Any, keys: Sequence[str]) -> Any:  # noqa: ANN401  (YAML values)
    """Return what is under these keys; raises KeyError."""
    for key in keys:
        values = values[key]
    return values


def with_entries(text: str, keys: Keys, entries: Sequence[tuple[str, object, Entry]]) -> str:
    """Return the text with entries (key, value, words) after the last one of a mapping, which is made if missing.

    Raises: FormNotUnderstood.
    """

    def expected(values: Any) -> None:  # noqa: ANN401  (YAML values)
        for key in keys:
            values = values.setdefault(key, {})
        values.update({key: value for key, value, _ in entries})

    def change(tree: _Tree) -> str:
        words = [each for _, _, each in entries]
        if tree.mapping(keys) is not None or len(words) == 1:
            return _inserted(tree, keys, words)
        return _inserted(_tree(_inserted(tree, keys, words[:1])), keys, words[1:])

    return _checked(text, change, expected)


def with_value(text: str, keys: Keys, value: object) -> str:
    """Return the text with another value for an entry that is there; raises FormNotUnderstood."""

    def expected(values: Any) -> None:  # noqa: ANN401  (YAML values)
        at(values, keys[:-1])[keys[-1]] = value

    def change(tree: _Tree) -> str:
        found = tree.entry(keys)
        colon, alias = _after_colon(text, found.key), _is_alias(found.key, found.value)
        if not (isinstance(found.value, ScalarNode) or _in_braces(found.value) or alias):
            first, last = _lines_of(text, found)
            ending = "\n" if text[first:last].endswith("\n") else ""
            return f"{text[:colon]} {flow_words(value)}{ending}{text[last:]}"
        # The marks of an alias, and of nothing at all, are those of another place.
        elsewhere = alias or found.end <= colon
        before = f"{text[:colon]} " if elsewhere else text[: found.value.start_mark.index]
        return before + flow_words(value) + text[found.end :]

    return _checked(text, change, expected)


def without(text: str, keys: Keys) -> str:
    """Return the text without an entry that is there, its comments at the same line and below its key included.

    Comments above it stay: whom they speak of is not known. Raises: FormNotUnderstood.
    """

    def expected(values: Any) -> None:  # noqa: ANN401  (YAML values)
        del at(values, keys[:-1])[keys[-1]]

    return _checked(text, lambda tree: _removed(tree, keys), expected)


def words_of(text: str, keys: Keys) -> Entry:
    """Return the words of an entry as they are written; raises FormNotUnderstood."""
    found = _tree(text).entry(keys)
    words = text[found.start : found.end]
    if found.mapping.flow_style:
        if "\n" in words:
            raise FormNotUnderstood
        return Entry(words, (words,))
    first, last = _lines_of(text, found)
    column = found.start - first
    lines = text[first:last].splitlines()
    lines = [line[min(column, len(line) - len(line.lstrip())) :] for line in lines]
    value = values_of(text[first:last])[keys[-1]]
    one_line = words if "\n" not in words else f"{keys[-1]}: {flow_words(value)}"
    return Entry(one_line, tuple(lines))


def siblings_in_braces(text: str, keys: Keys) -> bool:
    """Return whether the last entry of a mapping is written in one line; true where it has none."""
    mapping = _tree(text).mapping(keys)
    last = mapping.value[-1][1] if mapping is not None and mapping.value else None
    return not isinstance(last, MappingNode) or bool(last.flow_style)


def _checked(text: str, change: Callable[[_Tree], str], expected: Callable[[Any], None]) -> str:
    wanted = copy.deepcopy(values_of(text))
    try:
        expected(wanted)
        changed = change(_tree(text))
    except (KeyError, AttributeError, TypeError) as error:
        raise FormNotUnderstood from error
    if values_of(changed) != wanted:
        raise FormNotUnderstood
    return changed


def _tree(text: str) -> _Tree:
    try:
        root = _Yaml(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        raise FormNotUnderstood from error
    if not isinstance(root, MappingNode):
        raise FormNotUnderstood
    return _Tree(text, root)


def _in_braces(node: Node) -> bool:
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def _is_alias(key: Node, value: Node) -> bool:
    """Return whether a value is written elsewhere: what an alias means stands before it."""
    return bool(value.start_mark.index < key.end_mark.index)


def _end(text: str, key: Node, value: Node) -> int:
    """Return the index after an entry's last character that is no comment."""
    if _is_alias(key, value):
        found = _ALIAS.match(text, key.end_mark.index)
        if found is None:
            raise FormNotUnderstood
        return found.end()
    if isinstance(value, ScalarNode):
        if not value.value and value.style is None and not value.anchor:
            return _after_colon(text, key)
        end = int(value.end_mark.index)
        return end - 1 if value.style in {"|", ">"} and text[end - 1 : end] == "\n" else end
    if _in_braces(value):
        return int(value.end_mark.index)
    if isinstance(value, MappingNode):
        return _end(text, *value.value[-1])
    return max(_end_of_item(text, item) for item in value.value) if isinstance(value, SequenceNode) else 0


def _end_of_item(text: str, item: Node) -> int:
    if isinstance(item, MappingNode) and not item.flow_style:
        return _end(text, *item.value[-1])
    if isinstance(item, SequenceNode) and not item.flow_style:
        return max(_end_of_item(text, each) for each in item.value)
    end = int(item.end_mark.index)
    return len(text[:end].rstrip()) if not text[:end].strip() or text[end - 1 : end].isspace() else end


def _after_colon(text: str, key: Node) -> int:
    found = re.compile(r"\s*:").match(text, key.end_mark.index)
    if found is None:
        raise FormNotUnderstood
    return found.end()


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """Return the index after the line's own ending."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _lines_of(text: str, found: _Found) -> tuple[int, int]:
    """Return where the lines of an entry begin and end, deeper comments below it included."""
    first = _line_start(text, found.start)
    if text[first : found.start].strip():
        raise FormNotUnderstood
    return first, _past_comments(text, _line_end(text, found.end), found.start - first + 1)


def _past_comments(text: str, index: int, column: int) -> int:
    """Return the index after the comments from there on that stand at that column or deeper."""
    while index < len(text):
        line = text[index : _line_end(text, index)]
        words = line.lstrip(" ")
        if not words.startswith("#") or len(line) - len(words) < column:
            return index
        index += len(line)
    return index


def _removed(tree: _Tree, keys: Keys) -> str:
    text, found = tree.text, tree.entry(keys)
    entries = found.mapping.value
    if len(entries) == 1 and len(keys) > 1:
        above = tree.entry(keys[:-1])
        if _is_alias(above.key, above.value):
            raise FormNotUnderstood
        if found.mapping.flow_style:
            return text[: above.value.start_mark.index] + "{}" + text[above.end :]
        first, last = _lines_of(text, found)
        colon = _after_colon(text, above.key)
        return text[:colon] + " {}" + text[colon:first] + text[last:]
    if not found.mapping.flow_style:
        first, last = _lines_of(text, found)
        return text[:first] + text[last:]
    if found.at + 1 < len(entries):
        return text[: found.start] + text[entries[found.at + 1][0].start_mark.index :]
    before = _end(text, *entries[found.at - 1]) if found.at else found.mapping.start_mark.index + 1
    return text[:before] + text[found.end :]


def _inserted(tree: _Tree, keys: Keys, entries: Sequence[Entry]) -> str:
    """Return the text with the words of entries in it, under keys of which the last ones may be missing."""
    text = tree.text
    depth = next(depth for depth in range(len(keys), -1, -1) if tree.mapping(keys[:depth]) is not None)
    for key in reversed(keys[depth:]):
        entries = [entry.under(key) for entry in entries]
    mapping = tree.mapping(keys[:depth]) or tree.root
    if not mapping.flow_style:
        column = mapping.value[0][0].start_mark.column
        last = _line_end(text, _end(text, *mapping.value[-1]))
        return _with_lines(text, _past_comments(text, last, column), entries, column)
    if mapping.value:
        end = _end(text, *mapping.value[-1])
        return text[:end] + "".join(f", {entry.flow}" for entry in entries) + text[end:]
    above = tree.entry(keys[:depth]) if depth else None
    if above is None or above.mapping.flow_style or _is_alias(above.key, above.value):
        start = mapping.start_mark.index
        return text[:start] + "{" + ", ".join(entry.flow for entry in entries) + "}" + text[mapping.end_mark.index :]
    column = above.start - _line_start(text, above.start) + INDENT
    colon = _after_colon(text, above.key)
    opened = text[:colon] + text[above.end :]
    return _with_lines(opened, _line_end(opened, colon), entries, column)


def _with_lines(text: str, index: int, entries: Sequence[Entry], column: int) -> str:
    ending = "\r\n" if "\r\n" in text else "\n"
    before = text[:index] + (ending if index and text[index - 1] != "\n" else "")
    lines = (line for entry in entries for line in entry.block)
    return before + "".join((" " * column + line if line else line) + ending for line in lines) + text[index:]
