"""EventBridge: rules of the default event bus and their targets; Pulumi keeps them in `aws.cloudwatch`.

Source: pulumi_aws 7.51.1 (`cloudwatch/event_rule.py`, `event_target.py`), terraform-provider-aws
`internal/service/events`, EventBridge API reference, "PutRule" and "PutTargets".
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT
from rehearsal.aws.operations import ID, TAGS, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_MISSING = ("ResourceNotFoundException",)
_STATES = ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
_PUT_RULE = operation(
    "put_rule",
    Name="name",
    Description="description",
    EventPattern="eventPattern",
    ScheduleExpression="scheduleExpression",
    State="state",
    RoleArn="roleArn",
    Tags=TAGS,
)


def _read_rule(call: Call) -> Any:
    found = call.aws.describe_rule(Name=call.id)
    return {**found, "Tags": call.aws.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]}


def _rule_arn(call: Call) -> str:
    return call.arn("events", f"rule/{call['name']}")


def _tag_rule(call: Call) -> None:
    tags = [{"Key": key, "Value": value} for key, value in call.tags.items()]
    call.aws.tag_resource(ResourceARN=_rule_arn(call), Tags=tags)


def _untag_rule(call: Call) -> None:
    call.aws.untag_resource(ResourceARN=_rule_arn(call), TagKeys=sorted(call.tags))


_CHANGED = ("description", "eventPattern", "scheduleExpression", "state", "roleArn")

RULE = ResourceType(
    type="aws:cloudwatch/eventRule:EventRule",
    title="EventBridge Rule",
    service="events",
    properties=(
        Property("name", replaces=True, auto_name=AutoName(longest=64)),
        Property("description"),
        Property("eventPattern", DOCUMENT),
        Property("scheduleExpression"),
        Property("state", computed=True, one_of=_STATES),
        Property("roleArn"),
        output("arn"),
    ),
    id="{name}",
    create=_PUT_RULE,
    read=_read_rule,
    changes=(Change(_CHANGED, _PUT_RULE),),
    delete=operation("delete_rule", Name=ID),
    tagging=Tagging(add=_tag_rule, remove=_untag_rule),
    not_found=_MISSING,
)


def _put_target(call: Call) -> None:
    target = {"Id": call["targetId"], "Arn": call["arn"]}
    optional = {"RoleArn": "roleArn", "Input": "input", "InputPath": "inputPath"}
    given = {aws: call[name] for aws, name in optional.items() if call[name]}
    failed = call.aws.put_targets(Rule=call["rule"], Targets=[{**target, **given}])["FailedEntries"]
    if failed:
        raise TimeoutError(f"{failed[0].get('ErrorCode')}: {failed[0].get('ErrorMessage')}")


def _read_target(call: Call) -> Any:
    targets = call.aws.list_targets_by_rule(Rule=call["rule"])["Targets"]
    found = next((target for target in targets if target["Id"] == call["targetId"]), None)
    return {**found, "Rule": call["rule"], "TargetId": found["Id"]} if found else None


def _remove_target(call: Call) -> None:
    call.aws.remove_targets(Rule=call["rule"], Ids=[call["targetId"]])


TARGET = ResourceType(
    type="aws:cloudwatch/eventTarget:EventTarget",
    title="EventBridge Target",
    service="events",
    properties=(
        Property("rule", required=True, replaces=True),
        Property("targetId", replaces=True, auto_name=AutoName(longest=64)),
        Property("arn", required=True),
        Property("roleArn"),
        Property("input"),
        Property("inputPath"),
    ),
    id=lambda values: f"{values['rule']}-{values['targetId']}",
    import_id="{rule}/{targetId}",
    create=_put_target,
    read=_read_target,
    changes=(Change(("arn", "roleArn", "input", "inputPath"), _put_target),),
    delete=_remove_target,
    not_found=_MISSING,
    at_most_one_of=(("input", "inputPath"),),
)

TYPES = (RULE, TARGET)
