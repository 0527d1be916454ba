"""The condition keys of DynamoDB's requests, and what is done where a policy asks for a key that the twin has not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.twin.client import last_denials
from tests.support.twin_fixtures import Keys, TwinAws, document, refused

NewUser = Callable[..., tuple[str, Keys]]
TABLE = "scores"
OWN, BOBS = {"UserId": {"S": "anna"}}, {"UserId": {"S": "bob"}}


@pytest.fixture(scope="module")
def scores(aws: TwinAws) -> str:
    """Make a table of two users' items in the management account, and return its name."""
    tables = aws.client("dynamodb")
    tables.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "UserId", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("UserId", "Game")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "games",
                "KeySchema": [{"AttributeName": "Game", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for item in (OWN, BOBS):
        tables.put_item(TableName=TABLE, Item={**item, "Game": {"S": "chess"}, "Score": {"N": "1"}})
    return TABLE


@pytest.fixture
def under(aws: TwinAws, scores: str, new_user: NewUser) -> Callable[..., Any]:
    """Return a function that gives the table's client of a user with every right under a condition."""
    assert scores

    def make(condition: dict[str, Any], effect: str = "Allow") -> Any:
        statement = {"Effect": effect, "Action": "dynamodb:*", "Resource": "*", "Condition": condition}
        every = [{"Effect": "Allow", "Action": "*", "Resource": "*"}] if effect == "Deny" else []
        return aws.client("dynamodb", new_user(document(statement, *every))[1])

    return make


LEADING = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["anna"]}}
REQUESTS: list[tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = [
    ("get_item", lambda key: {"TableName": TABLE, "Key": key}),
    ("put_item", lambda key: {"TableName": TABLE, "Item": key}),
    ("delete_item", lambda key: {"TableName": TABLE, "Key": key, "ReturnConsumedCapacity": "NONE"}),
    ("batch_get_item", lambda key: {"RequestItems": {TABLE: {"Keys": [key]}}}),
    ("batch_write_item", lambda key: {"RequestItems": {TABLE: [{"PutRequest": {"Item": key}}]}}),
    ("transact_get_items", lambda key: {"TransactItems": [{"Get": {"TableName": TABLE, "Key": key}}]}),
    ("transact_write_items", lambda key: {"TransactItems": [{"Put": {"TableName": TABLE, "Item": key}}]}),
    (
        "query",
        lambda key: {
            "TableName": TABLE,
            "KeyConditionExpression": "#u = :u",
            "ExpressionAttributeNames": {"#u": "UserId"},
            "ExpressionAttributeValues": {":u": key["UserId"]},
        },
    ),
    (
        "query",
        lambda key: {
            "TableName": TABLE,
            "KeyConditions": {"UserId": {"ComparisonOperator": "EQ", "AttributeValueList": [key["UserId"]]}},
        },
    ),
]


def test_leading_keys_keep_to_ones_own_items(under: Callable[..., Any]) -> None:
    """`dynamodb:LeadingKeys` are the partition keys that a request names, in batches, transactions and queries too.

    Source: Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
    """
    tables = under(LEADING)
    for call, arguments in REQUESTS:
        getattr(tables, call)(**arguments(OWN))
        with refused("AccessDeniedException"):
            getattr(tables, call)(**arguments(BOBS))


CASES = [
    ("get_item", {"Key": OWN, "ProjectionExpression": "UserId, Score"}, "dynamodb:Attributes", "Score"),
    ("get_item", {"Key": OWN, "ProjectionExpression": "Score"}, "dynamodb:Select", "SPECIFIC_ATTRIBUTES"),
    ("get_item", {"Key": OWN}, "dynamodb:Select", "ALL_ATTRIBUTES"),
    ("get_item", {"Key": OWN}, "dynamodb:ReturnConsumedCapacity", "NONE"),
    ("get_item", {"Key": OWN}, "dynamodb:FirstPartitionKeyValues", "anna"),
    ("put_item", {"Item": {**OWN, "Score": {"N": "1"}}}, "dynamodb:Attributes", "Score"),
    ("delete_item", {"Key": {"UserId": {"S": "x"}}, "ReturnValues": "ALL_OLD"}, "dynamodb:ReturnValues", "ALL_OLD"),
    (
        "update_item",
        {
            "Key": OWN,
            "UpdateExpression": "SET #s = if_not_exists(#s, :z)",
            "ExpressionAttributeNames": {"#s": "Score"},
            "ExpressionAttributeValues": {":z": {"N": "0"}},
        },
        "dynamodb:Attributes",
        "Score",
    ),
    (
        "query",
        {
            "IndexName": "games",
            "KeyConditionExpression": "Game = :g",
            "ExpressionAttributeValues": {":g": {"S": "chess"}},
        },
        "dynamodb:LeadingKeys",
        "chess",
    ),
    ("scan", {}, "dynamodb:Select", "ALL_ATTRIBUTES"),
]


@pytest.mark.parametrize(("call", "arguments", "key", "value"), CASES)
def test_keys_of_items_are_what_the_request_says(
    under: Callable[..., Any], call: str, arguments: dict[str, Any], key: str, value: str
) -> None:
    """A Deny strikes on the value that the request has of a key, and on no other.

    Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB".
    """
    arguments = {"TableName": TABLE, **arguments}
    getattr(under({"ForAnyValue:StringEquals": {key: "other"}}, "Deny"), call)(**arguments)
    with refused("AccessDeniedException"):
        getattr(under({"ForAnyValue:StringEquals": {key: value}}, "Deny"), call)(**arguments)


def test_a_transaction_is_told_by_the_operation_around_it(under: Callable[..., Any]) -> None:
    """`dynamodb:EnclosingOperation` is there in a transaction alone.

    Source: Amazon DynamoDB Developer Guide, "Amazon DynamoDB transactions", IAM.
    """
    tables = under({"StringEquals": {"dynamodb:EnclosingOperation": "TransactGetItems"}}, "Deny")
    tables.get_item(TableName=TABLE, Key=OWN)
    with refused("AccessDeniedException"):
        tables.transact_get_items(TransactItems=[{"Get": {"TableName": TABLE, "Key": OWN}}])


def test_a_condition_on_a_key_that_is_not_known_is_not_guessed(aws: TwinAws, under: Callable[..., Any]) -> None:
    """Where the decision hangs on a key that AWS has for the action and the twin never gives, the twin says so.

    Source: Service Authorization Reference, `dynamodb:FullTableScan` of PartiQLSelect.
    """
    tables = under({"Bool": {"dynamodb:FullTableScan": "true"}}, "Deny")
    with refused("UnsupportedOperation") as told:
        tables.execute_statement(Statement="SELECT * FROM scores")
    assert "cannot decide dynamodb:PartiQLSelect" in told.message
    kept = last_denials(aws.run, 1)[0]
    assert (kept["action"], "dynamodb:FullTableScan" in kept["reason"]) == ("dynamodb:PartiQLSelect", True)
    tables.get_item(TableName=TABLE, Key=OWN)


def test_a_key_that_does_not_matter_stops_nothing(aws: TwinAws, scores: str, new_user: NewUser) -> None:
    """A condition on an unknown key is let be where the decision is the same whatever it says.

    Source: IAM User Guide, "Policy evaluation logic": one Allow is enough, one Deny as well.
    """
    condition = {"StringEquals": {"dynamodb:FullTableScan": "false"}}
    narrow = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": condition}
    wide = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert scores
    statement = "SELECT * FROM scores"
    aws.client("dynamodb", new_user(document(narrow, wide))[1]).execute_statement(Statement=statement)
    denied = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    with refused("AccessDeniedException"):
        aws.client("dynamodb", new_user(document(narrow, denied))[1]).execute_statement(Statement=statement)
