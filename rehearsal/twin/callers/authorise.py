"""How STS asks whether a demand is allowed; the gate decides."""

from __future__ import annotations

from collections.abc import Callable

from rehearsal.twin.actions.demand import Asked, Demand

Authorise = Callable[[Asked, Demand], None]
"""Raises Refusal if the demand is denied; does nothing while the gate is off."""
