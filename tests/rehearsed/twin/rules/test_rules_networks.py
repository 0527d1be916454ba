"""What EC2 does with NAT gateways and VPC endpoints, one rule each.

Sources: Amazon EC2 API Reference ("NatGateway", "CreateNatGateway", "DeleteNatGateway", "CreateVpcEndpoint",
"ModifyVpcEndpoint", "DeleteVpcEndpoints", "DeleteSubnet"); Amazon VPC User Guide, "NAT gateways"; AWS PrivateLink
Guide, "Gateway endpoints", "Access an AWS service using an interface VPC endpoint".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.rehearsed.twin.rules.rule_scene import Subject, allow, allowed
from tests.support.twin_fixtures import refused


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC with a way out and DNS names, a subnet and a route table."""

    ec2: Any
    vpc: str
    subnet: str
    table: str
    region: str

    def address(self) -> str:
        """Allocate an Elastic IP address."""
        return str(self.ec2.allocate_address(Domain="vpc")["AllocationId"])

    def nat(self, allocation: str) -> dict[str, Any]:
        """Make a NAT gateway and return what EC2 tells of it afterwards."""
        made = self.ec2.create_nat_gateway(SubnetId=self.subnet, AllocationId=allocation)["NatGateway"]
        found: dict[str, Any] = self.ec2.describe_nat_gateways(NatGatewayIds=[made["NatGatewayId"]])["NatGateways"][0]
        return found

    def endpoint(self, service: str, kind: str, **more: object) -> dict[str, Any]:
        """Make an endpoint to one of AWS's services."""
        name = f"com.amazonaws.{self.region}.{service}"
        made = self.ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=name, VpcEndpointType=kind, **more)
        found: dict[str, Any] = made["VpcEndpoint"]
        return found

    def default_group(self) -> str:
        """Return the id of the VPC's default security group."""
        mine = [{"Name": "vpc-id", "Values": [self.vpc]}, {"Name": "group-name", "Values": ["default"]}]
        return str(self.ec2.describe_security_groups(Filters=mine)["SecurityGroups"][0]["GroupId"])

    def routes(self) -> list[str]:
        """Return what the table's routes lead to."""
        table = self.ec2.describe_route_tables(RouteTableIds=[self.table])["RouteTables"][0]
        return [str(route.get("GatewayId")) for route in table["Routes"]]


def _network(ec2: Any, region: str, *, connected: bool = True) -> Network:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    if connected:
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone=f"{region}a")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    return Network(ec2, vpc, subnet, table, region)


@pytest.fixture
def network(subject: Subject) -> Network:
    """Return a network of an account."""
    aws = subject.aws
    return _network(aws.client("ec2", subject.admin), aws.run.region)


def test_a_nat_gateway_tells_its_addresses(network: Network) -> None:
    """A NAT gateway has one primary address: the Elastic IP it was given, and a private one of its subnet."""
    allocation = network.address()
    (address,) = network.nat(allocation)["NatGatewayAddresses"]
    public = network.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]
    assert address["AllocationId"] == allocation
    assert address["PublicIp"] == public["PublicIp"]
    assert address["AssociationId"] == public["AssociationId"]
    assert address["PrivateIp"].startswith("10.0.1.")
    assert address["IsPrimary"] is True


def test_a_nat_gateway_fails_where_nothing_leads_out(subject: Subject) -> None:
    """In a VPC without an internet gateway a NAT gateway is made, fails afterwards, and lets its address go."""
    aws = subject.aws
    closed = _network(aws.client("ec2", subject.admin), aws.run.region, connected=False)
    allocation = closed.address()
    made = closed.nat(allocation)
    assert (made["State"], made["FailureCode"]) == ("failed", "Gateway.NotAttached")
    assert made["FailureMessage"] == f"Network {closed.vpc} has no Internet gateway attached"
    assert "AssociationId" not in closed.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]


def test_a_public_nat_gateway_needs_an_address(network: Network) -> None:
    """Without an Elastic IP a public NAT gateway is refused; a private one takes none."""
    with refused("MissingParameter"):
        network.ec2.create_nat_gateway(SubnetId=network.subnet)
    with refused("InvalidParameterCombination"):
        network.ec2.create_nat_gateway(
            SubnetId=network.subnet, AllocationId=network.address(), ConnectivityType="private"
        )
    assert network.ec2.create_nat_gateway(SubnetId=network.subnet, ConnectivityType="private")


def test_a_deleted_nat_gateway_gives_back_what_it_held(network: Network) -> None:
    """Until it is deleted a NAT gateway holds its subnet; then subnet and address are free, and it is not found."""
    allocation = network.address()
    made = network.nat(allocation)
    with refused("DependencyViolation"):
        network.ec2.delete_subnet(SubnetId=network.subnet)
    network.ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    with refused("NatGatewayNotFound"):
        network.ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    network.ec2.release_address(AllocationId=allocation)
    network.ec2.delete_subnet(SubnetId=network.subnet)


def test_a_nat_gateway_that_never_was_is_not_found(network: Network) -> None:
    """An id that is nobody's is refused, not answered with an empty list."""
    with refused("NatGatewayNotFound"):
        network.ec2.describe_nat_gateways(NatGatewayIds=["nat-0123456789abcdef0"])


def test_an_endpoint_is_of_a_type_that_its_service_has(network: Network) -> None:
    """Only S3 and DynamoDB have gateways."""
    with refused("InvalidParameter") as refusal:
        network.endpoint("ssm", "Gateway")
    assert "does not match available service types" in refusal.message


def test_an_endpoint_is_to_a_service_of_its_region(network: Network) -> None:
    """A service that does not exist, or exists in another region, has no endpoints here."""
    for name in ("com.amazonaws.eu-north-1.ssm", f"com.amazonaws.{network.region}.nothing"):
        with refused("InvalidServiceName"):
            network.ec2.create_vpc_endpoint(VpcId=network.vpc, ServiceName=name, VpcEndpointType="Interface")


def test_a_gateway_endpoint_leads_to_its_service(network: Network) -> None:
    """A gateway endpoint puts a route into its tables, takes it out again, and there is one for each service."""
    made = network.endpoint("s3", "Gateway", RouteTableIds=[network.table])["VpcEndpointId"]
    assert made in network.routes()
    with refused("RouteAlreadyExists"):
        network.endpoint("s3", "Gateway", RouteTableIds=[network.table])
    network.ec2.modify_vpc_endpoint(VpcEndpointId=made, RemoveRouteTableIds=[network.table])
    assert made not in network.routes()
    network.ec2.modify_vpc_endpoint(VpcEndpointId=made, AddRouteTableIds=[network.table])
    network.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    assert made not in network.routes()


def test_a_gateway_endpoint_has_no_interfaces(network: Network) -> None:
    """Subnets and security groups are for other types (Amazon EC2 API Reference, "CreateVpcEndpoint", SubnetId)."""
    for more in ({"SubnetIds": [network.subnet]}, {"SecurityGroupIds": [network.default_group()]}):
        with refused("InvalidParameter"):
            network.endpoint("dynamodb", "Gateway", **more)


def test_a_default_security_group_stays(network: Network) -> None:
    """A VPC's default security group is not deleted but with it (Amazon VPC User Guide, "Default security groups")."""
    group = network.default_group()
    with refused("CannotDelete") as refusal:
        network.ec2.delete_security_group(GroupId=group)
    assert refusal.message == f'the specified group: "{group}" name: "default" cannot be deleted by a user'
    assert network.default_group() == group


def test_an_interface_endpoint_is_in_a_zone_once(network: Network) -> None:
    """An interface endpoint has one subnet in each zone, with a network interface in it."""
    twin = network.ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.2.0/24", AvailabilityZone=f"{network.region}a")[
        "Subnet"
    ]["SubnetId"]
    with refused("DuplicateSubnetsInSameZone"):
        network.endpoint("ssm", "Interface", SubnetIds=[network.subnet, twin])
    made = network.endpoint("ssm", "Interface", SubnetIds=[network.subnet])
    assert len(made["NetworkInterfaceIds"]) == 1
    with refused("DuplicateSubnetsInSameZone"):
        network.ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], AddSubnetIds=[twin])
    network.ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"], AddSubnetIds=[twin], RemoveSubnetIds=[network.subnet]
    )
    network.ec2.delete_subnet(SubnetId=network.subnet)


def test_an_interface_endpoint_has_the_default_group(network: Network) -> None:
    """Without a security group an interface endpoint gets the VPC's default one."""
    (group,) = network.endpoint("ssm", "Interface", PrivateDnsEnabled=False)["Groups"]
    assert group["GroupName"] == "default"


def test_private_names_need_the_vpcs_dns(network: Network) -> None:
    """Private DNS wants names and resolution of the VPC switched on, and is for one endpoint of a service."""
    network.ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": False})
    with refused("InvalidParameter") as refusal:
        network.endpoint("ssm", "Interface")
    assert "enableDnsHostnames" in refusal.message
    network.ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": True})
    names = [entry["DnsName"] for entry in network.endpoint("ssm", "Interface")["DnsEntries"]]
    assert f"ssm.{network.region}.amazonaws.com" in names
    with refused("InvalidParameter"):
        network.endpoint("ssm", "Interface")
    assert network.endpoint("ssm", "Interface", PrivateDnsEnabled=False)


def test_deleting_endpoints_names_those_that_were_not_there(network: Network) -> None:
    """DeleteVpcEndpoints succeeds and lists what it did not find; what is deleted is not described any more."""
    made = network.endpoint("ssm", "Interface")["VpcEndpointId"]
    assert network.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"] == []
    (failed,) = network.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"]
    assert (failed["ResourceId"], failed["Error"]["Code"]) == (made, "InvalidVpcEndpoint.NotFound")
    with refused("InvalidVpcEndpointId.NotFound"):
        network.ec2.describe_vpc_endpoints(VpcEndpointIds=[made])


def test_an_endpoint_is_decided_on_what_it_is_put_into(subject: Subject, network: Network) -> None:
    """Making and changing an endpoint asks for its subnets as well (Service Authorization Reference, Amazon EC2)."""
    everything = [f"arn:aws:ec2:*:*:{kind}/*" for kind in ("vpc", "vpc-endpoint", "security-group")]
    ec2, name = subject.client("ec2"), f"com.amazonaws.{network.region}.ssm"
    asked = {"VpcId": network.vpc, "ServiceName": name, "VpcEndpointType": "Interface", "SubnetIds": [network.subnet]}
    subject.holds(allow(["ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"], everything))
    assert not allowed(ec2.create_vpc_endpoint, **asked)
    subnet = f"arn:aws:ec2:*:*:subnet/{network.subnet}"
    subject.holds(allow(["ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"], [*everything, subnet]))
    made = ec2.create_vpc_endpoint(**asked)["VpcEndpoint"]["VpcEndpointId"]
    assert not allowed(ec2.modify_vpc_endpoint, VpcEndpointId=made, AddSubnetIds=["subnet-0123456789abcdef0"])
    assert allowed(ec2.modify_vpc_endpoint, VpcEndpointId=made, RemoveSubnetIds=[network.subnet])
