"""A SAML response: who signed it, and what its assertion says. Nothing is read but what a signature covers.

Sources: SAML 2.0 Core, sections 2 and 3.3; SAML 2.0 Profiles, section 4.1.4 (one subject confirmation, for bearers);
IAM User Guide, "Configure SAML assertions for the authentication response".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rehearsal.twin.emulator.saml_providers import ASSERTION, PROTOCOL, SIGNATURE, BadXml, read_time, read_xml

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_FORMATS = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_CONFIRMATION = f"{ASSERTION}SubjectConfirmation"


class BadResponse(Exception):
    """What came is no SAML response that can be used; the text says why, for the record alone."""


class BadEncoding(BadResponse):
    """What came is no base64."""


class BadSignature(BadResponse):
    """No certificate of the provider signed what came."""


class Encrypted(BadResponse):
    """The assertion can only be read with a key that the twin does not have."""


class Rejected(Exception):
    """The identity provider itself says that it did not let the person in; the text is its status."""


@dataclass(frozen=True, slots=True)
class SamlAssertion:
    """What a signed assertion says; times are in UTC, None where it names none."""

    issuer: str
    issued: datetime
    subject: str
    """"" if there is none."""
    subject_format: str
    recipient: str
    """Where it was sent to; "" if it does not say."""
    confirmed_until: datetime | None
    not_before: datetime | None
    not_on_or_after: datetime | None
    session_until: datetime | None
    audiences: tuple[str, ...]
    attributes: Mapping[str, tuple[str, ...]]
    """The values of each attribute by its full name."""

    @property
    def subject_type(self) -> str:
        """The format as AWS tells it: `persistent`, `transient`; other formats in full."""
        return self.subject_format.removeprefix(_FORMATS)

    def one(self, name: str) -> str:
        """Return the first value of an attribute, "" if there is none."""
        return next(iter(self.attributes.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class SamlResponse:
    """A response as it came: nothing of it is believed before `assertion` has found who signed it."""

    root: Any

    @classmethod
    def read(cls, text: str) -> SamlResponse:
        """Return the response in a request's base64 text. Raises: BadResponse, Encrypted, Rejected."""
        try:
            document = base64.b64decode("".join(text.split()), validate=True)
        except (ValueError, binascii.Error) as error:
            raise BadEncoding(str(error)) from error
        try:
            root = read_xml(document)
        except BadXml as error:
            raise BadResponse(str(error)) from error
        if root.tag != f"{PROTOCOL}Response":
            raise BadResponse(f"its root is {root.tag}, not a Response")
        status = root.find(f"{PROTOCOL}Status/{PROTOCOL}StatusCode")
        if status is not None and status.get("Value") != _SUCCESS:
            raise Rejected(str(status.get("Value")))
        if root.find(f"{ASSERTION}EncryptedAssertion") is not None:
            raise Encrypted("its assertion is encrypted")
        if len(list(root.iter(f"{ASSERTION}Assertion"))) != 1:
            raise BadResponse("it has not exactly one Assertion")
        return cls(root)

    @property
    def issuer(self) -> str:
        """Who claims to have issued the assertion."""
        return _text(self.root.find(f"{ASSERTION}Assertion/{ASSERTION}Issuer"))

    def assertion(self, certificates: Sequence[Certificate]) -> SamlAssertion:
        """Return the assertion that one of these certificates signed, alone or with the response around it.

        Raises: BadSignature; BadResponse for one that lacks what every assertion has.
        """
        found = None
        for place, name in ((f"./{ASSERTION}Assertion/", f"{ASSERTION}Assertion"), ("./", f"{PROTOCOL}Response")):
            if self.root.find(f"{place}{SIGNATURE}Signature") is None:
                continue
            signed = self._signed(place, certificates)
            if signed is None or signed.tag != name:
                raise BadSignature(f"the signature of the {name.rpartition('}')[2]} covers something else")
            found = signed if found is None else found
        if found is None:
            raise BadSignature("nothing of it is signed")
        inner = found if found.tag == f"{ASSERTION}Assertion" else found.find(f"{ASSERTION}Assertion")
        if inner is None:
            raise BadResponse("its Assertion is not where it belongs")
        try:
            return _read(inner)
        except ValueError as error:
            raise BadResponse(str(error)) from error

    def _signed(self, place: str, certificates: Sequence[Certificate]) -> Any:
        """Return what a signature covers, read anew from the bytes that were signed."""
        from lxml.etree import LxmlError
        from signxml import SignatureConfiguration, XMLVerifier
        from signxml.exceptions import SignXMLException

        reasons = []
        for certificate in certificates:
            # IAM takes no notice of when a certificate ends: it is looked at as on its first day.
            first_day = certificate.not_valid_before_utc + timedelta(seconds=1)
            config = SignatureConfiguration(location=place, verification_time=first_day)
            try:
                return XMLVerifier().verify(self.root, x509_cert=certificate, expect_config=config).signed_xml
            except (SignXMLException, LxmlError, ValueError) as error:
                reasons.append(str(error))
        raise BadSignature("; ".join(dict.fromkeys(reasons)))


def _read(assertion: Any) -> SamlAssertion:
    name = assertion.find(f"{ASSERTION}Subject/{ASSERTION}NameID")
    conditions = assertion.find(f"{ASSERTION}Conditions")
    confirmations = assertion.findall(f"{ASSERTION}Subject/{_CONFIRMATION}")
    data = confirmations[0].find(f"{_CONFIRMATION}Data") if len(confirmations) == 1 else None
    if data is not None and confirmations[0].get("Method") != _BEARER:
        data = None
    statement = assertion.find(f"{ASSERTION}AuthnStatement")
    audiences = () if conditions is None else conditions.iterfind(f"{ASSERTION}AudienceRestriction/{ASSERTION}Audience")
    issued = _time(assertion, "IssueInstant")
    if issued is None:
        raise ValueError("the Assertion has no IssueInstant")
    return SamlAssertion(
        issuer=_text(assertion.find(f"{ASSERTION}Issuer")),
        issued=issued,
        subject=_text(name),
        subject_format=(None if name is None else name.get("Format")) or _UNSPECIFIED,
        recipient="" if data is None else str(data.get("Recipient") or ""),
        confirmed_until=_time(data, "NotOnOrAfter"),
        not_before=_time(conditions, "NotBefore"),
        not_on_or_after=_time(conditions, "NotOnOrAfter"),
        session_until=_time(statement, "SessionNotOnOrAfter"),
        audiences=tuple(_text(each) for each in audiences),
        attributes=_attributes(assertion),
    )


def _attributes(assertion: Any) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for attribute in assertion.iterfind(f"{ASSERTION}AttributeStatement/{ASSERTION}Attribute"):
        values = tuple(_text(value) for value in attribute.iterfind(f"{ASSERTION}AttributeValue"))
        name = str(attribute.get("Name") or "")
        found[name] = (*found.get(name, ()), *values)
    return found


def _text(element: Any) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def _time(element: Any, name: str) -> datetime | None:
    text = None if element is None else element.get(name)
    return read_time(text) if text else None
