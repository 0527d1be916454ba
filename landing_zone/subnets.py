"""Divides a VPC's address range into public and private subnets over zones: arithmetic only.

The range is cut into four equal parts, one per zone, whether used or not, so that a network that grows from two zones
to three keeps every subnet it has. Of a zone's part one half is the private subnet, one quarter the public one, and
one quarter stays free.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

MOST_ZONES = 4
SHORTEST_PREFIX, LONGEST_PREFIX = 16, 24
"""A VPC takes /16 to /28, a subnet /28 at the smallest. Source: Amazon VPC User Guide, "VPC CIDR blocks"."""


@dataclass(frozen=True, slots=True)
class ZoneSubnets:
    """The subnets of one zone, as CIDR blocks."""

    public: str
    private: str


def divide(cidr: str, zones: int) -> tuple[ZoneSubnets, ...]:
    """Return the subnets of the first `zones` zones.

    Raises ValueError when the range is no IPv4 network, too large or too small, or zones are not 1 to 4.
    """
    network = IPv4Network(cidr)
    if not SHORTEST_PREFIX <= network.prefixlen <= LONGEST_PREFIX:
        raise ValueError(f"{cidr} must be a range of /{SHORTEST_PREFIX} to /{LONGEST_PREFIX}")
    if not 1 <= zones <= MOST_ZONES:
        raise ValueError(f"zones must be 1 to {MOST_ZONES}, not {zones}")
    parts = list(network.subnets(prefixlen_diff=2))
    return tuple(_divide_part(part) for part in parts[:zones])


def _divide_part(part: IPv4Network) -> ZoneSubnets:
    private, rest = part.subnets(prefixlen_diff=1)
    public, _ = rest.subnets(prefixlen_diff=1)
    return ZoneSubnets(public=str(public), private=str(private))
