"""What EC2 operations ask for: the table's resources, those named by a bare id, tags at creation, roles handed on.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2"; Amazon EC2 User Guide,
"Grant permission to tag Amazon EC2 resources during creation" and "Condition keys for Amazon EC2".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import passed_to, resources_of
from rehearsal.twin.actions.iam import pass_role, roles_of_instance_profile
from rehearsal.twin.actions.reference.table import Row, service_rows

_TYPE_OF_PREFIX = {
    "acl": "network-acl",
    "ami": "image",
    "cgw": "customer-gateway",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "tgw-attach": "transit-gateway-attachment",
    "tgw-rtb": "transit-gateway-route-table",
    "vgw": "vpn-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
    "vpn": "vpn-connection",
}
_OF_NO_ACCOUNT = frozenset({"image", "snapshot"})
_ID = re.compile(r"([a-z]+(?:-(?:attach|rtb))?)-[0-9a-f]{8,17}")
_NAMING_ANY = ("ResourceId", "ResourceIds")
# Lists that name what an endpoint is put into or taken out of; the table's forms have the singular ones only.
_OF_ENDPOINTS = tuple(
    f"{verb}{what}" for verb in ("", "Add", "Remove") for what in ("SubnetId", "SecurityGroupId", "RouteTableId")
)
_ENDPOINT_WRITES = frozenset({"CreateVpcEndpoint", "ModifyVpcEndpoint"})
_INSTANCE_PROFILE = ("IamInstanceProfile.Arn", "IamInstanceProfile.Name")
# Condition keys that a parameter gives, by the kind of resource that has them.
_KEYS = {
    "instance": {
        "ec2:AvailabilityZone": "Placement.AvailabilityZone",
        "ec2:EbsOptimized": "EbsOptimized",
        "ec2:InstanceType": "InstanceType",
        "ec2:MetadataHttpEndpoint": "MetadataOptions.HttpEndpoint",
        "ec2:MetadataHttpPutResponseHopLimit": "MetadataOptions.HttpPutResponseHopLimit",
        "ec2:MetadataHttpTokens": "MetadataOptions.HttpTokens",
        "ec2:Tenancy": "Placement.Tenancy",
    },
    "volume": {
        "ec2:AvailabilityZone": "AvailabilityZone",
        "ec2:Encrypted": "Encrypted",
        "ec2:VolumeIops": "Iops",
        "ec2:VolumeSize": "Size",
        "ec2:VolumeType": "VolumeType",
    },
    "vpc-endpoint": {"ec2:VpceServiceName": "ServiceName"},
    "subnet": {"ec2:AvailabilityZone": "AvailabilityZone"},
}


def ec2_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an EC2 request asks for."""
    rows = service_rows("ec2")[asked.operation.name]
    if asked.operation.name.startswith("Describe") and not rows[0].arns:
        return (Demand(rows[0].action, context={"ec2:Region": asked.operation.region}),)
    demands = [demand for row in rows for demand in _demands(asked, row)]
    demands += _tagging(asked)
    demands += _roles(asked, rows[0])
    return tuple(demands)


def _demands(asked: Asked, row: Row) -> Iterator[Demand]:
    operation = asked.operation
    arns = [arn for arn in resources_of(asked, row) if arn != "*"]
    for parameter in (*_NAMING_ANY, *(_OF_ENDPOINTS if operation.name in _ENDPOINT_WRITES else ())):
        named = [operation.text(parameter), *operation.listed(parameter)]
        arns += [arn for each in named if (arn := _arn_of(asked, each))]
    if association := operation.text("AssociationId"):
        between = asked.state.route_table_association(asked.caller.account_id, operation.region, association)
        arns = [_arn_of(asked, each) for each in between] or arns
    for arn in dict.fromkeys(arns) or ["*"]:
        yield Demand(row.action, arn, context=_context(asked, arn))


def _arn_of(asked: Asked, identifier: str) -> str:
    found = _ID.fullmatch(identifier)
    kind = _TYPE_OF_PREFIX.get(found[1], "") if found else ""
    return _arn(asked, kind, identifier) if kind else ""


def _arn(asked: Asked, kind: str, identifier: str) -> str:
    if kind in _OF_NO_ACCOUNT:
        return f"arn:aws:ec2:{asked.operation.region}::{kind}/{identifier}"
    return asked.arn("ec2", f"{kind}/{identifier}")


def _context(asked: Asked, arn: str) -> dict[str, str | list[str]]:
    keys = {"ec2:Region": asked.operation.region}
    for key, parameter in _KEYS.get(arn.rpartition(":")[2].partition("/")[0], {}).items():
        if value := asked.operation.text(parameter):
            keys[key] = value
    return dict(keys)


def _tagging(asked: Asked) -> Iterator[Demand]:
    """Yield the right to tag each kind of resource that the request makes with tags."""
    if asked.operation.name.startswith("CreateTags"):
        return
    for kind in dict.fromkeys(asked.operation.values("TagSpecification.*.ResourceType")):
        arn = _arn(asked, kind, "*")
        context = _context(asked, arn) | {"ec2:CreateAction": asked.operation.name}
        yield Demand("ec2:CreateTags", arn, context=context)


def _roles(asked: Asked, row: Row) -> Iterator[Demand]:
    operation = asked.operation
    service = passed_to(row.action)
    roles = [role for path in row.passes for role in operation.values(path)]
    for parameter in _INSTANCE_PROFILE:
        if profile := operation.text(parameter):
            roles += roles_of_instance_profile(asked, profile)
    for role in dict.fromkeys(roles):
        yield pass_role(asked, role, service)
