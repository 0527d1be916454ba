"""Writes values as YAML in one line, and entries in the lines that a file's own style asks for. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 120
INDENT = 2
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9@+._/-]*")
_LIKE_A_NUMBER = re.compile(r"[0-9][0-9a-fxo_.e+-]*", re.IGNORECASE)
"""Numbers, dates, and more than these: quotes around a text never hurt."""
_OTHER_THAN_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""What some reader of YAML, 1.1 or 1.2, takes for something else than text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value, as one line for a mapping in braces and as lines for one that has a line per key."""

    flow: str
    block: tuple[str, ...]

    def under(self, key: str) -> Entry:
        """Return an entry of that key whose value is a mapping with this entry alone."""
        lines = (f"{text_word(key)}:", *(" " * INDENT + line if line else line for line in self.block))
        return Entry(f"{text_word(key)}: {{{self.flow}}}", lines)


def make_entry(key: str, value: object, *, in_braces: bool = True) -> Entry:
    """Return the entry of a JSON value; a mapping is written in braces, or else with a line for each of its keys."""
    flow = f"{text_word(key)}: {flow_words(value)}"
    if in_braces or not isinstance(value, Mapping) or not value:
        return Entry(flow, (flow,))
    inner = (f"{' ' * INDENT}{text_word(str(name))}: {flow_words(each)}" for name, each in value.items())
    return Entry(flow, (f"{text_word(key)}:", *inner))


def flow_words(value: object) -> str:
    """Return a JSON value as YAML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{text_word(str(key))}: {flow_words(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow_words, value)) + "]"
    return text_word(value) if isinstance(value, str) else json.dumps(value)


def text_word(word: str) -> str:
    """Return a text as it may stand in any YAML: plain where no reader takes it for something else, else in quotes."""
    plain = _PLAIN.fullmatch(word) and not _LIKE_A_NUMBER.fullmatch(word) and word.lower() not in _OTHER_THAN_TEXT
    return word if plain else json.dumps(word, ensure_ascii=False)
