"""A company's identity provider for rehearsals: its metadata, and signed SAML responses as its sign-in page would post.

Its key opens the twin only, whose SAML provider is made with its certificate.
Sources: SAML 2.0 Core and Metadata; IAM User Guide, "Configure SAML assertions for the authentication response".
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from orchestrator.rehearse.token_issuer import new_signing_key

SIGN_IN = "https://signin.aws.amazon.com/saml"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
_LIFETIME = timedelta(days=365)
_GOOD_FOR = timedelta(minutes=5)
_DS, _SAML = "http://www.w3.org/2000/09/xmldsig#", "urn:oasis:names:tc:SAML:2.0"
_METADATA = """\
<EntityDescriptor xmlns="{saml}:metadata" entityID={entity}>
  <IDPSSODescriptor protocolSupportEnumeration="{saml}:protocol" WantAuthnRequestsSigned="false">
    <KeyDescriptor use="signing"><KeyInfo xmlns="{ds}"><X509Data><X509Certificate>
{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <NameIDFormat>{saml}:nameid-format:persistent</NameIDFormat>
    <SingleSignOnService Binding="{saml}:bindings:HTTP-POST" Location={entity}/>
  </IDPSSODescriptor>
</EntityDescriptor>
"""
_RESPONSE = """\
<samlp:Response xmlns:samlp="{saml}:protocol" xmlns:saml="{saml}:assertion" ID="_{response}" Version="2.0"
 IssueInstant="{now}" Destination="{sign_in}"><saml:Issuer>{issuer}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="{saml}:status:Success"/></samlp:Status>
<saml:Assertion ID="_{assertion}" Version="2.0" IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer>
<ds:Signature xmlns:ds="{ds}" Id="placeholder"></ds:Signature>
<saml:Subject><saml:NameID Format="{saml}:nameid-format:persistent">{subject}</saml:NameID>
<saml:SubjectConfirmation Method="{saml}:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{end}"
 Recipient="{sign_in}"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{now}" NotOnOrAfter="{end}"><saml:AudienceRestriction>
<saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{now}"><saml:AuthnContext><saml:AuthnContextClassRef>
{saml}:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion></samlp:Response>
"""


@dataclass(frozen=True, slots=True)
class SamlIssuer:
    """Signs SAML responses; `entity_id` is who it is in them, `signing_key` a private key as PEM text."""

    entity_id: str
    signing_key: str = field(default_factory=new_signing_key, repr=False)

    @property
    def metadata(self) -> str:
        """The document that a SAML provider is made with in IAM."""
        der = self._certificate().public_bytes(Encoding.DER)
        return _METADATA.format(
            saml=_SAML, ds=_DS, entity=quoteattr(self.entity_id), certificate=base64.encodebytes(der).decode()
        )

    def unsigned(
        self, role: str, provider: str, session_name: str, attributes: Mapping[str, Sequence[str]] | None = None
    ) -> str:
        """Return a response that lets a person become a role, both ARNs, with a place for its assertion's signature.

        `attributes` are further ones: values by full name.
        """
        told = {
            f"{ATTRIBUTES}Role": [f"{role},{provider}"],
            f"{ATTRIBUTES}RoleSessionName": [session_name],
            **(attributes or {}),
        }
        now = datetime.now(tz=UTC)
        return _RESPONSE.format(
            saml=_SAML,
            ds=_DS,
            sign_in=SIGN_IN,
            response=secrets.token_hex(16),
            assertion=secrets.token_hex(16),
            now=_time(now),
            end=_time(now + _GOOD_FOR),
            issuer=escape(self.entity_id),
            subject=escape(session_name),
            attributes="".join(_attribute(name, values) for name, values in told.items()),
        )

    def signed(self, response: str) -> str:
        """Return a response with its assertion signed, as the base64 text that a sign-in page posts."""
        from lxml import etree  # noqa: PLC0415 - few fleets need it
        from signxml import XMLSigner  # noqa: PLC0415

        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(response.encode(), parser=parser)
        place = root.find(f"{{{_SAML}:assertion}}Assertion")
        signer = XMLSigner(c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
        signed = signer.sign(
            place,
            key=self._key(),
            cert=self._certificate().public_bytes(Encoding.PEM).decode(),
            reference_uri=f"#{place.get('ID')}",
        )
        root.replace(place, signed)
        return base64.b64encode(etree.tostring(root)).decode()

    def response(self, role: str, provider: str, session_name: str) -> str:
        """Return a signed response that lets a person become a role, both ARNs, as a sign-in page posts it."""
        return self.signed(self.unsigned(role, provider, session_name))

    def _key(self) -> RSAPrivateKey:
        # Looking whether its numbers fit takes longer than to sign with it; nobody but us has made it.
        key = load_pem_private_key(self.signing_key.encode(), password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("the signing key is no RSA key")
        return key

    def _certificate(self) -> x509.Certificate:
        key = self._key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rehearsal")])
        now = datetime.now(tz=UTC)
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        return builder.not_valid_before(now).not_valid_after(now + _LIFETIME).sign(key, SHA256())


def _attribute(name: str, values: Sequence[str]) -> str:
    inner = "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
    return f"<saml:Attribute Name={quoteattr(name)}>{inner}</saml:Attribute>"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
