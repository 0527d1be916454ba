"""Checksums that come with S3 uploads, in headers or behind the data, compared with the data itself.

Source: Amazon S3 User Guide, "Checking object integrity in Amazon S3"; Amazon S3 API Reference, "PutObject"
(Content-MD5, x-amz-checksum-…), "Error responses" (BadDigest, InvalidDigest). The words are those of S3's answers.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping

from rehearsal.twin.requests.http_request import HttpRequest
from rehearsal.twin.requests.refusals import Refusal

_CHECKSUM = "x-amz-checksum-"
_MD5_LENGTH = 16  # bytes
_SEVERAL = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."


def checksums_in_headers(request: HttpRequest) -> dict[str, str]:
    """Return the checksums in a request's headers that are computed here, by the headers' names."""
    names = (f"{_CHECKSUM}{algorithm}" for algorithm in _ALGORITHMS)
    return {name: value for name in names if (value := request.header(name))}


def check_checksums(data: bytes, given: Mapping[str, str]) -> None:
    """Refuse data that have another checksum than is given; raises Refusal in S3's words.

    `given` is by header: names that are none of a checksum's, or of one that is not computed here, are left aside.
    """
    found = {name: compute for name in given if (compute := _ALGORITHMS.get(name.removeprefix(_CHECKSUM)))}
    if len(found) > 1:
        raise Refusal.of("InvalidRequest", _SEVERAL)
    for name, compute in found.items():
        actual = compute(data)
        if _decoded(given[name], len(actual)) is None:
            raise Refusal.of("InvalidRequest", f"Value for {name} header is invalid.")
        if base64.b64encode(actual).decode() != given[name]:
            algorithm = name.removeprefix(_CHECKSUM).upper()
            raise Refusal.of("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")


def check_md5(data: bytes, given: str) -> None:
    """Refuse data whose Content-MD5 is another one, or none at all; raises Refusal in S3's words."""
    if not given:
        return
    if _decoded(given, _MD5_LENGTH) is None:
        refusal = Refusal.of("InvalidDigest", "The Content-MD5 you specified was invalid.")
        refusal.details = {"Content-MD5": given}
        raise refusal
    actual = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    if actual != given:
        refusal = Refusal.of("BadDigest", "The Content-MD5 you specified did not match what we received.")
        refusal.details = {"ExpectedDigest": given, "CalculatedDigest": actual}
        raise refusal


def _decoded(text: str, length: int) -> bytes | None:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == length else None


_ALGORITHMS: Mapping[str, Callable[[bytes], bytes]] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}
"""Checksums that are computed here; CRC32C and CRC64NVME, which no library at hand knows, are taken at their word."""
