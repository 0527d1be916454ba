"""The cases of DynamoDB's tables: with capacity asked for, and on demand."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.services import dynamodb
from tests.rehearsed.aws_provider.cases import Case, Inputs
from tests.rehearsed.aws_provider.world import World

KEY = [{"name": "id", "type": "S"}]
BY_TEAM = {"name": "team", "hashKey": "team", "projectionType": "ALL"}
BY_TEAM_AND_ID = {**BY_TEAM, "rangeKey": "id"}
BY_DAY = {"name": "day", "rangeKey": "day", "projectionType": "KEYS_ONLY"}
CAPACITY = {"readCapacity": 1, "writeCapacity": 1}


def _changes(world: World, _: Inputs) -> list[Inputs]:
    named: list[dict[str, Any]] = [*KEY, {"name": "team", "type": "S"}]
    return [
        {"readCapacity": 5, "writeCapacity": 6},
        {"attributes": named, "globalSecondaryIndexes": [{**BY_TEAM, **CAPACITY}]},
        {"globalSecondaryIndexes": [{**BY_TEAM, "readCapacity": 2, "writeCapacity": 3}]},
        {"globalSecondaryIndexes": [{**BY_TEAM, **CAPACITY, "projectionType": "INCLUDE", "nonKeyAttributes": ["a"]}]},
        {"attributes": KEY, "globalSecondaryIndexes": []},
        {"streamEnabled": True, "streamViewType": "NEW_IMAGE"},
        {"streamViewType": "OLD_IMAGE"},
        {"streamEnabled": False, "streamViewType": None},
        {"ttl": {"attributeName": "ends", "enabled": True}},
        {"ttl": {"attributeName": "ends", "enabled": False}},
        {"pointInTimeRecovery": {"enabled": True}},
        {"pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 7}},
        {"pointInTimeRecovery": {"enabled": False}},
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": world.key()}},
        {"serverSideEncryption": {"enabled": True}},
        {"serverSideEncryption": {"enabled": False}},
        {"tableClass": "STANDARD_INFREQUENT_ACCESS"},
        {"deletionProtectionEnabled": True},
        {"deletionProtectionEnabled": None},
        {"billingMode": "PAY_PER_REQUEST", "readCapacity": None, "writeCapacity": None},
        {"tags": {"b": "2"}},
        {"tags": None},
    ]


TABLES = [
    Case(
        kind=dynamodb.TABLE,
        inputs=lambda w: {
            "name": w.name("table"),
            "hashKey": "id",
            "attributes": KEY,
            **CAPACITY,
            "tags": {"a": "1"},
        },
        updates=_changes,
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("dynamodb").update_table(
            TableName=r.id, ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9}
        ),
        drifted=frozenset({"readCapacity", "writeCapacity"}),
        not_tried={
            "hashKey": "it goes with another attribute; the case on demand changes both",
            "rangeKey": "it goes with another attribute; the case on demand changes both",
            "localSecondaryIndexes": "it wants a range key, which the case on demand has",
        },
    ),
    Case(
        kind=dynamodb.TABLE,
        variant="on demand",
        inputs=lambda w: {
            "name": w.name("table"),
            "hashKey": "id",
            "rangeKey": "day",
            "attributes": [{"name": name, "type": "S"} for name in ("id", "day", "team")],
            "billingMode": "PAY_PER_REQUEST",
            "globalSecondaryIndexes": [BY_TEAM_AND_ID],
            "localSecondaryIndexes": [BY_DAY],
            "streamEnabled": True,
            "streamViewType": "KEYS_ONLY",
            "ttl": {"attributeName": "ends", "enabled": True},
            "pointInTimeRecovery": {"enabled": True},
            "serverSideEncryption": {"enabled": True},
        },
        updates=lambda *_: [
            {
                "billingMode": "PROVISIONED",
                **CAPACITY,
                "globalSecondaryIndexes": [{**BY_TEAM_AND_ID, "readCapacity": 2, "writeCapacity": 2}],
            },
            {
                "billingMode": "PAY_PER_REQUEST",
                "readCapacity": None,
                "writeCapacity": None,
                "globalSecondaryIndexes": [BY_TEAM_AND_ID],
            },
        ],
        replacements=lambda w: {
            "name": w.name(),
            "hashKey": "team",
            "rangeKey": "team",
            "localSecondaryIndexes": [{**BY_DAY, "projectionType": "ALL"}],
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("dynamodb").update_time_to_live(
            TableName=r.id, TimeToLiveSpecification={"AttributeName": "ends", "Enabled": False}
        ),
        drifted=frozenset({"ttl"}),
        not_tried=dict.fromkeys(
            (
                "attributes",
                "deletionProtectionEnabled",
                "pointInTimeRecovery",
                "serverSideEncryption",
                "streamEnabled",
                "streamViewType",
                "tableClass",
                "tags",
                "ttl",
            ),
            "the other case changes it",
        ),
    ),
]
