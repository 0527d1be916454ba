"""Providers of SAML identities: what their metadata documents say, and how long they are good for.

moto's modules have no types and are changed here, hence `Any` for them.
Sources: IAM API Reference, "CreateSAMLProvider", "UpdateSAMLProvider"; IAM User Guide, "Create a SAML identity provider
in IAM" (UTF-8 without a byte order mark, keys of 1,024 bits and more, no repeated extensions; IAM takes no notice of a
certificate's end), "Troubleshoot SAML federation with IAM" (the words); SAML 2.0 Metadata, section 2.4.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

ASSERTION, METADATA = "{urn:oasis:names:tc:SAML:2.0:assertion}", "{urn:oasis:names:tc:SAML:2.0:metadata}"
PROTOCOL, SIGNATURE = "{urn:oasis:names:tc:SAML:2.0:protocol}", "{http://www.w3.org/2000/09/xmldsig#}"
"""Namespaces, as lxml writes them before a name."""
_LEAST_BITS = 1024
_LASTING = 100  # years that a provider is good for whose document does not say


class BadXml(Exception):
    """A document that is no XML, or brings what nobody should read: a DTD, entities."""


class BadMetadata(Exception):
    """A metadata document that IAM would not take; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class SamlMetadata:
    """What AWS keeps of an identity provider: who signs as whom."""

    entity_id: str
    certificates: tuple[Certificate, ...]
    valid_until: datetime | None


def read_xml(document: bytes) -> Any:
    """Return the root of a document; nothing outside it is read, no entity is put in. Raises: BadXml."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser=parser)
    except etree.XMLSyntaxError as error:
        raise BadXml(str(error)) from error
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None or info.externalDTD is not None:
        raise BadXml("it has a document type declaration")
    return root


@lru_cache(maxsize=64)
def read_metadata(document: str) -> SamlMetadata:
    """Return what a metadata document says of its identity provider. Raises: BadMetadata."""
    if document.startswith("\ufeff"):
        raise BadMetadata("it begins with a byte order mark")
    try:
        root = read_xml(document.encode())
    except BadXml as error:
        raise BadMetadata(str(error)) from error
    if root.tag != f"{METADATA}EntityDescriptor" or not root.get("entityID"):
        raise BadMetadata("it is no EntityDescriptor with an entityID")
    certificates = tuple(_certificates(root))
    if not certificates:
        raise BadMetadata("no IDPSSODescriptor in it has a KeyDescriptor for signing with an X509Certificate")
    until = root.get("validUntil")
    try:
        return SamlMetadata(root.get("entityID"), certificates, read_time(until) if until else None)
    except ValueError as error:
        raise BadMetadata(f"validUntil: {error}") from error


def read_time(text: str) -> datetime:
    """Return a time as SAML writes it; in UTC where it names no zone. Raises: ValueError."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _certificates(root: Any) -> Iterator[Certificate]:
    for descriptor in root.iterfind(f"{METADATA}IDPSSODescriptor/{METADATA}KeyDescriptor"):
        if descriptor.get("use") in (None, "signing"):
            for text in descriptor.iterfind(f"{SIGNATURE}KeyInfo/{SIGNATURE}X509Data/{SIGNATURE}X509Certificate"):
                yield _certificate(text.text or "")


def _certificate(text: str) -> Certificate:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import DuplicateExtension, load_der_x509_certificate

    try:
        found = load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
        _ = found.extensions  # a doubled one is noticed by reading
        key = found.public_key()
    except (ValueError, binascii.Error, DuplicateExtension) as error:
        raise BadMetadata(f"an X509Certificate cannot be read: {error}") from error
    if isinstance(key, RSAPublicKey) and key.key_size < _LEAST_BITS:
        raise BadMetadata(f"the key of an X509Certificate has {key.key_size} bits, less than {_LEAST_BITS}")
    return found


def date_saml_providers(iam: Any) -> None:
    """Let moto's IAM tell how long a provider is good for: as its document says, else a hundred years."""
    backend = iam.IAMBackend
    for name in ("create_saml_provider", "update_saml_provider"):
        setattr(backend, name, _dated(getattr(backend, name)))


def _dated(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Moto says of each provider that it is good until a day in 2032."""

    @wraps(plain)
    def dated(*args: Any, **kwargs: Any) -> Any:
        provider = plain(*args, **kwargs)
        until = read_metadata(provider.saml_metadata_document).valid_until
        born = provider.create_date
        lasting = born.replace(year=born.year + _LASTING, day=min(born.day, 28))
        provider.valid_until = until.astimezone(UTC).replace(tzinfo=None) if until else lasting
        return provider

    return dated
