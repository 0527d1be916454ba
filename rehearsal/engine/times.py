"""Times in the forms that Pulumi's files and its SDK use."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_text() -> str:
    """Return the time as Go writes it: RFC 3339 in UTC with nanoseconds, trailing zeros left out."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{nanoseconds:09d}".rstrip("0")
    return f"{moment}.{fraction}Z" if fraction else f"{moment}Z"


def seconds_of(text: str) -> float | None:
    """Read RFC 3339 with any number of digits after the second, in seconds since the epoch; None if it is none."""
    head, fraction, zone = _split(text)
    try:
        return datetime.fromisoformat(f"{head}.{fraction[:6]}{zone}" if fraction else f"{head}{zone}").timestamp()
    except ValueError:
        return None


def to_second(text: str) -> str:
    """Return an RFC 3339 time without its fraction."""
    head, _, zone = _split(text)
    return head + zone


def milliseconds(seconds: float) -> str:
    """Return a time as the SDK parses it: UTC, always with a fraction, of three digits."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03d}Z"


def _split(text: str) -> tuple[str, str, str]:
    """Return what stands before the fraction, its digits, and the zone."""
    head, dot, rest = text.partition(".")
    if not dot:
        return text, "", ""
    zone = rest.lstrip("0123456789")
    return head, rest[: len(rest) - len(zone)], zone
