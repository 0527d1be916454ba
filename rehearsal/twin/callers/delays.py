"""What is new and cannot be used yet: IAM is eventually consistent, the twin only if it is told to (`role_delay_s`).

Source: IAM User Guide, "Troubleshoot IAM", "Changes that I make are not always immediately visible".
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Delays:
    """Roles, users, keys and trusts that are too new, until when; empty as long as `role_delay_s` is 0."""

    _until: dict[str, datetime] = field(default_factory=dict)
    """By unique name: the ARN of a role or user, an access key's id."""
    _old_trusts: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """By the role's ARN: the trust that still holds."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str, now: datetime, seconds: int) -> None:
        """Note that something was made just now."""
        with self._lock:
            self._forget_past(now)
            self._until[name] = now + timedelta(seconds=seconds)

    def keep_trust(self, role_arn: str, trust: str, now: datetime, seconds: int) -> None:
        """Note that a role's trust was changed just now; `trust` is what it was before."""
        with self._lock:
            self._forget_past(now)
            kept = self._old_trusts.get(role_arn)
            # A second change within the time: what was in force before the first one still is.
            self._old_trusts[role_arn] = (kept[0] if kept else trust, now + timedelta(seconds=seconds))

    def is_new(self, name: str, now: datetime) -> bool:
        """Tell whether something cannot be used yet."""
        until = self._until.get(name)
        return until is not None and now < until

    def trust_in_force(self, role_arn: str, trust: str, now: datetime) -> str:
        """Return the trust policy that counts: the one before the last change as long as that is too new."""
        kept = self._old_trusts.get(role_arn)
        return kept[0] if kept is not None and now < kept[1] else trust

    def _forget_past(self, now: datetime) -> None:
        self._until = {name: until for name, until in self._until.items() if now < until}
        self._old_trusts = {arn: kept for arn, kept in self._old_trusts.items() if now < kept[1]}
