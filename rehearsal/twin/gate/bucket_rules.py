"""What S3 refuses about a bucket beside rights: names, owners that were not expected, policies for something else.

Sources: Amazon S3 User Guide, "General purpose bucket naming rules", "Verifying bucket ownership with bucket owner
condition", "Policies and permissions in Amazon S3"; Service Authorization Reference, "Actions, resources, and condition
keys for Amazon S3" (which actions are on objects).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.gate.bucket_inputs import check_bucket_input
from rehearsal.twin.gate.bucket_policy_names import check_names
from rehearsal.twin.requests.refusals import Refusal

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_STARTS = ("amzn-s3-demo-", "sthree-", "xn--")
_ENDS = ("--ol-s3", "--table-s3", "--x-s3", "-s3alias", ".mrap")
_OWNER, _SOURCE_OWNER = "x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"
_COPIES = frozenset({"CopyObject", "UploadPartCopy"})
_ARN = "arn:aws:s3:::"
_NO_JSON = "Policies must be valid JSON and the first byte must be '{'"
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_ON_OBJECTS = (
    *("AbortMultipartUpload", "BypassGovernanceRetention", "DeleteObject", "DeleteObjectTagging"),
    *("DeleteObjectVersion", "DeleteObjectVersionTagging", "GetObject", "GetObjectAcl", "GetObjectAttributes"),
    *("GetObjectLegalHold", "GetObjectRetention", "GetObjectTagging", "GetObjectTorrent", "GetObjectVersion"),
    *("GetObjectVersionAcl", "GetObjectVersionAttributes", "GetObjectVersionForReplication"),
    *("GetObjectVersionTagging", "GetObjectVersionTorrent", "ListMultipartUploadParts"),
    *("ObjectOwnerOverrideToBucketOwner", "PutObject", "PutObjectAcl", "PutObjectLegalHold", "PutObjectRetention"),
    *("PutObjectTagging", "PutObjectVersionAcl", "PutObjectVersionTagging", "ReplicateDelete", "ReplicateObject"),
    *("ReplicateTags", "RestoreObject"),
)
_ON_BUCKETS = (
    *("DeleteBucket", "DeleteBucketPolicy", "DeleteBucketWebsite", "GetAccelerateConfiguration", "GetBucketAcl"),
    *("GetBucketCORS", "GetBucketLocation", "GetBucketLogging", "GetBucketNotification"),
    *("GetBucketObjectLockConfiguration", "GetBucketOwnershipControls", "GetBucketPolicy", "GetBucketPolicyStatus"),
    *("GetBucketPublicAccessBlock", "GetBucketRequestPayment", "GetBucketTagging", "GetBucketVersioning"),
    *("GetBucketWebsite", "GetEncryptionConfiguration", "GetInventoryConfiguration", "GetLifecycleConfiguration"),
    *("GetMetricsConfiguration", "GetReplicationConfiguration", "ListBucket", "ListBucketMultipartUploads"),
    *("ListBucketVersions", "PutAccelerateConfiguration", "PutBucketAcl", "PutBucketCORS", "PutBucketLogging"),
    *("PutBucketNotification", "PutBucketObjectLockConfiguration", "PutBucketOwnershipControls", "PutBucketPolicy"),
    *("PutBucketPublicAccessBlock", "PutBucketRequestPayment", "PutBucketTagging", "PutBucketVersioning"),
    *("PutBucketWebsite", "PutEncryptionConfiguration", "PutInventoryConfiguration", "PutLifecycleConfiguration"),
    *("PutMetricsConfiguration", "PutReplicationConfiguration"),
)
"""Actions that are not in these two lists apply to anything: too little is known of them to refuse a policy."""


def check_bucket_rules(asked: Asked) -> None:
    """Refuse names, expectations of owners and policies that S3 does; raises Refusal in S3's words."""
    operation = asked.operation
    if operation.service != "s3":
        return
    check_bucket_input(asked)
    if operation.name == "CreateBucket":
        _check_name(operation.text("Bucket"))
    _check_owner(asked, operation.text("Bucket"), _OWNER)
    if operation.name in _COPIES:
        source = asked.request.header("x-amz-copy-source").lstrip("/").partition("/")[0]
        _check_owner(asked, source, _SOURCE_OWNER)
    if operation.name == "PutBucketPolicy":
        # Any other document that is none has been refused before.
        if not asked.request.body:
            raise Refusal.of("MalformedPolicy", _NO_JSON)
        _check_policy(json.loads(asked.request.body), operation.text("Bucket"))


def _check_name(name: str) -> None:
    allowed = _NAME.fullmatch(name) and ".." not in name and not _ADDRESS.fullmatch(name)
    if not allowed or name.startswith(_STARTS) or name.endswith(_ENDS):
        refusal = Refusal.of("InvalidBucketName", "The specified bucket is not valid.")
        refusal.details = {"BucketName": name}
        raise refusal


def _check_owner(asked: Asked, name: str, header: str) -> None:
    expected, bucket = asked.request.header(header), asked.state.bucket(name)
    if expected and bucket is not None and bucket.account_id != expected:
        raise Refusal.of("AccessDenied", "Access Denied", 403)


def _check_policy(document: dict[str, Any], bucket: str) -> None:
    for statement in _listed(document["Statement"]):
        check_names(statement)
        resources = [str(each) for each in _listed(statement.get("Resource", []))]
        if not resources:
            continue  # NotResource
        on_bucket = any(_may_be_bucket(each, bucket) for each in resources)
        if not all(_may_be_bucket(each, bucket) or _may_be_object(each, bucket) for each in resources):
            raise Refusal.of("MalformedPolicy", "Policy has invalid resource")
        on_objects = any(_may_be_object(each, bucket) for each in resources)
        for action in _listed(statement.get("Action", [])):
            if not _applies(str(action), on_bucket=on_bucket, on_objects=on_objects):
                raise Refusal.of("MalformedPolicy", "Action does not apply to any resource(s) in statement")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _may_be_bucket(resource: str, bucket: str) -> bool:
    return fnmatchcase(f"{_ARN}{bucket}", _pattern(resource))


def _may_be_object(resource: str, bucket: str) -> bool:
    """Tell whether a resource can be an object of the bucket: some part of it, to a slash or wildcard, is the bucket.

    A wildcard may stand for the slash and all behind it.
    """
    pattern = _pattern(resource)
    slash = f"{_ARN}{bucket}/"
    return any(fnmatchcase(slash, start) for start in _starts(pattern))


def _starts(pattern: str) -> Iterator[str]:
    """Yield what a pattern begins with, to each slash and each wildcard."""
    for number, character in enumerate(pattern, 1):
        if character in "/*?":
            yield pattern[:number]


def _pattern(resource: str) -> str:
    return _VARIABLE.sub("*", resource).replace("[", "[[]")


def _applies(action: str, *, on_bucket: bool, on_objects: bool) -> bool:
    pattern = action.partition(":")[2].lower().replace("[", "[[]") or "*"
    of_objects = any(fnmatchcase(name.lower(), pattern) for name in _ON_OBJECTS)
    of_buckets = any(fnmatchcase(name.lower(), pattern) for name in _ON_BUCKETS)
    if not of_objects and not of_buckets:
        return True
    return (of_objects and on_objects) or (of_buckets and on_bucket)
