"""Rate limits: buckets of each account and region that fill up again with time."""

from __future__ import annotations

import pytest

from rehearsal.twin.gate.rates import IAM_READS, IAM_WRITES, ORGANIZATIONS_READS, ORGANIZATIONS_WRITES, STS, RateLimits
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Protocol


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def call(service: str, name: str, region: str = "eu-west-1") -> Operation:
    """Return one call."""
    return Operation(service, name, Protocol.QUERY, region, {})


def admitted(limits: RateLimits, operation: Operation, account: str = "1") -> int:
    """Ask until there is no token left, and return how many there were."""
    return next(count for count in range(10_000) if not limits.admits(operation, account))


@pytest.mark.parametrize(
    ("operation", "burst"),
    [
        (call("sts", "AssumeRole"), STS.burst),
        (call("iam", "ListRoles"), IAM_READS.burst),
        (call("iam", "CreateRole"), IAM_WRITES.burst),
        (call("organizations", "DescribeAccount"), ORGANIZATIONS_READS.burst),
        (call("organizations", "MoveAccount"), ORGANIZATIONS_WRITES.burst),
    ],
)
def test_a_bucket_holds_so_many(operation: Operation, burst: int) -> None:
    """At one moment an account gets as many requests through as its bucket holds."""
    assert admitted(RateLimits(Clock()), operation) == burst


def test_it_fills_again_with_time_and_never_over() -> None:
    """Tokens come back at the rate, up to the burst."""
    clock = Clock()
    limits = RateLimits(clock)
    admitted(limits, call("iam", "CreateRole"))
    clock.now += 2
    assert admitted(limits, call("iam", "CreateRole")) == 2 * IAM_WRITES.per_second
    clock.now += 3600
    assert admitted(limits, call("iam", "CreateRole")) == IAM_WRITES.burst


def test_accounts_and_kinds_of_calls_have_buckets_of_their_own() -> None:
    """What one account, or one kind of call, has used up is there for another."""
    limits = RateLimits(Clock())
    admitted(limits, call("iam", "CreateRole"))
    assert limits.admits(call("iam", "CreateRole"), "2")
    assert limits.admits(call("iam", "GetRole"), "1")


def test_regions_count_for_sts_alone() -> None:
    """STS counts by region; IAM and Organizations are global.

    Source: IAM User Guide, "IAM and AWS STS quotas": 600 requests per second, per account, per Region.
    """
    limits = RateLimits(Clock())
    admitted(limits, call("sts", "AssumeRole"))
    admitted(limits, call("iam", "CreateRole"))
    assert limits.admits(call("sts", "AssumeRole", "us-east-1"), "1")
    assert not limits.admits(call("iam", "CreateRole", "us-east-1"), "1")


def test_sts_shares_one_bucket() -> None:
    """The operations of STS that share a quota share a bucket; AssumeRoleWithWebIdentity is not one of them.

    Source: IAM User Guide, "IAM and AWS STS quotas", "AWS STS request quotas".
    """
    limits = RateLimits(Clock())
    admitted(limits, call("sts", "AssumeRole"))
    assert not limits.admits(call("sts", "GetCallerIdentity"), "1")
    assert limits.admits(call("sts", "AssumeRoleWithWebIdentity"), "1")


def test_other_services_have_no_limit() -> None:
    """A service without a figure here is never throttled."""
    limits = RateLimits(Clock())
    assert all(limits.admits(call("s3", "ListBuckets"), "1") for _ in range(2000))
