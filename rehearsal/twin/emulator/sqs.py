"""What is changed in moto's SQS. moto's modules have no types and are changed here, hence `Any` for them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any


def make_queues_like_aws(sqs: Any) -> None:
    """Make queues keep their policy, and refuse attributes that belong to queues of another kind."""
    _keep_policies(sqs.Queue)
    _refuse_attributes_of_fifo_queues(sqs.SQSBackend, frozenset(sqs.Queue.FIFO_ATTRIBUTES), sqs.InvalidAttributeName)


def _keep_policies(queue_class: Any) -> None:
    """Moto drops a queue's policy when any other attribute is set; AWS leaves what is not named as it is."""
    plain = queue_class._set_attributes

    @wraps(plain)
    def set_attributes(self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        policy = getattr(self, "policy", None)
        plain(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = policy

    queue_class._set_attributes = set_attributes


def _refuse_attributes_of_fifo_queues(backend: Any, of_fifo: frozenset[str], error: Any) -> None:
    """Moto takes a FIFO queue's attributes for any queue and forgets them; AWS refuses them: InvalidAttributeName.

    Source: SQS API Reference, "CreateQueue": these attributes apply only to FIFO queues.
    """
    create, set_attributes = backend.create_queue, backend.set_queue_attributes

    def refuse(attributes: Iterable[str]) -> None:
        for name in sorted(of_fifo.intersection(attributes)):
            raise error(name)

    @wraps(create)
    def create_queue(self: Any, name: str, tags: dict[str, str] | None = None, **attributes: Any) -> Any:
        if str(attributes.get("FifoQueue")).lower() != "true":
            refuse(attributes)
        return create(self, name, tags, **attributes)

    @wraps(set_attributes)
    def set_queue_attributes(self: Any, queue_name: str, attributes: dict[str, Any]) -> Any:
        if not self.get_queue(queue_name).fifo_queue:
            refuse(attributes)
        return set_attributes(self, queue_name, attributes)

    backend.create_queue = create_queue
    backend.set_queue_attributes = set_queue_attributes
