"""Bucket, key or session fail under the driver: what is told, and that the next run goes on from there."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from landing_zone.components.management_role import POLICY_NAME
from landing_zone.lock import StateHome, load_lock
from orchestrator.cli.app import run
from orchestrator.cli.twin_variables import variables_for
from orchestrator.cli.world import real_world
from orchestrator.planning.plan import StackKind
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, sign_in_to_caller
from orchestrator.running.job import OnEvent, Operation, StackEvent, StackResult, StackStatus, ignore_event
from orchestrator.stack_id import StackId
from rehearsal.twin.client import change_settings
from rehearsal.twin.run_file import TwinRun, read_run_file
from tests.support.pocket_fleet import POCKET_FLEET

ROLE = "Management-Admin"
STACK = StackId("network", "plat-dev")
PAST_EVERY_SESSION = 4 * 3600


@dataclass(frozen=True)
class Scene:
    """A deployed foundation, and the twin below it."""

    stage: Stage
    twin: TwinRun

    @property
    def home(self) -> StateHome:
        """The state bucket and its key."""
        home = load_lock(self.stage.workspace.lock_path).state
        assert home is not None
        return home

    def run(self, operation: Operation, on_event: OnEvent = ignore_event) -> StackResult:
        """Run one operation on the workload."""
        driver = self.stage.driver
        return driver.tools.runner.start(driver.job(operation, STACK), on_event).result()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Deploy the foundation of a small fleet on a twin of its own."""
    folder = tmp_path_factory.mktemp("trouble")
    fleet = folder / "fleet.yaml"
    fleet.write_text(POCKET_FLEET, encoding="utf-8")
    with staged(RehearsalOptions(fleet, dict(os.environ), run_file=folder / "twin.json")) as stage:
        foundation = [planned.id for planned in stage.driver.plan.stacks if planned.kind is not StackKind.WORKLOAD]
        assert all(result.status is StackStatus.SUCCEEDED for result in stage.driver.run(Operation.UP, foundation))
        sign_in(stage)
        yield Scene(stage, read_run_file(folder / "twin.json"))


def sign_in(stage: Stage) -> None:
    """Become the management role anew."""
    sign_in_to_caller(stage.manifest, stage.access, stage.people, stage.profiles)


def refused(result: StackResult) -> str:
    """Return all that is told of a stack that was refused access."""
    assert (result.status, result.error is not None) == (StackStatus.FAILED, True)
    assert result.error is not None
    assert result.error.exit_code == 3, result.error
    return f"{result.error.code} {result.error.summary} {result.error.why} {result.error.hint}"


def test_a_bucket_that_is_gone_is_told(scene: Scene) -> None:
    """Without the bucket a run says which one AWS does not know, and touches nothing."""
    job = scene.stage.driver.job(Operation.UP, STACK)
    url = job.backend_url.replace(scene.home.bucket, f"{scene.home.bucket}-gone")
    lost = dataclasses.replace(job, backend_url=url, env={**job.env, "PULUMI_BACKEND_URL": url})
    told = refused(scene.stage.driver.run_job(lost))
    assert f"{scene.home.bucket}-gone" in told


def test_a_disabled_key_is_told_and_mended_by_enabling_it(scene: Scene) -> None:
    """With the key disabled a run names it in AWS's words; enabled again, the same run succeeds."""
    kms = scene.stage.access.client("kms", scene.stage.administrator)
    kms.disable_key(KeyId=scene.home.key_arn)
    try:
        told = refused(scene.run(Operation.PREVIEW))
    finally:
        kms.enable_key(KeyId=scene.home.key_arn)
    assert told.startswith("FY537 ")
    assert f"aws kms enable-key --key-id {scene.home.key_arn}" in told
    assert "disabled" in told
    assert scene.run(Operation.PREVIEW).status is StackStatus.SUCCEEDED


@dataclass
class AtFirstResource:
    """Does something once: when AWS has made the first resource."""

    act: Callable[[], object]
    acted: bool = False

    def __call__(self, event: StackEvent) -> None:
        """Take in one event."""
        if event.done and event.op == "create" and event.type.startswith("aws:ec2/vpc:") and not self.acted:
            self.acted = True
            self.act()


def test_a_session_that_ends_in_the_middle_loses_nothing(scene: Scene) -> None:
    """After a session has ended in the middle of an up, the told commands end it with each resource made once."""
    midway = AtFirstResource(lambda: change_settings(scene.twin, clock_ahead_s=PAST_EVERY_SESSION))
    try:
        told = refused(scene.run(Operation.UP, midway))
    finally:
        change_settings(scene.twin, clock_ahead_s=0)
    assert midway.acted
    assert "ExpiredToken" in told
    commands = re.findall(r"fleetyard (pulumi (?:cancel|stack import) [^&;]+?)(?= &&|;)", told)
    assert [command.split()[1] for command in commands] == ["cancel", "stack"]
    again = scene.run(Operation.UP).error
    assert (again is not None and again.code, len(vpcs(scene))) == ("FY521", 1)
    for command in commands:
        by_hand(scene, shlex.split(command))
    assert scene.run(Operation.UP).status is StackStatus.SUCCEEDED
    assert not scene.run(Operation.PREVIEW).changed
    assert len(vpcs(scene)) == 1


def test_access_taken_away_in_the_middle_loses_nothing(scene: Scene) -> None:
    """With the right to write the state taken away in the middle of a destroy, the same command ends it later."""
    assert scene.run(Operation.UP).status is StackStatus.SUCCEEDED
    iam = scene.stage.access.client("iam", scene.stage.administrator)
    policy = iam.get_role_policy(RoleName=ROLE, PolicyName=POLICY_NAME)["PolicyDocument"]
    denied = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    less = {**policy, "Statement": [*policy["Statement"], denied]}
    acted = []

    def take_away(event: StackEvent) -> None:
        if event.done and event.op == "delete" and not acted:
            acted.append(event)
            iam.put_role_policy(RoleName=ROLE, PolicyName=POLICY_NAME, PolicyDocument=json.dumps(less))

    try:
        told = refused(scene.run(Operation.DESTROY, take_away))
    finally:
        iam.put_role_policy(RoleName=ROLE, PolicyName=POLICY_NAME, PolicyDocument=json.dumps(policy))
    assert "is not authorized to perform: s3:PutObject" in told
    for command in re.findall(r"fleetyard (pulumi (?:cancel|stack import) [^&;]+?)(?= &&|;)", told):
        by_hand(scene, shlex.split(command))
    assert scene.run(Operation.DESTROY).status is StackStatus.SUCCEEDED
    assert vpcs(scene) == []


def by_hand(scene: Scene, arguments: list[str]) -> None:
    """Type a command as it was told, as the management role."""
    world = real_world()
    env = {**os.environ, **variables_for(scene.stage.workspace.state.parents[1] / "twin.json", None)}
    said = io.StringIO()
    assert run(arguments, dataclasses.replace(world, env=env, out=said, err=said, ask=None, live=False)) == 0, (
        said.getvalue()
    )


def vpcs(scene: Scene) -> list[str]:
    """Return the VPCs of ours in the account."""
    account = load_lock(scene.stage.workspace.lock_path).account_id(STACK.account)
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    ec2 = scene.stage.access.client("ec2", scene.stage.access.assume(scene.stage.administrator, role, "look"))
    return [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
