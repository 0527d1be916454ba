"""SQS: queues and their policies.

A queue's settings are attributes that SQS takes and tells as text.
Source: pulumi_aws 7.51.1 (`sqs/*.py`), terraform-provider-aws `internal/service/sqs` and `internal/attrmap`,
SQS API reference, "SetQueueAttributes".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG, WHOLE
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging, TagShape
from rehearsal.aws.wire import Value

_MISSING = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_KMS_PERIOD = Property("kmsDataKeyReusePeriodSeconds", WHOLE, computed=True)
_KMS_PERIOD_S = 300
_FIFO = Property("fifoQueue", FLAG, replaces=True, default=False)
_ATTRIBUTES = (
    Property("contentBasedDeduplication", FLAG, default=False),
    Property("deduplicationScope", computed=True, one_of=("messageGroup", "queue")),
    Property("delaySeconds", WHOLE, default=0),
    Property("fifoThroughputLimit", computed=True, one_of=("perQueue", "perMessageGroupId")),
    _KMS_PERIOD,
    Property("kmsMasterKeyId"),
    Property("maxMessageSize", WHOLE, aws="MaximumMessageSize", default=262_144),
    Property("messageRetentionSeconds", WHOLE, aws="MessageRetentionPeriod", default=345_600),
    Property("policy", DOCUMENT, computed=True),
    Property("receiveWaitTimeSeconds", WHOLE, aws="ReceiveMessageWaitTimeSeconds", default=0),
    Property("redrivePolicy", DOCUMENT, computed=True),
    Property("sqsManagedSseEnabled", FLAG, computed=True),
    Property("visibilityTimeoutSeconds", WHOLE, aws="VisibilityTimeout", default=30),
)
_NAMES = tuple(item.name for item in _ATTRIBUTES)


def _create_queue(call: Call) -> Any:
    asked = ((item, call[item.name]) for item in (_FIFO, *_ATTRIBUTES))
    # SQS refuses attributes of FIFO queues for others, also where they say no.
    attributes = {
        item.aws: _as_text(value)
        for item, value in asked
        if value is not None and (value is not False or item.name == "sqsManagedSseEnabled")
    }
    return call.aws.create_queue(QueueName=call["name"], Attributes=attributes, tags=dict(call.tags))


def _read_queue(call: Call) -> Any:
    return {
        # SQS tells it only beside a key; the real provider then lets stand what was given.
        _KMS_PERIOD.aws: call[_KMS_PERIOD.name] or _KMS_PERIOD_S,
        **_attributes_of(call),
        "Name": call.id.rsplit("/", 1)[-1],
        "Url": call.id,
        "Tags": call.aws.list_queue_tags(QueueUrl=call.id).get("Tags"),
    }


def _attributes_of(call: Call) -> dict[str, Value]:
    """Return the attributes that say something, as values of the table's kinds."""
    told: Mapping[str, str] = call.aws.get_queue_attributes(QueueUrl=call.id, AttributeNames=["All"])["Attributes"]
    kinds = {item.aws: item.kind for item in (_FIFO, *_ATTRIBUTES)}
    return {name: _from_text(text, kinds.get(name)) for name, text in told.items() if text}


def _set_attributes(call: Call) -> None:
    changed = [item for item in _ATTRIBUTES if not item.same(call.state.get(item.name), call[item.name])]
    attributes = {item.aws: _as_text(call[item.name]) for item in changed if not _left_to_aws(item, call)}
    call.aws.set_queue_attributes(QueueUrl=call.id, Attributes=attributes)


def _left_to_aws(item: Property, call: Call) -> bool:
    return item.computed and call[item.name] is None


def _as_text(value: Value) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_text(text: str, kind: object) -> Value:
    if kind is FLAG:
        return text == "true"
    return int(text) if kind is WHOLE else text


QUEUE = ResourceType(
    type="aws:sqs/queue:Queue",
    title="SQS Queue",
    service="sqs",
    properties=(
        Property("name", replaces=True, auto_name=AutoName(longest=80, suffix=".fifo", suffix_if="fifoQueue")),
        _FIFO,
        *_ATTRIBUTES,
        output("arn", aws="QueueArn"),
        output("url"),
    ),
    id="QueueUrl",
    create=_create_queue,
    read=_read_queue,
    changes=(Change(_NAMES, _set_attributes),),
    delete=operation("delete_queue", QueueUrl=ID),
    tagging=Tagging(
        add=operation("tag_queue", QueueUrl=ID, Tags=TAGS),
        remove=operation("untag_queue", QueueUrl=ID, TagKeys=TAG_KEYS),
        shape=TagShape.MAP,
    ),
    not_found=_MISSING,
    at_most_one_of=(("kmsMasterKeyId", "sqsManagedSseEnabled"),),
)


def _put_policy(call: Call) -> None:
    call.aws.set_queue_attributes(QueueUrl=call["queueUrl"], Attributes={"Policy": call["policy"]})


def _read_policy(call: Call) -> Any:
    policy = _attributes_of(call).get("Policy")
    return {"QueueUrl": call.id, "Policy": policy} if policy else None


def _delete_policy(call: Call) -> None:
    call.aws.set_queue_attributes(QueueUrl=call.id, Attributes={"Policy": ""})


QUEUE_POLICY = ResourceType(
    type="aws:sqs/queuePolicy:QueuePolicy",
    title="SQS Queue Policy",
    service="sqs",
    properties=(
        Property("queueUrl", required=True, replaces=True),
        Property("policy", DOCUMENT, required=True),
    ),
    id="{queueUrl}",
    create=_put_policy,
    read=_read_policy,
    changes=(Change(("policy",), _put_policy),),
    delete=_delete_policy,
    not_found=_MISSING,
)

TYPES = (QUEUE, QUEUE_POLICY)
