"""What is particular to security groups and their rules."""

from __future__ import annotations

import pytest

from rehearsal.aws.services.ec2_firewalls import EGRESS_RULE, INGRESS_RULE, SECURITY_GROUP
from tests.rehearsed.aws_provider.world import World


def _group(world: World) -> str:
    return world.hand.create(SECURITY_GROUP.type, world.name("group"), {"vpcId": world.vpc()}).id


def test_a_new_group_lets_nothing_out(world: World) -> None:
    """AWS lets everything out of a new group; the provider takes that rule away, as the real one does."""
    found = world.client("ec2").describe_security_groups(GroupIds=[_group(world)])["SecurityGroups"][0]
    assert (found["IpPermissions"], found["IpPermissionsEgress"]) == ([], [])


@pytest.mark.parametrize("kind", [INGRESS_RULE, EGRESS_RULE], ids=["in", "out"])
def test_another_kind_of_end_means_another_rule(kind: object, world: World) -> None:
    """A range in place of a group is another rule; another group in its place is not, and reads back."""
    token = INGRESS_RULE.type if kind is INGRESS_RULE else EGRESS_RULE.type
    inputs = {"securityGroupId": _group(world), "ipProtocol": "tcp", "fromPort": 22, "toPort": 22}
    by_group = {**inputs, "referencedSecurityGroupId": _group(world)}
    made = world.hand.create(token, world.name("rule"), by_group)
    by_range = {**inputs, "cidrIpv6": "2001:db8::/32"}
    assert world.hand.diff(made, by_range).replaces == {"cidrIpv6", "referencedSecurityGroupId"}
    other = {**inputs, "referencedSecurityGroupId": _group(world)}
    assert world.hand.diff(made, other).replaces == set()
    assert (
        world.hand.refresh(world.hand.update(made, other)).outputs["referencedSecurityGroupId"]
        == (other["referencedSecurityGroupId"])
    )


def test_a_rule_for_everything_has_no_ports(world: World) -> None:
    """A rule for all protocols takes no ports, and the -1 that EC2 tells of them is no change."""
    inputs = {"securityGroupId": _group(world), "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}
    made = world.hand.create(EGRESS_RULE.type, world.name("rule"), inputs)
    assert "fromPort" not in made.outputs
    assert world.hand.diff(made, inputs).paths == {}
