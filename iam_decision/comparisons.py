"""Comparisons of condition values that are not text: numbers, dates, IP addresses, binary data.

Each compiler takes the policy's values and returns a test of one request value. A request value that is not of the
type matches nothing. Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

ValueTest: TypeAlias = Callable[[str], bool]
Order: TypeAlias = Callable[[Decimal, Decimal], bool]

ORDERS: dict[str, Order] = {
    "Equals": operator.eq,
    "NotEquals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
"""Comparison by operator name; a negated operator compares as its positive twin and is turned round later."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_AND_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def compile_numbers(values: Sequence[str], order: Order) -> ValueTest:
    """Compare as decimal numbers; raises ValueError for a policy value that is none."""
    return _compile_ordered(values, order, _number, "number")


def compile_dates(values: Sequence[str], order: Order) -> ValueTest:
    """Compare as points in time, given in ISO 8601 or as epoch seconds; raises ValueError for anything else."""
    return _compile_ordered(values, order, _seconds, "date")


def _compile_ordered(
    values: Sequence[str], order: Order, read: Callable[[str], Decimal | None], noun: str
) -> ValueTest:
    bounds: list[Decimal] = []
    for text in values:
        bound = read(text)
        if bound is None:
            raise ValueError(f'the value "{text}" is not a {noun}')
        bounds.append(bound)

    def test(text: str) -> bool:
        value = read(text)
        return value is not None and any(order(value, bound) for bound in bounds)

    return test


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _seconds(text: str) -> Decimal | None:
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    try:
        moment = datetime.fromisoformat(f"{text}-01" if _YEAR_AND_MONTH.fullmatch(text) else text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        passed = aware - _EPOCH_START
    except (ValueError, OverflowError):
        return None
    return Decimal(passed.days * 86_400 + passed.seconds) + Decimal(passed.microseconds) / 1_000_000


def compile_addresses(values: Sequence[str]) -> ValueTest:
    """Match addresses inside one of the CIDR blocks, IPv4 or IPv6; raises ValueError for a malformed block."""
    networks = []
    for text in values:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise ValueError(f'the value "{text}" is not an IP address or CIDR block') from None

    def test(text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in networks)

    return test


def compile_binaries(values: Sequence[str]) -> ValueTest:
    """Match bytes, both sides given in base 64; raises ValueError for a policy value that is not."""
    wanted = set()
    for text in values:
        data = _decoded(text)
        if data is None:
            raise ValueError(f'the value "{text}" is not base 64')
        wanted.add(data)
    return lambda text: _decoded(text) in wanted


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
