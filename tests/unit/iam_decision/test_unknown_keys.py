"""Whether a decision hangs on a condition key that is not known."""

from __future__ import annotations

import pytest

from iam_decision import Policies, Undecided, undecided
from tests.unit.iam_decision.policy_builders import EVERYTHING, allow, deny, identity, request, scp, user

UNKNOWN = frozenset({"s3:unknown", "s3:tag"})
ON_UNKNOWN = {"StringEquals": {"s3:Unknown": "x"}}
ASKED = "s3:GetObject"


def found(*policies: dict[str, object], **more: object) -> Undecided | None:
    """Return what the decision of one request hangs on, under identity policies of one statement each."""
    context = {"s3:prefix": "a"}
    held = tuple(identity(policy, name=f"p{number}") for number, policy in enumerate(policies))
    return undecided(request(user(), ASKED, context=context), Policies(identity=held, **more), UNKNOWN)  # type: ignore[arg-type]


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringEqualsIfExists"])
def test_a_deny_on_an_unknown_key_is_not_decided(operator: str) -> None:
    """Whether a Deny strikes hangs on the key, whichever way absence would be read."""
    fence = deny(ASKED, Sid="Fence", Condition={operator: {"s3:Unknown": "x"}})
    assert found(EVERYTHING, fence) == Undecided("p1", "Fence", "s3:Unknown")


def test_an_only_allow_on_an_unknown_key_is_not_decided() -> None:
    """Where nothing else allows, the one Allow hangs on the key; so it is with keys of tags."""
    assert found(allow(ASKED, Sid="Door", Condition=ON_UNKNOWN)) == Undecided("p0", "Door", "s3:Unknown")
    assert found(allow(ASKED, Sid="Door", Condition={"Null": {"s3:tag/a": "true"}})) is not None


def test_what_is_the_same_either_way_is_decided() -> None:
    """Another Allow, another Deny, another condition that fails or another action make the key not matter."""
    door = allow(ASKED, Condition=ON_UNKNOWN)
    assert found(door, EVERYTHING) is None
    assert found(door, deny(ASKED)) is None
    assert found(EVERYTHING, deny(ASKED, Condition={"StringEquals": {"s3:Unknown": "x", "s3:prefix": "b"}})) is None
    assert found(EVERYTHING, deny("s3:PutObject", Condition=ON_UNKNOWN)) is None


def test_scps_are_looked_at_too() -> None:
    """An SCP's Deny hangs on the key as an identity policy's does."""
    levels = ((scp(EVERYTHING, name="full"), scp(deny(ASKED, Sid="S", Condition=ON_UNKNOWN), name="fence")),)
    assert found(EVERYTHING, scp_levels=levels) == Undecided("fence", "S", "s3:Unknown")


def test_a_key_that_the_request_has_is_known() -> None:
    """A key that is given after all is decided by its value."""
    held = (identity(EVERYTHING, name="p"), identity(deny(ASKED, Condition=ON_UNKNOWN), name="d"))
    asked = request(user(), ASKED, context={"s3:unknown": "y"})
    assert undecided(asked, Policies(identity=held), UNKNOWN) is None
