"""SQS: a queue belongs to the account its URL names, and its policy has a say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
SQS_ONLY = document({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})


def _queue(aws: TwinAws, account: str, name: str = "orders", **more: Any) -> str:
    """Make a queue in an account and return its URL."""
    return str(aws.client("sqs", aws.into(account)).create_queue(QueueName=name, **more)["QueueUrl"])


def _allow(principal: str, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sqs:SendMessage", "Resource": "*", **more}


def test_a_right_on_one_queue_is_none_on_another(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """An identity policy on a queue's ARN allows that queue and no other."""
    mine, other = _queue(aws, account), _queue(aws, account, "other")
    right = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:*:{account}:orders"}
    sqs = aws.client("sqs", aws.assume(new_role(account, trusting(ROOT), document(right))))
    assert sqs.send_message(QueueUrl=mine, MessageBody="x")["MessageId"]
    with refused("AccessDenied", "AccessDeniedException"):
        sqs.send_message(QueueUrl=other, MessageBody="x")


def test_a_batch_needs_the_right_of_its_single_operation(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """Who may send one message may send ten at once."""
    url = _queue(aws, account)
    right = document({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"})
    sqs = aws.client("sqs", aws.assume(new_role(account, trusting(ROOT), right)))
    sent = sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "x"}])
    assert [item["Id"] for item in sent["Successful"]] == ["a"]


def test_tags_at_creation_need_their_own_right(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A queue made with tags needs `sqs:TagQueue` as well."""
    right = document({"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "*"})
    sqs = aws.client("sqs", aws.assume(new_role(account, trusting(ROOT), right)))
    assert sqs.create_queue(QueueName="plain")["QueueUrl"]
    with refused("AccessDenied", "AccessDeniedException") as denial:
        sqs.create_queue(QueueName="tagged", tags={"a": "1"})
    assert "sqs:TagQueue" in denial.message


def test_another_accounts_queue_needs_both_sides(aws: TwinAws, account: str, new_user: NewUser) -> None:
    """A message goes to another account's queue when the sender's policy and the queue's both allow it."""
    name, keys = new_user(SQS_ONLY)
    user = f"arn:aws:iam::{MANAGEMENT}:user/{name}"
    closed = _queue(aws, account, "closed")
    opened = _queue(aws, account, "opened", Attributes={"Policy": document(_allow(user))})
    sqs = aws.client("sqs", keys)
    assert sqs.send_message(QueueUrl=opened, MessageBody="x")["MessageId"]
    with refused("AccessDenied", "AccessDeniedException"):
        sqs.send_message(QueueUrl=closed, MessageBody="x")
    owner = aws.client("sqs", aws.into(account))
    assert owner.receive_message(QueueUrl=opened)["Messages"][0]["Body"] == "x"


def test_a_deny_of_the_queues_policy_bites_its_own_account(aws: TwinAws, account: str) -> None:
    """A Deny in a queue's policy holds for an administrator of its account."""
    url = _queue(aws, account, Attributes={"Policy": document(_allow("*", Effect="Deny"))})
    with refused("AccessDenied", "AccessDeniedException"):
        aws.client("sqs", aws.into(account)).send_message(QueueUrl=url, MessageBody="x")


def test_a_queue_policy_naming_nobody_is_refused(aws: TwinAws, account: str) -> None:
    """A queue's policy with a principal that does not exist is not taken."""
    ghost = document(_allow(f"arn:aws:iam::{account}:role/ghost"))
    with refused("InvalidAttributeValue"):
        _queue(aws, account, Attributes={"Policy": ghost})


def test_other_attributes_leave_the_policy_alone(aws: TwinAws, account: str) -> None:
    """A queue keeps its policy when another attribute is set."""
    policy = document(_allow(ROOT))
    url = _queue(aws, account, Attributes={"Policy": policy})
    sqs = aws.client("sqs", aws.into(account))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"] == policy


def test_attributes_of_fifo_queues_are_refused_on_others(aws: TwinAws, account: str) -> None:
    """A standard queue takes no attribute of FIFO queues, neither at creation nor later."""
    with refused("InvalidAttributeName"):
        _queue(aws, account, Attributes={"ContentBasedDeduplication": "true"})
    url = _queue(aws, account)
    with refused("InvalidAttributeName"):
        aws.client("sqs", aws.into(account)).set_queue_attributes(
            QueueUrl=url, Attributes={"DeduplicationScope": "queue"}
        )
