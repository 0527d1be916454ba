"""Rate limits like AWS's: token buckets of each account, and region where the service has any.

AWS publishes STS's figure (IAM User Guide, "IAM and AWS STS quotas": 600 requests a second per account and region for
the operations named here) and that IAM and STS keep token buckets per operation (AWS Security Blog, "How to monitor and
query IAM resources at scale, part 2"), without IAM's figures. The figures of IAM and Organizations are assumptions, on
the low side: organisations of some hundred accounts are throttled when a few accounts are handled at a time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.twin.requests.operation import Operation

_SHARED_IN_STS = frozenset(
    {"AssumeRole", "DecodeAuthorizationMessage", "GetAccessKeyInfo", "GetCallerIdentity", "GetFederationToken"}
    | {"GetSessionToken"}
)
_READS = ("Get", "List", "Describe", "Simulate", "Generate")
_GLOBAL = frozenset({"iam", "organizations"})


@dataclass(frozen=True, slots=True)
class Rate:
    """How many tokens a bucket holds, and how many come back each second."""

    per_second: float
    burst: int


STS = Rate(600, 600)
IAM_READS, IAM_WRITES = Rate(20, 100), Rate(5, 40)
ORGANIZATIONS_READS, ORGANIZATIONS_WRITES = Rate(5, 20), Rate(1, 10)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float


class RateLimits:
    """Counts requests against their buckets; safe for threads. `clock` tells seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def admits(self, operation: Operation, account_id: str) -> bool:
        """Take a token for a request; tells whether there was one."""
        found = _bucket_of(operation)
        if found is None:
            return True
        name, rate = found
        region = "" if operation.service in _GLOBAL else operation.region
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault((name, account_id, region), _Bucket(rate.burst, now))
            bucket.tokens = min(rate.burst, bucket.tokens + (now - bucket.filled) * rate.per_second)
            bucket.filled = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True


def _bucket_of(operation: Operation) -> tuple[str, Rate] | None:
    reads = operation.name.startswith(_READS)
    match operation.service:
        case "sts" if operation.name in _SHARED_IN_STS:
            return "sts", STS
        case "iam":
            return ("iam reads", IAM_READS) if reads else ("iam writes", IAM_WRITES)
        case "organizations":
            return ("organizations reads", ORGANIZATIONS_READS) if reads else ("organizations", ORGANIZATIONS_WRITES)
        case _:
            return None
