"""The cases of SNS's and EventBridge's resource types."""

from __future__ import annotations

import json

from rehearsal.aws.services import eventbridge, sns
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World, statement

PUBLISH = statement(Principal="*", Action="sns:Publish", Resource="*")
RECEIVE = statement(Principal="*", Action="sns:Receive", Resource="*")


def _topic(world: World) -> str:
    return str(world.client("sns").create_topic(Name=world.name("topic"))["TopicArn"])


def _rule(world: World) -> str:
    name = world.name("rule")
    world.client("events").put_rule(Name=name, EventPattern=_pattern("aws.signin"))
    return name


def _pattern(source: str) -> str:
    return json.dumps({"source": [source]})


EVENTS = [
    Case(
        kind=sns.TOPIC,
        inputs=lambda *_: {"displayName": "Alarms", "tags": {"a": "1"}},
        updates=lambda w, _: [
            {"displayName": "Other"},
            {"displayName": None},
            {"policy": PUBLISH},
            {"kmsMasterKeyId": w.key()},
            {"kmsMasterKeyId": None},
            {"tags": None},
        ],
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("sns").set_topic_attributes(
            TopicArn=r.id, AttributeName="DisplayName", AttributeValue="theirs"
        ),
        drifted=frozenset({"displayName"}),
    ),
    Case(
        kind=sns.TOPIC_POLICY,
        inputs=lambda w: {"arn": _topic(w), "policy": PUBLISH},
        updates=lambda *_: [{"policy": RECEIVE}],
        replacements=lambda w: {"arn": _topic(w), "region": "us-east-1"},
        drift=lambda w, r: w.client("sns").set_topic_attributes(
            TopicArn=r.id, AttributeName="Policy", AttributeValue=RECEIVE
        ),
        drifted=frozenset({"policy"}),
        stays=True,
    ),
    Case(
        kind=sns.TOPIC_SUBSCRIPTION,
        inputs=lambda w: {"topic": _topic(w), "protocol": "email", "endpoint": "security@acme.example"},
        updates=lambda *_: [{"rawMessageDelivery": True}, {"rawMessageDelivery": None}],
        replacements=lambda w: {
            "topic": _topic(w),
            "protocol": "email-json",
            "endpoint": "other@acme.example",
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("sns").unsubscribe(SubscriptionArn=r.id),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=eventbridge.RULE,
        inputs=lambda *_: {"eventPattern": _pattern("aws.signin"), "description": "first", "tags": {"a": "1"}},
        updates=lambda w, _: [
            {"eventPattern": _pattern("aws.sts")},
            {"description": "second"},
            {"state": "DISABLED"},
            {"state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"},
            {"roleArn": f"arn:aws:iam::{w.account_id}:role/{w.role()}"},
            {"scheduleExpression": "rate(1 hour)"},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("events").put_rule(Name=r.id, EventPattern=_pattern("aws.theirs")),
        drifted=frozenset({"eventPattern", "description"}),
    ),
    Case(
        kind=eventbridge.TARGET,
        inputs=lambda w: {"rule": _rule(w), "targetId": "alarm", "arn": _topic(w)},
        updates=lambda w, _: [
            {"arn": _topic(w)},
            {"roleArn": f"arn:aws:iam::{w.account_id}:role/{w.role()}"},
            {"input": '{"a": 1}'},
            {"input": None, "inputPath": "$.detail"},
        ],
        replacements=lambda w: {"rule": _rule(w), "targetId": "other", "region": "us-east-1"},
        drift=lambda w, r: w.client("events").remove_targets(Rule=r.outputs["rule"], Ids=[r.outputs["targetId"]]),
        drifted=frozenset({"gone"}),
        import_id=lambda r: f"{r.outputs['rule']}/{r.outputs['targetId']}",
    ),
]
