"""Whose policies have a say beside the caller's: tables', data streams' and event buses'."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

NewUser = Callable[..., tuple[str, Keys]]
EVERY = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENIED = ("AccessDenied", "AccessDeniedException")
ITEM = {"id": {"S": "1"}}
EVENT = {"Source": "acme.shop", "DetailType": "sold", "Detail": "{}"}


@pytest.fixture
def stranger(new_user: NewUser) -> tuple[str, Keys]:
    """Make a user of the management account whose own policies allow everything; returns ARN and keys."""
    name, keys = new_user(document(EVERY))
    return f"arn:aws:iam::{MANAGEMENT}:user/{name}", keys


def let_in(principal: str, action: str, resource: str, **more: Any) -> str:
    """Return a resource policy of one statement."""
    statement = {"Sid": "LetIn", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": action}
    return document({**statement, "Resource": resource, **more})


def new_table(tables: Any) -> str:
    """Make a table with one item, and return its ARN."""
    made = tables.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    tables.put_item(TableName="orders", Item=ITEM)
    return str(made["TableDescription"]["TableArn"])


def test_a_tables_policy_lets_another_account_in(aws: TwinAws, account: str, stranger: tuple[str, Keys]) -> None:
    """A table of another account is read by its ARN, where its policy and the caller's both allow it.

    Source: Amazon DynamoDB Developer Guide, "Cross-account access with resource-based policies in DynamoDB".
    """
    tables = aws.client("dynamodb", aws.into(account))
    arn, (user, keys) = new_table(tables), stranger
    theirs = aws.client("dynamodb", keys)
    with refused(*DENIED):
        theirs.get_item(TableName=arn, Key=ITEM)
    tables.put_resource_policy(ResourceArn=arn, Policy=let_in(user, "dynamodb:GetItem", arn))
    assert theirs.get_item(TableName=arn, Key=ITEM)["Item"] == ITEM
    with refused(*DENIED):
        theirs.put_item(TableName=arn, Item=ITEM)


def test_a_tables_policy_denies(aws: TwinAws, account: str) -> None:
    """A Deny in a table's policy wins over what its own account's users may.

    Source: Amazon DynamoDB Developer Guide, "Using resource-based policies for DynamoDB".
    """
    tables = aws.client("dynamodb", aws.into(account))
    arn = new_table(tables)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "dynamodb:DeleteTable", "Resource": arn}
    tables.put_resource_policy(ResourceArn=arn, Policy=document(deny))
    with refused(*DENIED):
        tables.delete_table(TableName="orders")
    assert tables.get_item(TableName="orders", Key=ITEM)["Item"] == ITEM


def test_a_tables_policy_is_looked_at(aws: TwinAws, account: str) -> None:
    """A table's policy outside the grammar is refused.

    Source: Amazon DynamoDB API Reference, "PutResourcePolicy".
    """
    tables = aws.client("dynamodb", aws.into(account))
    arn = new_table(tables)
    with refused("ValidationException"):
        tables.put_resource_policy(ResourceArn=arn, Policy=document({"Effect": "Maybe", "Principal": "*"}))


def test_a_streams_policy_lets_another_account_in(aws: TwinAws, account: str, stranger: tuple[str, Keys]) -> None:
    """A data stream of another account takes records where its policy and the caller's both allow it.

    Source: Amazon Kinesis Data Streams Developer Guide, "Share your data stream with another account".
    """
    streams = aws.client("kinesis", aws.into(account))
    streams.create_stream(StreamName="logs", ShardCount=1)
    arn = str(streams.describe_stream_summary(StreamName="logs")["StreamDescriptionSummary"]["StreamARN"])
    user, keys = stranger
    theirs = aws.client("kinesis", keys)
    record = {"StreamARN": arn, "Data": b"x", "PartitionKey": "p"}
    with refused(*DENIED):
        theirs.put_record(**record)
    streams.put_resource_policy(ResourceARN=arn, Policy=let_in(user, "kinesis:PutRecord", arn))
    assert theirs.put_record(**record)["ShardId"]


def test_a_buss_policy_lets_the_organisation_send(
    aws: TwinAws, account: str, organization: str, stranger: tuple[str, Keys]
) -> None:
    """An event bus of another account takes events where its policy allows it, by the caller's organisation too.

    Source: Amazon EventBridge User Guide, "Permissions for event buses in Amazon EventBridge" (send events from the
    accounts of one organisation).
    """
    buses = aws.client("events", aws.into(account))
    arn = str(buses.create_event_bus(Name="central")["EventBusArn"])
    _, keys = stranger
    theirs = aws.client("events", keys)
    for organisation, expected in (("", False), ("o-another0000", False), (organization, True)):
        if organisation:
            inside = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": organisation}}}
            policy = json.loads(let_in("*", "events:PutEvents", arn, **inside))
            buses.put_permission(EventBusName="central", Policy=json.dumps(policy))
        if expected:
            assert theirs.put_events(Entries=[{**EVENT, "EventBusName": arn}])["FailedEntryCount"] == 0
        else:
            with refused(*DENIED):
                theirs.put_events(Entries=[{**EVENT, "EventBusName": arn}])


def test_a_buss_policy_denies(aws: TwinAws, account: str) -> None:
    """A Deny in the policy of the default bus wins over what its own account's users may (the same page)."""
    buses = aws.client("events", aws.into(account))
    arn = f"arn:aws:events:{aws.run.region}:{account}:event-bus/default"
    shop = {"StringEquals": {"events:source": "acme.shop"}}
    deny = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "events:PutEvents", "Resource": arn}
    buses.put_permission(Policy=document({**deny, "Condition": shop}))
    with refused(*DENIED):
        buses.put_events(Entries=[EVENT])
    assert buses.put_events(Entries=[{**EVENT, "Source": "acme.office"}])["FailedEntryCount"] == 0
