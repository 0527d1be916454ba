"""A bucket's notifications go only to what lets S3 in. Source: Amazon S3 User Guide, "Granting permissions to publish
event notification messages to a destination"; Amazon S3 API Reference, "PutBucketNotificationConfiguration".
"""  # noqa: D205 - the source belongs to the sentence

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from rehearsal.twin.client import last_denials
from tests.support.twin_fixtures import Keys, TwinAws, document, refused

SERVICE = {"Service": "s3.amazonaws.com"}


@dataclass(frozen=True)
class Scene:
    """A bucket with a queue and a topic beside it."""

    aws: TwinAws
    keys: Keys
    bucket: str
    queue_url: str
    queue: str
    topic: str

    def lets_in(self, action: str, resource: str, condition: dict[str, Any]) -> str:
        """Return a policy that lets S3 in under a condition."""
        statement = {"Effect": "Allow", "Principal": SERVICE, "Action": action, "Resource": resource}
        return document({**statement, "Condition": condition} if condition else statement)

    def open_queue(self, condition: dict[str, Any]) -> None:
        """Let S3 send to the queue under a condition."""
        policy = self.lets_in("sqs:SendMessage", self.queue, condition)
        self.aws.client("sqs", self.keys).set_queue_attributes(QueueUrl=self.queue_url, Attributes={"Policy": policy})

    def notify(self, kind: str, arn: str, **more: Any) -> None:
        """Set the bucket's notifications to one destination."""
        name = {"Queue": "QueueArn", "Topic": "TopicArn", "LambdaFunction": "LambdaFunctionArn"}[kind]
        configuration = {f"{kind}Configurations": [{name: arn, "Events": ["s3:ObjectCreated:*"]}]}
        self.aws.client("s3", self.keys).put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration=configuration, **more
        )


@pytest.fixture
def scene(aws: TwinAws, account: str) -> Scene:
    """Make the bucket, the queue and the topic in an account of their own."""
    keys = aws.into(account)
    bucket = f"notes-{account}"
    aws.client("s3", keys).create_bucket(Bucket=bucket)
    url = str(aws.client("sqs", keys).create_queue(QueueName="notes")["QueueUrl"])
    topic = str(aws.client("sns", keys).create_topic(Name="notes")["TopicArn"])
    return Scene(aws, keys, bucket, url, f"arn:aws:sqs:us-east-1:{account}:notes", topic)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::{bucket}"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::other"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "{account}"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "111122223333"}}, False),
        ({"StringEquals": {"aws:SourceOrgID": "{organization}"}}, True),
        ({"StringEquals": {"aws:SourceOrgID": "o-another0000"}}, False),
        ({"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "{organization}/*"}}, True),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, True),
        ({"StringEquals": {"aws:PrincipalServiceName": "s3.amazonaws.com"}}, True),
        ({"StringEquals": {"aws:PrincipalServiceName": "sns.amazonaws.com"}}, False),
    ],
)
def test_a_queues_conditions_are_on_the_bucket(
    scene: Scene, account: str, organization: str, condition: dict[str, Any], *, expected: bool
) -> None:
    """S3 calls as a service for the bucket: its ARN, account and organisation are what conditions see."""
    words = {"bucket": scene.bucket, "account": account, "organization": organization}
    scene.open_queue({op: {key: value.format(**words) for key, value in of.items()} for op, of in condition.items()})
    if expected:
        scene.notify("Queue", scene.queue)
        return
    with refused("InvalidArgument") as refusal:
        scene.notify("Queue", scene.queue)
    assert refusal.message == "Unable to validate the following destination configurations"
    assert "do not allow S3 to publish" in last_denials(scene.aws.run, 1)[0]["reason"]


def test_a_topic_has_to_let_s3_in(scene: Scene) -> None:
    """A new topic's policy lets its own account in, not S3."""
    with refused("InvalidArgument"):
        scene.notify("Topic", scene.topic)
    policy = scene.lets_in("sns:Publish", scene.topic, {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{scene.bucket}"}})
    scene.aws.client("sns", scene.keys).set_topic_attributes(
        TopicArn=scene.topic, AttributeName="Policy", AttributeValue=policy
    )
    scene.notify("Topic", scene.topic)
    found = scene.aws.client("s3", scene.keys).get_bucket_notification_configuration(Bucket=scene.bucket)
    assert found["TopicConfigurations"][0]["TopicArn"] == scene.topic


def test_what_is_not_there_is_refused(scene: Scene) -> None:
    """A destination that does not exist is refused, unless the validation is skipped (`SkipDestinationValidation`)."""
    missing = scene.queue.replace(":notes", ":missing")
    with refused("InvalidArgument"):
        scene.notify("Queue", missing)
    with refused("InvalidArgument"):
        scene.notify("LambdaFunction", scene.queue.replace(":sqs:", ":lambda:").replace(":notes", ":function:f"))
    scene.notify("Queue", scene.queue, SkipDestinationValidation=True)
