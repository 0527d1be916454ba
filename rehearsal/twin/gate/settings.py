"""What can be changed while the twin runs, and what each setting may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_BOUNDS = {"latency_ms": 60_000, "clock_ahead_s": 10**9, "account_tries": 10**6}


@dataclass(slots=True)
class Settings:
    """What can be changed while the twin runs."""

    gate: bool = True
    latency_ms: int = 0
    clock_ahead_s: int = 0
    """How far the clock by which sessions end is ahead; signatures and MFA codes go by the real one."""
    account_tries: int = 0
    """How many tries to become a new account's role are refused first, as AWS's are until it has made the role."""
    issuers: dict[str, Any] = field(default_factory=dict)
    """The keys (a JWKS) of issuers whose tokens become roles, by host and path without https://."""


def problem_with(changes: Any) -> str:  # noqa: ANN401 - whatever was sent
    """Return why these changes of settings cannot be made, or nothing."""
    if not isinstance(changes, dict):
        return "the body is no object"
    for name, value in changes.items():
        if name == "gate":
            if not isinstance(value, bool):
                return "gate must be true or false"
        elif name == "issuers":
            if not _are_issuers(value):
                return 'issuers must be {"host": {"keys": [...]}}, the keys of each issuer of tokens'
        elif name not in _BOUNDS:
            return f"there is no setting {name!r}; known: gate, issuers, {', '.join(_BOUNDS)}"
        elif isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _BOUNDS[name]:
            return f"{name} must be a whole number from 0 to {_BOUNDS[name]}"
    return ""


def _are_issuers(value: Any) -> bool:  # noqa: ANN401 - whatever was sent
    return isinstance(value, dict) and all(
        isinstance(jwks, dict)
        and isinstance(jwks.get("keys"), list)
        and all(isinstance(key, dict) for key in jwks["keys"])
        for jwks in value.values()
    )
