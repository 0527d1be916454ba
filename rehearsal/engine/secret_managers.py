"""Who encrypts a stack's secrets: the seam, and Pulumi's passphrase manager.

Formats. Ciphertext: `v1:<nonce>:<sealed>`, both base64, AES-256-GCM, 12-byte nonce, no associated data. Key:
PBKDF2-SHA256 over the passphrase, 1,000,000 rounds, 8-byte salt. Salt text (`encryptionsalt`):
`v1:<salt base64>:<ciphertext of the word "pulumi">`, by which a wrong passphrase is recognised.
Source: Pulumi `sdk/go/common/resource/config/crypt.go`, `pkg/secrets/passphrase/manager.go`.
"""

from __future__ import annotations

import binascii
import hashlib
import os
import threading
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rehearsal.engine.errors import (
    PassphraseMissingError,
    SecretsProviderUnsupportedError,
    SecretUnreadableError,
    WrongPassphraseError,
)
from rehearsal.engine.state import SecretsProvider

PASSPHRASE = "passphrase"  # noqa: S105 (the provider's name)
_ROUNDS = 1_000_000
_VERIFIER = "pulumi"
_SET_IT = "export PULUMI_CONFIG_PASSPHRASE=... or PULUMI_CONFIG_PASSPHRASE_FILE=FILE, and run the command again"


class SecretsManager(Protocol):
    """Encrypts and decrypts texts; `provider` is what a checkpoint stores to find the manager again."""

    @property
    def provider(self) -> SecretsProvider:
        """The checkpoint's `secrets_providers` entry."""

    def verify(self) -> None:
        """Raise an EngineError that says why, unless this manager can encrypt and decrypt."""

    def encrypt(self, plaintext: str) -> str:
        """Return a ciphertext; a new one each time."""

    def decrypt(self, ciphertext: str) -> str:
        """Return the text; raises SecretUnreadableError if it was not encrypted by this manager, or is damaged."""


class KeyCache:
    """Derived keys, at most `size`, so that a process derives each only once. Holds no passphrase.

    Derivation takes about 0.2 s of processor time on purpose. One cache belongs to one process; several threads may
    use it.
    """

    def __init__(self, size: int = 64) -> None:
        """Take the largest number of keys to keep."""
        self._size = size
        self._keys: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def key(self, passphrase: str, salt: bytes) -> bytes:
        """Return the 32-byte key of a passphrase and salt."""
        name = hashlib.sha256(salt + passphrase.encode()).digest()
        with self._lock:
            if name in self._keys:
                self._keys.move_to_end(name)
                return self._keys[name]
        key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ROUNDS)
        with self._lock:
            self._keys[name] = key
            while len(self._keys) > self._size:
                self._keys.popitem(last=False)
        return key


class PassphraseManager:
    """Pulumi's passphrase secrets manager for one salt; derives its key when a secret is first touched."""

    def __init__(self, salt: str, env: Mapping[str, str], keys: KeyCache) -> None:
        """Take the salt text, the environment that names the passphrase, and the cache of keys."""
        self._salt = salt
        self._env = env
        self._keys = keys
        self._cipher: AESGCM | None = None

    @property
    def provider(self) -> SecretsProvider:
        """Return the checkpoint's entry: type `passphrase`, state `{salt}`."""
        return SecretsProvider(PASSPHRASE, {"salt": self._salt})

    def verify(self) -> None:
        """Derive the key and decrypt the salt's verifier; raises WrongPassphraseError or PassphraseMissingError."""
        self._opened()

    def encrypt(self, plaintext: str) -> str:
        """Return a ciphertext with a random nonce."""
        return seal_text(self._opened(), plaintext)

    def decrypt(self, ciphertext: str) -> str:
        """Return the text of a ciphertext."""
        text = open_text(self._opened(), ciphertext)
        if text is None:
            raise SecretUnreadableError(
                "a secret cannot be decrypted",
                why="it is damaged, or was encrypted under another salt than this stack's",
                hint="restore the encryptionsalt of the stack file, or set the secret anew with `pulumi config set`",
            )
        return text

    def _opened(self) -> AESGCM:
        if self._cipher is None:
            version, _, rest = self._salt.partition(":")
            salt, _, verifier = rest.partition(":")
            if version != "v1" or not verifier:
                raise SecretUnreadableError("the encryptionsalt is malformed", why="it has the form v1:SALT:VERIFIER")
            cipher = AESGCM(self._keys.key(read_passphrase(self._env), _decode(salt)))
            if open_text(cipher, verifier) != _VERIFIER:
                raise WrongPassphraseError("incorrect passphrase", not_run="nothing was changed", hint=_SET_IT)
            self._cipher = cipher
        return self._cipher


def read_passphrase(env: Mapping[str, str]) -> str:
    """Return the passphrase that an environment names; an empty one counts as given.

    Raises PassphraseMissingError. Source: Pulumi `pkg/secrets/passphrase/manager.go` (readPassphrase).
    """
    if "PULUMI_CONFIG_PASSPHRASE" in env:
        return env["PULUMI_CONFIG_PASSPHRASE"]
    file = env.get("PULUMI_CONFIG_PASSPHRASE_FILE", "")
    if not file:
        raise PassphraseMissingError(
            "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE "
            "environment variables",
            not_run="nothing was changed",
            hint=_SET_IT,
        )
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PassphraseMissingError(
            "unable to read PULUMI_CONFIG_PASSPHRASE_FILE", subject=file, why=str(error), hint=_SET_IT
        ) from error


def new_passphrase_salt(passphrase: str, keys: KeyCache | None = None) -> str:
    """Return a new `encryptionsalt` for a passphrase; several stacks may share one.

    Each salt costs one key derivation per process, so a driver writes one salt into all its stack files.
    """
    salt = os.urandom(8)
    cipher = AESGCM((keys or KeyCache()).key(passphrase, salt))
    return f"v1:{b64encode(salt).decode()}:{seal_text(cipher, _VERIFIER)}"


def manager_of(provider: SecretsProvider, env: Mapping[str, str], keys: KeyCache) -> SecretsManager:
    """Return the manager of a checkpoint under a passphrase; raises SecretsProviderUnsupportedError for any other."""
    if provider.type != PASSPHRASE:
        raise SecretsProviderUnsupportedError(
            f"secrets provider {provider.type!r} is not supported by the embedded engine",
            hint="use the real Pulumi CLI for this stack",
        )
    return PassphraseManager(str(provider.state.get("salt", "")), env, keys)


def seal_text(cipher: AESGCM, plaintext: str) -> str:
    """Return a text sealed under a data key, in Pulumi's form, with a random nonce."""
    nonce = os.urandom(12)
    sealed = cipher.encrypt(nonce, plaintext.encode(), None)
    return f"v1:{b64encode(nonce).decode()}:{b64encode(sealed).decode()}"


def open_text(cipher: AESGCM, ciphertext: str) -> str | None:
    """Return the text of a ciphertext, None if it is damaged or sealed under another data key."""
    parts = ciphertext.split(":")
    if len(parts) != 3 or parts[0] != "v1":
        return None
    try:
        return cipher.decrypt(_decode(parts[1]), _decode(parts[2]), None).decode()
    except (InvalidTag, ValueError):
        return None


def _decode(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error as error:
        raise SecretUnreadableError("a secret is malformed", why=str(error)) from error
