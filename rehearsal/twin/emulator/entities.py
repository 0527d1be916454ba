"""Finding one of many by its id: an organisation has thousands of accounts, and each request looks for some."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

_ID = attrgetter("id")


def by_id(entities: Iterable[Any], wanted: str) -> Any | None:
    """Return the entity of moto's that has this id; the search runs inside the interpreter, not in a loop of ours."""
    every = list(entities)
    try:
        return every[list(map(_ID, every)).index(wanted)]
    except ValueError:
        return None
