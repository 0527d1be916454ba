"""What is changed in moto's Organizations for closing accounts: who is not closed, the quota, the time it takes.

moto's modules have no types and are changed here, hence `Any` for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

MOST, FEWEST, SHARE = 1000, 10, 10
"""Accounts that may be closed in 30 days: a tenth of the members, no fewer and no more than these.

Source: AWS Organizations API Reference, CloseAccount.
"""
_DAYS_30 = 30 * 24 * 3600.0


def close_accounts_like_aws(organizations: Any, error: Any, now: Callable[[], float] = time.time) -> None:  # noqa: ANN401
    """Change moto's module of Organizations' models; `error` is its class of errors with a code and words."""
    backend, account = organizations.OrganizationsBackend, organizations.FakeAccount
    close, describe = backend.close_account, account.describe

    def refuse(reason: str, words: str) -> None:
        raise error("ConstraintViolationException", f"{words} ({reason})")

    @wraps(close)
    def close_account(self: Any, **kwargs: Any) -> None:  # noqa: ANN401 - moto's own signature
        """Moto closes the management account, and as many as one likes."""
        account_id = kwargs["AccountId"]
        if self.org is not None and account_id == self.org.master_account_id:
            refuse("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.")
        closed: list[float] = self.__dict__.setdefault("closings", [])
        closed[:] = [when for when in closed if now() - when < _DAYS_30]
        members = [each for each in self.accounts if each.id != self.org.master_account_id] if self.org else []
        open_already = next((each for each in members if each.id == account_id and each.status == "ACTIVE"), None)
        if open_already and len(closed) >= min(MOST, max(FEWEST, len(members) * SHARE // 100)):
            refuse("CLOSE_ACCOUNT_QUOTA_EXCEEDED", "You have exceeded close account quota for the past 30 days.")
        close(self, **kwargs)
        closed.append(now())
        # Closing takes AWS minutes; here it takes until the account has been looked at once.
        if open_already is not None:
            open_already.__dict__["closing"] = True

    @wraps(describe)
    def describe_account(self: Any) -> Any:  # noqa: ANN401 - moto's own signature
        found = describe(self)
        if self.__dict__.pop("closing", False):
            found |= {"Status": "PENDING_CLOSURE", "State": "PENDING_CLOSURE"}
        return found

    backend.close_account = close_account
    account.describe = describe_account
