"""Which condition keys an action has by the reference, and which of them the twin never gives to a request.

A key that the twin gives can still be absent from a request, as in AWS; one that it never gives is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from rehearsal.twin.actions.reference.given_keys import GIVEN, GIVEN_TO, STATEMENTS_NOT_READ

CONDITIONS = Path(__file__).with_name("conditions.tsv")


@lru_cache(maxsize=4096)
def never_given(action: str) -> frozenset[str]:
    """Return the keys of the action's own service that AWS has for it and the twin does not, in lower case."""
    asked = action.lower()
    prefix, _, name = asked.partition(":")
    found = _service_keys(prefix).get(name, frozenset())
    return found if asked in STATEMENTS_NOT_READ else found - GIVEN - GIVEN_TO.get(asked, frozenset())


@lru_cache(maxsize=256)
def _service_keys(prefix: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    start = f"{prefix}\t"
    with CONDITIONS.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(start):
                _, key, actions = line.rstrip("\n").split("\t")
                for name in actions.split():
                    found.setdefault(name, set()).add(f"{prefix}:{key}")
    return {name: frozenset(keys) for name, keys in found.items()}
