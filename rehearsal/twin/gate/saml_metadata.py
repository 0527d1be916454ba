"""Metadata documents of SAML providers on their way in; moto keeps any text.

Sources: IAM API Reference, "CreateSAMLProvider", "UpdateSAMLProvider"; IAM User Guide, "Troubleshoot SAML federation
with IAM" (the words).
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.emulator.saml_providers import BadMetadata, read_metadata
from rehearsal.twin.requests.refusals import Fault, Refusal

_OPERATIONS = ("CreateSAMLProvider", "UpdateSAMLProvider")
_CODE = "InvalidInput"
_ENCRYPTION = ("AssertionEncryptionMode", "AddPrivateKey", "RemovePrivateKey")
_NOT_DECRYPTED = "The twin does not emulate iam:{} with {}: it decrypts no SAML assertions."
_NO_UPDATE = "Unable to update identity provider. No updates are defined for metadata or encryption assertion."


def check_saml_metadata(asked: Asked) -> None:
    """Refuse a document that no identity provider can be known by; raises Refusal with AWS's words."""
    operation = asked.operation
    if operation.service != "iam" or operation.name not in _OPERATIONS:
        return
    for parameter in _ENCRYPTION:
        if operation.text(parameter):
            raise Refusal(Fault.UNSUPPORTED, _NOT_DECRYPTED.format(operation.name, parameter))
    document = operation.text("SAMLMetadataDocument")
    if not document:
        raise Refusal.of(_CODE, _NO_UPDATE)
    try:
        read_metadata(document)
    except BadMetadata as error:
        refusal = Refusal.of(_CODE, "Could not parse metadata")
        refusal.note = str(error)
        raise refusal from error
