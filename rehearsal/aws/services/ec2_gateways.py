"""EC2: NAT gateways of one zone. Gateways of a whole region and secondary addresses are not offered.

Source: pulumi_aws 7.51.1 (`ec2/nat_gateway.py`), terraform-provider-aws `internal/service/ec2/vpc_nat_gateway.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.call import Call
from rehearsal.aws.operations import EC2_TAGS, ID, operation
from rehearsal.aws.properties import Property, output
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.services.ec2_networks import ec2_tagging


def _read_gateway(call: Call) -> Any:
    found = call.aws.describe_nat_gateways(NatGatewayIds=[call.id])["NatGateways"][0]
    if found["State"] == "deleted":
        return None
    if found["State"] == "failed" and call.asked:
        # EC2 makes one that can't work, and says so afterwards; it goes by itself after about an hour.
        reason = {"Code": found["FailureCode"], "Message": found["FailureMessage"]}
        raise ClientError({"Error": reason}, "CreateNatGateway")
    addresses = found["NatGatewayAddresses"]
    primary: Mapping[str, Any] = next((one for one in addresses if one.get("IsPrimary") or len(addresses) == 1), {})
    return {**found, **{name: primary.get(name) for name in _OF_ADDRESS}}


_OF_ADDRESS = ("AllocationId", "AssociationId", "NetworkInterfaceId", "PrivateIp", "PublicIp")

NAT_GATEWAY = ResourceType(
    type="aws:ec2/natGateway:NatGateway",
    title="EC2 NAT Gateway",
    service="ec2",
    properties=(
        Property("allocationId", replaces=True),
        Property("connectivityType", replaces=True, default="public", one_of=("private", "public")),
        Property("privateIp", replaces=True, computed=True),
        Property("subnetId", replaces=True),
        output("associationId"),
        output("availabilityMode"),
        output("networkInterfaceId"),
        output("publicIp"),
        output("vpcId"),
    ),
    id="NatGateway.NatGatewayId",
    create=operation(
        "create_nat_gateway",
        AllocationId="allocationId",
        ConnectivityType="connectivityType",
        PrivateIpAddress="privateIp",
        SubnetId="subnetId",
        TagSpecifications=EC2_TAGS,
    ),
    read=_read_gateway,
    delete=operation("delete_nat_gateway", NatGatewayId=ID),
    tagging=ec2_tagging("natgateway"),
    not_found=("NatGatewayNotFound",),
)

TYPES = (NAT_GATEWAY,)
