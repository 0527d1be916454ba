"""Changes entries of a YAML text and leaves every other character as it is. Pure.

Works by the places of ruamel.yaml's node graph: a round trip through its documents would lay out afresh what it did
not change (indentation of lists, spaces in braces, columns of comments). What comes out is read again and compared
with what the change should have made of the values, so a form that is not understood is refused, never spoilt.

    text ─▶ tree ─▶ each change's splices ─▶ text ─▶ values, which are what the changes make of the former ones

Many changes in different places are made at once: a large text takes seconds to read.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ruamel.yaml.nodes import ScalarNode

from landing_zone.manifest.positions import read_document
from landing_zone.manifest.problems import Problems
from orchestrator.accounts.editing.yaml_tree import (
    FormNotUnderstood,
    Keys,
    Tree,
    after_colon,
    end_of,
    in_braces,
    is_alias,
    line_end,
    line_start,
    lines_of,
    past_comments,
    tree_of,
)
from orchestrator.accounts.editing.yaml_words import INDENT, Entry, flow_words


@dataclass(frozen=True, slots=True)
class Written:
    """A text and what it says."""

    text: str
    values: Any


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """Words in place of a part of a text."""

    start: int
    end: int
    words: str


class Change(Protocol):
    """A change of one place: what it does to the text, and what to the values."""

    def splices(self, tree: Tree) -> Sequence[Splice]:
        """Return what is to be replaced; raises FormNotUnderstood."""

    def apply(self, values: Any) -> None:
        """Change the values; raises KeyError, AttributeError or TypeError where they are of another form."""


@dataclass(frozen=True, slots=True)
class PutEntries:
    """Puts entries (key, value, words) after the last one of a mapping; a single one makes it where it is missing."""

    keys: Keys
    entries: Sequence[tuple[str, object, Entry]]

    def splices(self, tree: Tree) -> Sequence[Splice]:
        """Return where they go."""
        return _inserted(tree, self.keys, [each for _, _, each in self.entries])

    def apply(self, values: Any) -> None:
        """Put them into the values."""
        for key in self.keys:
            values = values.setdefault(key, {})
        values.update({key: value for key, value, _ in self.entries})


@dataclass(frozen=True, slots=True)
class SetValue:
    """Gives an entry that is there another value."""

    keys: Keys
    value: object

    def splices(self, tree: Tree) -> Sequence[Splice]:
        """Return where the value stands."""
        text, found = tree.text, tree.entry(self.keys)
        colon, alias = after_colon(text, found.key), is_alias(found.key, found.value)
        if not (isinstance(found.value, ScalarNode) or in_braces(found.value) or alias):
            first, last = lines_of(text, found)
            ending = "\n" if text[first:last].endswith("\n") else ""
            return [Splice(colon, last, f" {flow_words(self.value)}{ending}")]
        # The marks of an alias, and of nothing at all, are those of another place.
        elsewhere = alias or found.end <= colon
        start, space = (colon, " ") if elsewhere else (found.value.start_mark.index, "")
        return [Splice(start, found.end, f"{space}{flow_words(self.value)}")]

    def apply(self, values: Any) -> None:
        """Give it to the values."""
        at(values, self.keys[:-1])[self.keys[-1]] = self.value


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Takes out an entry that is there, with its comments at the same line and below its key.

    Comments above it stay: whom they speak of is not known.
    """

    keys: Keys

    def splices(self, tree: Tree) -> Sequence[Splice]:
        """Return where the entry stands."""
        return _removed(tree, self.keys)

    def apply(self, values: Any) -> None:
        """Take it out of the values."""
        del at(values, self.keys[:-1])[self.keys[-1]]


def values_of(text: str) -> Any:
    """Return what a text says; raises FormNotUnderstood where it is no YAML, or an empty one."""
    problems = Problems()
    values = read_document(text, "", problems).values
    if problems or values is None:
        raise FormNotUnderstood
    return values


def has(values: Any, keys: Sequence[str]) -> bool:
    """Return whether there is something under these keys."""
    for key in keys:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def at(values: Any, keys: Sequence[str]) -> Any:
    """Return what is under these keys; raises KeyError."""
    for key in keys:
        values = values[key]
    return values


def written(text: str) -> Written:
    """Return a text with what it says; raises FormNotUnderstood as `values_of`."""
    return Written(text, values_of(text))


def changed(before: Written, changes: Sequence[Change]) -> Written:
    """Return the text with all these changes, of which no two are of the same entry or mapping.

    Raises: FormNotUnderstood, and then none is made.
    """
    wanted = copy.deepcopy(before.values)
    tree = tree_of(before.text)
    try:
        splices = [splice for change in changes for splice in change.splices(tree)]
        for change in changes:
            change.apply(wanted)
    except (KeyError, AttributeError, TypeError) as error:
        raise FormNotUnderstood from error
    after = written(_spliced(before.text, splices))
    if after.values != wanted:
        raise FormNotUnderstood
    return after


def with_entries(before: Written, keys: Keys, entries: Sequence[tuple[str, object, Entry]]) -> Written:
    """Return the text with entries (key, value, words) after the last one of a mapping, which is made if missing.

    Raises: FormNotUnderstood.
    """
    if len(entries) > 1 and not isinstance(_found(before.values, keys), dict):
        before, entries = changed(before, [PutEntries(keys, entries[:1])]), entries[1:]
    return changed(before, [PutEntries(keys, entries)])


def words_of(text: str, keys: Keys) -> Entry:
    """Return the words of an entry as they are written; raises FormNotUnderstood."""
    found = tree_of(text).entry(keys)
    words = text[found.start : found.end]
    if found.mapping.flow_style:
        if "\n" in words:
            raise FormNotUnderstood
        return Entry(words, (words,))
    first, last = lines_of(text, found)
    column = found.start - first
    lines = text[first:last].splitlines()
    lines = [line[min(column, len(line) - len(line.lstrip())) :] for line in lines]
    value = values_of(text[first:last])[keys[-1]]
    one_line = words if "\n" not in words else f"{keys[-1]}: {flow_words(value)}"
    return Entry(one_line, tuple(lines))


def _found(values: Any, keys: Keys) -> Any:
    return at(values, keys) if has(values, keys) else None


def _spliced(text: str, splices: Sequence[Splice]) -> str:
    parts, index = [], 0
    for splice in sorted(splices):
        if splice.start < index:
            raise FormNotUnderstood
        parts += [text[index : splice.start], splice.words]
        index = splice.end
    return "".join([*parts, text[index:]])


def _removed(tree: Tree, keys: Keys) -> Sequence[Splice]:
    text, found = tree.text, tree.entry(keys)
    entries = found.mapping.value
    if len(entries) == 1 and len(keys) > 1:
        above = tree.entry(keys[:-1])
        if is_alias(above.key, above.value):
            raise FormNotUnderstood
        if found.mapping.flow_style:
            return [Splice(above.value.start_mark.index, above.end, "{}")]
        first, last = lines_of(text, found)
        colon = after_colon(text, above.key)
        return [Splice(colon, colon, " {}"), Splice(first, last, "")]
    if not found.mapping.flow_style:
        first, last = lines_of(text, found)
        return [Splice(first, last, "")]
    if found.at + 1 < len(entries):
        return [Splice(found.start, entries[found.at + 1][0].start_mark.index, "")]
    before = end_of(text, *entries[found.at - 1]) if found.at else found.mapping.start_mark.index + 1
    return [Splice(before, found.end, "")]


def _inserted(tree: Tree, keys: Keys, entries: Sequence[Entry]) -> Sequence[Splice]:
    """Return where the words of entries go, under keys of which the last ones may be missing."""
    text = tree.text
    depth = next(depth for depth in range(len(keys), -1, -1) if tree.mapping(keys[:depth]) is not None)
    for key in reversed(keys[depth:]):
        entries = [entry.under(key) for entry in entries]
    mapping = tree.mapping(keys[:depth]) or tree.root
    if not mapping.flow_style:
        column = mapping.value[0][0].start_mark.column
        last = line_end(text, end_of(text, *mapping.value[-1]))
        return [_lines_at(text, past_comments(text, last, column), entries, column)]
    if mapping.value:
        end = end_of(text, *mapping.value[-1])
        return [Splice(end, end, "".join(f", {entry.flow}" for entry in entries))]
    above = tree.entry(keys[:depth]) if depth else None
    if above is None or above.mapping.flow_style or is_alias(above.key, above.value):
        words = "{" + ", ".join(entry.flow for entry in entries) + "}"
        return [Splice(mapping.start_mark.index, mapping.end_mark.index, words)]
    column = above.start - line_start(text, above.start) + INDENT
    colon = after_colon(text, above.key)
    return [Splice(colon, above.end, ""), _lines_at(text, line_end(text, above.end), entries, column)]


def _lines_at(text: str, index: int, entries: Sequence[Entry], column: int) -> Splice:
    ending = "\r\n" if "\r\n" in text else "\n"
    before = ending if index and text[index - 1] != "\n" else ""
    lines = (line for entry in entries for line in entry.block)
    words = "".join((" " * column + line if line else line) + ending for line in lines)
    return Splice(index, index, before + words)
