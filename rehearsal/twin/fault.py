"""A fault on order: what goes wrong with which requests, as users, files and the wire tell it. Cheap to import."""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

LONGEST_LATENCY_MS = 600_000
_MOST = 10**9
_GLOB = re.compile(r"[!-~]{1,512}")
_GLOB_PART = re.compile(r"\[!?\]?[^\]]*\]|.")
_DIGITS = "0123456789"
_CODE = re.compile(r"[A-Z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*")


class FaultKind(StrEnum):
    """What can go wrong without naming an error code; the answer's shape and code are those of the service asked."""

    THROTTLING = "throttling"
    INTERNAL_ERROR = "internal-error"
    """500, in the service's own code."""
    UNAVAILABLE = "service-unavailable"
    """503, in the service's own code."""
    CONNECTION_RESET = "connection-reset"
    """The connection is reset in place of an answer."""
    TIMEOUT = "timeout"
    """No answer: the connection is held for `latency_ms`, five minutes without it, then closed."""
    UNASSUMABLE_ROLE = "unassumable-role"
    """AssumeRole and its kin are denied for the roles that `role` means."""
    EXPIRED_SESSION = "expired-session"
    """Sessions of the roles that `role` means end after `after` calls, or `after_s` seconds; each stays ended."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault on order; whatever is a glob means everything by default."""

    error: str = ""
    """A `FaultKind`, or an error code of AWS's such as `NoSuchEntity`; "" for slowness alone."""
    service: str = "*"
    """As botocore names it (`s3`, `organizations`, `service-quotas`), or `*`."""
    operation: str = "*"
    """Glob over the service's operations, as its API reference spells them."""
    account: str = "*"
    """Glob over the account id of the caller; of the role for `unassumable-role` and AssumeRoleWithWebIdentity."""
    region: str = "*"
    """Glob over the region the request is signed for."""
    role: str = "*"
    """Glob over the name or ARN of the caller's role (anything but `*` spares users); of the role to be assumed for
    `unassumable-role`."""
    after: int = 0
    """How many of these requests pass first; for `expired-session` how many calls each session has."""
    after_s: int = 0
    """Only for `expired-session`: seconds that each session lasts; 0 leaves that to `after`."""
    times: int | None = None
    """How often it strikes altogether (`expired-session`: how many sessions end); None until it is removed."""
    probability: float = 1.0
    """How likely it strikes each request that it means."""
    seed: int = 0
    """What the chances are drawn from: the same seed and the same requests of an account give the same faults."""
    latency_ms: int = 0
    """How long the answer waits."""
    status: int = 0
    """HTTP status of an error code; 0 for what the service's model says, else 400."""
    message: str = ""
    """Words of the error; "" for AWS's."""

    @property
    def kind(self) -> FaultKind | None:
        """Return what kind of error it is; None for a code, or slowness alone."""
        return FaultKind(self.error) if self.error in set(FaultKind) else None


@dataclass(frozen=True, slots=True)
class FaultProblem:
    """What is wrong with one field of one fault."""

    index: int
    """Which of the faults sent, from 0."""
    field: str
    """"" for the fault as a whole."""
    words: str

    def __str__(self) -> str:
        where = f"fault {self.index + 1}"
        return f"{where}, {self.field}: {self.words}" if self.field else f"{where}: {self.words}"


FIELDS = tuple(each.name for each in fields(Fault))
_TEXTS = frozenset({"error", "service", "operation", "account", "region", "role", "message"})
_NUMBERS = {
    "after": (0, _MOST),
    "after_s": (0, _MOST),
    "seed": (-_MOST, _MOST),
    "latency_ms": (0, LONGEST_LATENCY_MS),
    "times": (1, _MOST),
}


def read_fault(data: Any, index: int = 0) -> tuple[Fault | None, list[FaultProblem]]:
    """Return the fault that an object describes, or None and every problem with it but unknown names of AWS's."""
    if not isinstance(data, Mapping):
        return None, [FaultProblem(index, "", f"a fault is an object with some of {', '.join(FIELDS)}")]
    found = [*_unknown_fields(data), *_wrong_values(data)]
    if not found:
        fault = Fault(**data)
        found = list(_contradictions(fault))
        if not found:
            return fault, []
    return None, [FaultProblem(index, field, words) for field, words in found]


def as_data(fault: Fault) -> dict[str, Any]:
    """Return a fault as JSON can hold it, without what is as by default."""
    plain = asdict(Fault())
    return {name: value for name, value in asdict(fault).items() if value != plain[name]}


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names what is most alike, "" if nothing is; case does not count."""
    spelled = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), spelled, 1, 0.5)
    return f"; the nearest is {spelled[found[0]]}" if found else ""


_Problems = Iterable[tuple[str, str]]


def _unknown_fields(data: Mapping[Any, Any]) -> _Problems:
    for name in data:
        if name not in FIELDS:
            yield str(name), f"there is no such field{nearest(str(name), FIELDS)}; known: {', '.join(FIELDS)}"


def _wrong_values(data: Mapping[Any, Any]) -> _Problems:
    for name, value in data.items():
        words = _wrong_text(name, value) if name in _TEXTS else _wrong_number(name, value)
        if words:
            yield name, f"must be {words}, not {value!r}"


def _wrong_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        return "text (in YAML, quoted)"
    return "one word of at most 512 characters" if name != "message" and value and not _GLOB.fullmatch(value) else ""


def _wrong_number(name: str, value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if name == "probability":
        return "" if number and 0 < value <= 1 else "a number above 0 and up to 1"
    if name == "status":
        return "" if isinstance(value, int) and (value == 0 or 400 <= value <= 599) else "an HTTP status, 400 to 599"
    if name not in _NUMBERS or (name == "times" and value is None):
        return ""
    least, most = _NUMBERS[name]
    whole = number and isinstance(value, int) and least <= value <= most
    return "" if whole else f"a whole number from {least} to {most}"


def _contradictions(fault: Fault) -> _Problems:
    if not fault.error and not fault.latency_ms:
        yield "", "needs an error, or latency_ms for slowness alone"
    if fault.error and fault.kind is None and not _CODE.fullmatch(fault.error):
        kinds = [str(kind) for kind in FaultKind]
        words = f"{fault.error!r} is none of {', '.join(kinds)}, nor an error code such as NoSuchEntity"
        yield "error", f"{words}{nearest(fault.error, kinds)}"
    if fault.status and (not fault.error or fault.kind is not None):
        yield "status", "goes with an error code; the other kinds have their own"
    if fault.after_s and fault.kind is not FaultKind.EXPIRED_SESSION:
        yield "after_s", "goes with error: expired-session"
    if fault.kind is FaultKind.UNASSUMABLE_ROLE:
        for name in ("service", "operation"):
            if getattr(fault, name) != "*":
                yield name, "is not for unassumable-role, which means AssumeRole and its kin"
    if not _can_be_account(fault.account):
        yield "account", f"must be a glob over account ids of twelve digits, which {fault.account!r} can never match"


def _can_be_account(glob: str) -> bool:
    """Tell whether a glob matches any twelve digits."""
    parts = [part for part in _GLOB_PART.findall(glob) if part != "*"]
    enough = len(parts) <= 12 if "*" in glob else len(parts) == 12
    return enough and all(any(fnmatch.fnmatchcase(digit, part) for digit in _DIGITS) for part in parts)
