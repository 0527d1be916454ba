"""What is particular to Systems Manager's parameters: secret or in the open, their tier, values that are too long."""

from __future__ import annotations

import pytest

from rehearsal.aws.services.ssm import PARAMETER
from tests.rehearsed.aws_provider.world import World
from tests.unit.aws_provider.driving import AbortedError

PLAIN = {"type": "String", "insecureValue": "open"}


def test_a_value_in_the_open_stays_in_the_open(world: World) -> None:
    """What a program wrote as `insecureValue` is told as that, and never as the secret `value` beside it."""
    made = world.hand.create(PARAMETER.type, world.name("open"), PLAIN)
    assert made.outputs["insecureValue"] == "open"
    assert "value" not in made.outputs


def test_a_secret_one_is_a_secret(world: World) -> None:
    """`value` is marked secret in the state, whatever the program said of it."""
    assert PARAMETER.by_name["value"].secret
    made = world.hand.create(PARAMETER.type, world.name("secret"), {"type": "SecureString", "value": "hidden"})
    told = world.client("ssm").get_parameter(Name=made.id, WithDecryption=True)["Parameter"]
    assert (told["Type"], told["Value"]) == ("SecureString", "hidden")


def test_a_parameter_grows_in_place(world: World) -> None:
    """A standard parameter becomes an advanced one without being made anew; the other way is a replacement."""
    hand = world.hand
    made = hand.create(PARAMETER.type, world.name("grows"), PLAIN)
    larger = {**PLAIN, "tier": "Advanced", "insecureValue": "x" * 5000}
    assert hand.diff(made, larger).replaces == set()
    grown = hand.update(made, larger)
    assert (grown.outputs["tier"], grown.outputs["version"]) == ("Advanced", 2)
    assert hand.diff(grown, {**larger, "tier": "Standard"}).replaces == {"tier"}


@pytest.mark.parametrize(("length", "tier"), [(4097, "Standard"), (8193, "Advanced")])
def test_a_value_that_is_too_long(world: World, length: int, tier: str) -> None:
    """The twin refuses what its tier can't hold, in AWS's words."""
    inputs = {**PLAIN, "tier": tier, "insecureValue": "x" * length}
    with pytest.raises(AbortedError, match=f"{tier} tier parameters support a maximum parameter value of {length - 1}"):
        world.hand.create(PARAMETER.type, world.name("long"), inputs)
