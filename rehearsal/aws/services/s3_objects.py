"""S3: the objects that a program puts into a bucket.

Source: pulumi_aws 7.51.1 (`s3/bucket_objectv2.py`), terraform-provider-aws `internal/service/s3/object.go`.
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG
from rehearsal.aws.properties import Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_WRITTEN_WITH_IT = {
    "CacheControl": "cacheControl",
    "ContentDisposition": "contentDisposition",
    "ContentEncoding": "contentEncoding",
    "ContentLanguage": "contentLanguage",
    "ContentType": "contentType",
    "ServerSideEncryption": "serverSideEncryption",
    "StorageClass": "storageClass",
}
_BODY = ("content", "contentBase64", "etag")


def _put_object(call: Call) -> None:
    """Write the whole object: S3 changes neither contents nor headers of one that is there."""
    body = base64.b64decode(call["contentBase64"]) if call["contentBase64"] else (call["content"] or "").encode()
    given = {parameter: call[name] for parameter, name in _WRITTEN_WITH_IT.items() if call[name]}
    tags = {"Tagging": urlencode(sorted(call.tags.items()))} if call.tags else {}
    call.aws.put_object(Bucket=call["bucket"], Key=call["key"], Body=body, **given, **tags)


def _read_object(call: Call) -> Any:
    bucket, key = call["bucket"], call["key"]
    found = call.aws.head_object(Bucket=bucket, Key=key)
    return {
        **found,
        "Bucket": bucket,
        "Key": key,
        "Etag": found["ETag"].strip('"'),
        "StorageClass": found.get("StorageClass") or "STANDARD",  # S3 does not tell the usual one
        "Arn": f"arn:{call.account.partition}:s3:::{bucket}/{key}",
        "Tags": call.aws.get_object_tagging(Bucket=bucket, Key=key)["TagSet"],
    }


def _put_tags(call: Call) -> None:
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    call.aws.put_object_tagging(Bucket=call["bucket"], Key=call["key"], Tagging={"TagSet": tags})


def _delete_object(call: Call) -> None:
    bucket, key = call["bucket"], call["key"]
    if not call.state.get("versionId"):
        call.aws.delete_object(Bucket=bucket, Key=key)
        return
    # In a bucket with versions the real provider deletes all of the object's.
    for page in call.aws.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
        for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if item["Key"] == key:
                call.aws.delete_object(Bucket=bucket, Key=key, VersionId=item["VersionId"])


BUCKET_OBJECT = ResourceType(
    type="aws:s3/bucketObjectv2:BucketObjectv2",
    title="S3 Object",
    service="s3",
    properties=(
        Property("bucket", required=True, replaces=True),
        Property("key", replaces=True, named_after=True),
        Property("content", unread=True),
        Property("contentBase64", unread=True),
        Property("cacheControl"),
        Property("contentDisposition"),
        Property("contentEncoding"),
        Property("contentLanguage"),
        Property("contentType", computed=True),
        Property("etag", computed=True),
        Property("serverSideEncryption", computed=True),
        Property("storageClass", computed=True),
        Property("forceDestroy", FLAG, default=False, unread=True),
        output("arn"),
        output("versionId"),
    ),
    id="{bucket}/{key}",
    create=_put_object,
    read=_read_object,
    changes=(Change((*_BODY, *_WRITTEN_WITH_IT.values()), _put_object),),
    delete=_delete_object,
    tagging=Tagging(add=_put_tags, remove=None),
    not_found=("404", "NoSuchBucket", "NoSuchKey"),
    at_most_one_of=(("content", "contentBase64"),),
)

TYPES = (BUCKET_OBJECT,)
