"""GuardDuty and Security Hub: what finds threats and misconfigurations, and which account looks after it for all.

Source: pulumi_aws 7.51.1 (`guardduty/*.py`, `securityhub/*.py`), terraform-provider-aws `internal/service/guardduty`,
`internal/service/securityhub`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG
from rehearsal.aws.operations import TAGS, operation
from rehearsal.aws.properties import Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging, TagShape

_NOT_OWNED = "is not owned by the current account"
"""All that tells a detector that is gone from another bad request."""
_ADMINISTRATOR = Property("adminAccountId", required=True, replaces=True)


def _detector_arn(call: Call) -> str:
    return call.arn("guardduty", f"detector/{call.id}")


def _read_detector(call: Call) -> Any:
    try:
        found = call.aws.get_detector(DetectorId=call.id)
    except ClientError as error:
        if _NOT_OWNED in str(error):
            return None
        raise
    own = {"Arn": _detector_arn(call), "AccountId": call.account.account_id}
    return {**found, **own, "Enable": found["Status"] == "ENABLED"}


def _update_detector(call: Call) -> None:
    frequency = call["findingPublishingFrequency"]
    more = {"FindingPublishingFrequency": frequency} if frequency else {}
    call.aws.update_detector(DetectorId=call.id, Enable=call["enable"], **more)


def _delete_detector(call: Call) -> None:
    try:
        call.aws.delete_detector(DetectorId=call.id)
    except ClientError as error:
        if _NOT_OWNED not in str(error):
            raise


def _tag_detector(call: Call) -> None:
    call.aws.tag_resource(ResourceArn=_detector_arn(call), Tags=dict(call.tags))


def _untag_detector(call: Call) -> None:
    call.aws.untag_resource(ResourceArn=_detector_arn(call), TagKeys=sorted(call.tags))


DETECTOR = ResourceType(
    type="aws:guardduty/detector:Detector",
    title="GuardDuty Detector",
    service="guardduty",
    properties=(
        Property("enable", FLAG, default=True),
        Property("findingPublishingFrequency", computed=True, one_of=("FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS")),
        output("accountId"),
        output("arn"),
    ),
    id="DetectorId",
    create=operation(
        "create_detector", Enable="enable", FindingPublishingFrequency="findingPublishingFrequency", Tags=TAGS
    ),
    read=_read_detector,
    changes=(Change(("enable", "findingPublishingFrequency"), _update_detector),),
    delete=_delete_detector,
    tagging=Tagging(add=_tag_detector, remove=_untag_detector, shape=TagShape.MAP),
    not_found=(),
)


def _administrator_type(token: str, title: str, service: str, told: str) -> ResourceType:
    """Return the type of the account that looks after a service for all; its list tells accounts by `told`."""

    def read(call: Call) -> Any | None:
        known = call.pages("list_organization_admin_accounts", "AdminAccounts")
        return next(({"AdminAccountId": call.id} for one in known if one[told] == call.id), None)

    def delete(call: Call) -> None:
        if read(call):
            call.aws.disable_organization_admin_account(AdminAccountId=call.id)

    return ResourceType(
        type=token,
        title=title,
        service=service,
        properties=(_ADMINISTRATOR,),
        id="{adminAccountId}",
        create=operation("enable_organization_admin_account", AdminAccountId="adminAccountId"),
        read=read,
        delete=delete,
        not_found=(),
        delete_before_replace=True,
    )


GUARDDUTY_ADMINISTRATOR = _administrator_type(
    "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount",
    "GuardDuty Organization Admin Account",
    "guardduty",
    "AdminAccountId",
)

_NO_HUB = ("ResourceNotFoundException", "InvalidAccessException")


def _enable_hub(call: Call) -> Any:
    more = {"ControlFindingGenerator": call["controlFindingGenerator"]} if call["controlFindingGenerator"] else {}
    call.aws.enable_security_hub(EnableDefaultStandards=call["enableDefaultStandards"], **more)
    return {"Id": call.account.account_id}


def _read_hub(call: Call) -> Any:
    return call.aws.describe_hub(HubArn=call.arn("securityhub", "hub/default"))


SECURITY_HUB = ResourceType(
    type="aws:securityhub/account:Account",
    title="Security Hub Account",
    service="securityhub",
    properties=(
        Property("autoEnableControls", FLAG, default=True),
        Property("controlFindingGenerator", computed=True, one_of=("STANDARD_CONTROL", "SECURITY_CONTROL")),
        Property("enableDefaultStandards", FLAG, default=True, replaces=True, unread=True),
        output("arn", aws="HubArn"),
    ),
    id="Id",
    create=_enable_hub,
    read=_read_hub,
    changes=(
        Change(
            ("autoEnableControls", "controlFindingGenerator"),
            operation(
                "update_security_hub_configuration",
                AutoEnableControls="autoEnableControls",
                ControlFindingGenerator="controlFindingGenerator",
            ),
        ),
    ),
    delete=operation("disable_security_hub"),
    not_found=_NO_HUB,
    delete_before_replace=True,
)


HUB_ADMINISTRATOR = _administrator_type(
    "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount",
    "Security Hub Organization Admin Account",
    "securityhub",
    "AccountId",
)

TYPES = (DETECTOR, GUARDDUTY_ADMINISTRATOR, SECURITY_HUB, HUB_ADMINISTRATOR)
