"""DynamoDB: tables with their indexes, stream, encryption and recovery. Replicas and restored tables are not offered.

Source: pulumi_aws 7.51.1 (`dynamodb/table.py`), terraform-provider-aws `internal/service/dynamodb/table.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, TEXT_LIST, TEXT_SET, WHOLE, AlikeRecord, ListOf, Problem, set_of
from rehearsal.aws.operations import ID, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging
from rehearsal.aws.wire import UNKNOWN, Value

_ON_DEMAND = "PAY_PER_REQUEST"
_USUAL_DAYS = 35
_CAPACITY = ("readCapacity", "writeCapacity")


def _attribute(values: Mapping[str, Value]) -> dict[str, Value]:
    # The real provider takes no change of a type alone for one.
    return {"name": values["name"]}


def _recovery(values: Mapping[str, Value]) -> dict[str, Value]:
    # DynamoDB adds its usual period, where the program leaves it to it.
    return {name: value for name, value in values.items() if (name, value) != ("recoveryPeriodInDays", _USUAL_DAYS)}


def _expiry(values: Mapping[str, Value]) -> dict[str, Value]:
    # DynamoDB wants the attribute named to switch expiry off, and then does not tell it.
    return dict(values) if values.get("enabled") else {}


_ATTRIBUTES = ListOf(
    AlikeRecord(
        (Property("name", aws="AttributeName", required=True), Property("type", aws="AttributeType", required=True)),
        spelling=_attribute,
    ),
    ordered=False,
)
_INDEX = (
    Property("name", required=True),
    Property("projectionType", required=True, one_of=("ALL", "INCLUDE", "KEYS_ONLY")),
)
_GLOBAL_INDEXES = set_of(
    *_INDEX,
    Property("hashKey", required=True),
    Property("rangeKey"),
    Property("nonKeyAttributes", TEXT_SET),
    Property("readCapacity", WHOLE),
    Property("writeCapacity", WHOLE),
)
_LOCAL_INDEXES = set_of(*_INDEX, Property("rangeKey", required=True), Property("nonKeyAttributes", TEXT_LIST))
_RECOVERY = AlikeRecord(
    (Property("enabled", FLAG, required=True), Property("recoveryPeriodInDays", WHOLE)), spelling=_recovery
)
_ENCRYPTION = AlikeRecord((Property("enabled", FLAG, required=True), Property("kmsKeyArn")))
_EXPIRY = AlikeRecord((Property("attributeName"), Property("enabled", FLAG)), spelling=_expiry)


def _wrong_together(values: Mapping[str, Value]) -> Iterator[Problem]:
    """Yield what the real provider refuses in a preview: attributes and keys that do not fit, a stream half asked for.

    Source: `validateTableAttributes`, `validateStreamSpecification`, `validateGSIProvisionedThroughput`.
    """
    attributes, indexes = values.get("attributes"), values.get("globalSecondaryIndexes")
    local = values.get("localSecondaryIndexes")
    if UNKNOWN not in (attributes, indexes, local):
        yield from _keys_that_do_not_fit(values, attributes or (), (*(indexes or ()), *(local or ())))
    stream, view = values.get("streamEnabled"), values.get("streamViewType")
    if stream is True and not view:
        yield Problem("streamViewType", "is required when streamEnabled is true")
    if view and not stream:
        yield Problem("streamViewType", "only goes with streamEnabled")
    if values.get("billingMode") == "PROVISIONED" and indexes is not UNKNOWN:
        for number, index in enumerate(indexes or ()):
            if not all(index.get(name) for name in _CAPACITY):
                yield Problem(f"globalSecondaryIndexes[{number}]", "needs readCapacity and writeCapacity of at least 1")


def _keys_that_do_not_fit(
    values: Mapping[str, Value], attributes: Iterable[Mapping[str, Value]], indexes: Iterable[Mapping[str, Value]]
) -> Iterator[Problem]:
    named = (place.get(name) for place in (values, *indexes) for name in ("hashKey", "rangeKey"))
    keys: set[Value] = {name for name in named if name is not None}
    defined: set[Value] = {attribute["name"] for attribute in attributes}
    if UNKNOWN in keys or UNKNOWN in defined:
        return
    if unused := sorted(defined - keys):
        yield Problem("attributes", f"all attributes must be indexed; unused are {', '.join(unused)}")
    if unmatched := sorted(keys - defined):
        yield Problem("attributes", f"all indexes must match a defined attribute; unmatched are {', '.join(unmatched)}")


def _key_schema(place: Mapping[str, Value], hash_key: Value) -> list[dict[str, str]]:
    named = (("HASH", hash_key), ("RANGE", place.get("rangeKey")))
    return [{"AttributeName": name, "KeyType": kind} for kind, name in named if name]


def _projection(index: Mapping[str, Value]) -> dict[str, Any]:
    more = {"NonKeyAttributes": index["nonKeyAttributes"]} if index.get("nonKeyAttributes") else {}
    return {"ProjectionType": index["projectionType"], **more}


def _throughput(place: Mapping[str, Value]) -> dict[str, int]:
    """Return the capacity asked for; one is what DynamoDB takes at least."""
    return {
        "ReadCapacityUnits": place.get("readCapacity") or 1,
        "WriteCapacityUnits": place.get("writeCapacity") or 1,
    }


def _global_index(call: Call, index: Mapping[str, Value]) -> dict[str, Any]:
    asked = {
        "IndexName": index["name"],
        "KeySchema": _key_schema(index, index["hashKey"]),
        "Projection": _projection(index),
    }
    return asked if call["billingMode"] == _ON_DEMAND else {**asked, "ProvisionedThroughput": _throughput(index)}


def _local_index(call: Call, index: Mapping[str, Value]) -> dict[str, Any]:
    keys = _key_schema(index, call["hashKey"])
    return {"IndexName": index["name"], "KeySchema": keys, "Projection": _projection(index)}


def _encryption(call: Call) -> dict[str, Any]:
    asked = call["serverSideEncryption"] or {}
    if not asked.get("enabled"):
        return {"Enabled": False}
    key = asked.get("kmsKeyArn")
    return {"Enabled": True, **({"KMSMasterKeyId": key, "SSEType": "KMS"} if key else {})}


def _create_table(call: Call) -> None:
    more: dict[str, Any] = {}
    if call["billingMode"] != _ON_DEMAND:
        capacity = {"ReadCapacityUnits": call["readCapacity"] or 0, "WriteCapacityUnits": call["writeCapacity"] or 0}
        more["ProvisionedThroughput"] = capacity
    if call["deletionProtectionEnabled"]:
        more["DeletionProtectionEnabled"] = True
    if indexes := call["globalSecondaryIndexes"]:
        more["GlobalSecondaryIndexes"] = [_global_index(call, index) for index in indexes]
    if indexes := call["localSecondaryIndexes"]:
        more["LocalSecondaryIndexes"] = [_local_index(call, index) for index in indexes]
    if call["streamEnabled"]:
        more["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": call["streamViewType"]}
    if call["serverSideEncryption"]:
        more["SSESpecification"] = _encryption(call)
    if call.tags:
        more["Tags"] = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    call.aws.create_table(
        TableName=call["name"],
        AttributeDefinitions=_ATTRIBUTES.to_aws(call["attributes"] or []),
        BillingMode=call["billingMode"],
        KeySchema=_key_schema(call.asked, call["hashKey"]),
        TableClass=call["tableClass"],
        **more,
    )


def _read_table(call: Call) -> Any:
    table = call.aws.describe_table(TableName=call.id)["Table"]
    backups = call.aws.describe_continuous_backups(TableName=call.id)["ContinuousBackupsDescription"]
    expiry = call.aws.describe_time_to_live(TableName=call.id)["TimeToLiveDescription"]
    tags = call.pages("list_tags_of_resource", "Tags", ResourceArn=table["TableArn"])
    stream = table.get("StreamSpecification") or {}
    recovery = backups["PointInTimeRecoveryDescription"]
    throughput = table.get("ProvisionedThroughput") or {}
    keys = {element["KeyType"]: element["AttributeName"] for element in table["KeySchema"]}
    return {
        "Arn": table["TableArn"],
        "Name": table["TableName"],
        "Attributes": table["AttributeDefinitions"],
        "BillingMode": (table.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED"),
        "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled"),
        "GlobalSecondaryIndexes": [_told_index(index) for index in table.get("GlobalSecondaryIndexes") or ()],
        "HashKey": keys["HASH"],
        "LocalSecondaryIndexes": [_told_index(index) for index in table.get("LocalSecondaryIndexes") or ()],
        "PointInTimeRecovery": {**recovery, "Enabled": recovery["PointInTimeRecoveryStatus"] == "ENABLED"},
        "RangeKey": keys.get("RANGE"),
        "ReadCapacity": throughput.get("ReadCapacityUnits"),
        "ServerSideEncryption": _told_encryption(call, table.get("SSEDescription")),
        "StreamArn": table.get("LatestStreamArn"),
        "StreamEnabled": stream.get("StreamEnabled", False),
        "StreamLabel": table.get("LatestStreamLabel"),
        "StreamViewType": stream.get("StreamViewType"),
        "TableClass": (table.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
        "Tags": list(tags),
        "Ttl": {**expiry, "Enabled": expiry["TimeToLiveStatus"] == "ENABLED"},
        "WriteCapacity": throughput.get("WriteCapacityUnits"),
    }


def _told_index(index: Mapping[str, Any]) -> dict[str, Any]:
    keys = {element["KeyType"]: element["AttributeName"] for element in index["KeySchema"]}
    throughput = index.get("ProvisionedThroughput") or {}
    return {
        "Name": index["IndexName"],
        "HashKey": keys["HASH"],
        "RangeKey": keys.get("RANGE"),
        "NonKeyAttributes": index["Projection"].get("NonKeyAttributes"),
        "ProjectionType": index["Projection"]["ProjectionType"],
        "ReadCapacity": throughput.get("ReadCapacityUnits"),
        "WriteCapacity": throughput.get("WriteCapacityUnits"),
    }


def _told_encryption(call: Call, found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return how a table is encrypted; DynamoDB's own key in the account counts as none named."""
    if found is None:
        return None
    key, kms = found.get("KMSMasterKeyArn"), call.account.client("kms", call.region)
    try:
        usual = kms.describe_key(KeyId="alias/aws/dynamodb")["KeyMetadata"]["Arn"]
    except ClientError:
        usual = None  # who may not look at the key sees it as any other
    return {"Enabled": found["Status"] == "ENABLED", "KmsKeyArn": None if key == usual else key}


def _change_table(call: Call) -> None:
    """Change a table in DynamoDB's order: indexes go first and come last, one with each request."""
    gone, changed, new = _index_changes(call)
    for name in gone:
        _update(call, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}])
    if call["tableClass"] != call.state.get("tableClass"):
        _update(call, TableClass=call["tableClass"])
    asked: dict[str, Any] = {}
    if any(_differs(call, name) for name in ("billingMode", *_CAPACITY)):
        asked["BillingMode"] = call["billingMode"]
        if call["billingMode"] != _ON_DEMAND:
            asked["ProvisionedThroughput"] = _throughput(call.asked)
    if bool(call["deletionProtectionEnabled"]) != bool(call.state.get("deletionProtectionEnabled")):
        asked["DeletionProtectionEnabled"] = bool(call["deletionProtectionEnabled"])
    asked |= _stream_change(call)
    if changed and call["billingMode"] != _ON_DEMAND:
        asked["GlobalSecondaryIndexUpdates"] = [
            {"Update": {"IndexName": index["name"], "ProvisionedThroughput": _throughput(index)}} for index in changed
        ]
    if asked:
        _update(call, **asked)
    for index in new:
        attributes = _ATTRIBUTES.to_aws(call["attributes"] or [])
        _update(
            call,
            AttributeDefinitions=attributes,
            GlobalSecondaryIndexUpdates=[{"Create": _global_index(call, index)}],
        )


def _update(call: Call, **asked: Any) -> None:
    call.aws.update_table(TableName=call.id, **asked)


def _differs(call: Call, name: str) -> bool:
    return call[name] is not None and call[name] != call.state.get(name)


def _index_changes(call: Call) -> tuple[list[str], list[Mapping[str, Value]], list[Mapping[str, Value]]]:
    """Return the names of the indexes to delete, those with another capacity, and those to make.

    Anything but its capacity makes an index anew.
    """
    asked = call["globalSecondaryIndexes"]
    if asked is None:
        return [], [], []
    old = {index["name"]: index for index in call.state.get("globalSecondaryIndexes") or ()}
    new = {index["name"]: index for index in asked}
    anew = {name for name in old.keys() & new.keys() if _shape(old[name]) != _shape(new[name])}
    gone = [name for name in old if name not in new or name in anew]
    switched = call["billingMode"] != call.state.get("billingMode")
    same = [index for name, index in new.items() if name in old and name not in anew]
    changed = [index for index in same if switched or _throughput(index) != _throughput(old[index["name"]])]
    return gone, changed, [index for name, index in new.items() if name not in old or name in anew]


def _shape(index: Mapping[str, Value]) -> Value:
    return _GLOBAL_INDEXES.element.normal({name: value for name, value in index.items() if name not in _CAPACITY})


def _stream_change(call: Call) -> dict[str, Any]:
    """Return the stream's part of a change; another view wants the stream off first."""
    is_on, wanted, view = call.state.get("streamEnabled"), call["streamEnabled"], call["streamViewType"]
    if bool(wanted) == bool(is_on):
        if wanted and view != call.state.get("streamViewType"):
            _update(call, StreamSpecification={"StreamEnabled": False})
            _update(call, StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
        return {}
    return {"StreamSpecification": {"StreamEnabled": bool(wanted), **({"StreamViewType": view} if wanted else {})}}


def _change_recovery(call: Call) -> None:
    asked = call["pointInTimeRecovery"]
    days = {"RecoveryPeriodInDays": asked["recoveryPeriodInDays"]} if asked.get("recoveryPeriodInDays") else {}
    specification = {"PointInTimeRecoveryEnabled": asked["enabled"], **(days if asked["enabled"] else {})}
    call.aws.update_continuous_backups(TableName=call.id, PointInTimeRecoverySpecification=specification)


def _change_expiry(call: Call) -> None:
    asked, before = call["ttl"], call.state.get("ttl") or {}
    named = asked.get("attributeName") or before.get("attributeName")
    switch = {"AttributeName": named, "Enabled": bool(asked.get("enabled"))}
    call.aws.update_time_to_live(TableName=call.id, TimeToLiveSpecification=switch)


_WITH_THE_TABLE = (
    "attributes",
    "billingMode",
    "deletionProtectionEnabled",
    "globalSecondaryIndexes",
    *_CAPACITY,
    "streamEnabled",
    "streamViewType",
    "tableClass",
)

TABLE = ResourceType(
    type="aws:dynamodb/table:Table",
    title="AWS DynamoDB Table",
    service="dynamodb",
    properties=(
        Property("name", replaces=True, auto_name=AutoName()),
        Property("hashKey", replaces=True, computed=True),
        Property("rangeKey", replaces=True),
        Property("attributes", _ATTRIBUTES, computed=True),
        Property("billingMode", default="PROVISIONED", one_of=("PAY_PER_REQUEST", "PROVISIONED")),
        Property("readCapacity", WHOLE, computed=True),
        Property("writeCapacity", WHOLE, computed=True),
        Property("deletionProtectionEnabled", FLAG),
        Property("globalSecondaryIndexes", _GLOBAL_INDEXES, computed=True),
        Property("localSecondaryIndexes", _LOCAL_INDEXES, replaces=True),
        Property("pointInTimeRecovery", _RECOVERY, computed=True),
        Property("serverSideEncryption", _ENCRYPTION, computed=True),
        Property("streamEnabled", FLAG),
        Property("streamViewType", computed=True),
        Property("tableClass", default="STANDARD", one_of=("STANDARD", "STANDARD_INFREQUENT_ACCESS")),
        Property("ttl", _EXPIRY, computed=True),
        output("arn"),
        output("streamArn"),
        output("streamLabel"),
    ),
    id="{name}",
    create=_create_table,
    read=_read_table,
    changes=(
        Change(_WITH_THE_TABLE, _change_table),
        Change(
            ("serverSideEncryption",),
            lambda call: call.aws.update_table(TableName=call.id, SSESpecification=_encryption(call)),
        ),
        Change(("ttl",), _change_expiry),
        Change(("pointInTimeRecovery",), _change_recovery),
    ),
    delete=operation("delete_table", TableName=ID),
    tagging=Tagging(
        add=lambda call: call.aws.tag_resource(ResourceArn=_arn(call), Tags=_pairs(call)),
        remove=lambda call: call.aws.untag_resource(ResourceArn=_arn(call), TagKeys=sorted(call.tags)),
    ),
    wrong_together=_wrong_together,
    not_found=("ResourceNotFoundException",),
    already_exists=("ResourceInUseException",),
)


def _arn(call: Call) -> str:
    return call.arn("dynamodb", f"table/{call.id}")


def _pairs(call: Call) -> list[dict[str, str]]:
    return [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]


TYPES = (TABLE,)
