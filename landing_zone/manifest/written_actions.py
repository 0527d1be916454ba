"""The actions and condition keys that a policy's file names, with their places, for whoever knows what AWS has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from landing_zone.manifest.policy_files import VARS, PolicyFile
from landing_zone.manifest.policy_texts import keys_of, statements_of, texts_at
from landing_zone.manifest.positions import Document, Path
from landing_zone.organization_policies import PlacedAction, PlacedKey

_VARIABLE = re.compile(r"\$\{vars\.(?P<name>[^}]*)\}")


def written_actions(
    found: PolicyFile, given: Mapping[str, Any], above: Path, document: Document
) -> tuple[PlacedAction, ...]:
    """Return every action of a policy's statements, as written; a variable's where its value stands.

    `given` are the manifest's variables, `above` the path to them in its `document`. A text that still holds `${...}`
    is left out.
    """
    placed = _placed(found, given, above, document)
    return tuple(PlacedAction(text, place) for text, place in placed if "${" not in text)


def written_keys(found: PolicyFile) -> tuple[PlacedKey, ...]:
    """Return every condition key of a policy's statements, as written; those that hold `${...}` are left out."""
    keys = (key for body, path in statements_of(found.template) for key in keys_of(body, path))
    return tuple(PlacedKey(text, str(found.document.key(*path))) for text, path in keys if "${" not in text)


def _placed(found: PolicyFile, given: Mapping[str, Any], above: Path, document: Document) -> Iterator[tuple[str, str]]:
    for text, path in _actions(found.template):
        variable = _VARIABLE.fullmatch(text)
        if variable is None:
            yield text, str(found.document.value(*path))
        elif (name := variable["name"]) in given:
            yield from ((value, str(document.value(*at))) for value, at in texts_at(given[name], (*above, name)))
        else:
            inside = texts_at(found.defaults.get(name), (VARS, name))
            yield from ((value, str(found.document.value(*at))) for value, at in inside)


def _actions(template: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    for body, path in statements_of(template):
        for key in ("Action", "NotAction"):
            yield from texts_at(body.get(key), (*path, key))
