"""EC2, networks: VPCs, subnets, internet gateways, flow logs.

Source: pulumi_aws 7.51.1 (`ec2/*.py`), terraform-provider-aws `internal/service/ec2`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, WHOLE, Alike
from rehearsal.aws.operations import EC2_TAGS, ID, TAGS, AttributeValue, ListOfOne, operation
from rehearsal.aws.properties import Property, ReplacesIf, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging
from rehearsal.aws.wire import Value


def ec2_tagging(resource: str) -> Tagging:
    """Return how EC2 tags things of this type."""
    return Tagging(
        add=operation("create_tags", Resources=ListOfOne(ID), Tags=TAGS),
        remove=lambda call: call.aws.delete_tags(Resources=[call.id], Tags=[{"Key": key} for key in sorted(call.tags)]),
        ec2_type=resource,
    )


def _read_vpc(call: Call) -> Any:
    vpc = call.aws.describe_vpcs(VpcIds=[call.id])["Vpcs"][0]
    of_vpc = {"Name": "vpc-id", "Values": [call.id]}
    tables = call.aws.describe_route_tables(Filters=[of_vpc, {"Name": "association.main", "Values": ["true"]}])
    acls = call.aws.describe_network_acls(Filters=[of_vpc, {"Name": "default", "Values": ["true"]}])
    groups = call.aws.describe_security_groups(Filters=[of_vpc, {"Name": "group-name", "Values": ["default"]}])
    main_table = next((table["RouteTableId"] for table in tables["RouteTables"]), None)
    return {
        **vpc,
        **{name: _vpc_attribute(call, name) for name in _VPC_ATTRIBUTES},
        "Arn": call.arn("ec2", f"vpc/{call.id}"),
        "MainRouteTableId": main_table,
        "DefaultRouteTableId": call.state.get("defaultRouteTableId") or main_table,
        "DefaultNetworkAclId": next((acl["NetworkAclId"] for acl in acls["NetworkAcls"]), None),
        "DefaultSecurityGroupId": next((group["GroupId"] for group in groups["SecurityGroups"]), None),
    }


_VPC_ATTRIBUTES = ("EnableDnsSupport", "EnableDnsHostnames", "EnableNetworkAddressUsageMetrics")


def _vpc_attribute(call: Call, name: str) -> bool:
    attribute = name[0].lower() + name[1:]
    return bool(call.aws.describe_vpc_attribute(VpcId=call.id, Attribute=attribute)[name]["Value"])


def _leaves_dedicated(old: Value, new: Value) -> bool:
    return (old, new) != ("dedicated", "default")


VPC = ResourceType(
    type="aws:ec2/vpc:Vpc",
    title="EC2 VPC",
    service="ec2",
    properties=(
        Property("cidrBlock", replaces=True),
        Property(
            "instanceTenancy",
            default="default",
            one_of=("default", "dedicated"),
            replaces=ReplacesIf("unless from dedicated to default", _leaves_dedicated),
        ),
        Property("enableDnsSupport", FLAG, default=True),
        Property("enableDnsHostnames", FLAG, computed=True),
        Property("enableNetworkAddressUsageMetrics", FLAG, computed=True),
        output("arn"),
        output("mainRouteTableId"),
        output("defaultRouteTableId"),
        output("defaultNetworkAclId"),
        output("defaultSecurityGroupId"),
        output("dhcpOptionsId"),
        output("ownerId"),
    ),
    id="Vpc.VpcId",
    create=operation(
        "create_vpc", CidrBlock="cidrBlock", InstanceTenancy="instanceTenancy", TagSpecifications=EC2_TAGS
    ),
    read=_read_vpc,
    changes=(
        Change(("instanceTenancy",), operation("modify_vpc_tenancy", VpcId=ID, InstanceTenancy="instanceTenancy")),
        *(
            # EC2 takes one attribute per call (API ModifyVpcAttribute).
            Change(
                (name[0].lower() + name[1:],),
                operation("modify_vpc_attribute", "", VpcId=ID, **{name: AttributeValue(name[0].lower() + name[1:])}),
            )
            for name in _VPC_ATTRIBUTES
        ),
    ),
    delete=operation("delete_vpc", VpcId=ID),
    tagging=ec2_tagging("vpc"),
    not_found=("InvalidVpcID.NotFound",),
)

SUBNET = ResourceType(
    type="aws:ec2/subnet:Subnet",
    title="EC2 Subnet",
    service="ec2",
    properties=(
        Property("vpcId", required=True, replaces=True),
        Property("cidrBlock", replaces=True),
        Property("availabilityZone", replaces=True, computed=True),
        Property("availabilityZoneId", replaces=True, computed=True),
        Property("mapPublicIpOnLaunch", FLAG, default=False),
        Property("assignIpv6AddressOnCreation", FLAG, default=False),
        output("arn", aws="SubnetArn"),
        output("ownerId"),
    ),
    id="Subnet.SubnetId",
    create=operation(
        "create_subnet",
        VpcId="vpcId",
        CidrBlock="cidrBlock",
        AvailabilityZone="availabilityZone",
        AvailabilityZoneId="availabilityZoneId",
        TagSpecifications=EC2_TAGS,
    ),
    read=lambda call: call.aws.describe_subnets(SubnetIds=[call.id])["Subnets"][0],
    changes=tuple(
        # EC2 takes one attribute per call (API ModifySubnetAttribute).
        Change((name,), operation("modify_subnet_attribute", "", SubnetId=ID, **{parameter: AttributeValue(name)}))
        for name, parameter in (
            ("mapPublicIpOnLaunch", "MapPublicIpOnLaunch"),
            ("assignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation"),
        )
    ),
    delete=operation("delete_subnet", SubnetId=ID),
    tagging=ec2_tagging("subnet"),
    at_most_one_of=(("availabilityZone", "availabilityZoneId"),),
    not_found=("InvalidSubnetID.NotFound",),
)


def _read_gateway(call: Call) -> Any:
    gateway = call.aws.describe_internet_gateways(InternetGatewayIds=[call.id])["InternetGateways"][0]
    attached = next((a["VpcId"] for a in gateway["Attachments"]), None)
    return {**gateway, "VpcId": attached, "Arn": call.arn("ec2", f"internet-gateway/{call.id}")}


def _attach_gateway(call: Call) -> None:
    if call.state.get("vpcId"):
        call.aws.detach_internet_gateway(InternetGatewayId=call.id, VpcId=call.state["vpcId"])
    if call["vpcId"]:
        call.aws.attach_internet_gateway(InternetGatewayId=call.id, VpcId=call["vpcId"])


def _delete_gateway(call: Call) -> None:
    if call.state.get("vpcId"):
        try:
            call.aws.detach_internet_gateway(InternetGatewayId=call.id, VpcId=call.state["vpcId"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "Gateway.NotAttached":
                raise
    call.aws.delete_internet_gateway(InternetGatewayId=call.id)


INTERNET_GATEWAY = ResourceType(
    type="aws:ec2/internetGateway:InternetGateway",
    title="EC2 Internet Gateway",
    service="ec2",
    properties=(
        Property("vpcId", computed=True),
        output("arn"),
        output("ownerId"),
    ),
    id="InternetGateway.InternetGatewayId",
    create=operation("create_internet_gateway", TagSpecifications=EC2_TAGS),
    read=_read_gateway,
    changes=(Change(("vpcId",), _attach_gateway),),
    delete=_delete_gateway,
    tagging=ec2_tagging("internet-gateway"),
    not_found=("InvalidInternetGatewayID.NotFound",),
)

_WATCHED = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}
_PREFIXES = {"vpc-": "VpcId", "subnet-": "SubnetId", "eni-": "EniId"}
_WITHOUT_STAR = Alike("text", str, lambda arn: arn.removesuffix(":*"))


def _create_flow_log(call: Call) -> Any:
    watched = next(name for name in _WATCHED if call[name])
    optional = {
        "DeliverLogsPermissionArn": call["iamRoleArn"],
        "LogDestination": call["logDestination"],
        "LogFormat": call["logFormat"],
    }
    tags = [{"Key": key, "Value": value} for key, value in sorted(call.tags.items())]
    answer = call.aws.create_flow_logs(
        ResourceIds=[call[watched]],
        ResourceType=_WATCHED[watched],
        TrafficType=call["trafficType"],
        LogDestinationType=call["logDestinationType"],
        MaxAggregationInterval=call["maxAggregationInterval"],
        **{name: value for name, value in optional.items() if value},
        **({"TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": tags}]} if tags else {}),
    )
    if answer["Unsuccessful"]:
        raise ClientError({"Error": answer["Unsuccessful"][0]["Error"]}, "CreateFlowLogs")
    return {"FlowLogId": answer["FlowLogIds"][0]}


def _read_flow_log(call: Call) -> Any:
    found = call.aws.describe_flow_logs(FlowLogIds=[call.id])["FlowLogs"]
    if not found:
        return None
    watched = next(name for prefix, name in _PREFIXES.items() if found[0]["ResourceId"].startswith(prefix))
    return {
        **found[0],
        watched: found[0]["ResourceId"],
        "Arn": call.arn("ec2", f"vpc-flow-log/{call.id}"),
    }


FLOW_LOG = ResourceType(
    type="aws:ec2/flowLog:FlowLog",
    title="EC2 Flow Log",
    service="ec2",
    properties=(
        *(Property(name, replaces=True) for name in _WATCHED),
        Property("trafficType", replaces=True, one_of=("ACCEPT", "REJECT", "ALL")),
        Property("logDestination", _WITHOUT_STAR, replaces=True, computed=True),
        Property("logDestinationType", replaces=True, default="cloud-watch-logs"),
        Property("iamRoleArn", aws="DeliverLogsPermissionArn", replaces=True),
        Property("logFormat", replaces=True, computed=True),
        Property("maxAggregationInterval", WHOLE, replaces=True, default=600),
        output("arn"),
    ),
    id="FlowLogId",
    create=_create_flow_log,
    read=_read_flow_log,
    delete=operation("delete_flow_logs", FlowLogIds=ListOfOne(ID)),
    tagging=ec2_tagging("vpc-flow-log"),
    exactly_one_of=(tuple(_WATCHED),),
    not_found=("InvalidFlowLogId.NotFound",),
)

TYPES = (VPC, SUBNET, INTERNET_GATEWAY, FLOW_LOG)
