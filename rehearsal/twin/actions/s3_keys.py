"""The condition keys of S3's requests.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"; Amazon S3 User Guide,
"Bucket policy examples using condition keys".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.emulator.aws_state import BucketState
from rehearsal.twin.emulator.backends import backend_of

KMS_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
_OF_QUERY = ("prefix", "delimiter", "max-keys")
_OF_HEADERS = (
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    KMS_HEADER,
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
)
_OTHER_HEADERS = {
    "s3:if-match": "if-match",
    "s3:if-none-match": "if-none-match",
    "s3:object-lock-legal-hold": "x-amz-object-lock-legal-hold",
    "s3:object-lock-mode": "x-amz-object-lock-mode",
    "s3:object-lock-retain-until-date": "x-amz-object-lock-retain-until-date",
}
# By their names in a request's environment.
_HEADERS = {
    **{f"HTTP_{header.upper().replace('-', '_')}": f"s3:{header}" for header in _OF_HEADERS},
    **{f"HTTP_{header.upper().replace('-', '_')}": key for key, header in _OTHER_HEADERS.items()},
}
_LOCATION = re.compile(r"<LocationConstraint[^>]*>([^<]+)</LocationConstraint>")
_RETENTION = re.compile(r"<Mode>([^<]+)</Mode>")
_RETAIN_UNTIL = re.compile(r"<RetainUntilDate>([^<]+)</RetainUntilDate>")
_LEGAL_HOLD = re.compile(r"<Status>([^<]+)</Status>")
_TAG = re.compile(r"<Tag>\s*<Key>([^<]*)</Key>\s*<Value>([^<]*)</Value>\s*</Tag>")
_IN_BODIES = {
    "CreateBucket": {"s3:LocationConstraint": _LOCATION},
    "PutObjectRetention": {"s3:object-lock-mode": _RETENTION, "s3:object-lock-retain-until-date": _RETAIN_UNTIL},
    "PutObjectLegalHold": {"s3:object-lock-legal-hold": _LEGAL_HOLD},
}
_PRESIGNED = "X-Amz-Signature"


def s3_keys(asked: Asked) -> dict[str, str | list[str]]:
    """Return the condition keys that a request to S3 itself has: of its query, headers, signature and body."""
    request = asked.request
    environ = request.environ
    found = {key: str(environ[header]) for header, key in _HEADERS.items() if environ.get(header)}
    query = dict(request.query)
    found |= {f"s3:{name}": query[name] for name in _OF_QUERY if name in query}
    found["s3:authType"] = "REST-QUERY-STRING" if _PRESIGNED in query else "REST-HEADER"
    found["s3:signatureversion"] = "AWS4-HMAC-SHA256"
    if age := _age_ms(query.get("X-Amz-Date") or str(environ.get("HTTP_X_AMZ_DATE", ""))):
        found["s3:signatureAge"] = age
    if "versionId" in query:
        found["s3:VersionId"] = query["versionId"]
    if request.secure:
        found["s3:TlsVersion"] = "1.3"
    return {**found, **_of_tags(asked), **_of_body(asked)}


def _age_ms(signed_at: str) -> str:
    """Return how old a signature is, in milliseconds, by the clock of signatures; "" if it is not told."""
    try:
        signed = datetime.fromisoformat(signed_at)
    except ValueError:
        return ""
    if signed.tzinfo is None:
        return ""
    return str(max(0, int((datetime.now(UTC) - signed).total_seconds() * 1000)))


def keys_of_object(bucket: BucketState | None, key: str) -> dict[str, str | list[str]]:
    """Return the condition keys of an object that is there: its tags."""
    found: Any = bucket.bucket.keys.get(key) if bucket is not None and key else None
    arn = getattr(found, "arn", None)
    tagger = getattr(_backend_of(bucket), "tagger", None) if arn else None
    tags = tagger.get_tag_dict_for_resource(arn) if tagger is not None else {}
    return {f"s3:ExistingObjectTag/{name}": str(value) for name, value in tags.items()}


def _of_tags(asked: Asked) -> dict[str, str | list[str]]:
    given = asked.request.environ.get("HTTP_X_AMZ_TAGGING", "")
    tags = dict(parse_qsl(str(given), keep_blank_values=True)) if given else {}
    if asked.operation.name == "PutObjectTagging":
        tags = dict(_TAG.findall(asked.request.body.decode("utf-8", "replace")))
    if not tags:
        return {}
    return {**{f"s3:RequestObjectTag/{key}": value for key, value in tags.items()}, "s3:RequestObjectTagKeys": [*tags]}


def _of_body(asked: Asked) -> dict[str, str | list[str]]:
    forms = _IN_BODIES.get(asked.operation.name)
    if forms is None:
        return {}
    body = asked.request.body.decode("utf-8", "replace")
    return {key: found[1] for key, form in forms.items() if (found := form.search(body))}


def _backend_of(bucket: BucketState | None) -> Any:
    return backend_of("s3", "s3", bucket.account_id) if bucket is not None else None
