"""Levels of policies that are judged whoever attached them: what they allow, and for when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.lockout.known_policies import KnownPolicy
from orchestrator.lockout.organization_levels import Level
from orchestrator.lockout.policy_lockout import lockouts
from tests.unit.landing_zone.fleets import full_lock, parsed
from tests.unit.orchestrator.lockout.locked_out import ALLOW_ALL, Statement, deny, locked_out


def test_an_allow_list_beside_full_access_changes_nothing(tmp_path: Path) -> None:
    """The programs leave AWS's policy of full access where it is, so what an SCP allows takes nothing away."""
    assert locked_out(tmp_path, {**ALLOW_ALL, "Action": "ec2:*"}) == []


def _levels(*scps: tuple[Statement, ...]) -> tuple[Level, ...]:
    """Return levels with one policy each, without AWS's policy of full access."""
    return tuple(
        Level(name, (KnownPolicy.of({"Version": "2012-10-17", "Statement": list(each)}, f"own on {name}"),))
        for name, each in zip(("the root", "unit plat"), scps, strict=True)
    )


@pytest.mark.parametrize(
    ("root", "unit", "found"),
    [
        pytest.param(ALLOW_ALL, ALLOW_ALL, 0, id="everything"),
        pytest.param(ALLOW_ALL, {**ALLOW_ALL, "Action": ["iam:*", "ssm:*", "ec2:*"]}, 0, id="enough"),
        pytest.param({**ALLOW_ALL, "Action": "route53:*"}, ALLOW_ALL, 5, id="too little above"),
        pytest.param(ALLOW_ALL, {**ALLOW_ALL, "Action": "route53:*"}, 5, id="too little below"),
        pytest.param({**ALLOW_ALL, "Condition": {"Bool": {"aws:ViaAWSService": "true"}}}, ALLOW_ALL, 5, id="not met"),
        pytest.param({**ALLOW_ALL, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}, ALLOW_ALL, 0, id="?"),
    ],
)
def test_a_level_that_allows_too_little(root: Statement, unit: Statement, found: int) -> None:
    """Every level has to allow a call: one without full access, whose list lacks what is needed, locks out."""
    manifest = parsed()
    told = lockouts(manifest, full_lock(manifest), lambda _account: _levels((root,), (unit,)))
    assert len(told) == found
    level = "the root" if root != ALLOW_ALL else "unit plat"
    assert all(line.startswith(f"the SCPs of {level} (own) allow too little: ") for line in told)


def test_a_level_without_any_policy() -> None:
    """A level from which full access was detached allows nothing at all."""
    manifest = parsed()
    told = lockouts(manifest, full_lock(manifest), lambda _account: (Level("the root"),))
    assert told[0].startswith(
        "the SCPs of the root (there are none) allow too little: OrganizationAccountAccessRole in"
    )


@pytest.mark.parametrize(("year", "lost"), [(2029, 0), (2031, 2)])
def test_a_policy_for_a_time(year: int, lost: int) -> None:
    """A condition on the time is judged by the clock that is given."""
    since = deny("iam:CreateRole", Condition={"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})
    manifest = parsed()
    levels = _levels((ALLOW_ALL,), (ALLOW_ALL, since))
    told = lockouts(manifest, full_lock(manifest), lambda _account: levels, lambda: datetime(year, 1, 1, tzinfo=UTC))
    assert len(told) == lost
