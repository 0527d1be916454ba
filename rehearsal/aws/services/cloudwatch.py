"""CloudWatch: log groups.

Source: pulumi_aws 7.51.1 (`cloudwatch/log_group.py`), terraform-provider-aws `internal/service/logs`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, WHOLE
from rehearsal.aws.operations import TAGS, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging, TagShape


def _arn(call: Call) -> str:
    return call.arn("logs", f"log-group:{call.id}")


def _read_group(call: Call) -> Any:
    groups = call.pages("describe_log_groups", "logGroups", logGroupNamePrefix=call.id)
    group = next((group for group in groups if group["logGroupName"] == call.id), None)
    if group is None:
        return None
    tags = call.aws.list_tags_for_resource(resourceArn=_arn(call))["tags"]
    return {**group, "arn": group["arn"].removesuffix(":*"), "Tags": tags}


def _set_retention(call: Call) -> None:
    if call["retentionInDays"]:
        call.aws.put_retention_policy(logGroupName=call.id, retentionInDays=call["retentionInDays"])
    else:
        call.aws.delete_retention_policy(logGroupName=call.id)


def _set_key(call: Call) -> None:
    if call["kmsKeyId"]:
        call.aws.associate_kms_key(logGroupName=call.id, kmsKeyId=call["kmsKeyId"])
    else:
        call.aws.disassociate_kms_key(logGroupName=call.id)


def _delete_group(call: Call) -> None:
    if not call["skipDestroy"]:
        call.aws.delete_log_group(logGroupName=call.id)


LOG_GROUP = ResourceType(
    type="aws:cloudwatch/logGroup:LogGroup",
    title="CloudWatch Logs Log Group",
    service="logs",
    properties=(
        Property("name", aws="logGroupName", replaces=True, auto_name=AutoName(longest=512)),
        Property("retentionInDays", WHOLE, aws="retentionInDays", default=0),
        Property("kmsKeyId", aws="kmsKeyId"),
        Property("logGroupClass", aws="logGroupClass", replaces=True, computed=True),
        Property("skipDestroy", FLAG, default=False, unread=True),
        output("arn", aws="arn"),
    ),
    id="{name}",
    create=operation(
        "create_log_group", logGroupName="name", kmsKeyId="kmsKeyId", logGroupClass="logGroupClass", tags=TAGS
    ),
    read=_read_group,
    changes=(Change(("retentionInDays",), _set_retention), Change(("kmsKeyId",), _set_key)),
    delete=_delete_group,
    tagging=Tagging(
        add=lambda call: call.aws.tag_resource(resourceArn=_arn(call), tags=dict(call.tags)),
        remove=lambda call: call.aws.untag_resource(resourceArn=_arn(call), tagKeys=sorted(call.tags)),
        shape=TagShape.MAP,
    ),
    not_found=("ResourceNotFoundException",),
    already_exists=("ResourceAlreadyExistsException",),
)

TYPES = (LOG_GROUP,)
