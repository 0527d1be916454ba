"""Requests that no SDK would send: signed by botocore, then changed, and sent as they are."""

from __future__ import annotations

import hashlib
import hmac
import http.client
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import Keys

FORM = "application/x-www-form-urlencoded"
IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"


class _At(SigV4Auth):  # type: ignore[misc]
    """Signs as if it were another time."""

    def __init__(self, keys: Keys, service: str, region: str, ahead: timedelta) -> None:
        super().__init__(
            Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token or None), service, region
        )
        self._ahead = ahead

    def add_auth(self, request: AWSRequest) -> None:
        """Sign a request."""
        moment = (datetime.now(UTC) + self._ahead).strftime("%Y%m%dT%H%M%SZ")
        request.context["timestamp"] = moment
        self._modify_request_before_signing(request)
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


def signed_form(
    run: TwinRun,
    keys: Keys,
    service: str = "sts",
    body: str = IDENTITY,
    *,
    region: str = "us-east-1",
    ahead: timedelta = timedelta(),
    headers: Mapping[str, str] | None = None,
) -> AWSRequest:
    """Return a signed POST of a form."""
    request = AWSRequest("POST", f"{run.endpoint}/", {"Content-Type": FORM, **(headers or {})}, body)
    _At(keys, service, region, ahead).add_auth(request)
    return request


def send(request: AWSRequest, *, body: bytes | None = None, more: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Send a request, with another body or more headers than were signed; returns status and body of the answer."""
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    headers = {name: _text(value) for name, value in prepared.headers.items() if name.lower() != "content-length"}
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        content = prepared.body if body is None else body
        connection.request(prepared.method, target, body=content, headers={**headers, **(more or {})})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class Upload:
    """An S3 upload in signed chunks, as SDKs send streams whose length they know."""

    def __init__(self, run: TwinRun, keys: Keys, target: str, chunks: tuple[bytes, ...], trailer: str = "") -> None:
        kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailer else "")
        headers = {
            "X-Amz-Content-SHA256": kind,
            "X-Amz-Decoded-Content-Length": str(sum(map(len, chunks))),
            "Content-Encoding": "aws-chunked",
            **({"X-Amz-Trailer": trailer.partition(":")[0]} if trailer else {}),
        }
        self.request = AWSRequest("PUT", f"{run.endpoint}/{target}", headers)
        credentials = Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token or None)
        _Streaming(credentials, "s3", "us-east-1").add_auth(self.request)
        self._time = self.request.headers["X-Amz-Date"]
        self._scope = f"{self._time[:8]}/us-east-1/s3/aws4_request"
        self._key = f"AWS4{keys.secret_access_key}".encode()
        for part in self._scope.split("/"):
            self._key = hmac.new(self._key, part.encode(), hashlib.sha256).digest()
        self._before = self.request.headers["Authorization"].rpartition("Signature=")[2]
        self.body = b"".join(map(self._chunk, (*chunks, b""))).removesuffix(b"\r\n")
        self.body += self._trailer(trailer) if trailer else b"\r\n"

    def _chunk(self, data: bytes) -> bytes:
        empty = hashlib.sha256(b"").hexdigest()
        self._before = self._sign("AWS4-HMAC-SHA256-PAYLOAD", empty, hashlib.sha256(data).hexdigest())
        return f"{len(data):x};chunk-signature={self._before}\r\n".encode() + data + b"\r\n"

    def _trailer(self, trailer: str) -> bytes:
        signature = self._sign("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(f"{trailer}\n".encode()).hexdigest())
        return f"{trailer}\r\nx-amz-trailer-signature:{signature}\r\n\r\n".encode()

    def _sign(self, algorithm: str, *parts: str) -> str:
        text = "\n".join((algorithm, self._time, self._scope, self._before, *parts))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


class _Streaming(S3SigV4Auth):  # type: ignore[misc]
    """Signs the name of the streaming algorithm in place of the payload's hash."""

    def payload(self, request: AWSRequest) -> str:
        """Return what is signed in place of the payload."""
        return str(request.headers["X-Amz-Content-SHA256"])

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        kept = request.headers["X-Amz-Content-SHA256"]
        super()._modify_request_before_signing(request)
        del request.headers["X-Amz-Content-SHA256"]
        request.headers["X-Amz-Content-SHA256"] = kept
