"""What moto's DynamoDB forgets of tables: class and encryption, on-demand capacity, attributes no index needs any more.

moto's modules have no types and are changed here, hence `Any` for them. Done when the service is first asked for.
Source: Amazon DynamoDB API Reference, "UpdateTable", "TableDescription", "UpdateTimeToLive", "TimeToLiveDescription";
Amazon DynamoDB Developer Guide, "Changing the table class", "Working with streams".
"""

from __future__ import annotations

from functools import wraps
from typing import Any

_CLASS = "fleetyard_table_class"
_USUAL = "STANDARD"


def make_tables_like_aws() -> None:
    """Change moto's DynamoDB."""
    from moto.dynamodb import exceptions, responses
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table

    response: Any = responses.DynamoHandler
    _tell_class(Table)
    _create(response)
    _update(response, responses.DynamoResult, exceptions)
    _stream(DynamoDBBackend, exceptions)
    _keep_times(DynamoDBBackend, exceptions)


def _tell_class(table: Any) -> None:
    plain = table.describe

    @wraps(plain)
    def describe(self: Any, base_key: str = "TableDescription") -> Any:
        told = plain(self, base_key)
        told[base_key]["TableClassSummary"] = {"TableClass": vars(self).get(_CLASS, _USUAL)}
        return told

    table.describe = describe


def _create(response: Any) -> None:
    plain = response.create_table

    @wraps(plain)
    def create_table(self: Any) -> Any:
        answer = plain(self)
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        vars(table)[_CLASS] = self.body.get("TableClass") or _USUAL
        answer.result["TableDescription"]["TableClassSummary"] = {"TableClass": vars(table)[_CLASS]}
        return answer

    response.create_table = create_table


def _update(response: Any, answer: Any, exceptions: Any) -> None:
    """Carry out the whole of a change; moto leaves out class and encryption, and keeps what goes with an index."""
    plain = response.update_table

    @wraps(plain)
    def update_table(self: Any) -> Any:
        table, asked = self.dynamodb_backend.get_table(self.body["TableName"]), self.body
        _check_indexes(table, asked.get("GlobalSecondaryIndexUpdates") or (), exceptions)
        if throughput := asked.get("ProvisionedThroughput"):
            throughput["NumberOfDecreasesToday"] = 0
        plain(self)
        if asked.get("BillingMode") == "PAY_PER_REQUEST":
            table.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0}
            for index in table.global_indexes:
                index.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
        if asked.get("TableClass"):
            vars(table)[_CLASS] = asked["TableClass"]
        if (encryption := asked.get("SSESpecification")) is not None:
            usual = table._get_default_encryption_key
            named = encryption.get("KMSMasterKeyId") or usual(table.account_id, table.region_name)
            table.sse_specification = {**encryption, "KMSMasterKeyId": named} if encryption.get("Enabled") else None
        table.attr = [one for one in table.attr if one["AttributeName"] in table.attribute_keys]
        return answer(table.describe())

    response.update_table = update_table


def _check_indexes(table: Any, updates: Any, exceptions: Any) -> None:
    """Refuse changes of an index that is not there, and making one that is, before moto stumbles over them."""
    known = {index.name for index in table.global_indexes}
    for update in updates:
        for action, index in update.items():
            name = index["IndexName"]
            if action == "Create" and name in known:
                words = "Attempting to create an index which already exists"
                raise exceptions.MockValidationException(words)
            if action != "Create" and name not in known:
                raise exceptions.ResourceNotFoundException(f"Requested resource not found: Index: {name} not found")


def _stream(backend: Any, exceptions: Any) -> None:
    """Let a stream be switched on again; moto takes one that has ever been on for one that still is."""

    def update_table_streams(_self: Any, table: Any, wanted: dict[str, Any]) -> None:
        is_on = bool(table.stream_specification and table.stream_specification.get("StreamEnabled"))
        if wanted.get("StreamEnabled") and is_on:
            raise exceptions.StreamAlreadyEnabledException
        if not wanted.get("StreamEnabled") and not is_on:
            raise exceptions.MockValidationException(f"Table is already not stream enabled: TableName: {table.name}")
        table.set_stream_specification(wanted)

    backend.update_table_streams = update_table_streams


def _keep_times(backend: Any, exceptions: Any) -> None:
    """Refuse to switch expiry to what it is, and forget its attribute when it is off."""
    plain = backend.update_time_to_live

    @wraps(plain)
    def update_time_to_live(self: Any, table_name: str, ttl_spec: dict[str, Any]) -> None:
        table = self.get_table(table_name)
        is_on = table.ttl["TimeToLiveStatus"] == "ENABLED"
        if bool(ttl_spec.get("Enabled")) is is_on:
            raise exceptions.MockValidationException(f"TimeToLive is already {'enabled' if is_on else 'disabled'}")
        plain(self, table_name, ttl_spec)
        if is_on:
            table.ttl.pop("AttributeName")

    backend.update_time_to_live = update_time_to_live
