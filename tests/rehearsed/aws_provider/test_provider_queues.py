"""Queues and their policies: what tells two kinds of queue apart, and two resources that share one queue."""

from __future__ import annotations

from rehearsal.aws.services.sqs import QUEUE, QUEUE_POLICY
from tests.rehearsed.aws_provider.cases_of_sqs import RECEIVE, SEND
from tests.rehearsed.aws_provider.world import World


def test_a_made_up_name_ends_as_fifo_queues_have_to(world: World) -> None:
    """A FIFO queue that is given no name gets one with `.fifo` at its end, another queue one without."""
    fifo = world.hand.create(QUEUE.type, world.name(), {"fifoQueue": True})
    plain = world.hand.create(QUEUE.type, world.name(), {})
    assert fifo.outputs["name"].endswith(".fifo")
    assert "." not in plain.outputs["name"]


def test_a_queue_that_is_not_fifo_is_made_without_their_attributes(world: World) -> None:
    """A standard queue says the real provider's defaults, and the same inputs again are no change."""
    made = world.hand.create(QUEUE.type, world.name(), {})
    said = {name: made.outputs[name] for name in ("delaySeconds", "maxMessageSize", "visibilityTimeoutSeconds")}
    assert said == {"delaySeconds": 0, "maxMessageSize": 262_144, "visibilityTimeoutSeconds": 30}
    assert made.outputs["arn"] == f"arn:aws:sqs:{world.region}:{world.account_id}:{made.outputs['name']}"
    assert world.hand.diff(made, {}).paths == {}


def test_a_policy_of_its_own_is_no_change_of_the_queue(world: World) -> None:
    """A queue whose policy is a resource of its own does not differ, and keeps it when the queue is changed."""
    queue = world.hand.create(QUEUE.type, world.name(), {})
    policy = world.hand.create(QUEUE_POLICY.type, world.name(), {"queueUrl": queue.id, "policy": SEND})
    found = world.hand.refresh(queue)
    assert found is not None
    assert world.hand.diff(found, {}).paths == {}
    world.hand.update(found, {"delaySeconds": 5})
    assert world.hand.refresh(policy) == policy


def test_taking_away_the_policy_leaves_the_queue(world: World) -> None:
    """A deleted queue policy is gone from its queue, which stays."""
    queue = world.hand.create(QUEUE.type, world.name(), {"policy": RECEIVE})
    policy = world.hand.import_(QUEUE_POLICY.type, world.name(), queue.id)
    assert policy is not None
    world.hand.delete(policy)
    told = world.client("sqs").get_queue_attributes(QueueUrl=queue.id, AttributeNames=["All"])["Attributes"]
    assert not told.get("Policy")
    assert told["VisibilityTimeout"] == "30"
