"""The rights on state bucket and key that a management role has are enough to run workloads, and none is spare."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from landing_zone.components.management_role import POLICY_NAME
from landing_zone.documents.access import state_statements
from landing_zone.fleet import StateRights
from landing_zone.lock import load_lock
from orchestrator.files.project_files import stack_file_name
from orchestrator.planning.plan import StackKind
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, sign_in_to_caller
from orchestrator.running.job import Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId
from orchestrator.state.bucket_states import BucketQuery, BucketStates, Detail, read_bucket_in_own_process
from orchestrator.workers.pool import ForkPool
from rehearsal.twin.client import last_denials
from rehearsal.twin.run_file import read_run_file
from tests.support.pocket_fleet import POCKET_FLEET

ROLE = "Management-Admin"
STACK = StackId("network", "plat-dev")
RIGHTS = [
    action
    for statement in state_statements(StateRights.WRITE, "any", "any")
    for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Deploy the foundation of a small fleet on a twin of its own; workloads are left to the tests."""
    folder = tmp_path_factory.mktemp("rights")
    fleet = folder / "fleet.yaml"
    fleet.write_text(POCKET_FLEET, encoding="utf-8")
    options = RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")
    with staged(options) as stage:
        foundation = [planned.id for planned in stage.driver.plan.stacks if planned.kind is not StackKind.WORKLOAD]
        assert all(result.status is StackStatus.SUCCEEDED for result in stage.driver.run(Operation.UP, foundation))
        sign_in_to_caller(stage.manifest, stage.access, stage.people, stage.profiles)
        yield stage


@pytest.fixture(autouse=True)
def _no_state_yet(stage: Stage) -> None:
    """Begin with no state and no settings, whatever an earlier test made or could not take away."""
    planned = stage.driver.plan.stack(STACK)
    (stage.workspace.settings_dir(planned) / stack_file_name(STACK.stack_name)).unlink(missing_ok=True)
    s3 = stage.access.client("s3", stage.administrator)
    home = load_lock(stage.workspace.lock_path).state
    assert home is not None
    for each in s3.list_objects_v2(Bucket=home.bucket).get("Contents", ()):
        s3.delete_object(Bucket=home.bucket, Key=each["Key"])


def denials(stage: Stage) -> list[dict[str, Any]]:
    """Return what the twin has refused so far, the latest first."""
    return last_denials(read_run_file(stage.workspace.state.parents[1] / "twin.json"), 500)


def run(stage: Stage, operation: Operation) -> StackResult:
    """Run one operation on the workload."""
    (result,) = stage.driver.run(operation, (STACK,))
    return result


@contextmanager
def without(stage: Stage, action: str) -> Iterator[None]:
    """Take one action out of the role's policy, and put it back at the end."""
    iam = stage.access.client("iam", stage.administrator)
    policy = iam.get_role_policy(RoleName=ROLE, PolicyName=POLICY_NAME)["PolicyDocument"]
    less = json.loads(json.dumps(policy))
    for statement in less["Statement"]:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        # A statement needs an action; this one exists and is nobody's.
        statement["Action"] = [each for each in actions if each != action] or ["s3:GetBucketTagging"]
    assert less != policy
    iam.put_role_policy(RoleName=ROLE, PolicyName=POLICY_NAME, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=ROLE, PolicyName=POLICY_NAME, PolicyDocument=json.dumps(policy))


def test_the_rights_are_enough(stage: Stage) -> None:
    """Everything the driver does with a workload's state, from the first preview to its end, meets no refusal."""
    before = len(denials(stage))
    for operation in (
        Operation.PREVIEW,
        Operation.UP,
        Operation.UP,
        Operation.PREVIEW_REFRESH,
        Operation.REFRESH,
        Operation.DESTROY,
    ):
        result = run(stage, operation)
        assert (result.status, result.error) == (StackStatus.SUCCEEDED, None), operation
    assert denials(stage)[: len(denials(stage)) - before] == []


@pytest.mark.parametrize("action", RIGHTS)
def test_no_right_is_spare(stage: Stage, action: str) -> None:
    """Without any one of the actions a preview of a new stack fails, and it is that action which AWS refuses."""
    before = len(denials(stage))
    with without(stage, action):
        result = run(stage, Operation.PREVIEW)
    refused = denials(stage)
    assert result.status is StackStatus.FAILED
    assert {each["action"] for each in refused[: len(refused) - before]} == {action}


def test_the_state_is_read_without_pulumi(stage: Stage) -> None:
    """`status` and `destroy` see in the bucket what Pulumi wrote there; a caller without rights is told AWS's words."""
    assert run(stage, Operation.UP).status is StackStatus.SUCCEEDED
    home = load_lock(stage.workspace.lock_path).state
    assert home is not None
    query = BucketQuery(
        env={**stage.env, "AWS_PROFILE": stage.manifest.callers.management},
        url=f"s3://{home.bucket}?region={home.region}&use_path_style=true",
        stacks=(("network", "plat-dev"), ("network", "plat-prod")),
        detail=Detail.RECORD,
    )
    found = read(query)
    assert found.names == (("network", "plat-dev"),)
    (state,) = found.states.values()
    assert (state.deployed, state.last_operation, state.last_result) == (True, "update", "succeeded")
    refused = read(dataclasses.replace(query, env={**query.env, "AWS_PROFILE": stage.manifest.callers.administrator}))
    assert "not authorized to perform: kms:Decrypt" in refused.refused
    assert run(stage, Operation.DESTROY).status is StackStatus.SUCCEEDED


def read(query: BucketQuery) -> BucketStates:
    """Read in a process of its own, as the driver does."""
    with ForkPool(1) as pool:
        return pool.submit(read_bucket_in_own_process, query).result()
