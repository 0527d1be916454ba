"""One resource of a checkpoint, to and from a `ResourceState`.

Source: Pulumi `sdk/go/common/apitype/core.go` (ResourceV3) for names, order and what is left out when empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.engine.errors import StateCorruptError
from rehearsal.engine.go_json import compact, go_number
from rehearsal.engine.secret_managers import SecretsManager
from rehearsal.engine.state import ResourceState
from rehearsal.engine.state_values import (
    BLINDED,
    Path,
    decode_value,
    encode_value,
    json_text,
    plaintext_seal,
    plaintext_unseal,
    sealed_text,
    showing_seal,
)
from rehearsal.engine.values import Properties

_FLAGS = {
    "delete": "delete",
    "protect": "protect",
    "taint": "taint",
    "external": "external",
    "pendingReplacement": "pending_replacement",
    "retainOnDelete": "retain_on_delete",
}
_TEXTS = {
    "id": "id",
    "parent": "parent",
    "provider": "provider",
    "importID": "import_id",
    "deletedWith": "deleted_with",
    "created": "created",
    "modified": "modified",
    "sourcePosition": "source_position",
}
_LISTS = {
    "dependencies": "dependencies",
    "initErrors": "init_errors",
    "additionalSecretOutputs": "additional_secret_outputs",
    "aliases": "aliases",
    "replaceWith": "replace_with",
    "ignoreChanges": "ignore_changes",
    "hideDiff": "hide_diff",
    "replaceOnChanges": "replace_on_changes",
}
_ORDER = (
    *("urn", "custom", "delete", "id", "type", "inputs", "outputs", "parent", "protect", "taint", "external"),
    *("dependencies", "initErrors", "provider", "propertyDependencies", "pendingReplacement"),
    *("additionalSecretOutputs", "aliases", "customTimeouts", "importID", "retainOnDelete", "deletedWith"),
    *("replaceWith", "created", "modified", "sourcePosition", "stackTrace", "ignoreChanges", "hideDiff"),
    *("replaceOnChanges", "replacementTrigger", "refreshBeforeUpdate", "viewOf", "resourceHooks"),
    *("extensionRef", "snippetID"),
)
_TIMEOUTS = ("create", "update", "delete", "read")
_INTERPRETED = (
    frozenset({"urn", "custom", "type", "inputs", "outputs", "propertyDependencies", "customTimeouts", "stackTrace"})
    | _FLAGS.keys()
    | _TEXTS.keys()
    | _LISTS.keys()
)
_TRIGGER = "replacementTrigger"


@dataclass(slots=True)
class SealBook:
    """Remembers how each secret property was sealed, so that an unchanged one is written as before.

    The place of a secret is part of the key: two equal secrets in two places never share a ciphertext.
    """

    _sealed: dict[Path, tuple[str, str]] = field(default_factory=dict)

    def remember(self, place: Path, plaintext: str, ciphertext: str) -> None:
        """Keep a ciphertext for a place."""
        self._sealed[place] = (plaintext, ciphertext)

    def find(self, place: Path, plaintext: str) -> str | None:
        """Return the ciphertext of a place if its plaintext is still this one."""
        known = self._sealed.get(place)
        return known[1] if known and known[0] == plaintext else None


class ResourceReader:
    """Reads resources with one secrets manager; without one, secrets read as the text `[secret]`."""

    def __init__(self, manager: SecretsManager | None, book: SealBook | None = None) -> None:
        """Take who decrypts, and where to note the ciphertexts (None if they will not be written back)."""
        self._manager = manager
        self._book = book

    def read(self, entry: Mapping[str, Any]) -> ResourceState:
        """Return one resource; raises StateCorruptError, and what the secrets manager raises."""
        try:
            return self._read(entry, str(entry.get("urn") or ""))
        except (TypeError, ValueError, AttributeError) as error:
            raise StateCorruptError("a resource in the state has a field of the wrong form", why=str(error)) from error

    def _read(self, entry: Mapping[str, Any], urn: str) -> ResourceState:
        fields: dict[str, Any] = {name: bool(entry.get(key)) for key, name in _FLAGS.items()}
        fields |= {name: str(entry.get(key) or "") for key, name in _TEXTS.items()}
        fields |= {name: _texts(entry.get(key)) for key, name in _LISTS.items()}
        depends = entry.get("propertyDependencies") or {}
        return ResourceState(
            urn=urn,
            type=str(entry.get("type") or ""),
            custom=bool(entry.get("custom")),
            inputs=self.properties(entry.get("inputs"), (urn, "inputs")),
            outputs=self.properties(entry.get("outputs"), (urn, "outputs")),
            property_dependencies={name: _texts(urns) for name, urns in depends.items()},
            custom_timeouts={name: float(seconds) for name, seconds in (entry.get("customTimeouts") or {}).items()},
            stack_trace=tuple(dict(frame) for frame in entry.get("stackTrace") or ()),
            extra=self._extra(entry, urn),
            **fields,
        )

    def properties(self, data: object, place: Path) -> Properties:
        """Return a map of properties found at a place."""
        if data is None:
            return {}
        if not isinstance(data, dict):
            raise StateCorruptError(f"the {place[-1]} of {place[0]} are no map")
        return {name: decode_value(value, self._unseal, (*place, name)) for name, value in data.items()}

    def _extra(self, entry: Mapping[str, Any], urn: str) -> dict[str, Any]:
        extra = {name: value for name, value in entry.items() if name not in _INTERPRETED}
        if _TRIGGER in extra:
            extra[_TRIGGER] = decode_value(extra[_TRIGGER], self._unseal, (urn, _TRIGGER))
        return extra

    def _unseal(self, path: Path, fields: Mapping[str, Any]) -> str:
        kind, text = sealed_text(fields)
        if self._manager is None:
            return f'"{BLINDED}"'
        if kind == "plaintext":
            return text
        plaintext = self._manager.decrypt(text)
        if self._book is not None:
            value = decode_value(json_text(plaintext), plaintext_unseal)
            self._book.remember(path, compact(encode_value(value, plaintext_seal), escape_html=True), text)
        return plaintext


class ResourceWriter:
    """Writes resources with one secrets manager, or with secrets in clear."""

    def __init__(self, manager: SecretsManager | None, book: SealBook, *, show_secrets: bool = False) -> None:
        """Take who encrypts, what was sealed before, and whether to write secrets in clear."""
        self._manager = manager
        self._book = book
        self._seal = showing_seal if show_secrets else self._encrypt

    def write(self, state: ResourceState) -> dict[str, Any]:
        """Return one resource as JSON data, fields in Pulumi's order, empty ones left out."""
        found: dict[str, Any] = {key: True for key, name in _FLAGS.items() if getattr(state, name)}
        found |= {key: text for key, name in _TEXTS.items() if (text := getattr(state, name))}
        found |= {key: list(items) for key, name in _LISTS.items() if (items := getattr(state, name))}
        found |= {"urn": state.urn, "custom": state.custom, "type": state.type}
        if state.inputs:
            found["inputs"] = encode_value(dict(state.inputs), self._seal, (state.urn, "inputs"))
        if state.outputs:
            found["outputs"] = encode_value(dict(state.outputs), self._seal, (state.urn, "outputs"))
        if state.property_dependencies:
            depends = state.property_dependencies
            found["propertyDependencies"] = {name: list(depends[name]) for name in sorted(depends)}
        given = state.custom_timeouts
        timeouts = {name: go_number(float(given[name])) for name in _TIMEOUTS if given.get(name)}
        if timeouts:
            found["customTimeouts"] = timeouts
        if state.stack_trace:
            found["stackTrace"] = [dict(frame) for frame in state.stack_trace]
        found |= self._extra(state)
        return {key: found[key] for key in (*_ORDER, *sorted(found.keys() - set(_ORDER))) if key in found}

    def _extra(self, state: ResourceState) -> dict[str, Any]:
        if _TRIGGER not in state.extra:
            return dict(state.extra)
        trigger = encode_value(state.extra[_TRIGGER], self._seal, (state.urn, _TRIGGER))
        return {**state.extra, _TRIGGER: trigger}

    def _encrypt(self, path: Path, plaintext: str) -> Mapping[str, str]:
        ciphertext = self._book.find(path, plaintext)
        if ciphertext is None:
            if self._manager is None:
                raise StateCorruptError("the state holds a secret but names nobody to encrypt it", subject=str(path[0]))
            ciphertext = self._manager.encrypt(plaintext)
            self._book.remember(path, plaintext, ciphertext)
        return {"ciphertext": ciphertext}


def _texts(value: object) -> tuple[str, ...]:
    """Return a list of texts; raises TypeError on anything else."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"expected a list of texts, not {type(value).__name__}")
    return tuple(value)
