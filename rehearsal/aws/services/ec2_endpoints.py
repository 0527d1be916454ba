"""EC2: VPC endpoints to AWS's own services, by a gateway or by interfaces. Those to other services are not offered.

Source: pulumi_aws 7.51.1 (`ec2/vpc_endpoint.py`), terraform-provider-aws `internal/service/ec2/vpc_endpoint.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import DOCUMENT, FLAG, TEXT_LIST, TEXT_SET, list_of, set_of
from rehearsal.aws.operations import EC2_TAGS, OrElse, operation
from rehearsal.aws.properties import Property, output
from rehearsal.aws.resource_type import Change, ResourceType
from rehearsal.aws.services.ec2_networks import ec2_tagging

_SETS = {"routeTableIds": "RouteTableIds", "securityGroupIds": "SecurityGroupIds", "subnetIds": "SubnetIds"}


def _read_endpoint(call: Call) -> Any:
    found = call.aws.describe_vpc_endpoints(VpcEndpointIds=[call.id])["VpcEndpoints"][0]
    of_service = [{"Name": "prefix-list-name", "Values": [found["ServiceName"]]}]
    prefixes: Mapping[str, Any] = next(call.pages("describe_prefix_lists", "PrefixLists", Filters=of_service), {})
    return {
        **found,
        "Arn": call.arn("ec2", f"vpc-endpoint/{call.id}"),
        "CidrBlocks": prefixes.get("Cidrs"),
        "PrefixListId": prefixes.get("PrefixListId"),
        "Policy": found["PolicyDocument"],
        "SecurityGroupIds": [group["GroupId"] for group in found["Groups"]],
        "SubnetConfigurations": [_interface(call, each) for each in found.get("NetworkInterfaceIds") or ()],
    }


def _interface(call: Call, interface: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = call.aws.describe_network_interfaces(NetworkInterfaceIds=[interface])
    return found["NetworkInterfaces"][0]  # type: ignore[no-any-return]


def _change_endpoint(call: Call) -> None:
    asked: dict[str, Any] = {}
    for name, parameter in _SETS.items():
        lost, gained = call.lost_and_gained(name) if call[name] is not None else ([], [])
        asked |= {f"Add{parameter}": gained, f"Remove{parameter}": lost}
    if call["privateDnsEnabled"] is not None and call["privateDnsEnabled"] != call.state.get("privateDnsEnabled"):
        asked["PrivateDnsEnabled"] = call["privateDnsEnabled"]
    if call["policy"] and not _POLICY.same(call.state.get("policy"), call["policy"]):
        asked["PolicyDocument"] = call["policy"]
    given = {name: value for name, value in asked.items() if value is not None and value != []}
    call.aws.modify_vpc_endpoint(VpcEndpointId=call.id, **given)


def _delete_endpoint(call: Call) -> None:
    failed = call.aws.delete_vpc_endpoints(VpcEndpointIds=[call.id])["Unsuccessful"]
    if failed:
        raise ClientError({"Error": failed[0]["Error"]}, "DeleteVpcEndpoints")


_POLICY = Property("policy", DOCUMENT, computed=True)

VPC_ENDPOINT = ResourceType(
    type="aws:ec2/vpcEndpoint:VpcEndpoint",
    title="EC2 VPC Endpoint",
    service="ec2",
    properties=(
        Property("vpcId", required=True, replaces=True),
        Property("serviceName", replaces=True),
        Property("vpcEndpointType", replaces=True, default="Gateway", one_of=("Gateway", "Interface")),
        _POLICY,
        Property("privateDnsEnabled", FLAG, computed=True),
        *(Property(name, TEXT_SET, computed=True) for name in _SETS),
        output("arn"),
        output("cidrBlocks", TEXT_LIST),
        output("dnsEntries", list_of(Property("dnsName"), Property("hostedZoneId"))),
        output("ipAddressType"),
        output("networkInterfaceIds", TEXT_SET),
        output("ownerId"),
        output("prefixListId"),
        output("requesterManaged", FLAG),
        output("serviceRegion"),
        output("state"),
        output("subnetConfigurations", set_of(Property("ipv4", aws="PrivateIpAddress"), Property("subnetId"))),
    ),
    id="VpcEndpoint.VpcEndpointId",
    create=operation(
        "create_vpc_endpoint",
        PolicyDocument="policy",
        PrivateDnsEnabled=OrElse("privateDnsEnabled", value=False),  # EC2's own default is another one
        RouteTableIds="routeTableIds",
        SecurityGroupIds="securityGroupIds",
        ServiceName="serviceName",
        SubnetIds="subnetIds",
        TagSpecifications=EC2_TAGS,
        VpcEndpointType="vpcEndpointType",
        VpcId="vpcId",
    ),
    read=_read_endpoint,
    changes=(Change(("policy", "privateDnsEnabled", *_SETS), _change_endpoint),),
    delete=_delete_endpoint,
    tagging=ec2_tagging("vpc-endpoint"),
    not_found=("InvalidVpcEndpoint.NotFound", "InvalidVpcEndpointId.NotFound"),
)

TYPES = (VPC_ENDPOINT,)
