"""What SQS operations ask for: a queue belongs to the account its URL names, and its policy has a say.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SQS"; SQS Developer Guide,
"Amazon SQS API permissions" (batches need the right of the single operation).
"""

from __future__ import annotations

import re

from rehearsal.twin.actions.demand import Asked, Demand

_QUEUE = re.compile(r"(?:https?://[^/]+)?/(\d{12})/([^/]+)")
_BATCH = "Batch"


def sqs_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an SQS request asks for; of a queue that does not exist it asks by the ARN the queue would have."""
    operation = asked.operation
    if operation.name == "ListQueues":
        return (Demand("sqs:ListQueues"),)
    actions = [operation.name.removesuffix(_BATCH)]
    if operation.name == "CreateQueue" and operation.tags():
        actions.append("TagQueue")
    account_id, name = _account_and_name(asked)
    queue = asked.state.queue(account_id, operation.region, name)
    policy = (queue.policy or None) if queue is not None else None
    arn = f"arn:aws:sqs:{operation.region}:{account_id}:{name or '*'}"
    return tuple(Demand(f"sqs:{action}", arn, account_id, policy) for action in actions)


def queue_owner(asked: Asked) -> str:
    """Return the account of the queue a request works on, the caller's own where there is no such queue."""
    account_id, name = _account_and_name(asked)
    there = asked.state.queue(account_id, asked.operation.region, name) is not None
    return account_id if there else asked.caller.account_id


def _account_and_name(asked: Asked) -> tuple[str, str]:
    operation, own = asked.operation, asked.caller.account_id
    if operation.name in ("CreateQueue", "GetQueueUrl", "ListQueues"):
        return operation.text("QueueOwnerAWSAccountId") or own, operation.text("QueueName")
    source = operation.text("SourceArn")  # of the operations that move messages
    if source:
        parts = source.split(":", 5)
        return (parts[4], parts[5]) if len(parts) == 6 else (own, source)
    url = operation.text("QueueUrl") or asked.request.path
    found = _QUEUE.fullmatch(url)
    return (found[1], found[2]) if found else (own, url.strip("/"))
