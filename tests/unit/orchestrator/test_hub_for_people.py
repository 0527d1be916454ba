"""The hub among what people are granted: profiles and console links lead there as to any role."""

from __future__ import annotations

from orchestrator.people.granted_roles import Wanted, granted
from tests.unit.landing_zone.fleets import edited, full_lock, parsed
from tests.unit.landing_zone.test_manifest_access import WITH_HUB


def test_the_hub_is_granted_to_whom_it_trusts() -> None:
    """A management role that the hub trusts has the hub among its grants, and no other has."""
    manifest = parsed(edited(WITH_HUB))
    found = granted(manifest, full_lock(manifest), Wanted(role="Hub"))
    assert [(grant.management_role.name, grant.account.name, grant.account_id) for grant in found] == [
        ("Management-Admin", "audit", "100000000002")
    ]
