"""In which account a request acts: its caller's, or the one that owns what it works on where that may be another's.

Source: each service's page on cross-account access; IAM User Guide, "Cross account resource access in IAM".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rehearsal.twin.actions.cloudtrail import trail_owner
from rehearsal.twin.actions.demand import Asked, account_in
from rehearsal.twin.actions.ecr import repository_owner
from rehearsal.twin.actions.kms import key_owner
from rehearsal.twin.actions.sqs import queue_owner
from rehearsal.twin.emulator.resource_policies import policy_of

_NAMING = {
    "dynamodb": ("TableName", "ResourceArn"),
    "kinesis": ("StreamARN", "ResourceARN"),
    "sns": ("TopicArn", "ResourceArn"),
    "secretsmanager": ("SecretId",),
    "lambda": ("FunctionName", "Resource"),
}


def acting_account(asked: Asked) -> str:
    """Return the account whose state a request is served from."""
    owner = _OWNERS.get(asked.operation.service)
    return owner(asked) if owner is not None else asked.caller.account_id


def _bucket_owner(asked: Asked) -> str:
    name = asked.operation.text("Bucket")
    bucket = asked.state.bucket(name) if name and asked.operation.name != "CreateBucket" else None
    return bucket.account_id if bucket is not None else asked.caller.account_id


def _owner_by_arn(asked: Asked) -> str:
    """Return the account in the ARN that a request names its resource by, if that resource is there."""
    operation = asked.operation
    named = next((text for text in map(operation.text, _NAMING[operation.service]) if text.startswith("arn:")), "")
    owner = account_in(named)
    return owner if owner and policy_of(named).exists else asked.caller.account_id


def _bus_owner(asked: Asked) -> str:
    """Return whose bus gets events: the first one's, where a request has events for several accounts."""
    if asked.operation.name != "PutEvents":
        return asked.caller.account_id
    named = next((name for name in asked.operation.values("Entries.*.EventBusName") if name.startswith("arn:")), "")
    owner = account_in(named)
    return owner if owner and policy_of(named).exists else asked.caller.account_id


_OWNERS: Mapping[str, Callable[[Asked], str]] = {
    "cloudtrail": trail_owner,
    "dynamodb": _owner_by_arn,
    "ecr": repository_owner,
    "events": _bus_owner,
    "kinesis": _owner_by_arn,
    "kms": key_owner,
    "lambda": _owner_by_arn,
    "s3": _bucket_owner,
    "secretsmanager": _owner_by_arn,
    "sns": _owner_by_arn,
    "sqs": queue_owner,
}
