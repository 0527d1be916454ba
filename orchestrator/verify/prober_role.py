"""The role that verify makes on a twin for probes without a role: its name, and the trust by which it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from landing_zone.documents.statements import Document, document, trusted_in_account
from orchestrator.verify.trusts import plain

PROBER = "fleetyard-prober"
"""The administrator that probes without a role mean: no policy names it, and on a twin it is made for them."""


def prober_trust(management_account_id: str) -> Document:
    """Return the trust of whoever tries probes: administrators of the management account."""
    statement = trusted_in_account("Administrators", management_account_id, {})
    statement.pop("Condition")
    return document(statement)


def is_prober(name: str, trust: Mapping[str, Any], management_account_id: str) -> bool:
    """Tell whether a role is one that verify made: by its name, and exactly the trust that verify writes."""
    return name == PROBER and plain(trust) == plain(prober_trust(management_account_id))
