"""Where the state of workloads is kept apart: which account's stacks are in which state bucket, and for how long.

There is one bucket and one key for all, `default`, unless the manifest names more of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_BUCKET = "default"
"""What the bucket that every fleet has is called beside those that the manifest names."""

RESERVED_NAMES = (DEFAULT_BUCKET, "log")
"""Names that no bucket of the manifest may have: the second is in the name of the access log's bucket."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a state bucket keeps what was replaced or deleted: days, and how many versions stay in any case."""

    old_versions_days: int
    newest_versions: int


@dataclass(frozen=True, slots=True)
class StateBuckets:
    """The state buckets of a fleet.

    `names` are those that the manifest adds, `accounts` maps account names to them; any other account uses the default
    one. `access_log_days` is how long S3's log of who used them is kept; 0 for no such log.
    """

    names: tuple[str, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)
    retention: Retention | None = None
    access_log_days: int = 0

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every bucket's name, the default one first."""
        return (DEFAULT_BUCKET, *self.names)

    def of(self, account: str) -> str:
        """Return the name of the bucket that holds the state of an account's stacks."""
        return self.accounts.get(account, DEFAULT_BUCKET)
