"""What must hold for tags: their keys and values are of the characters that AWS takes, and no key is AWS's own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from landing_zone.manifest.outline import mapping_of
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems

_SIGNS = "_.:/=+-@"
"""Source: AWS Organizations API Reference, Tag, pattern of Key and Value; IAM has the same."""


def check_tags(document: Document, problems: Problems) -> None:
    """Note tags of units, of accounts and of their defaults that AWS Organizations would refuse half-way in a run."""
    values = mapping_of(document.values)
    for tags, path in (*_of_units(values.get("units"), ("units",)), *_of_defaults(mapping_of(values.get("defaults")))):
        for tag in tags:
            if tag.lower().startswith("aws:"):
                problems.add(document.key(*path, tag), f'the tag {tag} is AWS\'s own: "aws:" is reserved')
        check_characters(tags, path, "AWS Organizations takes", document, problems)


def check_characters(
    tags: Mapping[str, Any], path: Path, who_takes: str, document: Document, problems: Problems
) -> None:
    """Note each tag whose key or value has characters that no tag may have; `who_takes` begins what may stand there."""
    taken = f"{who_takes} letters, digits, spaces and {_SIGNS}"
    for tag, value in tags.items():
        if wrong := _not_taken(tag):
            problems.add(document.key(*path, tag), f'the tag "{tag}" has {wrong}; {taken}')
        if isinstance(value, str) and (wrong := _not_taken(value)):
            problems.add(document.value(*path, tag), f"the value of the tag {tag} has {wrong}; {taken}")


def _not_taken(text: str) -> str:
    """Return the characters of a tag's key or value that AWS does not take, as a message names them, or nothing."""
    found = dict.fromkeys(each for each in text if each not in _SIGNS and unicodedata.category(each)[0] not in "LNZ")
    return " ".join(repr(each) for each in found)


_Tags = tuple[Mapping[str, Any], Path]


def _of_units(units: Any, path: Path) -> Iterator[_Tags]:
    for name, block in mapping_of(units).items():
        own = (*path, name)
        yield mapping_of(mapping_of(block).get("tags")), (*own, "tags")
        for account, fields in mapping_of(mapping_of(block).get("accounts")).items():
            yield mapping_of(mapping_of(fields).get("tags")), (*own, "accounts", account, "tags")
        yield from _of_units(mapping_of(block).get("units"), (*own, "units"))


def _of_defaults(defaults: Mapping[str, Any]) -> Iterator[_Tags]:
    yield mapping_of(mapping_of(defaults.get("accounts")).get("tags")), ("defaults", "accounts", "tags")
    for kind in ("units", "stages"):
        for name, block in mapping_of(defaults.get(kind)).items():
            yield mapping_of(mapping_of(block).get("tags")), ("defaults", kind, name, "tags")
