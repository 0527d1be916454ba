"""The small manifest with people, last-resort users and pipelines, to edit in tests."""

from __future__ import annotations

from tests.unit.landing_zone.fleets import edited

PEOPLE = """\
people:
  account: audit
  groups:
    Developers: {management_roles: [Management-Developer], managed_policies: [IAMReadOnlyAccess]}
    Operators: {management_roles: [Management-Admin]}
  users:
    ana: {groups: [Developers, Operators], tags: {team: core}}
    bob: {groups: [Developers]}
"""
LAST_RESORT = """\
last_resort:
  users: [last-resort-1, last-resort-2]
  alarm: {email: security@small.example}
"""
CI = """\
ci:
  github:
    repositories:
      small/fleet:
        plan: {role: Management-Plan, pull_requests: true, branches: ["*"]}
        apply: {role: Management-Apply, branches: [main], environments: [production]}
"""
_ROLES = """\
  Management-Plan:
    state: read
    grants: [{roles: [ReadOnly], accounts: ["*"]}]
  Management-Apply:
    state: write
    grants: [{roles: [Admin], accounts: ["*"]}]
units:
"""


def with_people(people: str = PEOPLE, last_resort: str = LAST_RESORT, ci: str = CI) -> str:
    """Return the small manifest with these blocks and two roles that only pipelines become."""
    return edited(("units:\n", _ROLES), ("workloads:\n", f"{people}{last_resort}{ci}workloads:\n"))
