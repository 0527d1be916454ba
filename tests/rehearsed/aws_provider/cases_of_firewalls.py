"""The cases of security groups, their rules, and addresses."""

from __future__ import annotations

from rehearsal.aws.services import ec2_addresses, ec2_firewalls
from tests.rehearsed.aws_provider.cases import Case, Inputs
from tests.rehearsed.aws_provider.world import World


def _group(world: World) -> str:
    made = world.client("ec2").create_security_group(
        GroupName=world.name("group"), Description="for a rule", VpcId=world.vpc()
    )
    return str(made["GroupId"])


def _rule(world: World) -> Inputs:
    return {
        "securityGroupId": _group(world),
        "cidrIpv4": "10.0.0.0/16",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "description": "first",
        "tags": {"a": "1"},
    }


_CHANGES: list[Inputs] = [
    {"cidrIpv4": "10.1.0.0/16"},
    {"fromPort": 8000, "toPort": 8443},
    {"ipProtocol": "udp"},
    {"description": "second"},
    {"tags": {"b": "2"}},
]
_OF_ITS_KIND = "one end takes the place of another; that has a test of its own"
_ENDS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
_NOT_TRIED = dict.fromkeys(_ENDS, _OF_ITS_KIND)


def _others(world: World) -> Inputs:
    return {"securityGroupId": _group(world), "region": "us-east-1"}


FIREWALLS = [
    Case(
        kind=ec2_firewalls.SECURITY_GROUP,
        inputs=lambda w: {"vpcId": w.vpc(), "description": "first", "tags": {"a": "1"}},
        updates=lambda *_: [{"revokeRulesOnDelete": True}, {"tags": {"b": "2"}}],
        replacements=lambda w: {
            "name": w.name(),
            "description": "second",
            "vpcId": w.vpc(),
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ec2").create_tags(Resources=[r.id], Tags=[{"Key": "a", "Value": "theirs"}]),
        drifted=frozenset({"tags", "tagsAll"}),
    ),
    Case(
        kind=ec2_firewalls.INGRESS_RULE,
        inputs=_rule,
        updates=lambda *_: _CHANGES,
        replacements=_others,
        drift=lambda w, r: w.client("ec2").revoke_security_group_ingress(
            GroupId=r.outputs["securityGroupId"], SecurityGroupRuleIds=[r.id]
        ),
        drifted=frozenset({"gone"}),
        not_tried=_NOT_TRIED,
    ),
    Case(
        kind=ec2_firewalls.EGRESS_RULE,
        inputs=_rule,
        updates=lambda *_: _CHANGES,
        replacements=_others,
        drift=lambda w, r: w.client("ec2").modify_security_group_rules(
            GroupId=r.outputs["securityGroupId"],
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": r.id,
                    "SecurityGroupRule": {
                        "IpProtocol": "tcp",
                        "FromPort": 22,
                        "ToPort": 443,
                        "CidrIpv4": r.outputs["cidrIpv4"],
                        "Description": r.outputs["description"],
                    },
                }
            ],
        ),
        drifted=frozenset({"fromPort"}),
        not_tried=_NOT_TRIED,
    ),
    Case(
        kind=ec2_addresses.EIP,
        inputs=lambda _: {"tags": {"a": "1"}},
        updates=lambda *_: [{"tags": {"b": "2"}}],
        replacements=lambda _: {"domain": "standard", "region": "us-east-1"},
        drift=lambda w, r: w.client("ec2").release_address(AllocationId=r.id),
        drifted=frozenset({"gone"}),
    ),
]
