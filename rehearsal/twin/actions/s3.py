"""What S3 operations ask for.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations" and "Using server-side encryption
with AWS KMS keys (SSE-KMS)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import unescape

from iam_decision import ResourceKind
from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import generic_demands
from rehearsal.twin.actions.iam import pass_role
from rehearsal.twin.actions.kms import key_demand
from rehearsal.twin.actions.on_behalf import on_behalf
from rehearsal.twin.actions.s3_keys import KMS_HEADER, keys_of_object, s3_keys
from rehearsal.twin.emulator.aws_state import BucketState
from rehearsal.twin.requests.refusals import Refusal

_ROLE = re.compile(r"<Role>([^<]+)</Role>")
_OBJECT_TO_DELETE = re.compile(r"<Object>(.*?)</Object>", re.DOTALL)
_ITS_KEY = re.compile(r"<Key>(.*?)</Key>", re.DOTALL)

# Operations whose action has another name than the operation; all others are `s3:<Operation>`.
OTHER_NAMES = {
    "ListBuckets": "ListAllMyBuckets",
    "ListDirectoryBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "HeadObject": "GetObject",
    "SelectObjectContent": "GetObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
}
# Naming a version asks for the ...Version form of these.
_VERSIONED = {
    "GetObject": "GetObjectVersion",
    "DeleteObject": "DeleteObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "PutObjectAcl": "PutObjectVersionAcl",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectTagging": "PutObjectVersionTagging",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
}
_ENCRYPTS = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})
_DECRYPTS = frozenset({"GetObject", "HeadObject", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload"})
_COPIES = frozenset({"CopyObject", "UploadPartCopy"})
_ACCOUNT_LEVEL = {
    "GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
    "DeletePublicAccessBlock": "s3:PutAccountPublicAccessBlock",
}
_BYPASS = "s3:BypassGovernanceRetention"


def s3_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an S3 request asks for: its action, reading the source of a copy, using the key of its encryption."""
    name = asked.operation.name
    bucket_name, key = asked.operation.text("Bucket"), asked.operation.text("Key")
    if not bucket_name:
        return (Demand(f"s3:{OTHER_NAMES.get(name, name)}"),)
    bucket = None if name == "CreateBucket" else asked.state.bucket(bucket_name)
    context = {**s3_keys(asked), **keys_of_object(bucket, key)}
    if name == "DeleteObjects":
        return tuple(_deletions(asked, bucket, context))
    action = OTHER_NAMES.get(name, name)
    if asked.request.has_query("versionId"):
        action = _VERSIONED.get(action, action)
    resource = f"{bucket_name}/{key}" if key else bucket_name
    demands = [_demand(f"s3:{action}", resource, bucket, context)]
    if _bypasses_retention(asked):
        demands.append(_demand(_BYPASS, resource, bucket, context))
    demands.extend(_with_headers(asked, resource, bucket))
    if name == "PutBucketReplication":
        demands.extend(
            pass_role(asked, role, "s3.amazonaws.com")
            for role in _ROLE.findall(asked.request.body.decode("utf-8", "replace"))
        )
    if name in _COPIES:
        demands.extend(_source_demands(asked))
    if bucket is not None and key:
        demands.extend(_key_demands(asked, bucket, key, name))
    return tuple(demands)


def s3control_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an S3 Control request asks for."""
    name = asked.operation.name
    return (Demand(_ACCOUNT_LEVEL[name]),) if name in _ACCOUNT_LEVEL else generic_demands(asked)


def may_know_what_is_missing(asked: Asked) -> Demand | None:
    """Return the right to learn that an object is not there; without it AWS answers 403 instead of 404."""
    bucket = asked.state.bucket(asked.operation.text("Bucket"))
    if bucket is None or asked.operation.name not in ("GetObject", "HeadObject"):
        return None
    return _demand("s3:ListBucket", asked.operation.text("Bucket"), bucket, {})


def _demand(action: str, resource: str, bucket: BucketState | None, context: dict[str, str | list[str]]) -> Demand:
    arn = f"arn:aws:s3:::{resource}"
    if bucket is None:
        return Demand(action, arn, context=context)
    owned = {**context, "s3:ResourceAccount": bucket.account_id}
    return Demand(action, arn, bucket.account_id, bucket.policy, ResourceKind.BUCKET, owned)


def _deletions(asked: Asked, bucket: BucketState | None, context: dict[str, str | list[str]]) -> Iterator[Demand]:
    for found in objects_to_delete(asked.request.body):
        yield from _deletion(asked, bucket, context, found)


def objects_to_delete(body: bytes) -> list[str]:
    """Return the objects that a DeleteObjects names, each as its XML has it."""
    return [match[0] for match in _OBJECT_TO_DELETE.finditer(body.decode("utf-8", "replace"))]


def deletion_demands(asked: Asked, found: str) -> tuple[Demand, ...]:
    """Return what deleting one of the objects that a DeleteObjects names asks for."""
    bucket = asked.state.bucket(asked.operation.text("Bucket"))
    return tuple(_deletion(asked, bucket, {**s3_keys(asked), **keys_of_object(bucket, "")}, found))


def _deletion(
    asked: Asked, bucket: BucketState | None, context: dict[str, str | list[str]], found: str
) -> Iterator[Demand]:
    key = _ITS_KEY.search(found)
    action = "s3:DeleteObjectVersion" if "<VersionId>" in found else "s3:DeleteObject"
    resource = f"{asked.operation.text('Bucket')}/{unescape(key[1]) if key else '*'}"
    yield _demand(action, resource, bucket, context)
    if _bypasses_retention(asked):
        yield _demand(_BYPASS, resource, bucket, context)


def _bypasses_retention(asked: Asked) -> bool:
    """Tell whether objects are to go, or their retention to be cut, against governance mode.

    Source: Amazon S3 User Guide, "Locking objects with Object Lock", governance mode.
    """
    return asked.request.header("x-amz-bypass-governance-retention").lower() == "true"


def _with_headers(asked: Asked, resource: str, bucket: BucketState | None) -> Iterator[Demand]:
    """Yield the rights to what a write sets by its headers."""
    if asked.operation.name not in ("PutObject", "CopyObject", "CreateMultipartUpload"):
        return
    if asked.request.header("x-amz-acl") or any(key.startswith("HTTP_X_AMZ_GRANT_") for key in asked.request.environ):
        yield _demand("s3:PutObjectAcl", resource, bucket, s3_keys(asked))
    if asked.request.header("x-amz-tagging"):
        yield _demand("s3:PutObjectTagging", resource, bucket, s3_keys(asked))


def _source_demands(asked: Asked) -> list[Demand]:
    quoted, _, version = asked.request.header("x-amz-copy-source").lstrip("/").partition("?")
    source = unquote(quoted)
    name, _, key = source.partition("/")
    bucket = asked.state.bucket(name)
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    demands = [_demand(action, source, bucket, {**s3_keys(asked), **keys_of_object(bucket, key)})]
    if bucket is not None:
        demands.extend(_key_demands(asked, bucket, key, "GetObject"))
    return demands


def _key_demands(asked: Asked, bucket: BucketState, key: str, name: str) -> list[Demand]:
    """Return the caller's right to use the KMS key an object is, or will be, encrypted with."""
    if name in _ENCRYPTS:
        key_id, action = _key_for_writing(asked, bucket), "kms:GenerateDataKey"
    elif name in _DECRYPTS:
        key_id, action = _key_of_object(bucket.bucket, key) or "", "kms:Decrypt"
    else:
        return []
    if not key_id:
        return []
    found = asked.state.key(bucket.account_id, asked.operation.region, key_id)
    if found is None:
        raise Refusal.of("KMS.NotFoundException", f"Key '{key_id}' does not exist")
    if found.key_state != "Enabled":
        raise Refusal.of(
            "KMS.DisabledException", f"{found.arn} is {'pending deletion' if found.deletion_date else 'disabled'}."
        )
    on = _has_bucket_key(asked, bucket) if name in _ENCRYPTS else _is_under_bucket_key(bucket.bucket, key)
    encrypted_for = f"arn:aws:s3:::{bucket.bucket.name}{'' if on else f'/{key}'}"
    keys = on_behalf("s3", asked.operation.region, {"aws:s3:arn": encrypted_for})
    return [key_demand(action, found, {**keys, "kms:CallerAccount": asked.caller.account_id})]


def _has_bucket_key(asked: Asked, bucket: BucketState) -> bool:
    """Tell whether an object will be written under an S3 Bucket Key: its encryption context is then the bucket's.

    Source: Amazon S3 User Guide, "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys".
    """
    rule = (bucket.bucket.encryption or {}).get("Rule") or {}
    given = asked.request.header("x-amz-server-side-encryption-bucket-key-enabled")
    return str(given or rule.get("BucketKeyEnabled")).lower() == "true"


def _is_under_bucket_key(bucket: Any, name: str) -> bool:
    found = bucket.keys.get(name)
    return str(getattr(found, "bucket_key_enabled", "")).lower() == "true"


def _key_for_writing(asked: Asked, bucket: BucketState) -> str:
    algorithm = asked.request.header("x-amz-server-side-encryption")
    if algorithm:
        return asked.request.header(KMS_HEADER) if algorithm.startswith("aws:kms") else ""
    # moto keeps the configuration as parsed XML: one rule, a dictionary. AWS's own key (no id) lets the account in.
    rule = (bucket.bucket.encryption or {}).get("Rule") or {}
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    return str(default.get("KMSMasterKeyID") or "") if "kms" in str(default.get("SSEAlgorithm")) else ""


def _key_of_object(bucket: Any, name: str) -> str | None:
    found = bucket.keys.get(name)
    if found is not None:
        # A delete marker has no encryption.
        return found.kms_key_id if "kms" in str(getattr(found, "encryption", "")) else None
    upload = next((upload for upload in list(bucket.multiparts.values()) if upload.key_name == name), None)
    return upload.kms_key_id if upload is not None and "kms" in str(upload.sse_encryption) else None
