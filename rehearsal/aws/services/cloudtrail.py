"""CloudTrail: trails, and the member account that manages the organisation's trails.

Source: pulumi_aws 7.51.1 (`cloudtrail/*.py`), terraform-provider-aws `internal/service/cloudtrail`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG
from rehearsal.aws.operations import ID, TAGS, operation
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

SERVICE_PRINCIPAL = "cloudtrail.amazonaws.com"
_SETTINGS = {
    "S3BucketName": "s3BucketName",
    "S3KeyPrefix": "s3KeyPrefix",
    "SnsTopicName": "snsTopicName",
    "IncludeGlobalServiceEvents": "includeGlobalServiceEvents",
    "IsMultiRegionTrail": "isMultiRegionTrail",
    "IsOrganizationTrail": "isOrganizationTrail",
    "EnableLogFileValidation": "enableLogFileValidation",
    "CloudWatchLogsLogGroupArn": "cloudWatchLogsGroupArn",
    "CloudWatchLogsRoleArn": "cloudWatchLogsRoleArn",
    "KmsKeyId": "kmsKeyId",
}


def _read_trail(call: Call) -> Any:
    # By ARN: an organisation's trail belongs to the management account, and is unknown by name to whoever made it.
    trail = call.aws.get_trail(Name=call.id)["Trail"]
    tags = call.aws.list_tags(ResourceIdList=[call.id])["ResourceTagList"]
    return {
        **trail,
        "EnableLogging": call.aws.get_trail_status(Name=call.id)["IsLogging"],
        "HomeRegion": call.id.split(":")[3],
        "Tags": tags[0]["TagsList"] if tags else [],
    }


def _set_logging(call: Call) -> None:
    switch = call.aws.start_logging if call["enableLogging"] else call.aws.stop_logging
    switch(Name=call.id)


def _add_tags(call: Call) -> None:
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    call.aws.add_tags(ResourceId=call.id, TagsList=tags)


def _remove_tags(call: Call) -> None:
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    call.aws.remove_tags(ResourceId=call.id, TagsList=tags)


# Texts that are taken away are sent empty, as the real provider does: left out, CloudTrail would keep what it has.
_EMPTIED = ("s3KeyPrefix", "snsTopicName", "cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn", "kmsKeyId")


def _update_trail(call: Call) -> None:
    values = {parameter: call[name] for parameter, name in _SETTINGS.items()}
    given = {p: "" if value is None and _SETTINGS[p] in _EMPTIED else value for p, value in values.items()}
    call.aws.update_trail(Name=call.id, **{p: value for p, value in given.items() if value is not None})


TRAIL = ResourceType(
    type="aws:cloudtrail/trail:Trail",
    title="CloudTrail Trail",
    service="cloudtrail",
    properties=(
        Property("name", replaces=True, auto_name=AutoName(longest=128)),
        Property("s3BucketName", required=True),
        Property("s3KeyPrefix"),
        Property("snsTopicName"),
        Property("includeGlobalServiceEvents", FLAG, default=True),
        Property("isMultiRegionTrail", FLAG, default=False),
        Property("isOrganizationTrail", FLAG, default=False),
        Property("enableLogFileValidation", FLAG, aws="LogFileValidationEnabled", default=False),
        Property("enableLogging", FLAG, default=True),
        Property("cloudWatchLogsGroupArn", aws="CloudWatchLogsLogGroupArn"),
        Property("cloudWatchLogsRoleArn"),
        Property("kmsKeyId"),
        output("arn", aws="TrailARN"),
        output("homeRegion"),
        output("snsTopicArn", aws="SnsTopicARN"),
    ),
    id="TrailARN",
    create=operation("create_trail", Name="name", TagsList=TAGS, **_SETTINGS),
    read=_read_trail,
    changes=(Change(tuple(_SETTINGS.values()), _update_trail), Change(("enableLogging",), _set_logging)),
    delete=operation("delete_trail", Name=ID),
    tagging=Tagging(add=_add_tags, remove=_remove_tags),
    not_found=("TrailNotFoundException",),
    already_exists=("TrailAlreadyExistsException",),
)


def _read_administrator(call: Call) -> Any:
    organizations = call.account.client("organizations", call.region)
    pages = organizations.get_paginator("list_delegated_administrators").paginate(ServicePrincipal=SERVICE_PRINCIPAL)
    found = next((admin for page in pages for admin in page["DelegatedAdministrators"] if admin["Id"] == call.id), None)
    return {**found, "AccountId": call.id, "ServicePrincipal": SERVICE_PRINCIPAL} if found else None


ORGANIZATION_DELEGATED_ADMIN_ACCOUNT = ResourceType(
    type="aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount",
    title="CloudTrail Organization Delegated Admin Account",
    service="cloudtrail",
    regional=False,
    properties=(
        Property("accountId", required=True, replaces=True),
        output("arn"),
        output("email"),
        output("name"),
        output("servicePrincipal"),
    ),
    id="{accountId}",
    create=operation("register_organization_delegated_admin", MemberAccountId="accountId"),
    read=_read_administrator,
    delete=operation("deregister_organization_delegated_admin", DelegatedAdminAccountId=ID),
    not_found=("AccountNotRegisteredException",),
    already_exists=("AccountRegisteredException",),
)

TYPES = (TRAIL, ORGANIZATION_DELEGATED_ADMIN_ACCOUNT)
