"""Signatures of chunks and trailers against AWS's own worked examples.

Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
Chunks (Chunked Upload)" and "… Including Trailing Headers": the example requests, step by step.
"""

from __future__ import annotations

import hashlib
import hmac
import io

import pytest

from rehearsal.twin.requests.chunks import (
    SIGNED,
    SIGNED_WITH_TRAILER,
    UNSIGNED_WITH_TRAILER,
    ChunkSigner,
    check_chunks,
)
from rehearsal.twin.requests.http_request import HttpRequest, read_request
from rehearsal.twin.requests.refusals import Refusal

TIME, SCOPE = "20130524T000000Z", "20130524/us-east-1/s3/aws4_request"
FIRST, SECOND = b"a" * 65536, b"a" * 1024
PLAIN = (
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)
TRAILING = (
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
)
TRAILER = b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
TRAILER_SIGNATURE = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"


def signer(seed: str) -> ChunkSigner:
    """Return the signer of the examples."""
    key = b"AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    for part in SCOPE.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return ChunkSigner(key, TIME, SCOPE, seed)


def upload(signatures: tuple[str, ...], end: bytes, trailer: str = "", length: int = 66560) -> HttpRequest:
    """Return the request of an example."""
    parts = zip((FIRST, SECOND, b""), signatures[1:], strict=True)
    body = b"".join(f"{len(data):x};chunk-signature={name}\r\n".encode() + data + b"\r\n" for data, name in parts)
    return request(body.removesuffix(b"\r\n") + end, trailer, length)


def request(body: bytes, trailer: str, length: int) -> HttpRequest:
    """Return a request with a chunked body."""
    environ = {
        "REQUEST_METHOD": "PUT",
        "PATH_INFO": "/examplebucket/chunkObject.txt",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_AMZ_DECODED_CONTENT_LENGTH": str(length),
        "HTTP_CONTENT_ENCODING": "aws-chunked,gzip",
        **({"HTTP_X_AMZ_TRAILER": trailer} if trailer else {}),
    }
    return read_request(environ, secure=True)


def test_awss_example_of_chunks() -> None:
    """The example's chunks are accepted and handed on without their framing."""
    example = upload(PLAIN, b"\r\n")
    check_chunks(example, SIGNED, signer(PLAIN[0]))
    assert example.environ["wsgi.input"].read() == FIRST + SECOND
    assert example.environ["HTTP_CONTENT_ENCODING"] == "gzip"


def test_awss_example_of_a_trailer() -> None:
    """The example's trailer is accepted and becomes a header."""
    end = TRAILER + f"x-amz-trailer-signature:{TRAILER_SIGNATURE}\r\n\r\n".encode()
    example = upload(TRAILING, end, "x-amz-checksum-crc32c")
    check_chunks(example, SIGNED_WITH_TRAILER, signer(TRAILING[0]))
    assert example.environ["HTTP_X_AMZ_CHECKSUM_CRC32C"] == "sOO8/Q=="


@pytest.mark.parametrize(
    ("example", "kind"),
    [
        (upload(PLAIN, b"\r\n", length=66561), SIGNED),
        (upload(TRAILING, b"\r\n", "x-amz-checksum-crc32c"), SIGNED_WITH_TRAILER),
        (upload(TRAILING, TRAILER + b"\r\n", "x-amz-checksum-crc32c"), SIGNED_WITH_TRAILER),
        (request(b"no size\r\n", "", 0), SIGNED),
        (request(b"5\r\nab", "", 5), UNSIGNED_WITH_TRAILER),
        (request(b"2\r\nab\r\n0\r\n\r\n", "x-amz-checksum-crc32", 2), UNSIGNED_WITH_TRAILER),
        (request(b"2\r\nab\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "", 2), UNSIGNED_WITH_TRAILER),
    ],
    ids=["length", "no trailer", "unsigned trailer", "framing", "cut", "promised trailer", "checksum"],
)
def test_what_is_not_whole_is_refused(example: HttpRequest, kind: str) -> None:
    """A body of another length, without the trailer it promises, cut short or with a wrong checksum is refused."""
    with pytest.raises(Refusal):
        check_chunks(example, kind, signer(TRAILING[0] if example.header("X-Amz-Trailer") else PLAIN[0]))


def test_an_unsigned_body_with_a_right_trailer_is_left_as_it_is() -> None:
    """Moto takes an unsigned chunked body apart itself."""
    body = b"2\r\nab\r\n0\r\nx-amz-checksum-crc32:noNIbQ==\r\n\r\n"
    whole = request(body, "x-amz-checksum-crc32", 2)
    check_chunks(whole, UNSIGNED_WITH_TRAILER, signer(PLAIN[0]))
    assert whole.environ["wsgi.input"].read() == body
