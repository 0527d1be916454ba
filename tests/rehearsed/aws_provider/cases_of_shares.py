"""The cases of what accounts share with each other."""

from __future__ import annotations

from rehearsal.aws.services import ram
from tests.rehearsed.aws_provider.cases import Case
from tests.rehearsed.aws_provider.world import World

_OUTSIDER = "999988887777"


def share(world: World, *, open_to_all: bool = True) -> str:
    """Make a resource share and return its ARN."""
    made = world.client("ram").create_resource_share(name=world.name(), allowExternalPrincipals=open_to_all)
    return str(made["resourceShare"]["resourceShareArn"])


def subnet_arn(world: World) -> str:
    """Make a subnet and return its ARN."""
    return f"arn:aws:ec2:{world.region}:{world.account_id}:subnet/{world.subnet()}"


SHARES = [
    Case(
        kind=ram.RESOURCE_SHARE,
        inputs=lambda _: {"tags": {"a": "1"}},
        updates=lambda w, _: [
            {"name": w.name("share")},
            {"allowExternalPrincipals": True},
            {"allowExternalPrincipals": False},
            {"tags": {"b": "2"}},
            {"tags": None},
        ],
        replacements=lambda _: {
            "permissionArns": ["arn:aws:ram::aws:permission/AWSRAMDefaultPermissionSubnet"],
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ram").update_resource_share(resourceShareArn=r.id, allowExternalPrincipals=True),
        drifted=frozenset({"allowExternalPrincipals"}),
    ),
    Case(
        kind=ram.RESOURCE_ASSOCIATION,
        inputs=lambda w: {"resourceShareArn": share(w), "resourceArn": subnet_arn(w)},
        updates=lambda *_: [],
        replacements=lambda w: {"resourceShareArn": share(w), "resourceArn": subnet_arn(w), "region": "us-east-1"},
        drift=lambda w, r: w.client("ram").disassociate_resource_share(
            resourceShareArn=r.outputs["resourceShareArn"], resourceArns=[r.outputs["resourceArn"]]
        ),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=ram.PRINCIPAL_ASSOCIATION,
        inputs=lambda w: {"resourceShareArn": share(w), "principal": _OUTSIDER},
        updates=lambda *_: [],
        replacements=lambda w: {"resourceShareArn": share(w), "principal": "999988886666", "region": "us-east-1"},
        drift=lambda w, r: w.client("ram").disassociate_resource_share(
            resourceShareArn=r.outputs["resourceShareArn"], principals=[r.outputs["principal"]]
        ),
        drifted=frozenset({"gone"}),
    ),
]
