"""Where the account map is; apart from what reads it, which needs pydantic."""

from __future__ import annotations

MAP_PATH = "/fleetyard/accounts"
"""The path of the parameters in the management account; each is named after its account below it."""

LONGEST_PARAMETER = 4096
"""Characters of a standard parameter's value. Source: Systems Manager User Guide, "Managing parameter tiers"."""


def parameter_name(account: str) -> str:
    """Return the name of an account's parameter."""
    return f"{MAP_PATH}/{account}"
