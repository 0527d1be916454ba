"""Text patterns of policies: the wildcards `*` and `?`, policy variables, and sets of patterns compiled once.

Sources: IAM User Guide, "IAM policy elements: Variables and tags", "IAM JSON policy elements: Resource" and
"IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

ARN_FIELDS = 6
"""Fields of an ARN: arn, partition, service, region, account, and the resource, which may hold colons itself."""

_VARIABLE_BODY = re.compile(r"\s*(?P<key>[^\s,']+:[^,']*?)\s*(?:,\s*'(?P<default>[^']*)'\s*)?", re.DOTALL)
_LITERAL_BODIES = frozenset("*?$")


class Wildcard(Enum):
    """A character of a pattern that stands for others."""

    MANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Variable:
    """A policy variable such as `${aws:username}`: the context key in lower case and the default, if any."""

    key: str
    default: str | None


Piece: TypeAlias = str | Wildcard
Part: TypeAlias = str | Wildcard | Variable
Lookup: TypeAlias = Callable[[str], str | None]
"""Gives the one value of a context key (lower case), or None when it is absent or has several values."""


class Matching(Enum):
    """How a text is compared with a pattern."""

    EQUAL = "equal"
    EQUAL_IGNORING_CASE = "equal ignoring case"
    LIKE = "like"
    ARN = "arn"

    @property
    def has_wildcards(self) -> bool:
        """Tells whether `*` and `?` stand for other characters."""
        return self in {Matching.LIKE, Matching.ARN}


def parse_pattern(text: str, *, wildcards: bool, variables: bool) -> tuple[Part, ...]:
    """Split a pattern into literal text, wildcards and variables.

    Raises ValueError when a variable is not closed or names no context key. `${*}`, `${?}` and `${$}` are the
    characters themselves. Without `variables` (a policy older than version 2012-10-17) `${...}` is plain text.
    """
    parts: list[Part] = []
    position = 0
    while position < len(text):
        opening = text.find("${", position) if variables else -1
        end = len(text) if opening < 0 else opening
        parts.extend(_pieces(text[position:end]) if wildcards else [text[position:end]])
        if opening < 0:
            break
        closing = text.find("}", opening)
        if closing < 0:
            raise ValueError(f"policy variable {text[opening:]} has no closing brace")
        parts.append(_variable(text[opening + 2 : closing]))
        position = closing + 1
    return tuple(part for part in parts if part != "")


def _variable(body: str) -> Part:
    if body in _LITERAL_BODIES:
        return body
    matched = _VARIABLE_BODY.fullmatch(body)
    if not matched:
        raise ValueError(f"policy variable ${{{body}}} is not valid")
    return Variable(matched["key"].lower(), matched["default"])


def _pieces(text: str) -> Iterator[Piece]:
    for piece in re.split(r"([*?])", text):
        yield Wildcard(piece) if piece in {"*", "?"} else piece


def resolve(parts: Iterable[Part], lookup: Lookup) -> tuple[Piece, ...] | None:
    """Put the request's values in place of the variables; None when one has neither value nor default."""
    pieces: list[Piece] = []
    for part in parts:
        if isinstance(part, Variable):
            value = lookup(part.key)
            value = part.default if value is None else value
            if value is None:
                return None
            pieces.append(value)
        else:
            pieces.append(part)
    return tuple(pieces)


def like_expression(pieces: Iterable[Piece], any_character: str = ".") -> str:
    """Return the regular expression of a wildcard pattern.

    Every chunk between two `*` is found at its first place and kept (atomic group), so matching never backtracks
    exponentially.
    """
    chunks = [""]
    for piece in pieces:
        if piece is Wildcard.MANY:
            chunks.append("")
        else:
            chunks[-1] += any_character if piece is Wildcard.ONE else re.escape(str(piece))
    if len(chunks) == 1:
        return chunks[0]
    middle = "".join(f"(?>{any_character}*?{chunk})" for chunk in chunks[1:-1] if chunk)
    return f"{chunks[0]}{middle}{any_character}*{chunks[-1]}"


def arn_expression(pieces: Iterable[Piece]) -> str:
    """Return the regular expression of an ARN pattern: wildcards stay inside their field, except in the last one.

    Fields that the pattern lacks are `*`, as IAM completes them.
    """
    fields: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Wildcard):
            fields[-1].append(piece)
            continue
        first, *others = piece.split(":", ARN_FIELDS - len(fields))
        fields[-1].append(first)
        fields.extend([other] for other in others)
    while len(fields) < ARN_FIELDS:
        fields.append([Wildcard.MANY])
    return ":".join([*(like_expression(field, "[^:]") for field in fields[:-1]), like_expression(fields[-1])])


@dataclass(frozen=True, slots=True)
class TextSet:
    """A list of patterns of one kind, of which one has to match.

    `anything` is set by the pattern `*`; `exact` holds patterns without wildcards, `pattern` all others in one
    expression, `templates` those with variables, compiled when a request gives their values.
    """

    matching: Matching
    anything: bool
    exact: frozenset[str]
    pattern: re.Pattern[str] | None
    templates: tuple[tuple[Part, ...], ...]

    @classmethod
    def compile(cls, texts: Iterable[str], matching: Matching, *, variables: bool) -> TextSet:
        """Compile the patterns; raises ValueError for a malformed policy variable."""
        anything = False
        exact: set[str] = set()
        expressions: list[str] = []
        templates: list[tuple[Part, ...]] = []
        for text in texts:
            parts = parse_pattern(text, wildcards=matching.has_wildcards, variables=variables)
            if any(isinstance(part, Variable) for part in parts):
                templates.append(parts)
            elif matching is Matching.LIKE and parts and all(part is Wildcard.MANY for part in parts):
                anything = True
            elif matching is Matching.ARN or any(isinstance(part, Wildcard) for part in parts):
                expressions.append(_expression(parts, matching))
            else:
                exact.add(_literal(parts, matching))
        joined = re.compile("|".join(f"(?:{one})" for one in expressions), re.DOTALL) if expressions else None
        return cls(matching, anything, frozenset(exact), joined, tuple(templates))

    def matches(self, text: str, lookup: Lookup) -> bool:
        """Tell whether the text fits one of the patterns, with the request's values for variables."""
        if self.anything:
            return True
        if self.matching is Matching.EQUAL_IGNORING_CASE:
            text = text.lower()
        if text in self.exact or (self.pattern is not None and self.pattern.fullmatch(text) is not None):
            return True
        return any(self._fits(template, text, lookup) for template in self.templates)

    def _fits(self, template: tuple[Part, ...], text: str, lookup: Lookup) -> bool:
        pieces = resolve(template, lookup)
        if pieces is None:
            return False
        if self.matching is Matching.ARN or any(isinstance(piece, Wildcard) for piece in pieces):
            return re.fullmatch(_expression(pieces, self.matching), text, re.DOTALL) is not None
        return text == _literal(pieces, self.matching)


def _expression(parts: Iterable[Part], matching: Matching) -> str:
    pieces = [part for part in parts if not isinstance(part, Variable)]
    return arn_expression(pieces) if matching is Matching.ARN else like_expression(pieces)


def _literal(parts: Iterable[Part], matching: Matching) -> str:
    text = "".join(part for part in parts if isinstance(part, str))
    return text.lower() if matching is Matching.EQUAL_IGNORING_CASE else text
