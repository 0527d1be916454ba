"""Runs of the driver while AWS fails as ordered: what is retried, who fails alone, what is told of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from landing_zone.lock import load_lock
from orchestrator.errors import AwsUnreachable
from orchestrator.planning.plan import StackKind
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, deploy, sign_in_to_caller
from orchestrator.running.job import Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId
from rehearsal.twin.client import Fault, add_fault, clear_faults, list_faults
from rehearsal.twin.run_file import TwinRun, read_run_file
from tests.support.pocket_fleet import POCKET_FLEET

DEV, PROD = StackId("network", "plat-dev"), StackId("network", "plat-prod")


@dataclass(frozen=True)
class Scene:
    """A deployed fleet, and the twin below it."""

    stage: Stage
    twin: TwinRun

    def account(self, name: str) -> str:
        """Return the id of an account."""
        lock = load_lock(self.stage.workspace.lock_path)
        return lock.accounts[name]

    def refresh(self) -> Mapping[StackId, StackResult]:
        """Read every workload's resources anew, as a new session of the management role."""
        stage = self.stage
        sign_in_to_caller(stage.manifest, stage.access, stage.people, stage.profiles)
        workloads = [planned.id for planned in stage.driver.plan.stacks if planned.kind is StackKind.WORKLOAD]
        return {result.id: result for result in stage.driver.run(Operation.REFRESH, workloads)}

    def hits(self) -> list[int]:
        """Return how often each fault has struck."""
        return [int(fault["hits"]) for fault in list_faults(self.twin)]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Deploy a small fleet on a twin of its own."""
    folder = tmp_path_factory.mktemp("faults")
    fleet = folder / "fleet.yaml"
    fleet.write_text(POCKET_FLEET, encoding="utf-8")
    with staged(RehearsalOptions(fleet, dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, _ = deploy(stage)
        assert {result.status for result in results} == {StackStatus.SUCCEEDED}
        yield Scene(stage, read_run_file(folder / "twin.json"))


@pytest.fixture
def scene(deployed: Scene) -> Iterator[Scene]:
    """Return the fleet; no fault is left afterwards."""
    yield deployed
    clear_faults(deployed.twin)


def told(result: StackResult) -> str:
    """Return all that is told of a stack that failed."""
    assert (result.status, result.error is not None) == (StackStatus.FAILED, True)
    assert result.error is not None
    return f"{result.error.summary} {result.error.why} {result.error.hint}"


def test_throttling_is_retried(scene: Scene) -> None:
    """With STS throttling once and EC2 once in an account the run succeeds, by the SDK's own retries."""
    account = scene.account("plat-dev")
    add_fault(scene.twin, Fault("throttling", service="sts", operation="AssumeRole", role="Management-Admin", times=1))
    add_fault(scene.twin, Fault("throttling", service="ec2", account=account, times=1))
    assert {result.status for result in scene.refresh().values()} == {StackStatus.SUCCEEDED}
    assert scene.hits() == [1, 1]


@pytest.mark.parametrize(
    ("error", "words"),
    [("throttling", "Throttling: Rate exceeded"), ("internal-error", "STS"), ("connection-reset", "Connection")],
)
def test_an_sts_that_stays_busy_is_no_lack_of_rights(scene: Scene, error: str, words: str) -> None:
    """Where STS throttles, fails or hangs up for longer than the SDK retries, FY414 says so and to run again."""
    add_fault(scene.twin, Fault(error, service="sts", operation="AssumeRole", role="Management-Admin"))
    result = scene.refresh()[DEV]
    assert words in told(result)
    assert result.error is not None
    assert (result.error.code, result.error.exit_code) == ("FY414", 5)
    assert "a little later" in result.error.hint


def test_a_caller_whom_a_busy_sts_does_not_know_need_not_sign_in(scene: Scene) -> None:
    """Where STS throttles the question who the caller is, FY205 quotes it and says to come again."""
    add_fault(scene.twin, Fault("throttling", service="sts", operation="GetCallerIdentity"))
    with pytest.raises(AwsUnreachable) as raised:
        scene.refresh()
    assert "(Throttling)" in raised.value.why
    assert raised.value.hint.startswith("run the command again a little later")


def test_a_role_that_stops_being_assumable_fails_its_account_alone(scene: Scene) -> None:
    """The account whose role cannot be assumed fails with AWS's words; the others go on."""
    account = scene.account("plat-dev")
    add_fault(scene.twin, Fault("unassumable-role", role="Admin", account=account))
    results = scene.refresh()
    words = told(results[DEV])
    assert "AccessDenied" in words
    assert f"is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{account}:role/Admin" in words
    assert results[PROD].status is StackStatus.SUCCEEDED


def test_a_session_that_expires_mid_run_is_told(scene: Scene) -> None:
    """The account whose session ends after some calls fails with AWS's words and code; the next run succeeds."""
    account = scene.account("plat-prod")
    add_fault(scene.twin, Fault("expired-session", role="Admin", account=account, after=2, times=1))
    results = scene.refresh()
    words = told(results[PROD])
    assert "RequestExpired" in words
    assert "Request has expired" in words
    assert results[DEV].status is StackStatus.SUCCEEDED
    assert {result.status for result in scene.refresh().values()} == {StackStatus.SUCCEEDED}
