"""S3: which versions of a bucket's objects go after how long, and where the log of its requests is kept.

Source: pulumi_aws 7.51.1 (`s3/bucket_lifecycle_configuration.py`, `s3/bucket_logging.py`), terraform-provider-aws
`internal/service/s3/bucket_lifecycle_configuration.go`, `bucket_logging.go`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import WHOLE, list_of, record
from rehearsal.aws.operations import operation
from rehearsal.aws.properties import Property
from rehearsal.aws.resource_type import Change, ResourceType

_NO_BUCKET = "NoSuchBucket"
_BUCKET = Property("bucket", required=True, replaces=True)


def _put_rules(call: Call) -> None:
    rules = BUCKET_LIFECYCLE.by_name["rules"].kind.to_aws(call["rules"])
    call.aws.put_bucket_lifecycle_configuration(Bucket=call["bucket"], LifecycleConfiguration={"Rules": rules})


def _read_rules(call: Call) -> Any:
    return {"Bucket": call.id, "Rules": call.aws.get_bucket_lifecycle_configuration(Bucket=call.id)["Rules"]}


BUCKET_LIFECYCLE = ResourceType(
    type="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    title="S3 Bucket Lifecycle Configuration",
    service="s3",
    properties=(
        _BUCKET,
        Property(
            "rules",
            list_of(
                Property("id", aws="ID", required=True),
                Property("status", required=True, one_of=("Enabled", "Disabled")),
                Property("filter", record(Property("prefix")), required=True),
                Property("expiration", record(Property("days", WHOLE, required=True))),
                Property(
                    "noncurrentVersionExpiration",
                    record(
                        Property("noncurrentDays", WHOLE, required=True), Property("newerNoncurrentVersions", WHOLE)
                    ),
                ),
                Property(
                    "abortIncompleteMultipartUpload", record(Property("daysAfterInitiation", WHOLE, required=True))
                ),
            ),
        ),
    ),
    id="{bucket}",
    create=_put_rules,
    read=_read_rules,
    changes=(Change(("rules",), _put_rules),),
    delete=operation("delete_bucket_lifecycle", Bucket="bucket"),
    not_found=(_NO_BUCKET, "NoSuchLifecycleConfiguration"),
)


def _put_logging(call: Call) -> None:
    enabled = {"TargetBucket": call["targetBucket"], "TargetPrefix": call["targetPrefix"]}
    call.aws.put_bucket_logging(Bucket=call["bucket"], BucketLoggingStatus={"LoggingEnabled": enabled})


def _read_logging(call: Call) -> Any:
    found = call.aws.get_bucket_logging(Bucket=call.id).get("LoggingEnabled")
    return {"Bucket": call.id, **found} if found else None


def _stop_logging(call: Call) -> None:
    call.aws.put_bucket_logging(Bucket=call.id, BucketLoggingStatus={})


BUCKET_LOGGING = ResourceType(
    type="aws:s3/bucketLogging:BucketLogging",
    title="S3 Bucket Logging",
    service="s3",
    properties=(_BUCKET, Property("targetBucket", required=True), Property("targetPrefix", required=True)),
    id="{bucket}",
    create=_put_logging,
    read=_read_logging,
    changes=(Change(("targetBucket", "targetPrefix"), _put_logging),),
    delete=_stop_logging,
    not_found=(_NO_BUCKET,),
)

TYPES = (BUCKET_LIFECYCLE, BUCKET_LOGGING)
