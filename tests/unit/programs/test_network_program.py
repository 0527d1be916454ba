"""The network workload: a VPC over zones, its routes, and its flow log."""

from __future__ import annotations

import pulumi
import pytest

from landing_zone.stack_config import for_workload
from tests.unit.landing_zone.fleets import edited, full_lock, parsed
from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import Ran, run_program

SUBNET = "aws:ec2/subnet:Subnet"


def _with_config(config: str) -> Ran:
    manifest = parsed(edited(('config: {cidr: "${vars.cidr}", zones: 2}', f"config: {config}")))
    stack = for_workload(manifest, full_lock(manifest), "network", "dev")
    return run_program("workloads/network", stack, project="network", stack="dev")


def test_the_vpc_has_the_accounts_range() -> None:
    """The range is the account's own from the manifest."""
    assert deployed.network("plat-dev").only("aws:ec2/vpc:Vpc").inputs["cidrBlock"] == "10.3.0.0/16"
    assert deployed.network("core-network").only("aws:ec2/vpc:Vpc").inputs["cidrBlock"] == "10.0.0.0/16"


def test_subnets_lie_in_zones_by_name() -> None:
    """Each zone has a public and a private subnet; zones are taken in the order of their names."""
    subnets = deployed.network("plat-dev").of_type(SUBNET)
    assert {name: (s.inputs["availabilityZone"], s.inputs["cidrBlock"]) for name, s in subnets.items()} == {
        "network-private-1": ("eu-west-1a", "10.3.0.0/19"),
        "network-public-1": ("eu-west-1a", "10.3.32.0/20"),
        "network-private-2": ("eu-west-1b", "10.3.64.0/19"),
        "network-public-2": ("eu-west-1b", "10.3.96.0/20"),
    }
    assert {s.inputs["mapPublicIpOnLaunch"] for s in subnets.values()} == {False}


def test_a_third_zone_moves_no_subnet() -> None:
    """A network that grows by a zone keeps the subnets it has."""
    two = {n: s.inputs for n, s in _with_config('{cidr: "10.0.0.0/16", zones: 2}').of_type(SUBNET).items()}
    three = {n: s.inputs for n, s in _with_config('{cidr: "10.0.0.0/16", zones: 3}').of_type(SUBNET).items()}
    assert len(three) == 6
    assert {name: three[name] for name in two} == two


def test_only_public_subnets_reach_the_internet() -> None:
    """The one route to the internet is in the public table, with which public subnets are associated."""
    ran = deployed.network("plat-dev")
    route = ran.only("aws:ec2/route:Route").inputs
    assert route == {
        "routeTableId": "network-public-id",
        "destinationCidrBlock": "0.0.0.0/0",
        "gatewayId": "network-id",
    }
    tables = {
        name: found.inputs["routeTableId"]
        for name, found in ran.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation").items()
    }
    assert tables == {
        "network-public-1": "network-public-id",
        "network-public-2": "network-public-id",
        "network-private-1": "network-private-id",
        "network-private-2": "network-private-id",
    }


def test_every_connection_is_logged() -> None:
    """All traffic of the VPC goes to the account's log group, by a role that writes there and nowhere else."""
    ran = deployed.network("plat-dev")
    log = ran.only("aws:ec2/flowLog:FlowLog").inputs
    assert (log["trafficType"], log["vpcId"], log["logDestinationType"]) == ("ALL", "network-id", "cloud-watch-logs")
    group = ran.only("aws:cloudwatch/logGroup:LogGroup").inputs
    assert group == {"name": "/fleetyard/network-flow-log", "retentionInDays": 90}
    (trust,) = ran.only("aws:iam/role:Role").document("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "100000000011"}
    writes, _ = ran.only("aws:iam/rolePolicy:RolePolicy").document("policy")["Statement"]
    arn = "arn:aws:logs:eu-west-1:000000000000:log-group:/fleetyard/network-flow-log"
    assert writes["Resource"] == [arn, f"{arn}:*"]


def test_what_it_tells() -> None:
    """Its outputs are the ids that other programs need."""
    outputs = deployed.network("plat-dev").outputs
    assert outputs["public_subnet_ids"] == ["network-public-1-id", "network-public-2-id"]
    assert set(outputs) == {"vpc_id", "public_subnet_ids", "private_subnet_ids", "flow_log_group"}


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("{zones: 2}", "workloads.network.config of the manifest: cidr: is missing"),
        ('{cidr: "10.0.0.0/8"}', "10.0.0.0/8 must be a range of /16 to /24"),
        ('{cidr: "10.0.0.0/16", zones: 7}', "zones must be 1 to 4, not 7"),
        ('{cidr: "10.0.0.0/16", zonse: 2}', r'zonse: unknown key \(did you mean "zones"\?\)'),
        ('{cidr: "10.0.0.0/16", zones: two}', "zones: must be a whole number, not 'two'"),
        ("{cdir: 10.0.0.0/16}", r'manifest: cdir: unknown key \(did you mean "cidr"\?\)$'),
        ("{colour: red}", r"cidr: is missing\nwork.* colour: unknown key; known here: cidr, zones, flow_log_days$"),
    ],
)
def test_config_that_does_not_fit(config: str, why: str) -> None:
    """Wrong values of the manifest are refused before anything is made, naming where they stand."""
    with pytest.raises(pulumi.RunError, match=why):
        _with_config(config)


def test_more_zones_than_the_region_has() -> None:
    """A region with too few zones is refused, naming those it has."""
    with pytest.raises(pulumi.RunError, match=r"the region has 3 zones \(eu-west-1a, .*\), 4 are asked for"):
        _with_config('{cidr: "10.0.0.0/16", zones: 4}')
