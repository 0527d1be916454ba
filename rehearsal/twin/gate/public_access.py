"""What S3 refuses a bucket's owner as well: access control lists, public ones and public policies, keys of one's own.

Sources: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage" (settings of the bucket and of the
account: the stricter counts), "Controlling ownership of objects and disabling ACLs for your bucket", "Blocking or
unblocking SSE-C for a general purpose bucket"; Amazon S3 API Reference, "CreateBucket", "PutBucketAcl".
"""

from __future__ import annotations

from typing import Any

from iam_decision import SIZE_LIMITS, DocumentKind
from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.emulator.aws_state import BucketState
from rehearsal.twin.emulator.backends import backend_of
from rehearsal.twin.emulator.public_policies import is_public
from rehearsal.twin.emulator.s3_defaults import ENFORCED, blocks_customer_keys
from rehearsal.twin.requests.refusals import Refusal

_SET_LIST = frozenset({"PutBucketAcl", "PutObjectAcl"})
_WRITE = frozenset({"CopyObject", "CreateMultipartUpload", "PutObject"})
_PUBLIC_LISTS = frozenset({"authenticated-read", "public-read", "public-read-write"})
_EVERYBODY = ("http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/Authenticated")
_OWNER_HAS_ALL = "bucket-owner-full-control"
_GRANTS = ("full-control", "read", "read-acp", "write", "write-acp")
_CUSTOMER_KEY = "x-amz-server-side-encryption-customer-algorithm"
_POLICIES, _LISTS = "public policies", "public access control lists (ACLs)"
_TOO_LARGE = "Policy exceeds the maximum allowed document size."
_NO_LISTS = "The bucket does not allow ACLs"
_NO_LISTS_AT_FIRST = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
_NO_PUBLIC_LISTS_AT_FIRST = "Bucket cannot have public ACLs set with BlockPublicAccess enabled"


def check_buckets(asked: Asked, *, gate: bool) -> None:
    """Refuse what a bucket's settings do not let anybody do; `gate` says whether callers are told apart at all.

    Raises: Refusal in S3's words.
    """
    operation = asked.operation
    if operation.service != "s3":
        return
    if operation.name == "CreateBucket":
        _check_new(asked)
    bucket = asked.state.bucket(operation.text("Bucket"))
    if bucket is None:
        return
    if gate and bucket.account_id != asked.caller.account_id:
        _check_stranger(bucket)
    if operation.name == "PutBucketPolicy":
        _check_policy(asked, bucket)
    if operation.name == "PutBucketOwnershipControls" and ENFORCED.encode() in asked.request.body:
        _check_lists_gone(bucket.bucket)
    if operation.name in _SET_LIST or (operation.name in _WRITE and _brings_list(asked)):
        _check_list(asked, bucket)
    if operation.name in _WRITE and asked.request.header(_CUSTOMER_KEY) and blocks_customer_keys(bucket.bucket):
        raise Refusal.of("AccessDenied", "Access Denied", 403)


def _check_new(asked: Asked) -> None:
    if not _brings_list(asked) or asked.request.header("x-amz-acl") == "private":
        return
    if asked.request.header("x-amz-object-ownership") in ("", ENFORCED):
        raise Refusal.of("InvalidBucketAclWithObjectOwnership", _NO_LISTS_AT_FIRST)
    if _is_public_list(asked):
        raise Refusal.of("InvalidBucketAclWithBlockPublicAccessError", _NO_PUBLIC_LISTS_AT_FIRST)


def _check_stranger(bucket: BucketState) -> None:
    """Refuse callers of other accounts where the policy is public, and public buckets are restricted."""
    if bucket.policy and _is_on(bucket, "restrict_public_buckets") and is_public(bucket.policy):
        raise Refusal.of("AccessDenied", "Access Denied", 403)


def _check_policy(asked: Asked, bucket: BucketState) -> None:
    if len(asked.request.body) > SIZE_LIMITS[DocumentKind.BUCKET_POLICY].maximum:
        raise Refusal.of("PolicyTooLarge", _TOO_LARGE)
    if _is_on(bucket, "block_public_policy") and is_public(asked.request.body):
        raise _blocked(asked, _POLICIES, "BlockPublicPolicy")


def _check_lists_gone(bucket: Any) -> None:
    """Refuse to switch lists off while the bucket's own lets in somebody beside its owner."""
    if len(bucket.acl.grants) > 1:
        raise Refusal.of("InvalidBucketAclWithObjectOwnership", _NO_LISTS_AT_FIRST)


def _check_list(asked: Asked, bucket: BucketState) -> None:
    setting = asked.operation.name in _SET_LIST
    if bucket.bucket.ownership_rule == ENFORCED:
        if setting or asked.request.header("x-amz-acl") != _OWNER_HAS_ALL:
            raise Refusal.of("AccessControlListNotSupported", _NO_LISTS)
    elif _is_on(bucket, "block_public_acls") and _is_public_list(asked):
        raise _blocked(asked, _LISTS, "BlockPublicAcls")


def _brings_list(asked: Asked) -> bool:
    header = asked.request.header
    return bool(header("x-amz-acl")) or any(header(f"x-amz-grant-{right}") for right in _GRANTS)


def _is_public_list(asked: Asked) -> bool:
    header = asked.request.header
    if header("x-amz-acl") in _PUBLIC_LISTS:
        return True
    granted = " ".join(header(f"x-amz-grant-{right}") for right in _GRANTS)
    if asked.operation.name in _SET_LIST:
        granted += asked.request.body.decode("utf-8", "replace")
    return any(group in granted for group in _EVERYBODY)


def _is_on(bucket: BucketState, setting: str) -> bool:
    """Tell whether a setting of moto's public access block is on, for the bucket or for its whole account."""
    account = backend_of("s3control", "s3control", bucket.account_id)
    blocks = (bucket.bucket.public_access_block, account.public_access_block if account is not None else None)
    return any(getattr(block, setting) for block in blocks if block is not None)


def _blocked(asked: Asked, what: str, setting: str) -> Refusal:
    action = "s3:PutObject" if asked.operation.name in _WRITE else f"s3:{asked.operation.name}"
    key = asked.operation.text("Key")
    resource = f"arn:aws:s3:::{asked.operation.text('Bucket')}{f'/{key}' if key else ''}"
    return Refusal.of(
        "AccessDenied",
        f'User: {asked.caller.arn} is not authorized to perform: {action} on resource: "{resource}" '
        f"because {what} are blocked by the {setting} block public access setting.",
        403,
    )
