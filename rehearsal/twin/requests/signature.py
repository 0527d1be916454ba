"""AWS Signature Version 4: reading it from a request and checking it.

Source: AWS IAM User Guide, "Create a signed AWS API request"; Amazon S3 API Reference, "Authenticating Requests".
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import posixpath
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

from rehearsal.twin.requests.chunks import STREAMED, ChunkSigner, check_chunks
from rehearsal.twin.requests.http_request import HttpRequest
from rehearsal.twin.requests.refusals import Fault, Refusal

_ALGORITHM = "AWS4-HMAC-SHA256"
_FIELD = re.compile(r"(Credential|SignedHeaders|Signature)\s*=\s*([^,\s]+)")
_SKEW = timedelta(minutes=15)
_LONGEST_PRESIGNED = timedelta(days=7)
_TOO_LONG = (
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
    "604800 seconds"
)
_TIMESTAMP = re.compile(r"\d{8}T\d{6}Z")
_UNSIGNED = "UNSIGNED-PAYLOAD"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIGNATURE_PARAMETER = "X-Amz-Signature"
_MAY_BE_UNSIGNED = frozenset({"x-amz-user-agent"})
_FOR_S3 = "/s3/aws4_request"
_OLD = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
_ONE_WAY = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or "
    "the Authorization header should be specified"
)
_REGION = re.compile(r"(?:us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+|us-gov-\w+-\d+|aws-global")
"""Source: botocore's partitions.json, `regionRegex` of partition aws."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says about who signed it."""

    access_key_id: str
    region: str
    service: str
    """The signing name: the credential scope's service."""
    scope: str
    """`<date>/<region>/<service>/aws4_request`."""
    signed_headers: tuple[str, ...]
    value: str = field(repr=False)
    timestamp: str
    """ISO 8601 basic, UTC: `20260102T030405Z`."""
    session_token: str = field(repr=False)
    expires: timedelta | None
    """How long a presigned URL is good for; None for a signed header."""


def read_signature(request: HttpRequest) -> Signature | None:
    """Return the request's signature, None if it is not signed at all.

    Raises: Refusal (MALFORMED_AUTHORIZATION) for anything that is not Signature Version 4.
    """
    header = request.header("Authorization")
    in_query = request.has_query("X-Amz-Algorithm") or _has_old_signature(request)
    if header and in_query and (request.query_value("X-Amz-Credential") or _FOR_S3).endswith(_FOR_S3):
        raise _two_ways(header)
    if header.startswith("AWS ") or (not header and _has_old_signature(request)):
        raise Refusal.of("InvalidRequest", _OLD)
    if header:
        return _from_header(request, header)
    if request.has_query("X-Amz-Algorithm"):
        return _from_query(request)
    if request.has_query("AWSAccessKeyId"):  # of a service other than S3
        raise _malformed("Signature Version 2 is not accepted. Please use AWS4-HMAC-SHA256.")
    return None


def _has_old_signature(request: HttpRequest) -> bool:
    """Tell whether a URL is presigned by Signature Version 2 of S3."""
    return request.has_query("AWSAccessKeyId") and request.has_query("Signature") and request.has_query("Expires")


def _two_ways(header: str) -> Refusal:
    refusal = Refusal.of("InvalidArgument", _ONE_WAY)
    refusal.details = {"ArgumentName": "Authorization", "ArgumentValue": header}
    return refusal


def check_signature(request: HttpRequest, signature: Signature, secret: str, now: datetime) -> None:
    """Raise Refusal unless the request was signed with `secret`, recently enough, and arrived unchanged.

    The data of an S3 upload in chunks is handed on without its framing.
    """
    _check_age(signature, now)
    _check_signed_headers(request, signature)
    payload_hash = _payload_hash(request, signature)
    canonical = "\n".join(
        (
            request.method,
            _canonical_path(request.path, signature.service),
            _canonical_query(request.query),
            *(f"{name}:{_canonical_value(request.header(name))}" for name in signature.signed_headers),
            "",
            ";".join(signature.signed_headers),
            payload_hash,
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{_ALGORITHM}\n{signature.timestamp}\n{signature.scope}\n{digest}"
    key = _signing_key(secret, signature.scope)
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.value.encode()):
        raise Refusal(Fault.BAD_SIGNATURE)
    if signature.service == "s3" and payload_hash in STREAMED:
        check_chunks(request, payload_hash, ChunkSigner(key, signature.timestamp, signature.scope, expected))


def _from_header(request: HttpRequest, header: str) -> Signature:
    algorithm, _, rest = header.partition(" ")
    if algorithm != _ALGORITHM:
        raise _malformed(f"Unsupported authorization type {algorithm!r}. Please use {_ALGORITHM}.")
    fields = dict(_FIELD.findall(rest))
    if len(fields) != 3:
        raise _malformed("Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters.")
    timestamp = request.header("X-Amz-Date") or _timestamp_of(request.header("Date"))
    return _signature(fields, timestamp, request.header("X-Amz-Security-Token"), None)


def _from_query(request: HttpRequest) -> Signature:
    if request.query_value("X-Amz-Algorithm") != _ALGORITHM:
        raise _malformed(f"Unsupported algorithm. Please use {_ALGORITHM}.")
    fields = {
        "Credential": request.query_value("X-Amz-Credential"),
        "SignedHeaders": request.query_value("X-Amz-SignedHeaders"),
        "Signature": request.query_value(_SIGNATURE_PARAMETER),
    }
    if not all(fields.values()):
        raise _malformed("A presigned URL requires X-Amz-Credential, X-Amz-SignedHeaders and X-Amz-Signature.")
    lifetime = _lifetime(request.query_value("X-Amz-Expires"), for_s3=fields["Credential"].endswith(_FOR_S3))
    return _signature(fields, request.query_value("X-Amz-Date"), request.query_value("X-Amz-Security-Token"), lifetime)


def _lifetime(expires: str, *, for_s3: bool) -> timedelta:
    """Return how long a presigned URL is good for. Raises: Refusal for more than a week; of S3 also for no number."""
    problem = ""
    if expires and not re.fullmatch(r"-?[0-9]{1,18}", expires):
        problem = "X-Amz-Expires should be a number" if for_s3 else ""
    elif expires.startswith("-"):
        problem = "X-Amz-Expires must be non-negative"
    elif expires and int(expires) > _LONGEST_PRESIGNED.total_seconds():
        problem = _TOO_LONG
    if problem:
        raise Refusal.of("AuthorizationQueryParametersError", problem) if for_s3 else _malformed(problem)
    return timedelta(seconds=int(expires)) if expires.isdecimal() and expires.isascii() else timedelta(minutes=15)


def _signature(fields: dict[str, str], timestamp: str, token: str, expires: timedelta | None) -> Signature:
    parts = fields["Credential"].split("/")
    if len(parts) != 5 or parts[4] != "aws4_request" or not timestamp.startswith(parts[1]):
        raise _malformed("Credential must be <key>/<date>/<region>/<service>/aws4_request, of the request's own date.")
    if not _REGION.fullmatch(parts[2]):
        raise _malformed("Credential should be scoped to a valid region.")
    headers = tuple(fields["SignedHeaders"].lower().split(";"))
    if "host" not in headers:
        raise _malformed("'Host' must be a 'SignedHeader' in the AWS Authorization.")
    return Signature(
        access_key_id=parts[0],
        region=parts[2],
        service=parts[3],
        scope="/".join(parts[1:]),
        signed_headers=headers,
        value=fields["Signature"],
        timestamp=timestamp,
        session_token=token,
        expires=expires,
    )


def _check_age(signature: Signature, now: datetime) -> None:
    signed = _time_of(signature.timestamp)
    latest = signed + (signature.expires if signature.expires is not None else _SKEW)
    if now < signed - _SKEW:
        words = f"Signature not yet current: {signature.timestamp} is still later than {_told(now + _SKEW)} "
        raise Refusal(Fault.EXPIRED_SIGNATURE, f"{words}({_told(now)} + 15 min.)")
    if now > latest:
        if signature.expires is not None and signature.service == "s3":
            raise Refusal.of("AccessDenied", "Request has expired", 403)
        words = f"Signature expired: {signature.timestamp} is now earlier than {_told(now - (latest - signed))} "
        minutes = int((latest - signed).total_seconds() // 60)
        raise Refusal(Fault.EXPIRED_SIGNATURE, f"{words}({_told(now)} - {minutes} min.)")


def _told(time: datetime) -> str:
    return f"{time:%Y%m%dT%H%M%SZ}"


def _check_signed_headers(request: HttpRequest, signature: Signature) -> None:
    """Refuse a header of AWS's that is not signed: anybody on the way could have put it there.

    Source: IAM User Guide, "Create a signed AWS API request": any x-amz-* header has to be among the signed ones.
    """
    sent = (key[5:].lower().replace("_", "-") for key in request.environ if key.startswith("HTTP_X_AMZ_"))
    loose = sorted({name for name in sent if name not in _MAY_BE_UNSIGNED} - set(signature.signed_headers))
    if not loose:
        return
    if signature.service == "s3":
        words = "There were headers present in the request which were not signed"
        refusal = Refusal.of("AccessDenied", words, 403)
        refusal.note = ", ".join(loose)
        raise refusal
    raise Refusal(Fault.BAD_SIGNATURE, f"'{loose[0]}' must be a 'SignedHeader' in the AWS Authorization.")


def _time_of(timestamp: str) -> datetime:
    # Not strptime, which looks up the locale with every call.
    with contextlib.suppress(ValueError):
        if _TIMESTAMP.fullmatch(timestamp):
            return datetime.fromisoformat(timestamp)
    raise _malformed(f"Date must be in ISO-8601 'basic format'. Got {timestamp!r}.")


def _payload_hash(request: HttpRequest, signature: Signature) -> str:
    declared = request.header("X-Amz-Content-Sha256")
    if signature.expires is not None and signature.service == "s3":
        return declared or _UNSIGNED
    actual = hashlib.sha256(request.body).hexdigest()
    if signature.service != "s3":
        return actual
    if not declared:
        words = "Missing required header for this request: x-amz-content-sha256"
        raise Refusal.of("InvalidRequest", words)
    # S3 alone takes an unsigned payload at its word, and has chunks signed each by itself.
    if _SHA256.fullmatch(declared) and declared != actual:
        raise Refusal.of(
            "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."
        )
    return declared


def _canonical_path(path: str, service: str) -> str:
    if service == "s3":
        return path  # S3 neither normalises a path nor encodes it a second time
    normal = posixpath.normpath(path)
    normal = "/" + normal.lstrip("/")
    if path.endswith("/") and normal != "/":
        normal += "/"
    return quote(normal, safe="/~")


def _canonical_query(query: tuple[tuple[str, str], ...]) -> str:
    pairs = sorted(
        (quote(key, safe="-_.~"), quote(value, safe="-_.~")) for key, value in query if key != _SIGNATURE_PARAMETER
    )
    return "&".join(f"{key}={value}" for key, value in pairs)


def _canonical_value(value: str) -> str:
    return " ".join(value.split())


@lru_cache(maxsize=4096)
def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _timestamp_of(date: str) -> str:
    for form in ("%a, %d %b %Y %H:%M:%S GMT", "%Y%m%dT%H%M%SZ"):
        try:
            return datetime.strptime(date, form).replace(tzinfo=UTC).strftime("%Y%m%dT%H%M%SZ")
        except ValueError:
            continue
    raise _malformed("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")


def _malformed(message: str) -> Refusal:
    return Refusal(Fault.MALFORMED_AUTHORIZATION, message)
