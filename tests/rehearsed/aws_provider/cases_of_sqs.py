"""The cases of SQS's resource types: a FIFO queue has every attribute that other queues have, and some more."""

from __future__ import annotations

import json

from rehearsal.aws.services import sqs
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World, statement

RECEIVE = statement(Principal="*", Action="sqs:ReceiveMessage", Resource="*")
SEND = statement(Principal="*", Action="sqs:SendMessage", Resource="*")


def _redrive(world: World, times: int) -> str:
    """Make a FIFO queue for what can't be delivered, and return the document that sends it there."""
    client = world.client("sqs")
    url = client.create_queue(QueueName=f"{world.name('dead')}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": times})


SQS = [
    Case(
        kind=sqs.QUEUE,
        inputs=lambda *_: {"fifoQueue": True, "visibilityTimeoutSeconds": 60, "tags": {"a": "1"}},
        updates=lambda w, _: [
            {"policy": SEND},
            {"delaySeconds": 5, "maxMessageSize": 1024, "receiveWaitTimeSeconds": 20},
            {"messageRetentionSeconds": 60, "visibilityTimeoutSeconds": None},
            {"contentBasedDeduplication": True},
            {"deduplicationScope": "messageGroup", "fifoThroughputLimit": "perMessageGroupId"},
            {"redrivePolicy": _redrive(w, 3)},
            {"kmsMasterKeyId": "alias/aws/sqs", "kmsDataKeyReusePeriodSeconds": 600},
            {"kmsMasterKeyId": None},
            {"sqsManagedSseEnabled": False},
            {"contentBasedDeduplication": None, "delaySeconds": None},
            {"tags": {"b": "2"}},
            {"tags": None},
        ],
        replacements=lambda w: {"name": f"{w.name()}.fifo", "fifoQueue": False, "region": "us-east-1"},
        drift=lambda w, r: w.client("sqs").set_queue_attributes(QueueUrl=r.id, Attributes={"VisibilityTimeout": "1"}),
        drifted=frozenset({"visibilityTimeoutSeconds"}),
    ),
    Case(
        kind=sqs.QUEUE_POLICY,
        inputs=lambda w: {"queueUrl": w.queue(), "policy": SEND},
        updates=lambda *_: [{"policy": RECEIVE}],
        replacements=lambda w: {"queueUrl": w.queue(), "region": "us-east-1"},
        drift=lambda w, r: w.client("sqs").set_queue_attributes(QueueUrl=r.id, Attributes={"Policy": ""}),
        drifted=frozenset({"gone"}),
    ),
]
