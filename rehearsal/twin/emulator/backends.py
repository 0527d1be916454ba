"""A service's backend in moto, for one account and region: found, never made by looking."""

from __future__ import annotations

import sys
from typing import Any

_GLOBAL_REGION = "aws"


def backend_of(module: str, name: str, account_id: str, region: str = _GLOBAL_REGION) -> Any | None:
    """Return a backend of `moto.<module>.models`; None where nobody has called the service there yet."""
    loaded = sys.modules.get(f"moto.{module}.models")
    backends = getattr(loaded, f"{name}_backends", None)
    if backends is None or account_id not in backends or region not in backends[account_id]:
        return None
    return backends[account_id][region]
