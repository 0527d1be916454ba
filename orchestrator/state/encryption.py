"""Who encrypts a stack's secrets, as its state says it and as its settings file says it.

Source: Pulumi `pkg/secrets/{passphrase,cloud}/manager.go` for states, `sdk/go/common/workspace/project.go` for files.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.files.project_files import ENCRYPTION_KEYS, read_config, round_trip, write_if_changed

_CLOUD = "cloud"
_PASSPHRASES = frozenset({"", "passphrase", "default"})


@dataclass(frozen=True, slots=True)
class Encryption:
    """A passphrase's salt, or a key's URL with the wrapped data key; all empty where nothing is said."""

    salt: str = ""
    url: str = ""
    key: str = ""

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return bool(self.salt or self.url)

    def by(self, secrets_provider: str) -> bool:
        """Return whether a secrets provider, as Pulumi names it, is the one that encrypts."""
        if secrets_provider in _PASSPHRASES:
            return bool(self.salt) and not self.url
        return self.url == secrets_provider

    @property
    def words(self) -> str:
        """Say it for people; salt and wrapped key are no secrets, and are shortened."""
        if self.url:
            return f"key {self.url} ({self.key[:12]}...)"
        return f"a passphrase with salt {self.salt[:15]}..." if self.salt else "nothing"


def encryption_of_state(deployment: Mapping[str, Any]) -> Encryption:
    """Return who encrypts the secrets in a deployment."""
    provider = deployment.get("secrets_providers")
    state = provider.get("state") if isinstance(provider, Mapping) else None
    if not isinstance(provider, Mapping) or not isinstance(state, Mapping):
        return Encryption()
    if provider.get("type") == _CLOUD:
        return Encryption(url=str(state.get("url", "")), key=str(state.get("encryptedkey", "")))
    return Encryption(salt=str(state.get("salt", "")))


def encryption_of_settings(file: Path) -> Encryption:
    """Return who encrypts the secrets of a settings file; a missing file says nothing."""
    values = _document(file)
    url = str(values.get("secretsprovider") or "")
    if url not in _PASSPHRASES:
        return Encryption(url=url, key=str(values.get("encryptedkey") or ""))
    return Encryption(salt=str(values.get("encryptionsalt") or ""))


def holds_secrets(file: Path) -> bool:
    """Return whether a settings file holds encrypted values."""
    return any(_holds_ciphertext(value) for value in read_config(file).values())


def write_encryption(file: Path, encryption: Encryption) -> None:
    """Make a settings file say who encrypts, and leave the rest of it as it is."""
    yaml = round_trip()
    settings = _document(file)
    for name in ENCRYPTION_KEYS:
        settings.pop(name, None)
    said = {"encryptionsalt": encryption.salt, "encryptedkey": encryption.key, "secretsprovider": encryption.url}
    if not settings:
        settings.update({name: value for name, value in said.items() if value})
    else:
        for name, value in said.items():
            if value:
                settings.insert(0, name, value)
    text = io.StringIO()
    yaml.dump(settings, text)
    write_if_changed(file, text.getvalue())


def _document(file: Path) -> Any:
    from ruamel.yaml.comments import CommentedMap  # noqa: PLC0415  (slow to import)

    try:
        document = round_trip().load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return CommentedMap()
    return document if isinstance(document, CommentedMap) else CommentedMap()


def _holds_ciphertext(value: object) -> bool:
    if isinstance(value, Mapping):
        return "secure" in value or any(_holds_ciphertext(inner) for inner in value.values())
    return isinstance(value, list) and any(_holds_ciphertext(inner) for inner in value)
