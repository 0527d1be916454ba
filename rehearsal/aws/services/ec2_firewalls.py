"""EC2, security groups and their rules, each a resource of its own; rules written into a group are not offered.

Source: pulumi_aws 7.51.1 (`ec2/security_group.py`, `vpc/*.py`), terraform-provider-aws `internal/service/ec2`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, WHOLE, Alike
from rehearsal.aws.properties import AutoName, Property, ReplacesIf, output
from rehearsal.aws.resource_type import Change, ResourceType
from rehearsal.aws.services.ec2_networks import ec2_tagging
from rehearsal.aws.wire import Value

_NO_GROUP = ("InvalidGroup.NotFound", "InvalidGroupId.Malformed")
_EVERYTHING_OUT = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def _tags(call: Call, resource: str) -> dict[str, Any]:
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    return {"TagSpecifications": [{"ResourceType": resource, "Tags": tags}]} if tags else {}


def _create_group(call: Call) -> Any:
    vpc = {"VpcId": call["vpcId"]} if call["vpcId"] else {}
    tags = _tags(call, "security-group")
    made = call.aws.create_security_group(GroupName=call["name"], Description=call["description"], **vpc, **tags)
    # AWS lets everything out of a new group; the real provider takes that away.
    call.aws.revoke_security_group_egress(GroupId=made["GroupId"], IpPermissions=[_EVERYTHING_OUT])
    return made


def _read_group(call: Call) -> Any:
    found = call.aws.describe_security_groups(GroupIds=[call.id])["SecurityGroups"][0]
    return {**found, "Arn": call.arn("ec2", f"security-group/{call.id}")}


def _delete_group(call: Call) -> None:
    if call["revokeRulesOnDelete"]:
        of_group = [{"Name": "group-id", "Values": [call.id]}]
        for rule in list(call.pages("describe_security_group_rules", "SecurityGroupRules", Filters=of_group)):
            egress = rule["IsEgress"]
            revoke = call.aws.revoke_security_group_egress if egress else call.aws.revoke_security_group_ingress
            revoke(GroupId=call.id, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])
    call.aws.delete_security_group(GroupId=call.id)


SECURITY_GROUP = ResourceType(
    type="aws:ec2/securityGroup:SecurityGroup",
    title="Security Group",
    service="ec2",
    properties=(
        Property("name", aws="GroupName", replaces=True, auto_name=AutoName()),
        Property("description", replaces=True, default="Managed by Pulumi"),
        Property("vpcId", replaces=True, computed=True),
        Property("revokeRulesOnDelete", FLAG, default=False, unread=True),
        output("arn"),
        output("ownerId"),
    ),
    id="GroupId",
    create=_create_group,
    read=_read_group,
    delete=_delete_group,
    tagging=ec2_tagging("security-group"),
    not_found=_NO_GROUP,
    already_exists=("InvalidGroup.Duplicate",),
)

_PROTOCOL_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
_PROTOCOL = Alike("text", str, lambda value: _PROTOCOL_NUMBERS.get(value.lower(), value.lower()))
"""A protocol by name or number. Source: `NormalizeIPProtocol`."""


def _other_kind(old: Value, new: Value) -> bool:
    return (old is None) != (new is None)


_ENDS = {
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupId",
}
"""Where a rule's traffic comes from or goes to: one of these, by its name in a change of the rule."""
_IF_OTHER_KIND = ReplacesIf("if the other end is of another kind", _other_kind)


def _permission(call: Call) -> dict[str, Any]:
    """Return the rule as it is first asked for."""
    more = {"Description": call["description"]} if call["description"] else {}
    ends: dict[str, Any] = {
        "IpRanges": ("CidrIp", call["cidrIpv4"]),
        "Ipv6Ranges": ("CidrIpv6", call["cidrIpv6"]),
        "PrefixListIds": ("PrefixListId", call["prefixListId"]),
        "UserIdGroupPairs": ("GroupId", call["referencedSecurityGroupId"]),
    }
    permission = {name: [{key: value, **more}] for name, (key, value) in ends.items() if value}
    return {**permission, **_protocol_and_ports(call)}


def _protocol_and_ports(call: Call) -> dict[str, Any]:
    ports = {"FromPort": call["fromPort"], "ToPort": call["toPort"]}
    asked = {name: port for name, port in ports.items() if port is not None}
    return {"IpProtocol": _PROTOCOL.normal(call["ipProtocol"]), **asked}


def _create_rule(egress: bool, call: Call) -> Any:
    authorize = call.aws.authorize_security_group_egress if egress else call.aws.authorize_security_group_ingress
    tags = _tags(call, "security-group-rule")
    made = authorize(GroupId=call["securityGroupId"], IpPermissions=[_permission(call)], **tags)
    return made["SecurityGroupRules"][0]


def _read_rule(egress: bool, call: Call) -> Any:
    found = call.aws.describe_security_group_rules(SecurityGroupRuleIds=[call.id])["SecurityGroupRules"][0]
    if found["IsEgress"] is not egress:
        return None
    # EC2 tells -1 where a rule has no ports; given as nothing it stays nothing.
    ports = {"FromPort": "fromPort", "ToPort": "toPort"}
    unsaid = {name for name, item in ports.items() if found.get(name) == -1 and call[item] is None}
    told = {name: value for name, value in found.items() if name not in unsaid}
    return {**told, "Arn": call.arn("ec2", f"security-group-rule/{call.id}")}


def _change_rule(call: Call) -> None:
    asked = {name: call[item] for item, name in _ENDS.items() if call[item]}
    rule = {**_protocol_and_ports(call), **asked, "Description": call["description"] or ""}
    change = {"SecurityGroupRuleId": call.id, "SecurityGroupRule": rule}
    call.aws.modify_security_group_rules(GroupId=call["securityGroupId"], SecurityGroupRules=[change])


def _delete_rule(egress: bool, call: Call) -> None:
    revoke = call.aws.revoke_security_group_egress if egress else call.aws.revoke_security_group_ingress
    revoke(GroupId=call["securityGroupId"], SecurityGroupRuleIds=[call.id])


def _rule(token: str, title: str, *, egress: bool) -> ResourceType:
    return ResourceType(
        type=token,
        title=title,
        service="ec2",
        properties=(
            Property("securityGroupId", aws="GroupId", required=True, replaces=True),
            Property("cidrIpv4", replaces=_IF_OTHER_KIND),
            Property("cidrIpv6", replaces=_IF_OTHER_KIND),
            Property("prefixListId", replaces=_IF_OTHER_KIND),
            Property("referencedSecurityGroupId", aws="ReferencedGroupInfo.GroupId", replaces=_IF_OTHER_KIND),
            Property("description"),
            Property("fromPort", WHOLE),
            Property("ipProtocol", _PROTOCOL, required=True),
            Property("toPort", WHOLE),
            output("arn"),
            output("securityGroupRuleId"),
        ),
        id="SecurityGroupRuleId",
        create=partial(_create_rule, egress),
        read=partial(_read_rule, egress),
        changes=(Change((*_ENDS, "description", "fromPort", "ipProtocol", "toPort"), _change_rule),),
        delete=partial(_delete_rule, egress),
        tagging=ec2_tagging("security-group-rule"),
        not_found=("InvalidSecurityGroupRuleId.NotFound", *_NO_GROUP),
        exactly_one_of=(tuple(_ENDS),),
    )


INGRESS_RULE = _rule(
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "VPC Security Group Ingress Rule", egress=False
)
EGRESS_RULE = _rule(
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "VPC Security Group Egress Rule", egress=True
)

TYPES = (SECURITY_GROUP, INGRESS_RULE, EGRESS_RULE)
