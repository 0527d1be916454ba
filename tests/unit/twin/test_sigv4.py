"""Signature Version 4, against botocore's own signers."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.twin.requests.http_request import HttpRequest, read_request
from rehearsal.twin.requests.refusals import Fault, Refusal
from rehearsal.twin.requests.signature import check_signature, read_signature

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEYS = Credentials("AKIAIOSFODNN7EXAMPLE", SECRET, "token/with+signs==")
names = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=12)
values = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cs", "Cc"]), max_size=20)
paths = st.lists(names.filter(lambda part: part not in (".", "..")), max_size=4)


def _arrived(signed: AWSRequest) -> HttpRequest:
    """Return a signed request as the server reads it."""
    prepared = signed.prepare()
    parts = urlsplit(prepared.url)
    body = prepared.body or b""
    data = body.encode() if isinstance(body, str) else body
    environ = {
        "REQUEST_METHOD": prepared.method,
        "RAW_URI": parts.path + (f"?{parts.query}" if parts.query else ""),
        "HTTP_HOST": parts.netloc,
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": io.BytesIO(data),
    }
    for name, value in prepared.headers.items():
        text = value.decode() if isinstance(value, bytes) else str(value)
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    return read_request(environ, secure=True)


def _check(request: HttpRequest, secret: str = SECRET, now: datetime | None = None) -> None:
    signature = read_signature(request)
    assert signature is not None
    check_signature(request, signature, secret, now or datetime.now(UTC))


@given(paths, st.dictionaries(names, values, max_size=4), st.binary(max_size=40), st.sampled_from(["iam", "lambda"]))
def test_what_botocore_signs_is_right(path: list[str], params: dict[str, str], body: bytes, service: str) -> None:
    """Every request that botocore signs is found right, and wrong with another secret."""
    url = "http://127.0.0.1:4566/" + "/".join(quote(part, safe="") for part in path)
    query = "&".join(f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}" for key, value in params.items())
    request = AWSRequest("POST", f"{url}?{query}" if query else url, data=body, headers={"X-Amz-Thing": "a  b "})
    SigV4Auth(KEYS, service, "eu-west-1").add_auth(request)
    arrived = _arrived(request)
    _check(arrived)
    with pytest.raises(Refusal) as caught:
        _check(arrived, secret=SECRET + "x")
    assert caught.value.fault is Fault.BAD_SIGNATURE


@given(paths, st.binary(max_size=40))
def test_what_botocore_signs_for_s3_is_right(path: list[str], body: bytes) -> None:
    """S3's paths, which are neither normalised nor encoded twice, are found right."""
    url = "http://127.0.0.1:4566/bucket/" + "/".join(quote(part, safe="/~") for part in path)
    request = AWSRequest("PUT", url, data=body)
    S3SigV4Auth(KEYS, "s3", "eu-west-1").add_auth(request)
    _check(_arrived(request))


def test_a_presigned_url_is_right_until_it_expires() -> None:
    """A presigned URL is right for as long as it says, and refused afterwards."""
    request = AWSRequest("GET", "http://127.0.0.1:4566/bucket/a%20b?versionId=1")
    S3SigV4QueryAuth(KEYS, "s3", "eu-west-1", expires=60).add_auth(request)
    arrived = _arrived(request)
    _check(arrived)
    with pytest.raises(Refusal, match="Request has expired"):
        _check(arrived, now=datetime.now(UTC) + timedelta(seconds=62))


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_signature_far_from_now_is_refused(minutes: int) -> None:
    """A signature is good for fifteen minutes around its time."""
    request = AWSRequest("GET", "http://127.0.0.1:4566/")
    SigV4Auth(KEYS, "iam", "eu-west-1").add_auth(request)
    with pytest.raises(Refusal) as caught:
        _check(_arrived(request), now=datetime.now(UTC) + timedelta(minutes=minutes))
    assert caught.value.fault is Fault.EXPIRED_SIGNATURE


def test_a_body_other_than_declared_is_refused() -> None:
    """S3 compares the body with the hash that was signed."""
    request = AWSRequest("PUT", "http://127.0.0.1:4566/bucket/key", data=b"one")
    S3SigV4Auth(KEYS, "s3", "eu-west-1").add_auth(request)
    arrived = _arrived(request)
    changed = HttpRequest(arrived.method, arrived.path, arrived.query, b"two", secure=True, environ=arrived.environ)
    with pytest.raises(Refusal) as caught:
        _check(changed)
    assert caught.value.code == "XAmzContentSHA256Mismatch"


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c",
        "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=x-a, Signature=c",
        "AWS4-ECDSA-P256-SHA256 Credential=A/20260101/s3/aws4_request, SignedHeaders=host, Signature=c",
        "Bearer token",
    ],
)
def test_what_is_no_signature_is_refused(authorization: str) -> None:
    """An Authorization header that is no complete Signature Version 4 is refused as malformed."""
    request = AWSRequest(
        "GET", "http://127.0.0.1:4566/", headers={"Authorization": authorization, "X-Amz-Date": "20260101T000000Z"}
    )
    with pytest.raises(Refusal) as caught:
        read_signature(_arrived(request))
    assert caught.value.fault is Fault.MALFORMED_AUTHORIZATION


def test_an_unsigned_request_has_no_signature() -> None:
    """A request without any authorization has no signature to read."""
    assert read_signature(_arrived(AWSRequest("GET", "http://127.0.0.1:4566/"))) is None
