"""Whether this machine's clock agrees with AWS's."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from orchestrator.doctor.finding import Finding, Outcome, Topic

TOLERATED = timedelta(minutes=5)
"""Requests signed further off are refused. Source: IAM User Guide, "AWS Signature Version 4 for API requests"."""

SUSPICIOUS = timedelta(minutes=1)
SECONDS = 10.0
Now = Callable[[], datetime]


def now_utc() -> datetime:
    """Return the time by this machine's clock."""
    return datetime.now(tz=UTC)


def clock_address(env: Mapping[str, str], region: str) -> str:
    """Return whose clock is asked: STS's, which is the first to refuse a signature, or that of the endpoint in use."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return env.get("AWS_ENDPOINT_URL_STS") or env.get("AWS_ENDPOINT_URL") or f"https://sts.{region}.{suffix}/"


def check_clock(address: str, now: Now = now_utc) -> tuple[Finding, ...]:
    """Compare the `Date` of an answer with the middle of the time that asking took; asks unsigned, for any answer."""
    before = now()
    try:
        date = _date_of(address)
        after = now()
        theirs = parsedate_to_datetime(date)
    except (OSError, ValueError, TypeError) as error:
        words = f"{address} does not tell the time: {getattr(error, 'reason', None) or error}"
        hint = "check the network, and HTTPS_PROXY if there is a proxy"
        return (Finding("clock", Topic.MACHINE, Outcome.NOT_CHECKED, words, hint),)
    off = before + (after - before) / 2 - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    seconds = abs(int(off.total_seconds()))
    words = f"this clock is {seconds} s {'ahead of' if off > timedelta() else 'behind'} AWS's"
    hint = "set the clock, such as: sudo timedatectl set-ntp true"
    if abs(off) > TOLERATED:
        return (Finding("clock", Topic.MACHINE, Outcome.FAILED, f"{words}; AWS refuses more than 5 minutes", hint),)
    if abs(off) > SUSPICIOUS:
        return (Finding("clock", Topic.MACHINE, Outcome.WARNING, words, hint),)
    return (Finding("clock", Topic.MACHINE, Outcome.OK, f"within {max(seconds, 1)} s of AWS's"),)


def _date_of(address: str) -> str:
    request = urllib.request.Request(address, method="GET")  # noqa: S310  (http and https only: SDKs' endpoints)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return str(answer.headers["Date"])
    except urllib.error.HTTPError as refusal:
        with refusal:
            return str(refusal.headers["Date"])
