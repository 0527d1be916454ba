"""What the twin remembers of its requests: how often each operation was called, and the last refusals.

Of refusals the chain of policies is kept, of at most 500 of them; of what was allowed nothing.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

_KEPT = 500


@dataclass(frozen=True, slots=True)
class ChainStep:
    """What one kind of policy, or one level of SCPs, said about a refused request."""

    kind: str
    """AWS's name of the kind: service control policy, identity-based policy, …"""
    verdict: str
    """explicit deny, allowed, no allow, or not applicable."""
    level: str = ""
    """Of SCPs: the root, the unit or the account they are attached to."""
    policies: tuple[str, ...] = ()
    """The policies looked at."""
    policy: str = ""
    statement: str = ""
    document: str = ""
    """The JSON of the statement that made the verdict."""
    decided: bool = False
    """Whether the refusal rests on this step."""


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
    region: str = ""
    chain: tuple[ChainStep, ...] = ()
    """Every step of the decision in AWS's order; empty for what no policy decided."""
    change: str = ""
    """What would have to change for this decision to be another."""


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
