"""Runs of pull requests that may more than a pull request should are warned of."""

from __future__ import annotations

from orchestrator.validation.pipeline_warnings import pipeline_warnings
from tests.unit.landing_zone.fleets import parsed
from tests.unit.landing_zone.people_fleets import CI, with_people

GRANTED = "grants: [{roles: [ReadOnly]"
HUB = """\
hub:
  account: audit
  role: Hub
  trusted: {management_roles: [Management-Plan]}
  spoke: {role: Spoke, managed_policies: [SecurityAudit]}
"""


def test_a_pull_request_that_only_reads() -> None:
    """A role that reads is no reason to warn."""
    assert pipeline_warnings(parsed(with_people())) == ()


def test_a_pull_request_that_administers() -> None:
    """A role of pull requests that is granted AdministratorAccess is told with its repository."""
    text = with_people().replace(GRANTED, GRANTED.replace("ReadOnly", "ReadOnly, Admin"))
    (warning,) = pipeline_warnings(parsed(text))
    assert warning.startswith("management_roles.Management-Plan: runs of pull requests become it (small/fleet), and it")
    assert "is granted Admin with AdministratorAccess" in warning


def test_a_pull_request_that_becomes_the_hub() -> None:
    """A role of pull requests that the hub trusts is told."""
    (warning,) = pipeline_warnings(parsed(with_people() + HUB))
    assert "and it may become the hub" in warning


def test_branches_alone_are_no_reason() -> None:
    """Runs of branches are those of people who may push."""
    text = with_people(ci=CI.replace(", pull_requests: true", ""))
    assert pipeline_warnings(parsed(text.replace(GRANTED, GRANTED.replace("ReadOnly", "Admin")))) == ()
