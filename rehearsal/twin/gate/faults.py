"""The faults on order: which requests they strike, how often they have, and what the struck get for an answer.

Chances are drawn from the seed and from how many such requests the account has made, not from one stream for all: what
other accounts do at the same time changes nothing, so a run can be repeated.
"""

from __future__ import annotations

import fnmatch
import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rehearsal.twin.callers.callers import Caller
from rehearsal.twin.fault import Fault, FaultKind, FaultProblem, as_data, read_fault
from rehearsal.twin.gate.service_errors import internal_error, modelled_status, throttled, unavailable
from rehearsal.twin.gate.service_names import names_of, problems_with_names
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Fault as RefusalKind
from rehearsal.twin.requests.refusals import Refusal

MOST_FAULTS = 1000
_ENDLESS = 300.0  # seconds a connection is held that never gets its answer
_ASSUMING = frozenset({"AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"})


class ConnectionDropped(Exception):
    """A fault on order takes the connection away in place of an answer."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__("connection reset on order" if reset else "no answer on order")
        self.reset = reset
        """Whether the client is told by a reset, as when AWS's side is gone; otherwise the connection just ends."""


@dataclass(slots=True)
class ArmedFault:
    """A fault and what it has done."""

    id: str
    fault: Fault
    signing_name: str
    """Which service requests are signed for; `*` for any."""
    matched: int = 0
    hits: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    """Set once it is removed: nobody waits any longer for what it held."""
    draws: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    """Calls of each session by access key id, for `expired-session`."""

    def report(self) -> dict[str, Any]:
        """Return the fault and its counters as JSON can hold them."""
        return {"id": self.id, "matched": self.matched, "hits": self.hits, **as_data(self.fault)}


@dataclass(frozen=True, slots=True)
class Aim:
    """One request as faults see it."""

    operation: Operation
    caller: Caller | None
    """None where a token stands in for a signature."""
    now: datetime

    @property
    def target_role(self) -> str:
        """The ARN of the role to be assumed, "" for any other request."""
        assuming = self.operation.service == "sts" and self.operation.name in _ASSUMING
        return self.operation.text("RoleArn") if assuming else ""

    @property
    def session_key(self) -> str:
        """The access key id of the caller's session, "" without one."""
        return self.caller.session.access_key_id if self.caller and self.caller.session else ""

    @property
    def account_id(self) -> str:
        """The account that AWS counts the request against."""
        return self.caller.account_id if self.caller else _account_in(self.target_role)


class Faults:
    """All faults on order, in the order they were given; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: dict[str, ArmedFault] = {}
        self._made = 0
        self._ended: set[str] = set()
        """Access key ids of sessions that a fault has ended."""

    def add(self, given: Iterable[Any]) -> tuple[list[ArmedFault], list[FaultProblem]]:
        """Take faults from the wire: all of them, or none and every problem with them."""
        faults: list[Fault] = []
        problems: list[FaultProblem] = []
        for index, data in enumerate(given):
            fault, found = read_fault(data, index)
            found += problems_with_names(fault, index) if fault else []
            problems += found
            faults += [fault] if fault and not found else []
        with self._lock:
            if not problems and len(self._armed) + len(faults) > MOST_FAULTS:
                problems = [FaultProblem(0, "", f"a twin holds at most {MOST_FAULTS} faults")]
            return ([], problems) if problems else ([self._arm(fault) for fault in faults], [])

    def report(self) -> list[dict[str, Any]]:
        """Return every fault with its counters."""
        with self._lock:
            return [armed.report() for armed in self._armed.values()]

    def remove(self, fault_id: str) -> bool:
        """Take one fault away; tells whether it was there."""
        with self._lock:
            armed = self._armed.pop(fault_id, None)
        if armed is not None:
            armed.released.set()
        return armed is not None

    def clear(self) -> int:
        """Take all faults away and tell how many there were; sessions that have ended stay so."""
        with self._lock:
            gone, self._armed = list(self._armed.values()), {}
        for armed in gone:
            armed.released.set()
        return len(gone)

    def strike(self, operation: Operation, caller: Caller | None, clock: Callable[[], datetime]) -> None:
        """Do to a request what is on order for it: keep it waiting, fail it, or nothing.

        The first fault with an error ends it; slowness alone adds up. `clock` is the one sessions end by.
        Raises: Refusal, ConnectionDropped.
        """
        if not self._armed and not self._ended:
            return
        aim = Aim(operation, caller, clock())
        self._refuse_ended(aim)
        with self._lock:
            all_armed = list(self._armed.values())
        for armed in all_armed:
            with self._lock:
                self._refuse_ended(aim)  # another request of the same session may have been its last one meanwhile
                struck = self._strikes(armed, aim)
            if struck:
                _carry_out(armed, aim)

    def _refuse_ended(self, aim: Aim) -> None:
        if aim.session_key in self._ended:
            raise Refusal(RefusalKind.EXPIRED_TOKEN, note="a fault on order has ended this session")

    def _arm(self, fault: Fault) -> ArmedFault:
        self._made += 1
        signing_name = "*" if fault.service == "*" else names_of(fault.service).signing_name
        armed = ArmedFault(f"fault-{self._made}", fault, signing_name)
        self._armed[armed.id] = armed
        return armed

    def _strikes(self, armed: ArmedFault, aim: Aim) -> bool:
        """Tell whether a fault strikes a request, and count; the lock is held."""
        fault = armed.fault
        if not _means(armed, aim):
            return False
        armed.matched += 1
        if fault.times is not None and armed.hits >= fault.times:
            return False
        passes = _session_lasts(armed, aim) if fault.kind is FaultKind.EXPIRED_SESSION else armed.matched <= fault.after
        if passes or not _drawn(armed, aim):
            return False
        armed.hits += 1
        if fault.kind is FaultKind.EXPIRED_SESSION:
            self._ended.add(aim.session_key)
        return True


def _means(armed: ArmedFault, aim: Aim) -> bool:
    fault, operation = armed.fault, aim.operation
    if fault.kind is FaultKind.UNASSUMABLE_ROLE:
        role = aim.target_role
        place = (_account_in(role), fault.account), (operation.region, fault.region)
        return all(fnmatch.fnmatchcase(*each) for each in place) and _is_role(fault.role, role)
    if fault.kind is FaultKind.EXPIRED_SESSION and (aim.caller is None or not aim.caller.role_arn):
        return False
    return (
        armed.signing_name in ("*", operation.service)
        and fnmatch.fnmatchcase(operation.name, fault.operation)
        and fnmatch.fnmatchcase(aim.account_id, fault.account)
        and fnmatch.fnmatchcase(operation.region, fault.region)
        and (fault.role == "*" or _is_role(fault.role, aim.caller.role_arn if aim.caller else ""))
    )


def _is_role(glob: str, arn: str) -> bool:
    """Tell whether a glob means a role: by its ARN if the glob has a colon, else by its name."""
    named = arn if ":" in glob else arn.rpartition("/")[2]
    return bool(arn) and fnmatch.fnmatchcase(named, glob)


def _session_lasts(armed: ArmedFault, aim: Aim) -> bool:
    """Tell whether the caller's session is still good, and count its call."""
    session = aim.caller.session if aim.caller else None
    if session is None:
        return True
    fault = armed.fault
    armed.calls[session.access_key_id] += 1
    if fault.after_s:
        return (aim.now - session.issued).total_seconds() < fault.after_s
    return armed.calls[session.access_key_id] <= fault.after


def _drawn(armed: ArmedFault, aim: Aim) -> bool:
    fault = armed.fault
    if fault.probability >= 1:
        return True
    what = f"{aim.account_id}/{aim.operation.region}/{aim.operation.service}:{aim.operation.name}"
    armed.draws[what] += 1
    digest = hashlib.sha256(f"{fault.seed}/{what}/{armed.draws[what]}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < fault.probability * 2**64


def _carry_out(armed: ArmedFault, aim: Aim) -> None:
    fault = armed.fault
    if fault.kind is FaultKind.TIMEOUT:
        armed.released.wait(fault.latency_ms / 1000 or _ENDLESS)
        raise ConnectionDropped(reset=False)
    if fault.latency_ms:
        armed.released.wait(fault.latency_ms / 1000)
    if fault.kind is FaultKind.CONNECTION_RESET:
        raise ConnectionDropped(reset=True)
    if fault.error:
        made, note = _refusal(fault, aim), f"{armed.id}, on order"
        raise Refusal(made.fault, fault.message or made.message, code=made.code, status=made.status, note=note)


def _refusal(fault: Fault, aim: Aim) -> Refusal:
    match fault.kind:
        case FaultKind.THROTTLING:
            return throttled(aim.operation, fault.service)
        case FaultKind.INTERNAL_ERROR:
            return internal_error(aim.operation)
        case FaultKind.UNAVAILABLE:
            return unavailable(aim.operation)
        case FaultKind.UNASSUMABLE_ROLE:
            action = f"sts:{aim.operation.name}"
            if aim.caller is None:
                return Refusal(RefusalKind.DENIED, f"Not authorized to perform {action}")
            words = f"User: {aim.caller.arn} is not authorized to perform: {action} on resource: {aim.target_role}"
            return Refusal(RefusalKind.DENIED, words)
        case FaultKind.EXPIRED_SESSION:
            return Refusal(RefusalKind.EXPIRED_TOKEN)
        case _:
            status = fault.status or modelled_status(fault.error, fault.service)
            return Refusal.of(fault.error, "An error on order.", status)


def _account_in(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
