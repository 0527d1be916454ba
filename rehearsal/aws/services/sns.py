"""SNS: topics, their policies and their subscriptions.

Source: pulumi_aws 7.51.1 (`sns/*.py`), terraform-provider-aws `internal/service/sns`, SNS API reference,
"SetTopicAttributes" and "Subscribe".
"""

from __future__ import annotations

import json
from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG
from rehearsal.aws.operations import ID, TAG_KEYS, TAGS, Fixed, OrElse, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_MISSING = ("NotFound",)
_EVERYTHING_OF_THE_OWNER = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
    "Receive",
)


def _read_topic(call: Call) -> Any:
    found = call.aws.get_topic_attributes(TopicArn=call.id)["Attributes"]
    tags = call.aws.list_tags_for_resource(ResourceArn=call.id)["Tags"]
    return {**found, "Name": call.id.rsplit(":", 1)[-1], "Tags": tags}


TOPIC = ResourceType(
    type="aws:sns/topic:Topic",
    title="SNS Topic",
    service="sns",
    properties=(
        Property("name", replaces=True, auto_name=AutoName(longest=256)),
        Property("displayName"),
        Property("kmsMasterKeyId"),
        Property("policy", DOCUMENT, computed=True),
        output("arn", aws="TopicArn"),
        output("owner"),
    ),
    id="TopicArn",
    create=operation("create_topic", Name="name", Tags=TAGS),
    read=_read_topic,
    changes=tuple(
        Change(
            (name,),
            operation(
                "set_topic_attributes",
                TopicArn=ID,
                AttributeName=Fixed(name[:1].upper() + name[1:]),
                AttributeValue=OrElse(name, ""),
            ),
        )
        for name in ("displayName", "kmsMasterKeyId", "policy")
    ),
    delete=operation("delete_topic", TopicArn=ID),
    tagging=Tagging(
        add=operation("tag_resource", ResourceArn=ID, Tags=TAGS),
        remove=operation("untag_resource", ResourceArn=ID, TagKeys=TAG_KEYS),
    ),
    not_found=_MISSING,
)


def _put_policy(call: Call) -> None:
    call.aws.set_topic_attributes(TopicArn=call["arn"], AttributeName="Policy", AttributeValue=call["policy"])


def _read_policy(call: Call) -> Any:
    found = call.aws.get_topic_attributes(TopicArn=call.id)["Attributes"]
    return {"Arn": call.id, "Owner": found["Owner"], "Policy": found["Policy"]} if found.get("Policy") else None


def _put_default_policy(call: Call) -> None:
    """Put the policy back that SNS gives a new topic: none at all can't be had."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{name}" for name in _EVERYTHING_OF_THE_OWNER],
        "Resource": call.id,
        "Condition": {"StringEquals": {"AWS:SourceOwner": call.state["owner"]}},
    }
    document = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    call.aws.set_topic_attributes(TopicArn=call.id, AttributeName="Policy", AttributeValue=json.dumps(document))


TOPIC_POLICY = ResourceType(
    type="aws:sns/topicPolicy:TopicPolicy",
    title="SNS Topic Policy",
    service="sns",
    properties=(
        Property("arn", required=True, replaces=True),
        Property("policy", DOCUMENT, required=True),
        output("owner"),
    ),
    id="{arn}",
    create=_put_policy,
    read=_read_policy,
    changes=(Change(("policy",), _put_policy),),
    delete=_put_default_policy,
    not_found=_MISSING,
)


def _read_subscription(call: Call) -> Any:
    found = call.aws.get_subscription_attributes(SubscriptionArn=call.id)["Attributes"]
    flags = ("PendingConfirmation", "ConfirmationWasAuthenticated", "RawMessageDelivery")
    return {**found, **{name: str(found.get(name)).lower() == "true" for name in flags}}


def _set_raw(call: Call) -> None:
    call.aws.set_subscription_attributes(
        SubscriptionArn=call.id,
        AttributeName="RawMessageDelivery",
        AttributeValue=str(bool(call["rawMessageDelivery"])).lower(),
    )


TOPIC_SUBSCRIPTION = ResourceType(
    type="aws:sns/topicSubscription:TopicSubscription",
    title="SNS Topic Subscription",
    service="sns",
    properties=(
        Property("topic", aws="TopicArn", required=True, replaces=True),
        Property("protocol", required=True, replaces=True),
        Property("endpoint", required=True, replaces=True),
        Property("rawMessageDelivery", FLAG, default=False),
        output("arn", aws="SubscriptionArn"),
        output("ownerId", aws="Owner"),
        output("pendingConfirmation", FLAG),
        output("confirmationWasAuthenticated", FLAG),
    ),
    id="SubscriptionArn",
    create=operation(
        "subscribe",
        TopicArn="topic",
        Protocol="protocol",
        Endpoint="endpoint",
        ReturnSubscriptionArn=Fixed(True),
    ),
    read=_read_subscription,
    changes=(Change(("rawMessageDelivery",), _set_raw),),
    delete=operation("unsubscribe", SubscriptionArn=ID),
    not_found=_MISSING,
)

TYPES = (TOPIC, TOPIC_POLICY, TOPIC_SUBSCRIPTION)
