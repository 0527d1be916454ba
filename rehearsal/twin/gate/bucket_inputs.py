"""What S3 refuses whatever the bucket: wrong checksums, long keys, encryption and versioning of no kind.

Sources: Amazon S3 API Reference, "Error responses" (KeyTooLongError, InvalidArgument, MalformedXML,
IllegalVersioningConfigurationException), "PutObject", "PutBucketVersioning"; Amazon S3 User Guide, "Naming Amazon S3
objects" (1,024 bytes). The words are those of S3's answers.
"""

from __future__ import annotations

import re

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.requests.checksums import check_checksums, check_md5, checksums_in_headers
from rehearsal.twin.requests.refusals import Refusal

_LONGEST_KEY = 1024
"""Bytes of UTF-8."""
_ENCRYPTION = "x-amz-server-side-encryption"
_KINDS = frozenset({"AES256", "aws:fsx", "aws:kms", "aws:kms:dsse"})
_WRITE = frozenset({"CopyObject", "CreateMultipartUpload", "PutObject"})
_OF_THE_WHOLE = "CompleteMultipartUpload"
"""Its checksum is that of the object, not of the request."""
_OF_UPLOADS = frozenset({_OF_THE_WHOLE, "UploadPart", "UploadPartCopy"})
_NO_UPLOAD = (
    "The specified upload does not exist. "
    "The upload ID may be invalid, or the upload may have been aborted or completed."
)
_STATUS = re.compile(rb"<(?:\w+:)?Status\s*>\s*([^<]*?)\s*<")
_NO_XML = "The XML you provided was not well-formed or did not validate against our published schema"
_COUNTS = {"ListMultipartUploads": "max-uploads", "ListObjectVersions": "max-keys", "ListObjects": "max-keys"}
_COUNTS |= {"ListObjectsV2": "max-keys", "ListParts": "max-parts"}
_MOST = 2**31 - 1


def check_bucket_input(asked: Asked) -> None:
    """Refuse a request to S3 for its parameters alone; raises Refusal in S3's words."""
    operation, request = asked.operation, asked.request
    if request.body and not request.header("X-Amz-Decoded-Content-Length"):
        check_md5(request.body, request.header("Content-MD5"))
        if operation.name != _OF_THE_WHOLE:
            check_checksums(request.body, checksums_in_headers(request))
    if operation.name in _WRITE:
        _check_key(operation.text("Key"))
        _check_encryption(request.header(_ENCRYPTION))
    elif operation.name == "PutBucketVersioning":
        _check_versioning(request.body)
    elif operation.name in _OF_UPLOADS:
        _check_upload(asked)
    elif operation.name in _COUNTS:
        _check_count(asked, _COUNTS[operation.name])


def _check_key(key: str) -> None:
    size = len(key.encode())
    if size > _LONGEST_KEY:
        refusal = Refusal.of("KeyTooLongError", "Your key is too long")
        refusal.details = {"Size": str(size), "MaxSizeAllowed": str(_LONGEST_KEY)}
        raise refusal


def _check_encryption(kind: str) -> None:
    if kind and kind not in _KINDS:
        raise _argument("The encryption method specified is not supported", _ENCRYPTION, kind)


def _check_versioning(body: bytes) -> None:
    status = _STATUS.search(body)
    if status is None:
        raise Refusal.of("IllegalVersioningConfigurationException", "The Versioning element must be specified")
    if status[1] not in (b"Enabled", b"Suspended"):
        raise Refusal.of("MalformedXML", _NO_XML)


def _check_upload(asked: Asked) -> None:
    bucket, named = asked.state.bucket(asked.operation.text("Bucket")), asked.request.query_value("uploadId")
    if bucket is not None and named not in bucket.bucket.multiparts:
        refusal = Refusal.of("NoSuchUpload", _NO_UPLOAD, 404)
        refusal.details = {"UploadId": named}
        raise refusal


def _check_count(asked: Asked, name: str) -> None:
    given = asked.request.query_value(name)
    if given and not (re.fullmatch(r"\d{1,10}", given) and int(given) <= _MOST):
        raise _argument(f"Argument {name} must be an integer between 0 and {_MOST}", name, given)


def _argument(words: str, name: str, value: str) -> Refusal:
    refusal = Refusal.of("InvalidArgument", words)
    refusal.details = {"ArgumentName": name, "ArgumentValue": value}
    return refusal
