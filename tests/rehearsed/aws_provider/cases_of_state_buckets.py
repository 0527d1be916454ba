"""The cases of what state buckets have besides: lifecycle rules, and the log of their requests."""

from __future__ import annotations

import json

from rehearsal.aws.services import s3_lifecycle
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World


def _rule(**more: object) -> dict[str, object]:
    return {"id": "old", "status": "Enabled", "filter": {"prefix": ""}, **more}


def _target(world: World) -> str:
    """Make a bucket that S3 may deliver logs to, and return its name."""
    name = world.bucket()
    allow = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": f"arn:aws:s3:::{name}/*"}]}
    world.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return name


_FEW, _MANY = {"noncurrentDays": 30, "newerNoncurrentVersions": 3}, {"noncurrentDays": 90}

STATE_BUCKETS = [
    Case(
        kind=s3_lifecycle.BUCKET_LIFECYCLE,
        inputs=lambda w: {"bucket": w.bucket(), "rules": [_rule(noncurrentVersionExpiration=_FEW)]},
        updates=lambda *_: [
            {
                "rules": [
                    _rule(noncurrentVersionExpiration=_MANY, abortIncompleteMultipartUpload={"daysAfterInitiation": 7})
                ]
            },
            {"rules": [_rule(expiration={"days": 10}), {**_rule(expiration={"days": 5}), "id": "logs"}]},
        ],
        replacements=lambda w: {"bucket": w.bucket(), "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").delete_bucket_lifecycle(Bucket=r.id),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=s3_lifecycle.BUCKET_LOGGING,
        inputs=lambda w: {"bucket": w.bucket(), "targetBucket": _target(w), "targetPrefix": "one/"},
        updates=lambda w, _: [{"targetPrefix": "two/"}, {"targetBucket": _target(w)}],
        replacements=lambda w: {"bucket": w.bucket(), "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").put_bucket_logging(Bucket=r.id, BucketLoggingStatus={}),
        drifted=frozenset({"gone"}),
    ),
]
