"""Every IAM document a fleet asks for is measured before anything is started."""

from __future__ import annotations

import pytest

from landing_zone import limits
from landing_zone.errors import PolicyTooLarge
from landing_zone.fleet import Manifest
from landing_zone.sizes.policies import Measured, assume_right, measure_policies, next_step
from tests.unit.landing_zone.fleets import edited, full_lock, parsed, sample


def _wide_fleet(accounts: int) -> Manifest:
    lines = "".join(f"      a{at:04}: {{email: a{at}@small.example}}\n" for at in range(accounts))
    return parsed(edited(("      audit: {email: audit@small.example}\n", lines)))


def test_white_space_does_not_count() -> None:
    """A document's size is that of its characters other than white space, as IAM counts."""
    assert limits.measure({"a": "b c"}) == len('{"a":"bc"}')


def test_the_sample_fits() -> None:
    """Each document of the sample is measured and within its limit."""
    measured = {found.what: found for found in measure_policies(sample())}
    assert {"trust of Management-Admin", "policy of Management-Admin", "policy of the state key"} <= set(measured)
    assert "policy of the state bucket" in measured
    assert any(what.startswith("trust of Billing in") for what in measured)
    assert [found for found in measured.values() if found.size > found.limit] == []


def test_a_small_fleet_is_granted_arn_by_arn() -> None:
    """While the list fits, a management role may assume exactly the granted ARNs."""
    manifest = parsed()
    right = assume_right(manifest, manifest.management_roles["Management-Developer"], full_lock(manifest).accounts)
    assert not right.by_name
    assert right.resources == ("arn:aws:iam::100000000003:role/ReadOnly",)


def test_a_large_fleet_is_granted_by_role_name() -> None:
    """Above AWS's limit the roles are granted by name within the organisation, each name once."""
    manifest = _wide_fleet(300)
    ids = full_lock(manifest).accounts
    right = assume_right(manifest, manifest.management_roles["Management-Admin"], ids)
    assert right.by_name
    assert right.resources == ("arn:aws:iam::*:role/Admin",)
    assert not assume_right(manifest, manifest.management_roles["Management-Developer"], ids).by_name


@pytest.mark.parametrize("accounts", [1, 100, 200, 230, 240, 300])
def test_no_policy_of_a_management_role_is_too_large(accounts: int) -> None:
    """However many accounts, a management role's policy stays within AWS's limit."""
    found = [m for m in measure_policies(_wide_fleet(accounts)) if m.what == "policy of Management-Admin"]
    assert [measured.size <= limits.ROLE_INLINE_POLICIES for measured in found] == [True]


def test_too_many_users_are_refused() -> None:
    """A trust that would be larger than AWS takes is refused, with its place, its size and the limit."""
    users = ", ".join(f"somebody-with-a-long-name-{at}" for at in range(40))
    with pytest.raises(PolicyTooLarge) as caught:
        parsed(edited(("{users: [ops]}", f"{{users: [{users}]}}")))
    assert "fleet.yaml:10:5: trust of Management-Admin: " in caught.value.summary
    assert caught.value.summary.endswith("characters, AWS takes 2048")


@pytest.mark.parametrize(
    ("what", "block", "step"),
    [
        ("trust of Admin", "management_roles", "trust fewer principals"),
        ("policy of Admin", "management_roles", "grant fewer different roles"),
        ("policy of the permissions net", "permissions", "say less in the permissions' file"),
        ("boundary member.yaml of Admin", "roles", "say less in the boundary's file"),
        ("pattern of the last-resort alarm", "last_resort", "name fewer last-resort users"),
        ("policy of group Operators", "people", "let the group name fewer management roles"),
    ],
)
def test_the_next_step_is_that_of_the_document(what: str, block: str, step: str) -> None:
    """What to do about a document that is too large depends on what it grows with."""
    assert next_step(Measured(what, 2, 1, (block,))).startswith(step)


def test_too_many_management_roles_in_one_account_are_refused() -> None:
    """A member role that too many management roles may assume is refused, named with its account."""
    block = "{trusted: {users: [ops]}, state: none, grants: [{roles: [ReadOnly], stages: [prod]}]}"
    many = "".join(f"  Management-{at:03}: {block}\n" for at in range(50))
    with pytest.raises(PolicyTooLarge, match="trust of ReadOnly in prod"):
        parsed(edited(("management_roles:\n", f"management_roles:\n{many}")))
