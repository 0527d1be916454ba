"""A VPC's range is divided the same way each time, without overlap."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landing_zone.subnets import LONGEST_PREFIX, MOST_ZONES, SHORTEST_PREFIX, divide

NETWORKS = st.builds(
    lambda address, prefix: str(IPv4Network((address, prefix), strict=False)),
    st.integers(0, 2**32 - 1),
    st.integers(SHORTEST_PREFIX, LONGEST_PREFIX),
)
ZONES = st.integers(1, MOST_ZONES)


def _blocks(cidr: str, zones: int) -> list[IPv4Network]:
    return [IPv4Network(block) for zone in divide(cidr, zones) for block in (zone.public, zone.private)]


@given(NETWORKS, ZONES)
def test_subnets_lie_in_the_range_and_apart(cidr: str, zones: int) -> None:
    """Every subnet lies inside the range, no two overlap, and each is as large as AWS wants at least."""
    blocks = _blocks(cidr, zones)
    assert len(blocks) == 2 * zones
    assert all(block.subnet_of(IPv4Network(cidr)) and block.prefixlen <= 28 for block in blocks)
    assert not any(one.overlaps(other) for one, other in combinations(blocks, 2))


@given(NETWORKS, st.integers(1, MOST_ZONES - 1))
def test_one_more_zone_moves_no_subnet(cidr: str, zones: int) -> None:
    """A network that grows keeps every subnet it has."""
    assert divide(cidr, zones + 1)[:zones] == divide(cidr, zones)


def test_an_example() -> None:
    """A zone has a quarter of the range: half of it private, a quarter of it public."""
    first, second = divide("10.0.0.0/16", 2)
    assert (first.private, first.public) == ("10.0.0.0/19", "10.0.32.0/20")
    assert (second.private, second.public) == ("10.0.64.0/19", "10.0.96.0/20")


@pytest.mark.parametrize(
    ("cidr", "zones", "why"),
    [
        ("10.0.0.0/8", 2, "must be a range of /16 to /24"),
        ("10.0.0.0/28", 2, "must be a range of /16 to /24"),
        ("10.0.0.1/16", 2, "has host bits set"),
        ("nonsense", 2, "Expected 4 octets"),
        ("10.0.0.0/16", 0, "zones must be 1 to 4, not 0"),
        ("10.0.0.0/16", 5, "zones must be 1 to 4, not 5"),
    ],
)
def test_what_can_not_be_divided(cidr: str, zones: int, why: str) -> None:
    """A range or a number of zones that does not work out is refused, saying what would."""
    with pytest.raises(ValueError, match=why):
        divide(cidr, zones)
