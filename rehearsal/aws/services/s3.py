"""S3: buckets and the settings that v7 of the provider keeps in resources of their own.

Source: pulumi_aws 7.51.1 (`s3/*.py`), terraform-provider-aws `internal/service/s3`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.aws_errors import code_of
from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG, WHOLE, record, set_of
from rehearsal.aws.operations import operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_FIRST_REGION = "us-east-1"
_NO_BUCKET = "NoSuchBucket"
_BUCKET = Property("bucket", required=True, replaces=True)


def _create_bucket(call: Call) -> None:
    place = {} if call.region == _FIRST_REGION else {"CreateBucketConfiguration": {"LocationConstraint": call.region}}
    lock = {"ObjectLockEnabledForBucket": True} if call["objectLockEnabled"] else {}
    if call.region == _FIRST_REGION:
        _refuse_own_bucket(call)
    call.aws.create_bucket(Bucket=call["bucket"], **place, **lock)


def _refuse_own_bucket(call: Call) -> None:
    """In us-east-1 S3 answers "created" for a bucket one has already, everywhere else it refuses (API CreateBucket)."""
    try:
        call.aws.head_bucket(Bucket=call["bucket"])
    except ClientError as error:
        if code_of(error) in ("404", "403", _NO_BUCKET):
            return
        raise
    message = "Your previous request to create the named bucket succeeded and you already own it."
    raise ClientError({"Error": {"Code": "BucketAlreadyOwnedByYou", "Message": message}}, "CreateBucket")


def _read_bucket(call: Call) -> Any:
    name = call.id
    region = call.aws.head_bucket(Bucket=name).get("BucketRegion", call.region)
    return {
        "Bucket": name,
        "Tags": _or_none(call.aws.get_bucket_tagging, "TagSet", "NoSuchTagSet", name),
        "ObjectLockEnabled": _has_object_lock(call),
        "Arn": f"arn:{call.account.partition}:s3:::{name}",
        "BucketRegion": region,
        "BucketDomainName": f"{name}.s3.amazonaws.com",
        "BucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
    }


def _has_object_lock(call: Call) -> bool:
    get, absent = call.aws.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"
    return (_or_none(get, "ObjectLockConfiguration", absent, call.id) or {}).get("ObjectLockEnabled") == "Enabled"


def _or_none(get: Any, part: str, absent: str, bucket: str) -> Any:
    try:
        return get(Bucket=bucket)[part]
    except ClientError as error:
        if code_of(error) == absent:
            return None
        raise


def _put_tags(call: Call) -> None:
    tags = [{"Key": key, "Value": value} for key, value in sorted(call.tags.items())]
    if tags:
        call.aws.put_bucket_tagging(Bucket=call.id, Tagging={"TagSet": tags})
    else:
        call.aws.delete_bucket_tagging(Bucket=call.id)


def _delete_bucket(call: Call) -> None:
    if call["forceDestroy"]:
        # Source: terraform-provider-aws, `internal/service/s3/bucket.go`: what governance mode retains goes as well.
        bypass = {"BypassGovernanceRetention": True} if call["objectLockEnabled"] else {}
        for page in call.aws.get_paginator("list_object_versions").paginate(Bucket=call.id):
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            if objects:
                _delete_versions(call, objects, bypass)
    call.aws.delete_bucket(Bucket=call.id)


def _delete_versions(call: Call, objects: list[dict[str, str]], bypass: dict[str, bool]) -> None:
    """Delete versions, and raise the first of the refusals that S3 tells object by object."""
    answer = call.aws.delete_objects(Bucket=call.id, Delete={"Objects": objects, "Quiet": True}, **bypass)
    for error in answer.get("Errors", ()):
        told = {"Code": error["Code"], "Message": f"{error['Message']} ({error['Key']})"}
        raise ClientError({"Error": told}, "DeleteObjects")


BUCKET = ResourceType(
    type="aws:s3/bucket:Bucket",
    title="S3 Bucket",
    service="s3",
    properties=(
        Property("bucket", replaces=True, auto_name=AutoName(longest=63, lower=True)),
        Property("forceDestroy", FLAG, default=False, unread=True),
        Property("objectLockEnabled", FLAG, replaces=True, computed=True),
        output("arn"),
        output("bucketRegion"),
        output("bucketDomainName"),
        output("bucketRegionalDomainName"),
    ),
    id="{bucket}",
    create=_create_bucket,
    read=_read_bucket,
    delete=_delete_bucket,
    tagging=Tagging(add=_put_tags, remove=None),
    not_found=("404", _NO_BUCKET),
    already_exists=("BucketAlreadyOwnedByYou",),
)


def _put_versioning(call: Call) -> None:
    status = call["versioningConfiguration"]["status"]
    if status != "Disabled":  # S3 has no such call: a bucket starts that way and can't return to it
        call.aws.put_bucket_versioning(Bucket=call["bucket"], VersioningConfiguration={"Status": status})


def _read_versioning(call: Call) -> Any:
    status = call.aws.get_bucket_versioning(Bucket=call.id).get("Status", "Disabled")
    return {"Bucket": call.id, "VersioningConfiguration": {"Status": status}}


def _suspend_versioning(call: Call) -> None:
    if call["versioningConfiguration"]["status"] == "Enabled":
        call.aws.put_bucket_versioning(Bucket=call.id, VersioningConfiguration={"Status": "Suspended"})


BUCKET_VERSIONING = ResourceType(
    type="aws:s3/bucketVersioning:BucketVersioning",
    title="S3 Bucket Versioning",
    service="s3",
    properties=(
        _BUCKET,
        Property(
            "versioningConfiguration",
            record(Property("status", required=True, one_of=("Enabled", "Suspended", "Disabled"))),
            required=True,
        ),
    ),
    id="{bucket}",
    create=_put_versioning,
    read=_read_versioning,
    changes=(Change(("versioningConfiguration",), _put_versioning),),
    delete=_suspend_versioning,
    not_found=(_NO_BUCKET,),
)


def _put_encryption(call: Call) -> None:
    rules = BUCKET_ENCRYPTION.by_name["rules"].kind.to_aws(call["rules"])
    call.aws.put_bucket_encryption(Bucket=call["bucket"], ServerSideEncryptionConfiguration={"Rules": rules})


def _read_encryption(call: Call) -> Any:
    found = call.aws.get_bucket_encryption(Bucket=call.id)["ServerSideEncryptionConfiguration"]
    return {"Bucket": call.id, "Rules": found["Rules"]}


BUCKET_ENCRYPTION = ResourceType(
    type="aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    title="S3 Bucket Server-side Encryption Configuration",
    service="s3",
    properties=(
        _BUCKET,
        Property(
            "rules",
            set_of(
                Property(
                    "applyServerSideEncryptionByDefault",
                    record(
                        Property("sseAlgorithm", aws="SSEAlgorithm", required=True),
                        Property("kmsMasterKeyId", aws="KMSMasterKeyID"),
                    ),
                ),
                Property("bucketKeyEnabled", FLAG),
            ),
            required=True,
        ),
    ),
    id="{bucket}",
    create=_put_encryption,
    read=_read_encryption,
    changes=(Change(("rules",), _put_encryption),),
    delete=operation("delete_bucket_encryption", Bucket="bucket"),
    not_found=(_NO_BUCKET, "ServerSideEncryptionConfigurationNotFoundError"),
)

_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _put_block(call: Call) -> None:
    blocks = {name[0].upper() + name[1:]: call[name] for name in _BLOCKS}
    call.aws.put_public_access_block(Bucket=call["bucket"], PublicAccessBlockConfiguration=blocks)


def _read_block(call: Call) -> Any:
    found = call.aws.get_public_access_block(Bucket=call.id)["PublicAccessBlockConfiguration"]
    return {"Bucket": call.id, **found}


def _delete_block(call: Call) -> None:
    if not call["skipDestroy"]:
        call.aws.delete_public_access_block(Bucket=call.id)


BUCKET_PUBLIC_ACCESS_BLOCK = ResourceType(
    type="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    title="S3 Bucket Public Access Block",
    service="s3",
    properties=(
        _BUCKET,
        *(Property(name, FLAG, default=False) for name in _BLOCKS),
        Property("skipDestroy", FLAG, unread=True),
    ),
    id="{bucket}",
    create=_put_block,
    read=_read_block,
    changes=(Change(_BLOCKS, _put_block),),
    delete=_delete_block,
    not_found=(_NO_BUCKET, "NoSuchPublicAccessBlockConfiguration"),
)


def _read_bucket_policy(call: Call) -> Any:
    return {"Bucket": call.id, "Policy": call.aws.get_bucket_policy(Bucket=call.id)["Policy"]}


_PUT_POLICY = operation("put_bucket_policy", Bucket="bucket", Policy="policy")

BUCKET_POLICY = ResourceType(
    type="aws:s3/bucketPolicy:BucketPolicy",
    title="S3 Bucket Policy",
    service="s3",
    properties=(_BUCKET, Property("policy", DOCUMENT, required=True)),
    id="{bucket}",
    create=_PUT_POLICY,
    read=_read_bucket_policy,
    changes=(Change(("policy",), _PUT_POLICY),),
    delete=operation("delete_bucket_policy", Bucket="bucket"),
    not_found=(_NO_BUCKET, "NoSuchBucketPolicy"),
)


def _put_ownership(call: Call) -> None:
    rule = {"ObjectOwnership": call["rule"]["objectOwnership"]}
    call.aws.put_bucket_ownership_controls(Bucket=call["bucket"], OwnershipControls={"Rules": [rule]})


def _read_ownership(call: Call) -> Any:
    rules = call.aws.get_bucket_ownership_controls(Bucket=call.id)["OwnershipControls"]["Rules"]
    return {"Bucket": call.id, "Rule": rules[0]} if rules else None


BUCKET_OWNERSHIP_CONTROLS = ResourceType(
    type="aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    title="S3 Bucket Ownership Controls",
    service="s3",
    properties=(
        _BUCKET,
        Property(
            "rule",
            record(
                Property(
                    "objectOwnership",
                    required=True,
                    one_of=("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"),
                )
            ),
            required=True,
        ),
    ),
    id="{bucket}",
    create=_put_ownership,
    read=_read_ownership,
    changes=(Change(("rule",), _put_ownership),),
    delete=operation("delete_bucket_ownership_controls", Bucket="bucket"),
    not_found=(_NO_BUCKET, "OwnershipControlsNotFoundError"),
)


def _put_lock(call: Call) -> None:
    rule = call["rule"]
    kept = BUCKET_OBJECT_LOCK.by_name["rule"].kind.to_aws(rule) if rule else None
    configuration = {"ObjectLockEnabled": "Enabled", **({"Rule": kept} if kept else {})}
    call.aws.put_object_lock_configuration(Bucket=call["bucket"], ObjectLockConfiguration=configuration)


def _read_lock(call: Call) -> Any:
    found = call.aws.get_object_lock_configuration(Bucket=call.id)["ObjectLockConfiguration"]
    return {"Bucket": call.id, **found}


def _forget_retention(call: Call) -> None:
    """Take the default retention away; the lock itself can't be taken off a bucket."""
    call.aws.put_object_lock_configuration(Bucket=call.id, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})


BUCKET_OBJECT_LOCK = ResourceType(
    type="aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    title="S3 Bucket Object Lock Configuration",
    service="s3",
    properties=(
        _BUCKET,
        Property("objectLockEnabled", replaces=True, default="Enabled", one_of=("Enabled",)),
        Property(
            "rule",
            record(
                Property(
                    "defaultRetention",
                    record(
                        Property("mode", one_of=("COMPLIANCE", "GOVERNANCE")),
                        Property("days", WHOLE),
                        Property("years", WHOLE),
                    ),
                    required=True,
                )
            ),
        ),
    ),
    id="{bucket}",
    create=_put_lock,
    read=_read_lock,
    changes=(Change(("rule",), _put_lock),),
    delete=_forget_retention,
    not_found=(_NO_BUCKET, "ObjectLockConfigurationNotFoundError"),
)

TYPES = (
    BUCKET,
    BUCKET_VERSIONING,
    BUCKET_ENCRYPTION,
    BUCKET_PUBLIC_ACCESS_BLOCK,
    BUCKET_OBJECT_LOCK,
    BUCKET_POLICY,
    BUCKET_OWNERSHIP_CONTROLS,
)
