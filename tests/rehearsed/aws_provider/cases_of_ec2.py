"""The cases of EC2's resource types."""

from __future__ import annotations

from rehearsal.aws.services import ec2_networks, ec2_routes
from tests.rehearsed.aws_provider.cases import Case, Inputs
from tests.rehearsed.aws_provider.world import World


def _targets(world: World, inputs: Inputs) -> list[Inputs]:
    """Return one change to each kind of target a route may have, all in the VPC of the route's table."""
    ec2 = world.client("ec2")
    table = ec2.describe_route_tables(RouteTableIds=[inputs["routeTableId"]])["RouteTables"][0]
    vpc, subnet = table["VpcId"], world.subnet(table["VpcId"])
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    peer = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=world.vpc())["VpcPeeringConnection"]
    targets = {
        "natGatewayId": ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"],
        "vpcPeeringConnectionId": peer["VpcPeeringConnectionId"],
        "transitGatewayId": ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"],
        "networkInterfaceId": ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"],
        "gatewayId": world.gateway(vpc),
    }
    return [{name: value if name == one else None for name, value in targets.items()} for one in targets]


NETWORKS = [
    Case(
        kind=ec2_networks.VPC,
        inputs=lambda *_: {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "tags": {"Name": "net"}},
        updates=lambda *_: [
            {"enableDnsHostnames": False},
            {"enableDnsSupport": False},
            {"enableNetworkAddressUsageMetrics": True},
            {"tags": {"Name": "other"}},
        ],
        replacements=lambda *_: {"cidrBlock": "10.9.0.0/16", "instanceTenancy": "dedicated", "region": "us-east-1"},
        drift=lambda w, r: w.client("ec2").modify_vpc_attribute(VpcId=r.id, EnableDnsHostnames={"Value": False}),
        drifted=frozenset({"enableDnsHostnames"}),
        not_tried={"instanceTenancy": "only away from dedicated is in place; the difference has a test of its own"},
    ),
    Case(
        kind=ec2_networks.SUBNET,
        inputs=lambda w: {
            "vpcId": w.vpc(),
            "cidrBlock": "10.0.1.0/24",
            "availabilityZone": f"{w.region}a",
            "mapPublicIpOnLaunch": True,
            "tags": {"Name": "net-a"},
        },
        updates=lambda *_: [
            {"mapPublicIpOnLaunch": None},
            {"assignIpv6AddressOnCreation": True},
            {"tags": {"Name": "other"}},
        ],
        replacements=lambda w: {
            "vpcId": w.vpc(),
            "cidrBlock": "10.0.2.0/24",
            "availabilityZone": f"{w.region}b",
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ec2").modify_subnet_attribute(SubnetId=r.id, MapPublicIpOnLaunch={"Value": False}),
        drifted=frozenset({"mapPublicIpOnLaunch"}),
        not_tried={"availabilityZoneId": "it excludes availabilityZone, which is tried"},
    ),
    Case(
        kind=ec2_networks.INTERNET_GATEWAY,
        inputs=lambda w: {"vpcId": w.vpc(), "tags": {"Name": "net"}},
        updates=lambda w, _: [{"vpcId": w.vpc()}, {"tags": None}],
        replacements=lambda *_: {"region": "us-east-1"},
        drift=lambda w, r: w.client("ec2").detach_internet_gateway(InternetGatewayId=r.id, VpcId=r.outputs["vpcId"]),
        drifted=frozenset({"vpcId"}),
    ),
    Case(
        kind=ec2_networks.FLOW_LOG,
        inputs=lambda w: {
            "vpcId": w.vpc(),
            "trafficType": "ALL",
            "logDestination": w.group(),
            "iamRoleArn": f"arn:aws:iam::{w.account_id}:role/{w.role()}",
            "maxAggregationInterval": 60,
            "tags": {"a": "1"},
        },
        updates=lambda *_: [{"tags": {"b": "2"}}],
        replacements=lambda w: {
            "vpcId": w.vpc(),
            "trafficType": "REJECT",
            "logDestination": w.group(),
            "logDestinationType": "s3",
            "logFormat": "${version}",
            "iamRoleArn": f"arn:aws:iam::{w.account_id}:role/other",
            "maxAggregationInterval": 600,
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ec2").delete_flow_logs(FlowLogIds=[r.id]),
        drifted=frozenset({"gone"}),
        not_tried={"subnetId": "it excludes vpcId, which is tried", "eniId": "it excludes vpcId, which is tried"},
    ),
]

ROUTES = [
    Case(
        kind=ec2_routes.ROUTE_TABLE,
        inputs=lambda w: {
            "vpcId": (vpc := w.vpc()),
            "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": w.gateway(vpc)}],
            "tags": {"Name": "public"},
        },
        updates=lambda w, inputs: [
            {"routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": (other := w.gateway(inputs["vpcId"]))}]},
            {"routes": [{"cidrBlock": "192.168.0.0/16", "gatewayId": other}]},
            {"routes": []},
            {"tags": {"Name": "other"}},
        ],
        replacements=lambda w: {"vpcId": w.vpc(), "region": "us-east-1"},
        drift=lambda w, r: w.client("ec2").delete_route(RouteTableId=r.id, DestinationCidrBlock="0.0.0.0/0"),
        drifted=frozenset({"routes"}),
    ),
    Case(
        kind=ec2_routes.ROUTE,
        inputs=lambda w: {
            "routeTableId": w.table(vpc := w.vpc()),
            "destinationCidrBlock": "0.0.0.0/0",
            "gatewayId": w.gateway(vpc),
        },
        updates=_targets,
        replacements=lambda w: {
            "routeTableId": w.table(),
            "destinationCidrBlock": "10.9.0.0/16",
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ec2").replace_route(
            RouteTableId=r.outputs["routeTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=w.gateway()
        ),
        drifted=frozenset({"gatewayId"}),
        import_id=lambda r: f"{r.outputs['routeTableId']}_{r.outputs['destinationCidrBlock']}",
        not_tried={
            "destinationIpv6CidrBlock": "it excludes destinationCidrBlock, which is tried",
            "destinationPrefixListId": "it excludes destinationCidrBlock, which is tried",
            "egressOnlyGatewayId": "it is for IPv6 destinations",
        },
    ),
    Case(
        kind=ec2_routes.ROUTE_TABLE_ASSOCIATION,
        inputs=lambda w: {"routeTableId": w.table(vpc := w.vpc()), "subnetId": w.subnet(vpc)},
        updates=lambda w, _: [{"routeTableId": w.table()}],
        replacements=lambda w: {"subnetId": w.subnet(), "region": "us-east-1"},
        drift=lambda w, r: w.client("ec2").disassociate_route_table(AssociationId=r.id),
        drifted=frozenset({"gone"}),
        import_id=lambda r: f"{r.outputs['subnetId']}/{r.outputs['routeTableId']}",
        not_tried={"gatewayId": "it excludes subnetId, which is tried"},
    ),
]
