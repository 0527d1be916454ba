"""Refusals as AWS words them: code, status and message by kind of service, and the body of each protocol."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from uuid import uuid4
from xml.sax.saxutils import escape


class Protocol(StrEnum):
    """The wire protocols of AWS services, spelled as in botocore's models."""

    QUERY = "query"
    EC2 = "ec2"
    JSON = "json"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"
    S3 = "s3"
    """rest-xml with S3's own error body."""
    CBOR = "smithy-rpc-v2-cbor"


class Fault(Enum):
    """Why a request is refused before any policy is looked at, or by one."""

    NO_CREDENTIALS = "no credentials"
    MALFORMED_AUTHORIZATION = "malformed authorization"
    UNKNOWN_KEY = "unknown access key"
    BAD_TOKEN = "wrong session token"  # noqa: S105 - the name of a fault
    EXPIRED_TOKEN = "expired session"  # noqa: S105 - the name of a fault
    BAD_SIGNATURE = "wrong signature"
    EXPIRED_SIGNATURE = "signature too old"
    DENIED = "denied"
    UNSUPPORTED = "not emulated"
    EMULATION_FAILED = "emulation failed"


class Refusal(Exception):
    """A request is answered with an error: a `Fault`, worded per protocol, or a service's own code and status."""

    def __init__(
        self, fault: Fault | None, message: str = "", *, code: str = "", status: int = 400, note: str = ""
    ) -> None:
        super().__init__(message or (fault.value if fault else code))
        self.fault = fault
        self.message = message
        self.code = code
        self.status = status
        self.note = note
        """What AWS would not say: kept in the record of refusals, never in the answer."""
        self.action = ""
        self.resource = ""
        """What was asked for, where no policy was asked; for the record alone."""
        self.details: Mapping[str, str] = {}
        """Further elements of the error, by name; S3's alone."""
        self.headers: tuple[tuple[str, str], ...] = ()
        """Further headers of the answer."""

    @classmethod
    def of(cls, code: str, message: str, status: int = 400) -> Refusal:
        """Return a refusal with a service's own error code."""
        return cls(None, message, code=code, status=status)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = field(default=())


_SECURITY_TOKEN = "The security token included in the request is invalid."  # noqa: S105
_EXPIRED = "The security token included in the request is expired"
_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_S3_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
_AUTH_FAILURE = "AWS was not able to validate the provided access credentials"
_MISSING = "Request is missing Authentication Token"

# Source: each service's "Common Error Types" page, and what the services answer.
_QUERY: dict[Fault, tuple[str, int, str]] = {
    Fault.NO_CREDENTIALS: ("MissingAuthenticationToken", 403, _MISSING),
    Fault.MALFORMED_AUTHORIZATION: (
        "IncompleteSignature",
        400,
        "The request signature does not conform to AWS standards.",
    ),
    Fault.UNKNOWN_KEY: ("InvalidClientTokenId", 403, _SECURITY_TOKEN),
    Fault.BAD_TOKEN: ("InvalidClientTokenId", 403, _SECURITY_TOKEN),
    Fault.EXPIRED_TOKEN: ("ExpiredToken", 403, _EXPIRED),
    Fault.BAD_SIGNATURE: ("SignatureDoesNotMatch", 403, _SIGNATURE),
    Fault.EXPIRED_SIGNATURE: ("SignatureDoesNotMatch", 403, "Signature expired"),
    Fault.DENIED: ("AccessDenied", 403, "Access denied"),
    Fault.UNSUPPORTED: ("UnsupportedOperation", 400, "not emulated"),
    Fault.EMULATION_FAILED: ("EmulationFailed", 400, "emulation failed"),
}
_JSON: dict[Fault, tuple[str, int, str]] = {
    Fault.NO_CREDENTIALS: ("MissingAuthenticationTokenException", 400, _MISSING),
    Fault.MALFORMED_AUTHORIZATION: ("IncompleteSignatureException", 400, _QUERY[Fault.MALFORMED_AUTHORIZATION][2]),
    Fault.UNKNOWN_KEY: ("UnrecognizedClientException", 400, _SECURITY_TOKEN),
    Fault.BAD_TOKEN: ("UnrecognizedClientException", 400, _SECURITY_TOKEN),
    Fault.EXPIRED_TOKEN: ("ExpiredTokenException", 400, _EXPIRED),
    Fault.BAD_SIGNATURE: ("InvalidSignatureException", 400, _SIGNATURE),
    Fault.EXPIRED_SIGNATURE: ("InvalidSignatureException", 400, "Signature expired"),
    Fault.DENIED: ("AccessDeniedException", 400, "Access denied"),
    Fault.UNSUPPORTED: ("UnsupportedOperation", 400, "not emulated"),
    Fault.EMULATION_FAILED: ("EmulationFailed", 400, "emulation failed"),
}
_REST_JSON = {
    fault: (code, 400 if fault in (Fault.UNSUPPORTED, Fault.EMULATION_FAILED) else 403, message)
    for fault, (code, _, message) in _JSON.items()
}
_S3: dict[Fault, tuple[str, int, str]] = {
    Fault.NO_CREDENTIALS: ("AccessDenied", 403, "Access Denied"),
    Fault.MALFORMED_AUTHORIZATION: ("AuthorizationHeaderMalformed", 400, "The authorization header is malformed."),
    Fault.UNKNOWN_KEY: ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
    Fault.BAD_TOKEN: ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
    Fault.EXPIRED_TOKEN: ("ExpiredToken", 400, "The provided token has expired."),
    Fault.BAD_SIGNATURE: (
        "SignatureDoesNotMatch",
        403,
        _S3_SIGNATURE,
    ),
    Fault.EXPIRED_SIGNATURE: (
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the current time is too large.",
    ),
    Fault.DENIED: ("AccessDenied", 403, "Access Denied"),
    Fault.UNSUPPORTED: ("UnsupportedOperation", 400, "not emulated"),
    Fault.EMULATION_FAILED: ("EmulationFailed", 400, "emulation failed"),
}
_EC2: dict[Fault, tuple[str, int, str]] = {
    **_QUERY,
    Fault.UNKNOWN_KEY: ("AuthFailure", 401, _AUTH_FAILURE),
    Fault.BAD_TOKEN: ("AuthFailure", 401, _AUTH_FAILURE),
    Fault.BAD_SIGNATURE: ("AuthFailure", 401, _AUTH_FAILURE),
    Fault.EXPIRED_SIGNATURE: ("AuthFailure", 401, _AUTH_FAILURE),
    Fault.EXPIRED_TOKEN: ("RequestExpired", 400, "Request has expired."),
    Fault.DENIED: ("UnauthorizedOperation", 403, "You are not authorized to perform this operation."),
}
_WORDING = {
    Protocol.QUERY: _QUERY,
    Protocol.EC2: _EC2,
    Protocol.JSON: _JSON,
    Protocol.CBOR: _JSON,
    Protocol.REST_JSON: _REST_JSON,
    Protocol.REST_XML: _QUERY,
    Protocol.S3: _S3,
}


# Services that word a fault otherwise than their protocol. Source: Amazon SNS API Reference, "Common Errors".
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may have. Source: XML 1.0, section 2.2."""
_OF_SERVICE = {("sns", Fault.DENIED): ("AuthorizationError", 403)}
_QUERY_COMPATIBLE = frozenset({"sqs", "monitoring"})
"""Signing names of services that have left the query protocol and still tell its codes, in a header of their own.

Source: Smithy, "AWS Query protocol compatibility" (`awsQueryCompatible`); botocore's models have the trait for these.
"""


def error_code(refusal: Refusal, protocol: Protocol, service: str = "") -> str:
    """Return the error code that SDKs see for this refusal; `service` is the signing name."""
    if refusal.fault is None:
        return refusal.code
    if service in _QUERY_COMPATIBLE:
        return _QUERY[refusal.fault][0]
    return _OF_SERVICE.get((service, refusal.fault), _WORDING[protocol][refusal.fault])[0]


def render_refusal(refusal: Refusal, protocol: Protocol, *, head: bool = False, service: str = "") -> Answer:
    """Return the refusal as this protocol's error answer; the answer to a HEAD request has no body."""
    code, status, message = refusal.code, refusal.status, refusal.message
    if refusal.fault is not None:
        code, status, worded = _WORDING[protocol][refusal.fault]
        code, status = _OF_SERVICE.get((service, refusal.fault), (code, status))
        message = message or worded
    request_id = str(uuid4())
    headers = [("x-amzn-RequestId", request_id), ("x-amz-request-id", request_id), *refusal.headers]
    if service in _QUERY_COMPATIBLE:
        headers.append(("x-amzn-query-error", f"{error_code(refusal, protocol, service)};Sender"))
    match protocol:
        case Protocol.JSON | Protocol.REST_JSON:
            kind = "application/x-amz-json-1.1" if protocol is Protocol.JSON else "application/json"
            headers.append(("x-amzn-ErrorType", code))
            body = json.dumps({"__type": code, "message": message}).encode()
        case Protocol.CBOR:
            kind = "application/cbor"
            headers.append(("smithy-protocol", "rpc-v2-cbor"))
            body = _cbor_map({"__type": code, "message": message})
        case _:
            kind = "application/xml" if protocol is Protocol.S3 else "text/xml"
            body = _xml(protocol, code, message, request_id, refusal.details).encode()
    headers.append(("Content-Type", kind))
    return Answer(status, b"" if head else body, tuple(headers))


def _xml(protocol: Protocol, code: str, message: str, request_id: str, details: Mapping[str, str]) -> str:
    error = f"<Code>{escape(code)}</Code><Message>{_xml_text(message)}</Message>"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    if protocol is Protocol.S3:
        more = "".join(f"<{name}>{_xml_text(value)}</{name}>" for name, value in details.items())
        return f"{head}<Error>{error}{more}<RequestId>{request_id}</RequestId><HostId>twin</HostId></Error>"
    if protocol is Protocol.EC2:
        return f"{head}<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    body = f"<Error><Type>Sender</Type>{error}</Error><RequestId>{request_id}</RequestId>"
    return f"{head}<ErrorResponse>{body}</ErrorResponse>"


def _xml_text(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", text))


def _cbor_map(values: dict[str, str]) -> bytes:
    # RFC 8949: major type 5 (map) of text strings (major type 3); all a modelled error needs.
    return bytes([0xA0 | len(values)]) + b"".join(_cbor_text(text) for pair in values.items() for text in pair)


def _cbor_text(text: str) -> bytes:
    data = text.encode(errors="replace")
    if len(data) < 24:
        return bytes([0x60 | len(data)]) + data
    return b"\x79" + len(data).to_bytes(2, "big") + data
