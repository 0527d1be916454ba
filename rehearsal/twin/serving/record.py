"""What the twin remembers of its requests: how often each operation was called, and the last refusals."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

_KEPT = 500


@dataclass(frozen=True, slots=True)
class Denial:
    """One refused request."""

    time: str
    service: str
    operation: str
    code: str
    message: str
    principal: str = ""
    action: str = ""
    resource: str = ""
    reason: str = ""
    """Why: the kind of policy that decided, or what AWS would not say, such as that a role does not exist."""
    policy: str = ""
    statement: str = ""


class CallRecord:
    """Counts calls and keeps the last refusals; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._denials: deque[Denial] = deque(maxlen=_KEPT)

    def called(self, service: str, operation: str) -> None:
        """Count one call."""
        with self._lock:
            self._calls[f"{service}:{operation}"] += 1

    def denied(self, denial: Denial) -> None:
        """Keep one refusal."""
        with self._lock:
            self._denials.append(denial)

    def calls(self) -> dict[str, int]:
        """Return the number of calls by `service:operation`."""
        with self._lock:
            return dict(sorted(self._calls.items()))

    def denials(self, limit: int) -> list[dict[str, Any]]:
        """Return the last refusals, the latest first."""
        with self._lock:
            kept = list(self._denials)
        return [asdict(denial) for denial in reversed(kept[-limit:])] if limit > 0 else []


def timestamp(now: datetime) -> str:
    """Return a time as records state it."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
