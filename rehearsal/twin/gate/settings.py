"""What can be changed while the twin runs, and what each setting may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rehearsal.twin.emulator.organization_quotas import QUOTAS
from rehearsal.twin.fault import nearest

RATE_LIMITS = ("off", "aws")
_BOUNDS = {
    "latency_ms": 60_000,
    "clock_ahead_s": 10**9,
    "account_tries": 10**6,
    "role_delay_s": 10**6,
    "account_delay_s": 10**6,
    "region_delay_s": 10**6,
}
_OTHERS = ("gate", "issuers", "mfa_codes_once", "quotas", "rate_limits")


@dataclass(slots=True)
class Settings:
    """What can be changed while the twin runs."""

    gate: bool = True
    latency_ms: int = 0
    clock_ahead_s: int = 0
    """How far the clock by which sessions end is ahead; signatures and MFA codes go by the real one."""
    account_tries: int = 0
    """How many tries to become a new account's role are refused first, as AWS's are until it has made the role."""
    account_delay_s: int = 0
    """How long making an account takes AWS Organizations, and closing one; by the same clock."""
    region_delay_s: int = 0
    """How long enabling an opt-in region takes, and disabling one; by the same clock."""
    role_delay_s: int = 0
    """How long a new role, user or access key cannot be used, and a changed trust has no effect; by the same clock."""
    mfa_codes_once: bool = True
    """Whether an MFA code is good for one use only, as in AWS. Off: whoever signs in often need not wait."""
    rate_limits: str = "off"
    """`aws`: Organizations, IAM and STS throttle each account as AWS does; `off`: nobody waits."""
    quotas: dict[str, int] = field(default_factory=dict)
    """Quotas of AWS Organizations other than the usual ones, by name: see `emulator/organization_quotas.py`."""
    issuers: dict[str, Any] = field(default_factory=dict)
    """The keys (a JWKS) of issuers whose tokens become roles, by host and path without https://."""


def problem_with(changes: Any) -> str:
    """Return why these changes of settings cannot be made, or nothing."""
    if not isinstance(changes, dict):
        return "the body is no object"
    return next(filter(None, (_problem(name, value) for name, value in changes.items())), "")


def _problem(name: str, value: Any) -> str:
    match name:
        case "gate" | "mfa_codes_once":
            return "" if isinstance(value, bool) else f"{name} must be true or false"
        case "rate_limits":
            return "" if value in RATE_LIMITS else f"rate_limits must be {' or '.join(RATE_LIMITS)}"
        case "quotas":
            return _problem_of_quotas(value)
        case "issuers":
            wanted = 'issuers must be {"host": {"keys": [...]}}, the keys of each issuer of tokens'
            return "" if _are_issuers(value) else wanted
    if name not in _BOUNDS:
        known = (*_OTHERS, *_BOUNDS)
        return f"there is no setting {name!r}{nearest(name, known)}; known: {', '.join(known)}"
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _BOUNDS[name]:
        return f"{name} must be a whole number from 0 to {_BOUNDS[name]}"
    return ""


def _problem_of_quotas(value: Any) -> str:
    if not isinstance(value, dict):
        return f"quotas must be whole numbers by name, as in quotas.accounts=10; known: {', '.join(QUOTAS)}"
    for name, number in value.items():
        if name not in QUOTAS:
            return f"there is no quota {name!r}{nearest(str(name), QUOTAS)}; known: {', '.join(QUOTAS)}"
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            return f"quotas.{name} must be a whole number from 0, not {number!r}"
    return ""


def _are_issuers(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(jwks, dict)
        and isinstance(jwks.get("keys"), list)
        and all(isinstance(key, dict) for key in jwks["keys"])
        for jwks in value.values()
    )
