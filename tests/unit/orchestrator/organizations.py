"""Organisations as AWS could have them, for tests of discovering, adopting and retiring."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.accounts.adoption.found import FoundAccount, FoundOrganization, FoundUnit
from tests.unit.orchestrator.fleets import MANAGEMENT_ID

ROOT_ID = "r-ab12"
CORE, LAB, DEEP = "ou-ab12-core0000", "ou-ab12-lab00000", "ou-ab12-deep0000"


def account(account_id: str, name: str, email: str, parent: str = ROOT_ID, **more: object) -> FoundAccount:
    """Return an active account."""
    return replace(FoundAccount(account_id, name, email, "ACTIVE", parent), **more)  # type: ignore[arg-type]


SMALL = FoundOrganization(
    id="o-a1b2c3d4e5",
    root_id=ROOT_ID,
    management_account_id=MANAGEMENT_ID,
    feature_set="ALL",
    policy_types=("SERVICE_CONTROL_POLICY",),
    units=(
        FoundUnit(CORE, ("core",), ROOT_ID),
        FoundUnit(LAB, ("lab",), ROOT_ID),
        FoundUnit(DEEP, ("lab", "deep"), LAB),
    ),
    accounts=(
        account("200000000002", "lab-one", "one@small.example", LAB),
        account("300000000003", "lab-two", "two@small.example", DEEP),
        account(MANAGEMENT_ID, "anything", "root@small.example"),
    ),
    calls=12,
)
"""The small fleet of the driver's tests, exactly as its manifest says."""
