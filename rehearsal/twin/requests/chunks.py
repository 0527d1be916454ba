"""S3 uploads in chunks: their framing, the signature of each chunk, and the trailer with its checksum.

Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
Chunks (Chunked Upload)" and "… Including Trailing Headers"; Amazon S3 User Guide, "Checking object integrity".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rehearsal.twin.requests.checksums import check_checksums, checksums_in_headers
from rehearsal.twin.requests.http_request import HttpRequest, replace_body
from rehearsal.twin.requests.refusals import Fault, Refusal

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_WITH_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
STREAMED = frozenset({SIGNED, SIGNED_WITH_TRAILER, UNSIGNED_WITH_TRAILER})

_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?")
_EMPTY = hashlib.sha256(b"").hexdigest()
_TRAILER_SIGNATURE = "x-amz-trailer-signature"
_INCOMPLETE = "The request body terminated unexpectedly"


@dataclass(frozen=True, slots=True)
class ChunkSigner:
    """Computes the signatures along a chunked body; the first follows the request's own, `seed`."""

    key: bytes = field(repr=False)
    timestamp: str
    scope: str
    seed: str

    def of_chunk(self, before: str, data: bytes) -> str:
        """Return the signature of a chunk after the one of the chunk before."""
        return self._sign("AWS4-HMAC-SHA256-PAYLOAD", before, _EMPTY, hashlib.sha256(data).hexdigest())

    def of_trailer(self, before: str, trailer: Mapping[str, str]) -> str:
        """Return the signature of the trailing headers after the one of the last chunk."""
        text = "".join(f"{name}:{value}\n" for name, value in trailer.items())
        return self._sign("AWS4-HMAC-SHA256-TRAILER", before, hashlib.sha256(text.encode()).hexdigest())

    def _sign(self, algorithm: str, *parts: str) -> str:
        text = "\n".join((algorithm, self.timestamp, self.scope, *parts))
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()


def check_chunks(request: HttpRequest, declared: str, signer: ChunkSigner) -> None:
    """Refuse a chunked body that is cut, changed, or not what its trailer says; hand on what it carries.

    Raises: Refusal (BAD_SIGNATURE, or S3's IncompleteBody and BadDigest).
    """
    data, trailer = _read(request.body, signer if declared != UNSIGNED_WITH_TRAILER else None)
    length = request.header("X-Amz-Decoded-Content-Length")
    if length != str(len(data)):
        raise Refusal.of("IncompleteBody", _INCOMPLETE)
    promised = {name.strip().lower() for name in request.header("X-Amz-Trailer").split(",") if name.strip()}
    if declared != SIGNED and not promised <= set(trailer):
        raise Refusal.of("MalformedTrailerError", "The request contained trailing data that was not well-formed.")
    check_checksums(data, {**checksums_in_headers(request), **trailer})
    if declared != UNSIGNED_WITH_TRAILER:
        _hand_on(request, data, trailer)


def _read(body: bytes, signer: ChunkSigner | None) -> tuple[bytes, dict[str, str]]:
    """Return the data of all chunks and the trailing headers, checking signatures with `signer`."""
    data, at, before = bytearray(), 0, signer.seed if signer else ""
    while True:
        line, at = _line(body, at)
        found = _SIZE.fullmatch(line)
        if found is None:
            raise Refusal.of("IncompleteBody", _INCOMPLETE)
        size = int(found[1], 16)
        chunk = body[at : at + size]
        if len(chunk) < size:
            raise Refusal.of("IncompleteBody", _INCOMPLETE)
        if signer is not None:
            before = _checked(signer.of_chunk(before, chunk), (found[2] or b"").decode())
        if not size:
            break
        data += chunk
        _, at = _line(body, at + size)
    trailer = _trailer(body[at:])
    signed = trailer.pop(_TRAILER_SIGNATURE, "")
    if signer is not None and trailer:
        _checked(signer.of_trailer(before, trailer), signed)
    return bytes(data), trailer


def _line(body: bytes, at: int) -> tuple[bytes, int]:
    end = body.find(b"\r\n", at)
    if end < 0:
        raise Refusal.of("IncompleteBody", _INCOMPLETE)
    return body[at:end], end + 2


def _checked(expected: str, given: str) -> str:
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Refusal(Fault.BAD_SIGNATURE, note="the signature of a chunk or of the trailer is wrong")
    return expected


def _trailer(rest: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in rest.decode("latin-1").split("\n"))
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _hand_on(request: HttpRequest, data: bytes, trailer: Mapping[str, str]) -> None:
    """Give whoever reads next the data itself, with the trailing headers among the others."""
    replace_body(request, data)
    environ = request.environ
    environ["HTTP_X_AMZ_CONTENT_SHA256"] = hashlib.sha256(data).hexdigest()
    environ.pop("HTTP_X_AMZ_TRAILER", None)
    encodings = [one.strip() for one in str(environ.pop("HTTP_CONTENT_ENCODING", "")).split(",")]
    kept = ",".join(one for one in encodings if one and one != "aws-chunked")
    if kept:
        environ["HTTP_CONTENT_ENCODING"] = kept
    for name, value in trailer.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
