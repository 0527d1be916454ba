"""Service Quotas: a quota as it is asked for. Asking is all that happens: AWS decides later, or its support does.

A value below the present one is refused, an equal one asks for nothing, deleting asks for nothing either.
Source: pulumi_aws 7.51.1 (`servicequotas/service_quota.py`), terraform-provider-aws
`internal/service/servicequotas/service_quota.go`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.aws_errors import code_of
from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, NUMBER
from rehearsal.aws.properties import Property, output
from rehearsal.aws.resource_type import Change, ResourceType

_MISSING = "NoSuchResourceException"
_OPEN = ("PENDING", "CASE_OPENED")
_CLOSED = ("APPROVED", "CASE_CLOSED", "DENIED")
_ALREADY_ASKED = "Only one open service quota increase request is allowed per quota"


def _which(call: Call) -> dict[str, str]:
    service, _, quota = call.id.partition("/") if call.id else (call["serviceCode"], "", call["quotaCode"])
    return {"ServiceCode": service, "QuotaCode": quota}


def _current(call: Call) -> Any:
    """Return the quota as it was set for this account, None where it has AWS's default."""
    try:
        found = call.aws.get_service_quota(**_which(call))["Quota"]
    except ClientError as error:
        if code_of(error) == _MISSING:
            return None
        raise
    return found if found.get("Value") is not None else None


def _create(call: Call) -> None:
    default = call.aws.get_aws_default_service_quota(**_which(call))["Quota"]
    now = float((_current(call) or default)["Value"])
    asked = float(call["value"])
    if asked < now:
        which = f"{call['serviceCode']}/{call['quotaCode']}"
        words = f"requesting Service Quotas Service Quota ({which}) with value less than current"
        # The real provider says this itself, without asking AWS.
        raise ClientError({"Error": {"Code": "ValueLessThanCurrent", "Message": words}}, "CreateServiceQuota")
    if asked > now:
        call.aws.request_service_quota_increase(**_which(call), DesiredValue=asked)


def _update(call: Call) -> None:
    try:
        call.aws.request_service_quota_increase(**_which(call), DesiredValue=float(call["value"]))
    except ClientError as error:
        # The real provider warns of it and goes on.
        if code_of(error) != "ResourceAlreadyExistsException" or _ALREADY_ASKED not in str(error):
            raise


def _read(call: Call) -> Any:
    found = call.aws.get_aws_default_service_quota(**_which(call))["Quota"]
    current = _current(call)
    told = {
        "Adjustable": found.get("Adjustable"),
        "Arn": (current or found).get("QuotaArn"),
        "DefaultValue": found.get("Value"),
        "QuotaCode": found["QuotaCode"],
        "QuotaName": found.get("QuotaName"),
        "ServiceCode": found["ServiceCode"],
        "ServiceName": found.get("ServiceName"),
        "Value": (current or found).get("Value"),
        "RequestStatus": call.state.get("requestStatus"),
    }
    request = _request(call)
    return {**told, **_as_asked(request)} if request else told


def _as_asked(request: Any) -> dict[str, Any]:
    """Return what an own request changes: while it is open the quota counts as what was asked for."""
    status = request["Status"]
    if status in _OPEN:
        return {"RequestId": request["Id"], "RequestStatus": status, "Value": request["DesiredValue"]}
    return {"RequestStatus": status} if status in _CLOSED else {"RequestId": request["Id"], "RequestStatus": status}


def _request(call: Call) -> Any:
    """Return the request that the state knows, or right after asking the newest for the value asked for."""
    if not call.asked:
        return _by_id(call, call.state.get("requestId"))
    answer = call.aws.list_requested_service_quota_change_history_by_quota(**_which(call))
    mine = [item for item in answer["RequestedQuotas"] if item["DesiredValue"] == float(call["value"])]
    return max(mine, key=lambda item: item["Created"], default=None)


def _by_id(call: Call, request_id: Any) -> Any:
    if not request_id:
        return None
    try:
        return call.aws.get_requested_service_quota_change(RequestId=request_id)["RequestedQuota"]
    except ClientError as error:
        if code_of(error) == _MISSING:
            return None
        raise


SERVICE_QUOTA = ResourceType(
    type="aws:servicequotas/serviceQuota:ServiceQuota",
    title="Service Quotas Service Quota",
    service="service-quotas",
    properties=(
        Property("quotaCode", required=True, replaces=True),
        Property("serviceCode", required=True, replaces=True),
        Property("value", NUMBER, required=True),
        output("adjustable", FLAG),
        output("arn"),
        output("defaultValue", NUMBER),
        output("quotaName"),
        output("requestId"),
        output("requestStatus"),
        output("serviceName"),
    ),
    id="{serviceCode}/{quotaCode}",
    create=_create,
    read=_read,
    changes=(Change(("value",), _update),),
    delete=lambda _: None,
    not_found=(_MISSING,),
)

TYPES = (SERVICE_QUOTA,)
