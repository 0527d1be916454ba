"""CloudWatch: alarms on a metric.

Source: pulumi_aws 7.51.1 (`cloudwatch/metric_alarm.py`), terraform-provider-aws
`internal/service/cloudwatch/metric_alarm.go`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, NUMBER, TAG_MAP, TEXT_SET, WHOLE
from rehearsal.aws.operations import ID, ListOfOne, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_TAKEN = "ResourceAlreadyExists"
_SETTINGS = (
    Property("actionsEnabled", FLAG, default=True),
    Property("alarmActions", TEXT_SET),
    Property("alarmDescription"),
    Property("comparisonOperator"),
    Property("datapointsToAlarm", WHOLE),
    Property("evaluationPeriods", WHOLE),
    Property("extendedStatistic"),
    Property("insufficientDataActions", TEXT_SET),
    Property("metricName"),
    Property("namespace"),
    Property("okActions", TEXT_SET, aws="OKActions"),
    Property("period", WHOLE),
    Property("statistic", one_of=("SampleCount", "Average", "Sum", "Minimum", "Maximum")),
    Property("threshold", NUMBER),
    Property("treatMissingData", default="missing", one_of=("breaching", "notBreaching", "ignore", "missing")),
    Property("unit"),
)
_DIMENSIONS = Property("dimensions", TAG_MAP)


def _put_alarm(call: Call, **more: Any) -> None:
    """Put the whole alarm: what is not sent is taken away."""
    settings = {item.aws: call[item.name] for item in _SETTINGS if call[item.name] is not None}
    dimensions = [{"Name": name, "Value": value} for name, value in sorted((call["dimensions"] or {}).items())]
    call.aws.put_metric_alarm(AlarmName=call["name"], Dimensions=dimensions, **settings, **more)


def _create_alarm(call: Call) -> None:
    if _find_alarm(call, call["name"]):  # CloudWatch would put this one in its place
        told = {"Error": {"Code": _TAKEN, "Message": f"CloudWatch metric alarm {call['name']} already exists"}}
        raise ClientError(told, "PutMetricAlarm")
    _put_alarm(call, Tags=[{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)])


def _find_alarm(call: Call, name: str) -> Any | None:
    found = call.aws.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    return found[0] if found else None


def _read_alarm(call: Call) -> Any | None:
    found = _find_alarm(call, call.id)
    if found is None:
        return None
    return {
        "TreatMissingData": "missing",
        **found,
        "Dimensions": {one["Name"]: one["Value"] for one in found.get("Dimensions", [])},
        "Tags": call.aws.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"],
    }


def _tag(call: Call) -> None:
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    call.aws.tag_resource(ResourceARN=call.state["arn"], Tags=tags)


def _untag(call: Call) -> None:
    call.aws.untag_resource(ResourceARN=call.state["arn"], TagKeys=sorted(call.tags))


METRIC_ALARM = ResourceType(
    type="aws:cloudwatch/metricAlarm:MetricAlarm",
    title="CloudWatch Metric Alarm",
    service="cloudwatch",
    properties=(
        Property("name", aws="AlarmName", replaces=True, auto_name=AutoName()),
        *_SETTINGS,
        _DIMENSIONS,
        output("arn", aws="AlarmArn"),
    ),
    id="{name}",
    create=_create_alarm,
    read=_read_alarm,
    changes=(Change((*(item.name for item in _SETTINGS), _DIMENSIONS.name), _put_alarm),),
    delete=operation("delete_alarms", AlarmNames=ListOfOne(ID)),
    tagging=Tagging(add=_tag, remove=_untag),
    not_found=("ResourceNotFound", "ResourceNotFoundException"),
    already_exists=(_TAKEN,),
    at_most_one_of=(("statistic", "extendedStatistic"),),
)

TYPES = (METRIC_ALARM,)
