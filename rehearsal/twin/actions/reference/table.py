"""The table of operations as the gate reads it: one service at a time, when its first request comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("operations.tsv")


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN with parameters in braces."""

    text: str
    optional: bool


@dataclass(frozen=True, slots=True)
class TagsAt:
    """Where a request carries tags; `key` is "" for a map, `keys_only` for tags that are to go."""

    path: str
    key: str = ""
    value: str = ""
    keys_only: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One right that an operation needs."""

    action: str
    arns: tuple[Arn, ...]
    passes: tuple[str, ...]
    """Parameters that hand a role on."""
    tagging: str
    """The right needed as well when the request brings tags, "" if none."""
    tags: tuple[TagsAt, ...]


@lru_cache(maxsize=512)
def service_rows(service: str) -> Mapping[str, tuple[Row, ...]]:
    """Return a service's operations, by name; none for one that the reference does not know."""
    found: dict[str, tuple[Row, ...]] = {}
    start = f"{service}\t"
    with TABLE.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(start):
                _, operation, action, *rest = line.rstrip("\n").split("\t")
                found[operation] = (*found.get(operation, ()), _row(action, *rest))
    return found


def _row(action: str, arns: str = "", marks: str = "") -> Row:
    passes, tags, tagging = [], [], ""
    for mark in marks.split():
        name, _, value = mark.partition("=")
        if name == "pass":
            passes.append(value)
        elif name == "tagging":
            tagging = value
        elif name == "untag":
            tags.append(TagsAt(value, keys_only=True))
        else:
            path, key, name = (*value.split(","), "", "")[:3]
            tags.append(TagsAt(path, key, name))
    return Row(action, tuple(map(_arn, arns.split())), tuple(passes), tagging, tuple(tags))


def _arn(written: str) -> Arn:
    return Arn(written.removeprefix("?"), written.startswith("?"))
