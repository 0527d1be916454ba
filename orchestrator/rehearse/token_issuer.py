"""An issuer of pipelines' tokens for rehearsals: signs as GitHub or GitLab would, and tells its public key as a JWKS.

Its key opens the twin only, which is told of it; AWS asks the real issuer for its keys.
Source: RFC 7515 (JSON Web Signature), RFC 7517 (JSON Web Key).
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

KEY_BITS = 2048


def new_signing_key() -> str:
    """Return a private key as PEM text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Signs tokens; `host` is what the token's `iss` says after https://, `signing_key` a private key as PEM text."""

    host: str
    signing_key: str = field(default_factory=new_signing_key, repr=False)
    key_id: str = "key-1"

    @property
    def jwks(self) -> dict[str, Any]:
        """The public key as an issuer publishes it."""
        numbers = self._key.public_key().public_numbers()
        parts = {name: _text(_bytes(value)) for name, value in (("n", numbers.n), ("e", numbers.e))}
        return {"keys": [{"kty": "RSA", "kid": self.key_id, "alg": "RS256", "use": "sig", **parts}]}

    def token(
        self,
        subject: str,
        audience: str,
        *,
        seconds: int = 300,
        algorithm: str = "RS256",
        more: Mapping[str, object] | None = None,
    ) -> str:
        """Return a signed token about a subject, good for that many seconds, with more claims beside the usual ones.

        `algorithm` is what its header claims.
        """
        now = int(time.time())
        usual = {"iss": f"https://{self.host}", "sub": subject, "aud": audience, "iat": now, "exp": now + seconds}
        claims = {**usual, **(more or {})}
        header = {"alg": algorithm, "typ": "JWT", "kid": self.key_id}
        signed = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{_text(self._key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"

    @property
    def _key(self) -> rsa.RSAPrivateKey:
        key = load_pem_private_key(self.signing_key.encode(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the signing key is no RSA key")
        return key


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
