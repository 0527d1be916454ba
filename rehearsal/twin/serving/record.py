"""What the twin remembers of its requests: how often each operation was called, and the last refusals.

Of refusals the chain of policies is kept, of at most 500 that people and programs caused, as many of Fleetyard's own,
and as many that services gave by rules of their own: those come in hundreds and must not push out the others. Texts are
kept up to 2,000 characters. Of what was allowed nothing is kept.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any

_KEPT = 500
_LONGEST = 2000
_TEXTS = ("service", "operation", "code", "message", "principal", "action", "resource", "reason", "change")
BY_SERVICE = "service"
"""What `own` is of a refusal by a rule of a service's own, such as of a name that is taken."""
LOOK = "fleetyard-look"
"""What Fleetyard's own requests carry in their User-Agent when it looks for itself: whether a role lets it in, …"""


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """A part of a statement beside what the request had there; values that may be secret are not kept."""

    part: str
    """principal, resource or condition."""
    wanted: tuple[str, ...]
    had: tuple[str, ...]
    """Empty: the request has none."""
    operator: str = ""
    key: str = ""
    """Of a condition, as the policy writes it."""
    negated: bool = False
    """Whether it is NotPrincipal or NotResource."""
    secret: bool = False
    """Whether its values are not kept: `wanted` is empty then, and `had` is one word if the request has it."""


@dataclass(frozen=True, slots=True)
class NearestStatement:
    """An Allow for what was asked that did not apply, and why."""

    policy: str
    statement: str
    number: int
    """Its place in the policy, from 1."""
    unfit: tuple[ComparedPart, ...]


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
    nearest: tuple[NearestStatement, ...] = ()
    """Where nothing allowed: the Allow statements that came nearest."""
    held: tuple[ComparedPart, ...] = ()
    """Of an explicit deny: its conditions, all of which held."""


@dataclass(frozen=True, slots=True)
class Denial:
    """One refused request.

    `own` says what of Fleetyard's own it was: `look`, or `rehearsal` for what was refused before a kept rehearsal was
    over, or `service` for a rule of a service's own; it is empty for what a person or a program caused.
    """

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
    own: str = ""


_Numbered = tuple[int, Denial]
"""A refusal with its place among all."""


class CallRecord:
    """Counts calls and keeps the last refusals; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._number = itertools.count()
        self._others: deque[_Numbered] = deque(maxlen=_KEPT)
        self._own: deque[_Numbered] = deque(maxlen=_KEPT)
        self._by_services: deque[_Numbered] = deque(maxlen=_KEPT)

    def called(self, service: str, operation: str) -> None:
        """Count one call."""
        with self._lock:
            self._calls[f"{service}:{operation}"] += 1

    def denied(self, denial: Denial) -> None:
        """Keep one refusal."""
        kept = _shortened(denial)
        with self._lock:
            self._kind_of(denial.own).append((next(self._number), kept))

    def _kind_of(self, own: str) -> deque[_Numbered]:
        if own == BY_SERVICE:
            return self._by_services
        return self._own if own else self._others

    def rehearsal_over(self) -> int:
        """Note that all refusals so far belong to a rehearsal that passed; return how many they are."""
        with self._lock:
            over = [(number, replace(one, own="rehearsal")) for number, one in (*self._own, *self._others)]
            self._own = deque(sorted(over, key=itemgetter(0)), maxlen=_KEPT)
            self._others.clear()
            self._by_services.clear()
        return len(over)

    def calls(self) -> dict[str, int]:
        """Return the number of calls by `service:operation`."""
        with self._lock:
            return dict(sorted(self._calls.items()))

    def denials(self, limit: int, *, by_services: bool = False) -> list[dict[str, Any]]:
        """Return the last refusals, the latest first; those by services' own rules only where asked for."""
        with self._lock:
            kept = sorted((*self._own, *self._others, *(self._by_services if by_services else ())), key=itemgetter(0))
        return [asdict(denial) for _, denial in reversed(kept[-limit:])] if limit > 0 else []


def _shortened(denial: Denial) -> Denial:
    """Return a refusal whose texts are not longer than is kept: what a request says may be megabytes."""
    long: dict[str, Any] = {
        name: f"{text[:_LONGEST]} …" for name in _TEXTS if len(text := getattr(denial, name)) > _LONGEST
    }
    return replace(denial, **long) if long else denial


def timestamp(now: datetime) -> str:
    """Return a time as records state it."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
