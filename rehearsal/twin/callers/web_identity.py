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
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, ResourceKind, decide
from rehearsal.twin.callers.callers import CallerKind, Session, Sessions
from rehearsal.twin.callers.sessions import lifetime, new_credentials
from rehearsal.twin.callers.sts_answers import credentials_answer, requested_seconds
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.gate.decision import cached_policy
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Answer, Fault, Refusal

ACTION = "sts:AssumeRoleWithWebIdentity"
_ROLE_ARN = re.compile(r"arn:aws:iam::(\d{12}):role/(?:[!-~]*/)?([\w+=,.@-]{1,64})", re.ASCII)
_INVALID = "InvalidIdentityToken"
_DENIED = f"Not authorized to perform {ACTION}"

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
    def audiences(self) -> list[str]:
        found = self.claims.get("aud", [])
        return [str(each) for each in found] if isinstance(found, list) else [str(found)]


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """Answers requests that carry a token in place of a signature."""

    state: AwsState
    sessions: Sessions
    issuers: Issuers = field(default_factory=dict)

    def answer(self, operation: Operation, now: datetime) -> Answer:
        """Answer one request. Raises: Refusal."""
        token = _read(operation.text("WebIdentityToken"))
        found = _ROLE_ARN.fullmatch(operation.text("RoleArn"))
        if not found:
            raise Refusal.of("ValidationError", f"{operation.text('RoleArn')} is invalid")
        account_id, name = found.groups()
        provider = self._provider(account_id, token)
        self._check(token, provider, now)
        role = self._trusted(operation.text("RoleArn"), account_id, name, token)
        session = _session(operation, account_id, role, now)
        self.sessions.add(session, now)
        return credentials_answer(
            "AssumeRoleWithWebIdentity",
            session,
            {
                "SubjectFromWebIdentityToken": str(token.claims.get("sub", "")),
                "Provider": _provider_arn(account_id, token.issuer),
                "Audience": token.audiences[0],
            },
        )

    def _provider(self, account_id: str, token: _Token) -> Any:  # noqa: ANN401 - moto's provider
        iam = self.state.iam(account_id)
        arn = _provider_arn(account_id, token.issuer)
        provider = iam.open_id_providers.get(arn) if iam else None
        if provider is None:
            words = f"No OpenIDConnect provider found in your account for https://{token.issuer}"
            raise Refusal.of(_INVALID, words)
        return provider

    def _check(self, token: _Token, provider: Any, now: datetime) -> None:  # noqa: ANN401 - moto's provider
        """Refuse a token that is not its issuer's, not for this audience, or past its time."""
        keys = self.issuers.get(token.issuer, {}).get("keys", [])
        if not any(_signed_by(key, token) for key in keys if key.get("kid") in (None, token.header.get("kid"))):
            refusal = Refusal.of(_INVALID, "Couldn't retrieve verification key from your identity provider")
            refusal.note = "no key that the twin was given signed it" if keys else "the twin has no keys of this issuer"
            raise refusal
        if set(token.audiences).isdisjoint(provider.client_id_list):
            raise Refusal.of(_INVALID, "Incorrect token audience")
        expires = token.claims.get("exp")
        if not isinstance(expires, int | float) or expires <= now.timestamp():
            ends = datetime.fromtimestamp(float(expires or 0), UTC)
            raise Refusal.of(
                "ExpiredTokenException",
                f"Token expired: current date/time {now:%Y-%m-%dT%H:%M:%SZ} must be before the expiration "
                f"date/time {ends:%Y-%m-%dT%H:%M:%SZ}",
            )

    def _trusted(self, arn: str, account_id: str, name: str, token: _Token) -> Any:  # noqa: ANN401 - moto's role
        """Return the role if its trust policy lets the token's claims in."""
        role = self.state.role(account_id, name)
        if role is None or role.arn != arn or self.state.is_suspended(account_id):
            raise Refusal(Fault.DENIED, _DENIED, note="there is no such role, or its account is closed")
        principal = Principal(PrincipalKind.FEDERATED, "", _provider_arn(account_id, token.issuer))
        context = {f"{token.issuer}:aud": token.audiences[0], f"{token.issuer}:sub": str(token.claims.get("sub", ""))}
        trust = cached_policy(str(role.assume_role_policy_document), arn, kind=PolicyKind.TRUST)
        request = Request(principal, ACTION, arn, context)
        policies = Policies(resource=trust, resource_account=account_id, resource_kind=ResourceKind.TRUST)
        decision = decide(request, policies)
        if not decision.allowed:
            raise Refusal(Fault.DENIED, _DENIED, note=f"{decision.reason.value}: {json.dumps(context)}")
        return role


def _session(operation: Operation, account_id: str, role: Any, now: datetime) -> Session:  # noqa: ANN401 - moto's role
    longest = int(role.max_session_duration or 3600)
    key, secret, token = new_credentials(account_id)
    return Session(
        access_key_id=key,
        secret=secret,
        token=token,
        account_id=account_id,
        kind=CallerKind.ROLE,
        principal_name=role.name,
        principal_id=str(role.id),
        session_name=operation.text("RoleSessionName"),
        issued=now,
        expires=lifetime(now, requested_seconds(operation, 3600, longest)),
    )


def _provider_arn(account_id: str, issuer: str) -> str:
    return f"arn:aws:iam::{account_id}:oidc-provider/{issuer}"


def _read(text: str) -> _Token:
    parts = text.split(".")
    try:
        header, claims = (json.loads(_decoded(part)) for part in parts[:2])
        signature = _decoded(parts[2])
    except (ValueError, IndexError, binascii.Error) as error:
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
