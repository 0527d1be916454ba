"""Functions about where one is: the caller, the region, the partition, the availability zones, the organisation.

Source: pulumi_aws 7.51.1 (`get_*.py`).
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.function import Function
from rehearsal.aws.kinds import FLAG, TEXT_LIST, list_of
from rehearsal.aws.properties import Property
from rehearsal.aws.running import run_step
from rehearsal.aws.services.organizations import ORGANIZATION
from rehearsal.aws.wire import Properties

# AWS general reference, "AWS service endpoints" and "Region names".
_REGIONS = {
    "us-east-1": "US East (N. Virginia)",
    "us-east-2": "US East (Ohio)",
    "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)",
    "ca-central-1": "Canada (Central)",
    "eu-central-1": "Europe (Frankfurt)",
    "eu-west-1": "Europe (Ireland)",
    "eu-west-2": "Europe (London)",
    "eu-west-3": "Europe (Paris)",
    "eu-north-1": "Europe (Stockholm)",
    "ap-northeast-1": "Asia Pacific (Tokyo)",
    "ap-southeast-1": "Asia Pacific (Singapore)",
    "ap-southeast-2": "Asia Pacific (Sydney)",
    "ap-south-1": "Asia Pacific (Mumbai)",
    "sa-east-1": "South America (Sao Paulo)",
}
_SUFFIXES = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}


def _caller_identity(call: Call) -> Properties:
    account = call.account
    return {
        "accountId": account.account_id,
        "arn": account.user_arn,
        "id": account.account_id,
        "userId": account.user_id,
    }


def _region(call: Call) -> Properties:
    name = call["region"] or call["name"] or call.account.region
    return {
        "id": name,
        "name": name,
        "region": name,
        "description": _REGIONS.get(name, ""),
        "endpoint": f"ec2.{name}.{_SUFFIXES.get(call.account.partition, '')}",
    }


def _partition(call: Call) -> Properties:
    partition = call.account.partition
    suffix = _SUFFIXES.get(partition, "")
    reverse = ".".join(reversed(suffix.split(".")))
    return {"id": partition, "partition": partition, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}


def _availability_zones(call: Call) -> Properties:
    filters = [{"Name": item["name"], "Values": item["values"]} for item in call["filters"] or ()]
    if call["state"]:
        filters.append({"Name": "state", "Values": [call["state"]]})
    every = {"AllAvailabilityZones": True} if call["allAvailabilityZones"] else {}
    zones = call.aws.describe_availability_zones(**({"Filters": filters} if filters else {}), **every)
    found = [zone for zone in zones["AvailabilityZones"] if not _is_excluded(zone, call)]
    found.sort(key=lambda zone: str(zone["ZoneName"]))
    return {
        **call.asked,
        "id": call.region,
        "region": call.region,
        "names": [zone["ZoneName"] for zone in found],
        "zoneIds": [zone["ZoneId"] for zone in found],
        "groupNames": sorted({zone["GroupName"] for zone in found if zone.get("GroupName")}),
    }


def _is_excluded(zone: dict[str, Any], call: Call) -> bool:
    return zone["ZoneName"] in (call["excludeNames"] or ()) or zone["ZoneId"] in (call["excludeZoneIds"] or ())


def _organization(call: Call) -> Properties:
    answer = run_step(ORGANIZATION, ORGANIZATION.read, call)
    values = {item.name: item.from_answer(answer) for item in ORGANIZATION.properties}
    return {name: value for name, value in values.items() if value is not None} | {"id": answer["Id"]}


_FILTERS = list_of(Property("name", required=True), Property("values", TEXT_LIST, required=True))

FUNCTIONS = (
    Function("aws:index/getCallerIdentity:getCallerIdentity", "sts", (Property("id"),), _caller_identity),
    Function(
        "aws:index/getRegion:getRegion",
        "ec2",
        (Property("id"), Property("name"), Property("region"), Property("endpoint")),
        _region,
    ),
    Function("aws:index/getPartition:getPartition", "sts", (Property("id"),), _partition),
    Function(
        "aws:index/getAvailabilityZones:getAvailabilityZones",
        "ec2",
        (
            Property("state"),
            Property("region"),
            Property("allAvailabilityZones", FLAG),
            Property("excludeNames", TEXT_LIST),
            Property("excludeZoneIds", TEXT_LIST),
            Property("filters", _FILTERS),
        ),
        _availability_zones,
    ),
    Function("aws:organizations/getOrganization:getOrganization", "organizations", (), _organization),
)
