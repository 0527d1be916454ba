"""Route 53: public hosted zones, their records, and the function that finds a zone.

Source: pulumi_aws 7.51.1 (`route53/*.py`), terraform-provider-aws `internal/service/route53`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from rehearsal.aws.aws_errors import AwsCallError
from rehearsal.aws.call import Call
from rehearsal.aws.function import Function
from rehearsal.aws.kinds import FLAG, TEXT_LIST, TEXT_SET, WHOLE, Alike, list_of
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging
from rehearsal.aws.wire import Properties, Value

_NO_ZONE = "NoSuchHostedZone"
_ZONE_PREFIX = "/hostedzone/"
_APEX = ("NS", "SOA")
_RECORD_TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "TXT")


def _plain(name: str) -> str:
    """Return a domain's name without its last dot, in lower case."""
    return name.rstrip(".").lower()


DOMAIN = Alike("text", str, _plain)
"""A domain's name, with or without its last dot."""


def _create_zone(call: Call) -> Any:
    made = call.aws.create_hosted_zone(
        Name=call["name"], CallerReference=uuid.uuid4().hex, HostedZoneConfig={"Comment": call["comment"]}
    )
    return {"ZoneId": made["HostedZone"]["Id"].removeprefix(_ZONE_PREFIX)}


def _read_zone(call: Call) -> Any:
    found = call.aws.get_hosted_zone(Id=call.id)
    servers = list((found.get("DelegationSet") or {}).get("NameServers") or ())
    tags = call.aws.list_tags_for_resource(ResourceType="hostedzone", ResourceId=call.id)["ResourceTagSet"]["Tags"]
    return {
        "Name": _plain(found["HostedZone"]["Name"]),
        "Comment": found["HostedZone"]["Config"].get("Comment"),
        "NameServers": sorted(servers),
        "PrimaryNameServer": servers[0] if servers else None,
        "ZoneId": call.id,
        "Arn": f"arn:{call.account.partition}:route53:::hostedzone/{call.id}",
        "Tags": tags,
    }


def _put_comment(call: Call) -> None:
    call.aws.update_hosted_zone_comment(Id=call.id, Comment=call["comment"] or "")


def _tag(call: Call) -> None:
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    call.aws.change_tags_for_resource(ResourceType="hostedzone", ResourceId=call.id, AddTags=tags)


def _untag(call: Call) -> None:
    call.aws.change_tags_for_resource(ResourceType="hostedzone", ResourceId=call.id, RemoveTagKeys=sorted(call.tags))


def _delete_zone(call: Call) -> None:
    if call["forceDestroy"]:
        apex = _plain(call["name"])
        records = call.pages("list_resource_record_sets", "ResourceRecordSets", HostedZoneId=call.id)
        for record in list(records):
            if _plain(record["Name"]) != apex or record["Type"] not in _APEX:
                _change(call, call.id, "DELETE", record)
    call.aws.delete_hosted_zone(Id=call.id)


ZONE = ResourceType(
    type="aws:route53/zone:Zone",
    title="Route53 Hosted Zone",
    service="route53",
    regional=False,
    properties=(
        Property("name", DOMAIN, replaces=True, auto_name=AutoName(longest=255)),
        Property("comment", default="Managed by Pulumi"),
        Property("forceDestroy", FLAG, default=False, unread=True),
        output("arn"),
        output("nameServers", TEXT_LIST),
        output("primaryNameServer"),
        output("zoneId"),
    ),
    id="ZoneId",
    create=_create_zone,
    read=_read_zone,
    changes=(Change(("comment",), _put_comment),),
    delete=_delete_zone,
    tagging=Tagging(add=_tag, remove=_untag),
    not_found=(_NO_ZONE,),
)


def _change(call: Call, zone_id: str, action: str, record: Mapping[str, Any]) -> None:
    changes = [{"Action": action, "ResourceRecordSet": record}]
    call.aws.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})


def _record_set(call: Call, values: Mapping[str, Value]) -> dict[str, Any]:
    """Return a record as requests have it, its name completed by the zone's."""
    found: dict[str, Any] = {"Name": _full_name(call), "Type": values["type"]}
    if values.get("records"):
        found["ResourceRecords"] = [{"Value": _quoted(values, text)} for text in values["records"]]
        found["TTL"] = values.get("ttl") or 0
    for alias in values.get("aliases") or ():
        found["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": alias["zoneId"],
            "EvaluateTargetHealth": bool(alias.get("evaluateTargetHealth")),
        }
    return found


def _full_name(call: Call) -> str:
    zone = _plain(call.aws.get_hosted_zone(Id=call["zoneId"])["HostedZone"]["Name"])
    name = _plain(call["name"])
    return name if name.endswith(zone) else f"{name}.{zone}".lstrip(".")


def _quoted(values: Mapping[str, Value], text: str) -> str:
    return f'"{text}"' if values["type"] in ("TXT", "SPF") else text


def _unquoted(kind: str, text: str) -> str:
    quoted = kind in ("TXT", "SPF") and len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1] if quoted else text


def _create_record(call: Call) -> None:
    # CREATE fails where such a record exists already; only who says so takes it over.
    action = "UPSERT" if call["allowOverwrite"] else "CREATE"
    _change(call, call["zoneId"], action, _record_set(call, call.asked))


def _find_record(call: Call) -> Any | None:
    wanted, kind = _full_name(call), call["type"]
    page = call.aws.list_resource_record_sets(
        HostedZoneId=call["zoneId"], StartRecordName=f"{wanted}.", StartRecordType=kind, MaxItems="1"
    )
    found = page["ResourceRecordSets"]
    return found[0] if found and _plain(found[0]["Name"]) == wanted and found[0]["Type"] == kind else None


def _read_record(call: Call) -> Any | None:
    found = _find_record(call)
    if found is None:
        return None
    alias = found.get("AliasTarget")
    return {
        "ZoneId": call["zoneId"],
        "Name": _plain(call["name"]),
        "Type": found["Type"],
        "Ttl": None if alias else found.get("TTL"),
        "Records": [_unquoted(found["Type"], item["Value"]) for item in found.get("ResourceRecords") or ()] or None,
        "Aliases": [{**alias, "Name": _plain(alias["DNSName"])}] if alias else None,
        "Fqdn": _plain(found["Name"]),
    }


def _update_record(call: Call) -> None:
    if call.state["type"] == call["type"]:
        _change(call, call["zoneId"], "UPSERT", _record_set(call, call.asked))
        return
    # Of another type it is another record: the old one goes and the new one comes in one batch.
    changes = [
        {"Action": "DELETE", "ResourceRecordSet": _record_set(call, call.state)},
        {"Action": "CREATE", "ResourceRecordSet": _record_set(call, call.asked)},
    ]
    call.aws.change_resource_record_sets(HostedZoneId=call["zoneId"], ChangeBatch={"Changes": changes})


def _delete_record(call: Call) -> None:
    found = _find_record(call)
    if found is not None:
        _change(call, call["zoneId"], "DELETE", found)


RECORD = ResourceType(
    type="aws:route53/record:Record",
    title="Route53 Record",
    service="route53",
    regional=False,
    properties=(
        Property("zoneId", required=True, replaces=True),
        Property("name", DOMAIN, required=True, replaces=True),
        Property("type", required=True, one_of=_RECORD_TYPES),
        Property("ttl", WHOLE),
        Property("records", TEXT_SET),
        Property(
            "aliases",
            list_of(
                Property("name", DOMAIN, required=True),
                Property("zoneId", aws="HostedZoneId", required=True),
                Property("evaluateTargetHealth", FLAG, required=True),
            ),
        ),
        Property("allowOverwrite", FLAG, unread=True),
        output("fqdn"),
    ),
    id=lambda values: f"{values['zoneId']}_{_plain(values['name'])}_{values['type']}",
    import_id="{zoneId}_{name}_{type}",
    create=_create_record,
    read=_read_record,
    changes=(Change(("type", "ttl", "records", "aliases"), _update_record),),
    delete=_delete_record,
    not_found=(_NO_ZONE,),
    exactly_one_of=(("records", "aliases"),),
)


def _zone(call: Call) -> Properties:
    wanted, private = call["name"], bool(call["privateZone"])
    if call["zoneId"]:
        zones = [call.aws.get_hosted_zone(Id=call["zoneId"])["HostedZone"]]
    else:
        zones = [
            zone
            for zone in call.pages("list_hosted_zones", "HostedZones")
            if (not wanted or _plain(zone["Name"]) == _plain(wanted))
            and bool(zone["Config"].get("PrivateZone")) is private
        ]
    if len(zones) != 1:
        # Source: terraform-provider-aws, `internal/tfresource`, SingularDataSourceFindError.
        many = "multiple Route 53 Hosted Zones matched; use additional constraints to reduce matches to a single one"
        raise AwsCallError("reading getZone", "", many if zones else "no matching Route 53 Hosted Zone found")
    zone = zones[0]
    zone_id = zone["Id"].removeprefix(_ZONE_PREFIX)
    servers = (call.aws.get_hosted_zone(Id=zone_id).get("DelegationSet") or {}).get("NameServers") or []
    tags = call.aws.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone_id)["ResourceTagSet"]["Tags"]
    return {
        "id": zone_id,
        "zoneId": zone_id,
        "name": _plain(zone["Name"]),
        "arn": f"arn:{call.account.partition}:route53:::hostedzone/{zone_id}",
        "comment": zone["Config"].get("Comment") or "",
        "callerReference": zone["CallerReference"],
        "privateZone": bool(zone["Config"].get("PrivateZone")),
        "nameServers": servers,
        "primaryNameServer": servers[0] if servers else "",
        "resourceRecordSetCount": zone.get("ResourceRecordSetCount", 0),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


TYPES = (ZONE, RECORD)
FUNCTIONS = (
    Function(
        "aws:route53/getZone:getZone",
        "route53",
        (Property("name"), Property("zoneId"), Property("privateZone", FLAG)),
        _zone,
    ),
)
