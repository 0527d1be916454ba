"""A VPC with public and private subnets over zones, its routes and its internet gateway."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.subnets import ZoneSubnets, divide

EVERYWHERE = "0.0.0.0/0"


class Network(pulumi.ComponentResource):
    """A VPC. Public subnets reach the internet through the gateway, private ones reach the VPC only.

    Zones are the region's own, by name, so that a zone out of order for an hour moves no subnet.
    """

    vpc_id: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]

    def __init__(self, name: str, *, cidr: str, zones: int, provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:Network", name)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self, provider=provider)
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
            opts=self._child,
        )
        self.vpc_id = vpc.id
        gateway = aws.ec2.InternetGateway(name, vpc_id=vpc.id, tags={"Name": name}, opts=self._child)
        public = self._route_table("public")
        private = self._route_table("private")
        aws.ec2.Route(
            f"{name}-public-internet",
            route_table_id=public.id,
            destination_cidr_block=EVERYWHERE,
            gateway_id=gateway.id,
            opts=self._child,
        )
        names = zone_names(zones, provider)
        plan = divide(cidr, zones)
        self.public_subnet_ids = [self._subnet("public", at, plan[at], names[at], public) for at in range(zones)]
        self.private_subnet_ids = [self._subnet("private", at, plan[at], names[at], private) for at in range(zones)]
        self.register_outputs({"vpc_id": self.vpc_id})

    def _route_table(self, kind: str) -> aws.ec2.RouteTable:
        label = f"{self._name}-{kind}"
        return aws.ec2.RouteTable(label, vpc_id=self.vpc_id, tags={"Name": label}, opts=self._child)

    def _subnet(
        self, kind: str, at: int, blocks: ZoneSubnets, zone: pulumi.Output[str], table: aws.ec2.RouteTable
    ) -> pulumi.Output[str]:
        label = f"{self._name}-{kind}-{at + 1}"
        subnet = aws.ec2.Subnet(
            label,
            vpc_id=self.vpc_id,
            cidr_block=blocks.public if kind == "public" else blocks.private,
            availability_zone=zone,
            map_public_ip_on_launch=False,
            tags={"Name": label},
            opts=self._child,
        )
        aws.ec2.RouteTableAssociation(label, subnet_id=subnet.id, route_table_id=table.id, opts=self._child)
        subnet_id: pulumi.Output[str] = subnet.id
        return subnet_id


def zone_names(zones: int, provider: aws.Provider) -> list[pulumi.Output[str]]:
    """Return the first zones of the provider's region by name; local zones, which one opts in to, are left out."""
    found = aws.get_availability_zones_output(
        filters=[aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])],
        opts=pulumi.InvokeOutputOptions(provider=provider),
    )
    return [found.names.apply(lambda names, at=at: _pick(names, at, zones)) for at in range(zones)]


def _pick(names: list[str], at: int, zones: int) -> str:
    if len(names) < zones:
        raise pulumi.RunError(f"the region has {len(names)} zones ({', '.join(sorted(names))}), {zones} are asked for")
    return sorted(names)[at]
