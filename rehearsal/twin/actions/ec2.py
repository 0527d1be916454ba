"""What EC2 operations ask for: what they create, and every resource they name by id.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2".
"""

from __future__ import annotations

import re

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.iam import pass_role

_TYPE_OF_PREFIX = {
    "acl": "network-acl",
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
_NEW = {
    "AllocateAddress": "elastic-ip",
    "CreateDefaultVpc": "vpc",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateNetworkAcl": "network-acl",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateTransitGateway": "transit-gateway",
    "CreateVolume": "volume",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
    "CreateVpcPeeringConnection": "vpc-peering-connection",
}
_ID = re.compile(r"([a-z]+(?:-(?:attach|rtb))?)-[0-9a-f]{8,17}")
# Operations that have no resource-level rights.
_WHOLE_ACCOUNT = ("Describe", "Get", "List", "Search", "EnableEbs", "DisableEbs", "ModifyEbsDefault")


def ec2_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an EC2 request asks for, and iam:PassRole where it hands a role on."""
    operation = asked.operation
    action = f"ec2:{operation.name}"
    if operation.name.startswith(_WHOLE_ACCOUNT):
        return (Demand(action),)
    arns = [asked.arn("ec2", f"{_NEW[operation.name]}/*")] if operation.name in _NEW else []
    for value in operation.params.values():
        found = _ID.fullmatch(value) if isinstance(value, str) else None
        if found and found[1] in _TYPE_OF_PREFIX:
            arns.append(asked.arn("ec2", f"{_TYPE_OF_PREFIX[found[1]]}/{value}"))
    if association := operation.text("AssociationId"):
        arns += _associated(asked, association)
    demands = [Demand(action, arn) for arn in dict.fromkeys(arns)] or [Demand(action)]
    role = operation.text("DeliverLogsPermissionArn")
    if role:
        demands.append(pass_role(asked, role, "vpc-flow-logs.amazonaws.com"))
    return tuple(demands)


def _associated(asked: Asked, association: str) -> list[str]:
    """Return the route table and the subnet that an association of a route table is between."""
    between = asked.state.route_table_association(asked.caller.account_id, asked.operation.region, association)
    return [asked.arn("ec2", f"{_TYPE_OF_PREFIX[each.partition('-')[0]]}/{each}") for each in between]
