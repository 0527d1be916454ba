"""The cases of what leads out of a VPC: NAT gateways, and endpoints of both kinds."""

from __future__ import annotations

from rehearsal.aws.services import ec2_endpoints, ec2_gateways
from tests.rehearsed.aws_provider.cases import Case, Inputs
from tests.rehearsed.aws_provider.world import World, statement

EVERYTHING = statement(Principal="*", Action="*", Resource="*")


def connected(world: World) -> str:
    """Make a VPC with DNS names and a way out of it, and return its id."""
    vpc, ec2 = world.vpc(), world.client("ec2")
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    world.gateway(vpc)
    return vpc


def zonal(world: World, vpc: str, zone: str) -> str:
    """Make a subnet in a zone, and return its id."""
    block = f"10.0.{ord(zone) - ord('a') + 1}.0/24"
    made = world.client("ec2").create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{world.region}{zone}")
    return str(made["Subnet"]["SubnetId"])


def address(world: World) -> str:
    """Allocate an Elastic IP address and return the allocation's id."""
    return str(world.client("ec2").allocate_address(Domain="vpc")["AllocationId"])


def firewall(world: World, vpc: str) -> str:
    """Make a security group and return its id."""
    made = world.client("ec2").create_security_group(GroupName=world.name(), Description="test", VpcId=vpc)
    return str(made["GroupId"])


def _interface_changes(world: World, inputs: Inputs) -> list[Inputs]:
    vpc, zones = inputs["vpcId"], inputs["subnetIds"]
    other = zonal(world, vpc, "b")
    return [
        {"subnetIds": [*zones, other]},
        {"subnetIds": [other]},
        {"securityGroupIds": [firewall(world, vpc)]},
        {"privateDnsEnabled": True},
        {"privateDnsEnabled": False},
        {"policy": EVERYTHING},
        {"tags": {"b": "2"}},
    ]


def _gateway_changes(world: World, inputs: Inputs) -> list[Inputs]:
    table = world.table(inputs["vpcId"])
    return [
        {"routeTableIds": [*inputs["routeTableIds"], table]},
        {"routeTableIds": [table]},
        {"policy": EVERYTHING},
        {"tags": None},
    ]


GATEWAYS = [
    Case(
        kind=ec2_gateways.NAT_GATEWAY,
        inputs=lambda w: {
            "allocationId": address(w),
            "subnetId": zonal(w, connected(w), "a"),
            "tags": {"Name": "out"},
        },
        updates=lambda *_: [{"tags": {"Name": "other"}}, {"tags": None}],
        replacements=lambda w: {
            "allocationId": address(w),
            "connectivityType": "private",
            "privateIp": "10.0.1.9",
            "subnetId": w.subnet(),
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ec2").delete_nat_gateway(NatGatewayId=r.id),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=ec2_endpoints.VPC_ENDPOINT,
        variant="interface",
        inputs=lambda w: {
            "vpcId": (vpc := connected(w)),
            "serviceName": f"com.amazonaws.{w.region}.ssm",
            "vpcEndpointType": "Interface",
            "subnetIds": [zonal(w, vpc, "a")],
            "tags": {"a": "1"},
        },
        updates=_interface_changes,
        replacements=lambda w: {
            "vpcId": w.vpc(),
            "serviceName": f"com.amazonaws.{w.region}.kms",
            "vpcEndpointType": "Gateway",
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=r.id, RemoveSubnetIds=r.outputs["subnetIds"]
        ),
        drifted=frozenset({"subnetIds"}),
        not_tried={"routeTableIds": "it is for gateways"},
    ),
    Case(
        kind=ec2_endpoints.VPC_ENDPOINT,
        variant="gateway",
        inputs=lambda w: {
            "vpcId": (vpc := w.vpc()),
            "serviceName": f"com.amazonaws.{w.region}.s3",
            "routeTableIds": [w.table(vpc)],
            "tags": {"a": "1"},
        },
        updates=_gateway_changes,
        replacements=lambda w: {
            "vpcId": w.vpc(),
            "serviceName": f"com.amazonaws.{w.region}.dynamodb",
            "vpcEndpointType": "Interface",
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=r.id, RemoveRouteTableIds=r.outputs["routeTableIds"]
        ),
        drifted=frozenset({"routeTableIds"}),
        not_tried={
            "privateDnsEnabled": "it is for interfaces",
            "securityGroupIds": "it is for interfaces",
            "subnetIds": "it is for interfaces",
        },
    ),
]
