"""Walks a policy document as it was read, whether or not it is a sound one: statements and texts with their paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from landing_zone.manifest.positions import Path


def statements_of(template: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Path]]:
    """Yield each statement with its path; a document may have one without a list."""
    bodies = template.get("Statement")
    if isinstance(bodies, Mapping):
        yield bodies, ("Statement",)
    for at, body in enumerate(bodies if isinstance(bodies, list) else []):
        if isinstance(body, Mapping):
            yield body, ("Statement", at)


def texts_at(value: Any, path: Path) -> Iterator[tuple[str, Path]]:
    """Yield each text of a value that is one text or a list of them, with its path."""
    if isinstance(value, str):
        yield value, path
    for at, text in enumerate(value if isinstance(value, list) else []):
        if isinstance(text, str):
            yield text, (*path, at)


def keys_of(body: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Path]]:
    """Yield each condition key of a statement with the path that leads to the key."""
    blocks = body.get("Condition")
    for operator, block in blocks.items() if isinstance(blocks, Mapping) else ():
        for key in block if isinstance(block, Mapping) else ():
            yield str(key), (*path, "Condition", operator, key)
