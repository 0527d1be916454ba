"""Pulumi's cloud secrets manager for `awskms://`: a data key of the stack, wrapped by a KMS key.

32 random bytes are wrapped by kms:Encrypt once and kept, base64, as `encryptedkey` of the stack file and of the state.
Values are sealed with them as with a passphrase's key. kms:Decrypt is asked once for each command, not for each value.
Source: Pulumi `pkg/secrets/cloud/manager.go`, gocloud.dev `secrets/awskms/kms.go`.
"""

from __future__ import annotations

import binascii
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rehearsal.engine.aws_access import AwsAccess, AwsChoice, OptionRefusedError, aws_choice, url_options
from rehearsal.engine.aws_json import NO_ANSWER, json_call
from rehearsal.engine.errors import (
    CredentialsRefusedError,
    EngineError,
    SecretsKeyDeniedError,
    SecretsKeyMismatchError,
    SecretsKeyMissingError,
    SecretsKeyUnusableError,
    SecretsProviderUnsupportedError,
    SecretUnreadableError,
    StateUnreachableError,
)
from rehearsal.engine.secret_managers import PASSPHRASE, open_text, seal_text
from rehearsal.engine.state import SecretsProvider

CLOUD = "cloud"
SCHEME = "awskms://"
OVERRIDE = "PULUMI_CLOUD_SECRET_OVERRIDE"
_KEY_SIZE = 32
_CONTEXT = "context_"
_MISSING = frozenset({"NotFoundException", "InvalidArnException"})
_UNUSABLE = frozenset(
    {"DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException", "KeyUnavailableException"}
)
_MISMATCH = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_SIGN_IN = frozenset(
    {"ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidSignatureException"}
    | {"InvalidClientTokenId", "MissingAuthenticationTokenException", "IncompleteSignatureException"}
)


@dataclass(frozen=True, slots=True)
class KeyAddress:
    """What an `awskms://` URL says: key (id, alias or ARN of either), encryption context, options."""

    key: str
    context: Mapping[str, str]
    choice: AwsChoice


def parse_key_url(url: str) -> KeyAddress:
    """Read `awskms:///<ARN>` or `awskms://<id or alias>`, with options; raises SecretsProviderUnsupportedError."""
    parts = urlsplit(url)
    shown = url.partition("?")[0]
    # Host and path are joined as gocloud does: awskms://alias/x is alias/x, awskms:///arn:... is the ARN.
    key = f"{parts.netloc}{unquote(parts.path)}".strip("/")
    if not key:
        raise SecretsProviderUnsupportedError(
            "the secrets provider's URL names no key", subject=shown, hint="awskms:///KEY_ARN?region=REGION"
        )
    options = url_options(parts.query)
    context = {name.removeprefix(_CONTEXT): value for name, value in options.items() if name.startswith(_CONTEXT)}
    try:
        choice = aws_choice({name: value for name, value in options.items() if not name.startswith(_CONTEXT)})
    except OptionRefusedError as error:
        raise SecretsProviderUnsupportedError(
            f"an option of the secrets provider cannot be used: {error}", subject=shown
        ) from error
    return KeyAddress(key, context, choice)


def is_key_url(url: str) -> bool:
    """Tell whether a stack file's or option's secrets provider is a KMS key.

    Raises: SecretsProviderUnsupportedError for what is neither that, nor the passphrase, nor nothing.
    """
    if url.startswith(SCHEME):
        return True
    if url in {"", "default", PASSPHRASE}:
        return False
    raise SecretsProviderUnsupportedError(
        f"secrets provider {url.partition('?')[0]!r} is not supported by the embedded engine",
        hint="use `passphrase` or awskms:///KEY_ARN, or the real Pulumi CLI for this stack",
    )


@dataclass(slots=True)
class CloudSecrets:
    """The data keys of one command: each is unwrapped once."""

    access: AwsAccess
    env: Mapping[str, str]
    _opened: dict[tuple[str, bytes], bytes] = field(default_factory=dict)

    def manager(self, url: str, encrypted_key: str) -> CloudManager:
        """Return the manager of a URL and its wrapped key; nothing is sent before a secret is touched.

        Raises: SecretsProviderUnsupportedError, SecretUnreadableError.
        """
        self._refuse_override(url)
        parse_key_url(url)
        try:
            wrapped = b64decode(encrypted_key, validate=True)
        except binascii.Error as error:
            raise SecretUnreadableError("the encryptedkey is malformed", why=str(error)) from error
        return CloudManager(self, url, wrapped)

    def of(self, provider: SecretsProvider) -> CloudManager:
        """Return the manager that a checkpoint names; raises as `manager`, SecretsProviderUnsupportedError."""
        url = str(provider.state.get("url", ""))
        is_key_url(url)
        return self.manager(url, str(provider.state.get("encryptedkey", "")))

    def new(self, url: str) -> CloudManager:
        """Return a manager with a new data key, wrapped by the key that the URL names; raises as `unwrapped`."""
        self._refuse_override(url)
        address = parse_key_url(url)
        data_key = os.urandom(_KEY_SIZE)
        answer = self._call(
            address,
            "Encrypt",
            KeyId=address.key,
            Plaintext=b64encode(data_key).decode(),
            EncryptionContext=dict(address.context),
        )
        wrapped = b64decode(answer["CiphertextBlob"])
        self._opened[(url, wrapped)] = data_key
        return CloudManager(self, url, wrapped)

    def unwrapped(self, url: str, wrapped: bytes) -> bytes:
        """Return a data key in clear.

        Raises: SecretsKeyMissingError, SecretsKeyUnusableError, SecretsKeyDeniedError, SecretsKeyMismatchError,
        CredentialsMissingError, CredentialsRefusedError, and what the guard raises.
        """
        if (url, wrapped) not in self._opened:
            address = parse_key_url(url)
            # Without a key id, as Pulumi asks: the blob itself names the key.
            blob = b64encode(wrapped).decode()
            answer = self._call(address, "Decrypt", CiphertextBlob=blob, EncryptionContext=dict(address.context))
            data_key = b64decode(answer["Plaintext"])
            if len(data_key) != _KEY_SIZE:
                raise _mismatch(url, f"what it unwraps to has {len(data_key)} bytes, not {_KEY_SIZE}")
            self._opened[(url, wrapped)] = data_key
        return self._opened[(url, wrapped)]

    def _call(self, address: KeyAddress, operation: str, **parameters: object) -> Mapping[str, str]:
        """Send one request; blobs are base64 both ways."""
        said = json_call(self.access.place("kms", address.choice), "kms", f"TrentService.{operation}", parameters)
        if said.code:
            raise _refusal(operation, address.key, said.code, f"{said.code}: {said.message}")
        return said.fields

    def _refuse_override(self, url: str) -> None:
        """Refuse Pulumi's variable for another URL: its new data key would open none of the stack's secrets."""
        other = self.env.get(OVERRIDE, "")
        if other and other != url:
            raise SecretsProviderUnsupportedError(
                f"{OVERRIDE} is not carried out by the embedded engine",
                hint=f"unset {OVERRIDE}; to change the provider: pulumi stack change-secrets-provider URL",
            )


class CloudManager:
    """Encrypts a stack's secrets under its data key."""

    def __init__(self, keys: CloudSecrets, url: str, wrapped: bytes) -> None:
        """Take what unwraps keys, the URL of the KMS key, and the wrapped data key."""
        self._keys = keys
        self._wrapped = wrapped
        self._cipher: AESGCM | None = None
        self.url = url

    @property
    def encrypted_key(self) -> str:
        """Return the wrapped data key, base64, as stack files hold it."""
        return b64encode(self._wrapped).decode()

    @property
    def provider(self) -> SecretsProvider:
        """Return the checkpoint's entry: type `cloud`, state `{url, encryptedkey}`."""
        return SecretsProvider(CLOUD, {"url": self.url, "encryptedkey": self.encrypted_key})

    def verify(self) -> None:
        """Unwrap the data key; raises as `CloudSecrets.unwrapped`."""
        self._ready()

    def encrypt(self, plaintext: str) -> str:
        """Return a ciphertext with a random nonce."""
        return seal_text(self._ready(), plaintext)

    def decrypt(self, ciphertext: str) -> str:
        """Return the text of a ciphertext."""
        text = open_text(self._ready(), ciphertext)
        if text is None:
            raise SecretUnreadableError(
                "a secret cannot be decrypted",
                why="it is damaged, or was encrypted under another data key than this stack's",
                hint="restore the encryptedkey of the stack file, or set the secret anew with `pulumi config set`",
            )
        return text

    def _ready(self) -> AESGCM:
        if self._cipher is None:
            self._cipher = AESGCM(self._keys.unwrapped(self.url, self._wrapped))
        return self._cipher


def refuse_other_key(manager: CloudManager, stored: SecretsProvider | None, file: str) -> None:
    """Raise SecretsKeyMismatchError if a stack file's data key is not the one of its state."""
    if stored is None or stored.type != CLOUD or stored.state.get("encryptedkey") == manager.encrypted_key:
        return
    raise SecretsKeyMismatchError(
        "the stack file's encryptedkey is not the one of the stack's state",
        subject=file,
        why="it belongs to another stack, or the secrets provider was changed elsewhere",
        not_run="nothing was changed",
        hint="restore the stack file, or take over what the last update used: pulumi config refresh",
    )


def _refusal(operation: str, key: str, code: str, why: str) -> EngineError:
    """Return the error for what KMS refused."""
    unchanged = "nothing was changed"
    if code in _MISSING:
        return SecretsKeyMissingError(
            "the secrets key does not exist",
            subject=key,
            why=why,
            not_run=unchanged,
            hint="correct the key or the region in the secrets provider's URL",
        )
    if code in _UNUSABLE:
        return SecretsKeyUnusableError(
            f"the secrets key cannot be used for kms:{operation}",
            subject=key,
            why=why,
            not_run=unchanged,
            hint=f"an administrator can: aws kms cancel-key-deletion --key-id {key}; aws kms enable-key --key-id {key}",
        )
    if code in _MISMATCH:
        return _mismatch(key, why)
    if code in NO_ANSWER:
        return StateUnreachableError(
            f"KMS did not carry out kms:{operation}",
            subject=key,
            why=why,
            not_run=unchanged,
            hint="run the command again once the endpoint answers",
        )
    if code in _SIGN_IN:
        return CredentialsRefusedError(
            f"AWS refused the credentials at kms:{operation}",
            subject=key,
            why=why,
            not_run=unchanged,
            hint="sign in again, then run the command again",
        )
    return SecretsKeyDeniedError(
        f"AWS denied kms:{operation} with the secrets key",
        subject=key,
        why=why,
        not_run=unchanged,
        hint=f"get the right to kms:{operation} on the key, in the role's policy and in the key's",
    )


def _mismatch(subject: str, why: str) -> EngineError:
    return SecretsKeyMismatchError(
        "the encryptedkey was not wrapped by the key that the secrets provider names",
        subject=subject,
        why=why,
        not_run="nothing was changed",
    )
