"""AssumeRoleWithSAML: a signed SAML response in, a role's session out, decided by the role's trust policy.

Sources: AWS STS API Reference, "AssumeRoleWithSAML"; IAM User Guide, "Configure SAML assertions for the authentication
response", "Available keys for SAML-based AWS STS federation", "Troubleshoot SAML federation with IAM" (the words).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rehearsal.twin.callers.assume_role import LONGEST, ROLE_ARN, SESSION_NAME
from rehearsal.twin.callers.callers import Sessions
from rehearsal.twin.callers.delays import Delays
from rehearsal.twin.callers.federated_trust import FederatedTrust, Newcomer
from rehearsal.twin.callers.saml_response import (
    BadEncoding,
    BadResponse,
    BadSignature,
    Encrypted,
    Rejected,
    SamlAssertion,
    SamlResponse,
)
from rehearsal.twin.callers.session_contents import SOURCE_IDENTITY, SessionTags, read_policies, read_tags
from rehearsal.twin.callers.sts_answers import credentials_answer, requested_seconds, within_role
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.emulator.saml_providers import SamlMetadata, read_metadata
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Answer, Fault, Refusal

ACTION = "sts:AssumeRoleWithSAML"
_OURS = "https://aws.amazon.com/SAML/Attributes/"
_TAG = f"{_OURS}PrincipalTag:"
_PROVIDER_ARN = re.compile(r"arn:aws:iam::(\d{12}):saml-provider/([\w._-]{1,128})", re.ASCII)
_RECIPIENT = re.compile(r"https://(?:[a-z0-9-]+\.)?signin\.aws\.amazon\.com/saml(?:/acs/[\w-]+)?", re.ASCII)
_AUDIENCES = ("urn:amazon:webservices",)
"""Beside the addresses of the sign-in endpoints themselves."""
_REDEEMED = timedelta(minutes=5)
"""Source: what STS answers later, "Token must be redeemed within 5 minutes of issuance"."""
_INVALID, _EXPIRED = "InvalidIdentityToken", "ExpiredTokenException"
_SESSION_NAME = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
_IDENTITY = 'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'
_DENIED = f"Not authorized to perform {ACTION}"
_ORG = "urn:oid:1.3.6.1.4.1.5923.1."
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
# Source: IAM User Guide, "Mapping SAML attributes to AWS trust policy context keys".
_MAPPED = {
    f"{_ORG}1.1.1": "edupersonaffiliation",
    f"{_ORG}1.1.2": "edupersonnickname",
    f"{_ORG}1.1.3": "edupersonorgdn",
    f"{_ORG}1.1.4": "edupersonorgunitdn",
    f"{_ORG}1.1.5": "edupersonprimaryaffiliation",
    f"{_ORG}1.1.6": "edupersonprincipalname",
    f"{_ORG}1.1.7": "edupersonentitlement",
    f"{_ORG}1.1.8": "edupersonprimaryorgunitdn",
    f"{_ORG}1.1.9": "edupersonscopedaffiliation",
    f"{_ORG}1.1.10": "edupersontargetedid",
    f"{_ORG}1.1.11": "edupersonassurance",
    f"{_ORG}2.1.2": "eduorghomepageuri",
    f"{_ORG}2.1.3": "eduorgidentityauthnpolicyuri",
    f"{_ORG}2.1.4": "eduorglegalname",
    f"{_ORG}2.1.5": "eduorgsuperioruri",
    f"{_ORG}2.1.6": "eduorgwhitepagesuri",
    "urn:oid:2.5.4.3": "cn",
    f"{_CLAIMS}name": "name",
    "http://schemas.xmlsoap.org/claims/CommonName": "commonName",
    f"{_CLAIMS}givenname": "givenName",
    f"{_CLAIMS}surname": "surname",
    f"{_CLAIMS}emailaddress": "mail",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "primaryGroupSID",
    "2.5.4.3": "commonName",
    "2.5.4.4": "surname",
    "2.5.4.42": "givenName",
    "2.5.4.45": "x500UniqueIdentifier",
    "0.9.2342.19200300.100.1.1": "uid",
    "0.9.2342.19200300.100.1.3": "mail",
    "0.9.2342.19200300.100.1.45": "organizationStatus",
}


@dataclass(frozen=True, slots=True)
class _Provider:
    """The SAML provider that a request names."""

    arn: str
    account_id: str
    name: str
    metadata: SamlMetadata


@dataclass(frozen=True, slots=True)
class Saml:
    """Answers requests that carry a SAML response in place of a signature."""

    state: AwsState
    sessions: Sessions
    delays: Delays

    def answer(self, operation: Operation, now: datetime) -> Answer:
        """Answer one request; `now` is the clock that assertions and sessions end by. Raises: Refusal."""
        role_arn = operation.text("RoleArn")
        found = ROLE_ARN.fullmatch(role_arn)
        if not found:
            raise Refusal.of("ValidationError", f"{role_arn} is invalid")
        provider = self._provider(operation.text("PrincipalArn"))
        wanted = requested_seconds(operation, 3600, LONGEST)
        assertion = _assertion(operation.text("SAMLAssertion"), provider.metadata)
        _check_times(assertion, now)
        _check_purpose(assertion, role_arn, provider.arn)
        policies = read_policies(operation, found[1], self.state)
        newcomer = Newcomer(
            action=ACTION,
            provider=provider.arn,
            session_name=_session_name(assertion),
            keys=_keys(assertion, provider),
            policies=policies,
            tags=_tags(assertion),
            source_identity=_source_identity(assertion),
            kept=_kept(assertion, provider),
        )
        packed, context = newcomer.packed, newcomer.context(operation.region, now)
        if provider.account_id != found[1]:
            raise _denied("the role is in another account than the provider")
        role = FederatedTrust(self.state, self.delays).role(newcomer, role_arn, context, now)
        longest = within_role(wanted, int(role.max_session_duration or 3600))
        session = newcomer.session(found[1], role, _seconds(assertion, longest, now), now)
        self.sessions.add(session, now)
        told = {
            "Subject": assertion.subject,
            "SubjectType": assertion.subject_type,
            "Issuer": assertion.issuer,
            "Audience": assertion.recipient,
            "NameQualifier": _qualifier(assertion, provider),
            "PackedPolicySize": str(packed or ""),
            "SourceIdentity": newcomer.source_identity,
        }
        return credentials_answer("AssumeRoleWithSAML", session, told)

    def _provider(self, arn: str) -> _Provider:
        found = _PROVIDER_ARN.fullmatch(arn)
        if not found:
            raise Refusal.of("ValidationError", f"{arn} is invalid")
        account_id, name = found.groups()
        iam = self.state.iam(account_id)
        kept: Any = iam.saml_providers.get(name) if iam else None
        if kept is None:
            raise Refusal.of(_INVALID, "Specified provider doesn't exist")
        return _Provider(arn, account_id, name, read_metadata(kept.saml_metadata_document))


def _assertion(text: str, metadata: SamlMetadata) -> SamlAssertion:
    """Return what the provider's identity provider signed. Raises: Refusal."""
    try:
        response = SamlResponse.read(text)
        if response.issuer != metadata.entity_id:
            note = f"{response.issuer or 'nobody'} is not {metadata.entity_id}"
            raise _refusal(_INVALID, "Issuer not present in specified provider", note)
        return response.assertion(metadata.certificates)
    except Rejected as status:
        raise _refusal(
            "IDPRejectedClaim", "The identity provider reported that authentication failed", str(status)
        ) from status
    except Encrypted as error:
        raise Refusal(Fault.UNSUPPORTED, "The twin decrypts no SAML assertions.", note=str(error)) from error
    except BadEncoding as error:
        raise _refusal(_INVALID, "Invalid base64 SAMLResponse", str(error)) from error
    except BadSignature as error:
        raise _refusal(_INVALID, "Response signature invalid", str(error)) from error
    except BadResponse as error:
        raise _refusal(_INVALID, "Invalid SAML response", str(error)) from error


def _check_times(assertion: SamlAssertion, now: datetime) -> None:
    ends = [end for end in (assertion.not_on_or_after, assertion.confirmed_until) if end is not None]
    if any(now >= end for end in ends):
        raise _refusal(_EXPIRED, "Response has expired", f"it was good until {min(ends).isoformat()}")
    if now - assertion.issued > _REDEEMED:
        note = f"it was issued at {assertion.issued.isoformat()}"
        raise _refusal(_EXPIRED, "Token must be redeemed within 5 minutes of issuance", note)
    if assertion.not_before is not None and now < assertion.not_before:
        raise _refusal(_INVALID, "Response is not yet valid", f"it is good from {assertion.not_before.isoformat()}")


def _check_purpose(assertion: SamlAssertion, role_arn: str, provider_arn: str) -> None:
    """Refuse what was made for somebody else, about nobody, or for other roles."""
    if assertion.confirmed_until is None or not _RECIPIENT.fullmatch(assertion.recipient):
        note = "one SubjectConfirmation of a bearer has to name an end and AWS's sign-in endpoint as its Recipient"
        raise _refusal(_INVALID, "Invalid SAML response", note)
    if not any(each in _AUDIENCES or _RECIPIENT.fullmatch(each) for each in assertion.audiences):
        note = ", ".join(assertion.audiences) or "it names no audience"
        raise _refusal(_INVALID, "Response does not contain the required audience", note)
    if not assertion.subject:
        raise _denied("the Subject has no NameID")
    pairs = (
        tuple(sorted(each.strip() for each in pair.split(","))) for pair in assertion.attributes.get(f"{_OURS}Role", ())
    )
    if tuple(sorted((role_arn, provider_arn))) not in pairs:
        raise _denied(f"the attribute {_OURS}Role names no pair of this role and this provider")


def _session_name(assertion: SamlAssertion) -> str:
    name = assertion.one(f"{_OURS}RoleSessionName")
    if not name:
        raise Refusal.of(_INVALID, "RoleSessionName is required in AuthnResponse")
    if not SESSION_NAME.fullmatch(name):
        raise Refusal.of(_INVALID, _SESSION_NAME)
    return name


def _source_identity(assertion: SamlAssertion) -> str:
    identity = assertion.one(f"{_OURS}SourceIdentity")
    if identity and not SOURCE_IDENTITY.fullmatch(identity):
        raise Refusal.of(_INVALID, _IDENTITY)
    return identity


def _tags(assertion: SamlAssertion) -> SessionTags:
    given = {name.removeprefix(_TAG): values for name, values in assertion.attributes.items() if name.startswith(_TAG)}
    if not all(len(values) == 1 for values in given.values()):
        raise _refusal(_INVALID, "Invalid SAML response", "an attribute PrincipalTag has not exactly one value")
    passed = {key: values[0] for key, values in given.items()}
    return read_tags(passed, len(passed), assertion.attributes.get(f"{_OURS}TransitiveTagKeys", ()), None)


def _seconds(assertion: SamlAssertion, longest: int, now: datetime) -> int:
    """Return how long the session lasts: what the response says can only make it shorter."""
    limits = [longest]
    duration = assertion.one(f"{_OURS}SessionDuration")
    if duration:
        if not duration.isdigit() or not 900 <= int(duration) <= LONGEST:
            note = f"{duration} is not from 900 to {LONGEST}"
            raise _refusal(_INVALID, "Invalid SAML response", f"SessionDuration: {note}")
        limits.append(int(duration))
    if assertion.session_until is not None:
        left = int((assertion.session_until - now).total_seconds())
        if left <= 0:
            raise _refusal(_EXPIRED, "Response has expired", "its SessionNotOnOrAfter has passed")
        limits.append(left)
    return min(limits)


def _keys(assertion: SamlAssertion, provider: _Provider) -> dict[str, str | list[str]]:
    return {
        **dict(_mapped(assertion)),
        **_kept(assertion, provider),
        "saml:aud": assertion.recipient,
        "saml:iss": assertion.issuer,
        "saml:doc": f"{provider.account_id}/{provider.name}",
    }


def _kept(assertion: SamlAssertion, provider: _Provider) -> dict[str, str]:
    return {
        "saml:namequalifier": _qualifier(assertion, provider),
        "saml:sub": assertion.subject,
        "saml:sub_type": assertion.subject_type,
    }


def _mapped(assertion: SamlAssertion) -> Iterator[tuple[str, list[str]]]:
    for name, values in assertion.attributes.items():
        key = _MAPPED.get(name) or _MAPPED.get(name.removeprefix("urn:oid:"))
        if key:
            yield f"saml:{key}", list(values)


def _qualifier(assertion: SamlAssertion, provider: _Provider) -> str:
    text = f"{assertion.issuer}{provider.account_id}/{provider.name}"
    return base64.b64encode(hashlib.sha1(text.encode(), usedforsecurity=False).digest()).decode()


def _denied(note: str) -> Refusal:
    return Refusal(Fault.DENIED, _DENIED, note=note)


def _refusal(code: str, message: str, note: str) -> Refusal:
    refusal = Refusal.of(code, message)
    refusal.note = note
    return refusal
