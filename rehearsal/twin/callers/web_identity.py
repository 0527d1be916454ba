"""AssumeRoleWithWebIdentity: a signed token in, a role's session out, decided by the role's trust policy.

AWS fetches an issuer's keys from the issuer. A twin asks nobody: it is given the keys (`change_settings(run,
issuers={host: jwks})`), and knows no token of anybody else.
Source: AWS STS API Reference, "AssumeRoleWithWebIdentity"; IAM User Guide, "Available keys for AWS OIDC federation";
RFC 7515 (the token's form), RFC 7517 (the keys').
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from rehearsal.twin.callers.assume_role import LONGEST, ROLE_ARN
from rehearsal.twin.callers.callers import Sessions
from rehearsal.twin.callers.delays import Delays
from rehearsal.twin.callers.federated_trust import FederatedTrust, Newcomer
from rehearsal.twin.callers.session_contents import SessionTags, read_policies, read_source_identity, read_tags
from rehearsal.twin.callers.sts_answers import (
    ROLE_TEXTS,
    check_texts,
    credentials_answer,
    requested_seconds,
    within_role,
)
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Answer, Refusal

ACTION = "sts:AssumeRoleWithWebIdentity"
_TAGS, _SOURCE_IDENTITY = "https://aws.amazon.com/tags", "https://aws.amazon.com/source_identity"
"""Claims. Source: IAM User Guide, "Pass session tags in AWS STS" and "Monitor and control actions taken"."""
_INVALID = "InvalidIdentityToken"

Issuers = Mapping[str, Any]
"""Each issuer's keys, as its JWKS, by host and path without https://."""


@dataclass(frozen=True, slots=True)
class _Token:
    """What a token says, before anything of it is believed."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @property
    def issuer(self) -> str:
        return str(self.claims.get("iss", "")).removeprefix("https://").rstrip("/")

    @property
    def expires(self) -> float | None:
        """When it ends, in seconds since 1970; None if it does not say so with a number."""
        found = self.claims.get("exp")
        if isinstance(found, bool) or not isinstance(found, int | float):
            return None
        return found if isinstance(found, int) or math.isfinite(found) else None

    @property
    def audiences(self) -> list[str]:
        found = self.claims.get("aud", [])
        return [str(each) for each in found] if isinstance(found, list) else [str(found)]


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """Answers requests that carry a token in place of a signature."""

    state: AwsState
    sessions: Sessions
    delays: Delays
    issuers: Issuers = field(default_factory=dict)

    def answer(self, operation: Operation, now: datetime) -> Answer:
        """Answer one request. Raises: Refusal."""
        token = _read(operation.text("WebIdentityToken"))
        found = ROLE_ARN.fullmatch(operation.text("RoleArn"))
        if not found:
            raise Refusal.of("ValidationError", f"{operation.text('RoleArn')} is invalid")
        account_id = found[1]
        provider = self._provider(account_id, token)
        self._check(token, provider, now)
        newcomer = _newcomer(operation, token, account_id, self.state)
        packed, context = newcomer.packed, newcomer.context(operation.region, now)
        role = FederatedTrust(self.state, self.delays).role(newcomer, found[0], context, now)
        seconds = within_role(requested_seconds(operation, 3600, LONGEST), int(role.max_session_duration or 3600))
        session = newcomer.session(account_id, role, seconds, now)
        self.sessions.add(session, now)
        return credentials_answer(
            "AssumeRoleWithWebIdentity",
            session,
            {
                "SubjectFromWebIdentityToken": str(token.claims.get("sub", "")),
                "Provider": newcomer.provider,
                "Audience": token.audiences[0],
                "PackedPolicySize": str(packed or ""),
                "SourceIdentity": newcomer.source_identity,
            },
        )

    def _provider(self, account_id: str, token: _Token) -> Any:
        iam = self.state.iam(account_id)
        arn = _provider_arn(account_id, token.issuer)
        provider = iam.open_id_providers.get(arn) if iam else None
        if provider is None:
            words = f"No OpenIDConnect provider found in your account for https://{token.issuer}"
            raise Refusal.of(_INVALID, words)
        return provider

    def _check(self, token: _Token, provider: Any, now: datetime) -> None:
        """Refuse a token that is not its issuer's, not for this audience, or past its time."""
        keys = self.issuers.get(token.issuer, {}).get("keys", [])
        if not any(_signed_by(key, token) for key in keys if key.get("kid") in (None, token.header.get("kid"))):
            refusal = Refusal.of(_INVALID, "Couldn't retrieve verification key from your identity provider")
            refusal.note = "no key that the twin was given signed it" if keys else "the twin has no keys of this issuer"
            raise refusal
        if set(token.audiences).isdisjoint(provider.client_id_list):
            raise Refusal.of(_INVALID, "Incorrect token audience")
        expires = token.expires
        if expires is None:
            raise Refusal.of(_INVALID, "Missing a required claim: exp")
        if expires <= now.timestamp():
            ends = datetime.fromtimestamp(max(expires, 0), UTC)
            raise Refusal.of(
                "ExpiredTokenException",
                f"Token expired: current date/time {now:%Y-%m-%dT%H:%M:%SZ} must be before the expiration "
                f"date/time {ends:%Y-%m-%dT%H:%M:%SZ}",
            )


def _newcomer(operation: Operation, token: _Token, account_id: str, state: AwsState) -> Newcomer:
    session_name = operation.text("RoleSessionName")
    check_texts(operation, {"RoleSessionName": ROLE_TEXTS["RoleSessionName"]})
    return Newcomer(
        action=ACTION,
        provider=_provider_arn(account_id, token.issuer),
        session_name=session_name,
        keys={f"{token.issuer}:aud": token.audiences[0], f"{token.issuer}:sub": str(token.claims.get("sub", ""))},
        tags=_tags(token),
        policies=read_policies(operation, account_id, state),
        source_identity=read_source_identity(str(token.claims.get(_SOURCE_IDENTITY) or ""), None),
    )


def _tags(token: _Token) -> SessionTags:
    """Return the session tags of a token: `{"principal_tags": {key: [value]}, "transitive_tag_keys": [key]}`."""
    claim = token.claims.get(_TAGS)
    if claim is None:
        return SessionTags()
    given = claim.get("principal_tags") if isinstance(claim, dict) else None
    if not isinstance(given, dict) or not all(isinstance(each, list) and len(each) == 1 for each in given.values()):
        raise Refusal.of(_INVALID, f"The claim {_TAGS} of the token is malformed.")
    passed = {str(key): str(values[0]) for key, values in given.items()}
    transitive = [str(key) for key in claim.get("transitive_tag_keys", ())]
    return read_tags(passed, len(passed), transitive, None)


def _provider_arn(account_id: str, issuer: str) -> str:
    return f"arn:aws:iam::{account_id}:oidc-provider/{issuer}"


def _read(text: str) -> _Token:
    parts = text.split(".")
    try:
        header, claims = (json.loads(_decoded(part)) for part in parts[:2])
        signature = _decoded(parts[2])
    except (ValueError, IndexError, RecursionError) as error:
        raise Refusal.of(_INVALID, "The ID Token provided is not a valid JWT.") from error
    if len(parts) != 3 or not isinstance(header, dict) or not isinstance(claims, dict):
        raise Refusal.of(_INVALID, "The ID Token provided is not a valid JWT.")
    return _Token(header, claims, f"{parts[0]}.{parts[1]}".encode(), signature)


def _signed_by(key: Mapping[str, Any], token: _Token) -> bool:
    """Tell whether an RSA key of a JWKS signed the token; another algorithm is none that AWS takes here."""
    if token.header.get("alg") != "RS256" or key.get("kty") != "RSA":
        return False
    try:
        exponent, modulus = (int.from_bytes(_decoded(str(key[part])), "big") for part in ("e", "n"))
        public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        public.verify(token.signature, token.signed, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, KeyError, ValueError, binascii.Error):
        return False
    return True


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
