"""AWS Config: its recorder, where it delivers to, and whether it records.

Source: pulumi_aws 7.51.1 (`cfg/*.py`), terraform-provider-aws `internal/service/configservice`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, TEXT_SET, record
from rehearsal.aws.operations import ID, operation
from rehearsal.aws.properties import AutoName, Property
from rehearsal.aws.resource_type import Change, ResourceType

_NO_RECORDER = ("NoSuchConfigurationRecorderException",)
_FREQUENCIES = ("One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours")
_GROUP = record(
    Property("allSupported", FLAG, aws="allSupported"),
    Property("includeGlobalResourceTypes", FLAG, aws="includeGlobalResourceTypes"),
    Property("resourceTypes", TEXT_SET, aws="resourceTypes"),
)


def _put_recorder(call: Call) -> None:
    recorder: dict[str, Any] = {"name": call["name"], "roleARN": call["roleArn"]}
    if call["recordingGroup"]:
        recorder["recordingGroup"] = {"allSupported": True, **_GROUP.to_aws(call["recordingGroup"])}
    call.aws.put_configuration_recorder(ConfigurationRecorder=recorder)


def _read_recorder(call: Call) -> Any:
    found = call.aws.describe_configuration_recorders(ConfigurationRecorderNames=[call.id])["ConfigurationRecorders"][0]
    group, asked = dict(found.get("recordingGroup") or {}), call["recordingGroup"]
    if asked and "allSupported" not in asked and group.get("allSupported"):
        del group["allSupported"]  # what the provider sends where nothing is said
    return {**found, "recordingGroup": group}


RECORDER = ResourceType(
    type="aws:cfg/recorder:Recorder",
    title="ConfigService Configuration Recorder",
    service="config",
    properties=(
        Property("name", aws="name", replaces=True, auto_name=AutoName()),
        Property("roleArn", aws="roleARN", required=True),
        Property("recordingGroup", _GROUP, aws="recordingGroup", computed=True),
    ),
    id="{name}",
    create=_put_recorder,
    read=_read_recorder,
    changes=(Change(("roleArn", "recordingGroup"), _put_recorder),),
    delete=operation("delete_configuration_recorder", ConfigurationRecorderName=ID),
    not_found=_NO_RECORDER,
)

_DELIVERED = {
    "name": "name",
    "s3BucketName": "s3BucketName",
    "s3KeyPrefix": "s3KeyPrefix",
    "s3KmsKeyArn": "s3KmsKeyArn",
    "snsTopicARN": "snsTopicArn",
}
_SNAPSHOTS = record(Property("deliveryFrequency", aws="deliveryFrequency", one_of=_FREQUENCIES))


def _put_channel(call: Call) -> None:
    channel: dict[str, Any] = {name: call[item] for name, item in _DELIVERED.items() if call[item]}
    if call["snapshotDeliveryProperties"]:
        channel["configSnapshotDeliveryProperties"] = _SNAPSHOTS.to_aws(call["snapshotDeliveryProperties"])
    call.aws.put_delivery_channel(DeliveryChannel=channel)


def _read_channel(call: Call) -> Any:
    return call.aws.describe_delivery_channels(DeliveryChannelNames=[call.id])["DeliveryChannels"][0]


DELIVERY_CHANNEL = ResourceType(
    type="aws:cfg/deliveryChannel:DeliveryChannel",
    title="ConfigService Delivery Channel",
    service="config",
    properties=(
        Property("name", aws="name", replaces=True, auto_name=AutoName()),
        Property("s3BucketName", aws="s3BucketName", required=True),
        Property("s3KeyPrefix", aws="s3KeyPrefix"),
        Property("s3KmsKeyArn", aws="s3KmsKeyArn"),
        Property("snsTopicArn", aws="snsTopicARN"),
        Property("snapshotDeliveryProperties", _SNAPSHOTS, aws="configSnapshotDeliveryProperties"),
    ),
    id="{name}",
    create=_put_channel,
    read=_read_channel,
    changes=(
        Change(
            ("s3BucketName", "s3KeyPrefix", "s3KmsKeyArn", "snsTopicArn", "snapshotDeliveryProperties"), _put_channel
        ),
    ),
    delete=operation("delete_delivery_channel", DeliveryChannelName=ID),
    not_found=("NoSuchDeliveryChannelException",),
)


def _switch(call: Call) -> None:
    switch = call.aws.start_configuration_recorder if call["isEnabled"] else call.aws.stop_configuration_recorder
    switch(ConfigurationRecorderName=call["name"])


def _read_status(call: Call) -> Any:
    asked = call.aws.describe_configuration_recorder_status(ConfigurationRecorderNames=[call["name"] or call.id])
    return asked["ConfigurationRecordersStatus"][0]


RECORDER_STATUS = ResourceType(
    type="aws:cfg/recorderStatus:RecorderStatus",
    title="ConfigService Configuration Recorder Status",
    service="config",
    properties=(
        Property("name", aws="name", auto_name=AutoName()),
        Property("isEnabled", FLAG, aws="recording", required=True),
    ),
    id="{name}",
    id_in_answer="name",
    create=_switch,
    read=_read_status,
    changes=(Change(("isEnabled", "name"), _switch),),
    # The recorder stays, and so does whether it records: what is deleted has stopped.
    delete=operation("stop_configuration_recorder", ConfigurationRecorderName=ID),
    not_found=_NO_RECORDER,
)

TYPES = (RECORDER, DELIVERY_CHANNEL, RECORDER_STATUS)
