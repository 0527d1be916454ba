"""What is said of something the rehearsal provider does not offer: its name, the nearest known, where to read on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from rehearsal.aws.errors import UnknownFunction, UnknownProperty, UnknownResourceType

_TYPES_PAGE = "docs/provider-types.md"
_HOW_TO_ADD = "docs/add-a-resource-type.md"
_LIKENESS_OF_TOKENS = 0.85  # tokens share "aws:" and repeat their name, so that unlike ones look alike
_HINT = f"{_TYPES_PAGE} lists what is offered, {_HOW_TO_ADD} shows how to add it"


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """Return the known name most like this one, or an empty string if none is alike (1.0: only the same)."""
    folded = {item.lower(): item for item in known}
    found = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=likeness)
    return folded[found[0]] if found else ""


def unknown_type(token: str, known: Iterable[str]) -> UnknownResourceType:
    """Return the error for a resource type that is not offered."""
    return UnknownResourceType(
        f"the rehearsal provider does not offer {token}",
        why=_nearest_words(token, known, _LIKENESS_OF_TOKENS),
        hint=_HINT,
    )


def unknown_function(token: str, known: Iterable[str]) -> UnknownFunction:
    """Return the error for a function that is not offered."""
    return UnknownFunction(
        f"the rehearsal provider does not offer {token}",
        why=_nearest_words(token, known, _LIKENESS_OF_TOKENS),
        hint=_HINT,
    )


def unknown_property(token: str, name: str, known: Iterable[str]) -> UnknownProperty:
    """Return the error for a property that a type or function does not offer."""
    return UnknownProperty(
        f'the rehearsal provider does not offer "{name}" of {token}', why=_nearest_words(name, known), hint=_HINT
    )


def _nearest_words(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    found = nearest(name, known, likeness)
    return f'the nearest it knows is "{found}"' if found else "it knows nothing alike"
