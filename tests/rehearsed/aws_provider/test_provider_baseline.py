"""What is particular to types of a security baseline and of Identity Center: what is taken or in use."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws.services import alarms, finding_services, identity_center, secrets_manager
from tests.rehearsed.aws_provider.cases_of_baseline import BASELINE
from tests.rehearsed.aws_provider.cases_of_identity_center import IDENTITY_CENTER
from tests.rehearsed.aws_provider.world import World
from tests.unit.aws_provider.driving import AbortedError

_CASES = {case.kind.type: case for case in (*BASELINE, *IDENTITY_CENTER)}


def _inputs(world: World, token: str) -> dict[str, Any]:
    return _CASES[token].inputs(world)


def test_a_permission_set_that_is_assigned_is_not_deleted(world: World) -> None:
    """IAM Identity Center API Reference, "DeletePermissionSet", ConflictException: first it is taken from everybody."""
    hand = world.management
    kind, assigned = identity_center.PERMISSION_SET, identity_center.ACCOUNT_ASSIGNMENT
    made = hand.create(kind.type, world.name("set"), _inputs(world, kind.type))
    asked = {**_inputs(world, assigned.type), "permissionSetArn": made.outputs["arn"]}
    assignment = hand.create(assigned.type, world.name("assignment"), asked)
    with pytest.raises(AbortedError, match="ConflictException"):
        hand.delete(made)
    hand.delete(assignment)
    hand.delete(made)
    assert hand.refresh(made) is None


def test_an_assignment_that_is_there_is_not_made_again(world: World) -> None:
    """AWS says nothing of a second assignment; the real provider looks first and refuses."""
    kind = identity_center.ACCOUNT_ASSIGNMENT
    asked = _inputs(world, kind.type)
    world.management.create(kind.type, world.name("assignment"), asked)
    with pytest.raises(AbortedError, match="already exists"):
        world.management.create(kind.type, world.name("assignment"), asked)


def test_an_alarm_of_somebody_else_is_not_replaced(world: World) -> None:
    """PutMetricAlarm would put the new one in the place of one of its name; the rehearsal, stricter, refuses."""
    kind = alarms.METRIC_ALARM
    asked = {**_inputs(world, kind.type), "name": world.name("alarm")}
    world.hand.create(kind.type, world.name("theirs"), asked)
    with pytest.raises(AbortedError, match="already exists"):
        world.hand.create(kind.type, world.name("ours"), asked)


@pytest.mark.parametrize(
    "token",
    [finding_services.GUARDDUTY_ADMINISTRATOR.type, finding_services.HUB_ADMINISTRATOR.type],
)
def test_only_a_member_administers(token: str, world: World) -> None:
    """An account outside the organisation does not become the delegated administrator."""
    _inputs(world, token)
    with pytest.raises(AbortedError, match="member of"):
        world.management.create(token, world.name("admin"), {"adminAccountId": "999988887777"})


def test_a_deleted_secret_keeps_its_name_for_its_window(world: World) -> None:
    """Secrets Manager API Reference, "DeleteSecret": a name is free once the recovery window is over."""
    kind = secrets_manager.SECRET
    asked = {"name": world.name("secret")}
    made = world.hand.create(kind.type, world.name("made"), asked)
    world.hand.delete(made)
    with pytest.raises(AbortedError, match="scheduled for deletion"):
        world.hand.create(kind.type, world.name("again"), asked)


def test_a_secret_without_a_window_is_gone_at_once(world: World) -> None:
    """A recovery window of no days means deletion without recovery, so the name is free."""
    kind = secrets_manager.SECRET
    asked = {"name": world.name("secret"), "recoveryWindowInDays": 0}
    world.hand.delete(world.hand.create(kind.type, world.name("made"), asked))
    assert world.hand.create(kind.type, world.name("again"), asked).id
