"""The actions that probes name are actions that AWS has."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.verify.action_names import probed_actions_exist
from tests.unit.orchestrator.verify.probe_problems import probe_problems


def _problems(block: str) -> Sequence[str]:
    return probe_problems(block, probed_actions_exist)


def test_a_mistyped_action_is_told_with_the_nearest() -> None:
    """An action that AWS does not have would prove nothing: it is refused at its place."""
    assert _problems("actions: [iam:ListUsers, iam:CreateUsr], accounts: [prod], expect: deny") == [
        'fleet.yaml:34:34: AWS has no action "iam:CreateUsr" (did you mean "iam:CreateUser"?)'
    ]


def test_a_service_that_aws_has_not() -> None:
    """The service is told where already that is unknown."""
    (told,) = _problems("actions: [iamm:CreateUser], accounts: [prod], expect: deny")
    assert 'AWS has no service "iamm" (did you mean "iam"?)' in told


def test_an_action_that_is_newer_than_the_linter() -> None:
    """What AWS has since then is taken, where the probe says so."""
    newer = "actions: [iam:ZapMoonRocks], accounts: [prod], expect: deny"
    assert "also_known" in _problems(newer)[0]
    assert _problems(f"{newer}, also_known: [iam:zapmoonrocks]") == []
