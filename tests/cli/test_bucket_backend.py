"""Workloads whose state is in the state bucket: where their jobs go, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from landing_zone.lock import load_lock, write_lock
from landing_zone.manifest import load_manifest
from orchestrator.accounts.forget_job import ForgetJob, ForgetResult, Forgotten
from orchestrator.accounts.release import AccountStates
from orchestrator.driver import Driver, RunOptions
from orchestrator.errors import StillNeeded
from orchestrator.files.workspace import committed
from orchestrator.planning.selection import Selection
from orchestrator.running.job import Operation, Reason, StackStatus
from orchestrator.stack_id import StackId
from orchestrator.state.bucket_states import BucketQuery, BucketStates, Detail, Name
from orchestrator.state.errors import BackendUnreadable
from orchestrator.state.state_files import StackState
from tests.cli.fleet_folder import FakeRunner, Terminal, deploy_on_paper, make_fleet_folder, succeed, tools
from tests.unit.orchestrator.fleets import BUCKET_FLEET, FLEET, HOME, LOCK

NETWORK = StackId("network", "lab-one")
URL = f"s3://{HOME.bucket}?region=eu-west-1"


@dataclass
class Bucket:
    """A state bucket as the driver sees it; `refused` are AWS's words for whoever may not read it."""

    states: dict[Name, StackState] = field(default_factory=dict)
    refused: str = ""
    queries: list[BucketQuery] = field(default_factory=list)

    def read(self, query: BucketQuery) -> BucketStates:
        """Answer a query."""
        self.queries.append(query)
        if self.refused:
            return BucketStates(refused=self.refused)
        return BucketStates(self.states, tuple(self.states))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a repository whose foundation is deployed, bucket and key too."""
    make_fleet_folder(tmp_path, BUCKET_FLEET)
    deploy_on_paper(tmp_path, "org/root", "bootstrap/root", "bootstrap-subaccount/lab-one")
    write_lock(tmp_path / "fleet.lock.yaml", replace(LOCK, state=HOME))
    return tmp_path


def driver(folder: Path, bucket: Bucket, runner: FakeRunner | None = None, **options: str) -> Driver:
    """Return a driver on the folder whose bucket is this one."""
    workspace = committed(folder / "fleet.yaml")
    world = replace(tools(runner or FakeRunner()), read_bucket=bucket.read, bucket_options=options)
    return Driver(load_manifest(workspace.fleet), workspace, world)


def test_a_workloads_job_names_bucket_and_key_with_their_region(folder: Path) -> None:
    """A workload in another region still finds bucket and key in theirs, and asks for no passphrase's key."""
    job = driver(folder, Bucket()).job(Operation.UP, StackId("app", "lab-one", "eu-north-1"))
    assert job.backend_url == job.env["PULUMI_BACKEND_URL"] == URL
    assert job.secrets_provider == f"awskms:///{HOME.key_arn}?region=eu-west-1"
    assert job.keys is None


def test_the_foundation_stays_in_files(folder: Path) -> None:
    """The programs that make the bucket keep their state beside the manifest, under a passphrase."""
    job = driver(folder, Bucket()).job(Operation.UP, StackId("bootstrap", "root"))
    assert (job.backend_url, job.secrets_provider) == ((folder / "state").as_uri(), "passphrase")


def test_an_endpoints_own_options_are_in_the_url(folder: Path) -> None:
    """What the endpoint needs beside the region stands in the bucket's URL."""
    job = driver(folder, Bucket(), use_path_style="true").job(Operation.UP, NETWORK)
    assert job.backend_url == f"{URL}&use_path_style=true"


def test_files_are_used_where_the_manifest_says_so(folder: Path) -> None:
    """With `workload_state: files` workloads live beside the manifest, bucket or not."""
    (folder / "fleet.yaml").write_text(FLEET, encoding="utf-8")
    job = driver(folder, Bucket()).job(Operation.UP, NETWORK)
    assert (job.backend_url, job.secrets_provider) == ((folder / "state").as_uri(), "passphrase")


def test_a_workload_waits_for_its_bucket(folder: Path) -> None:
    """While bootstrap has made no bucket, a preview of a workload is blocked, which is no failure."""
    write_lock(folder / "fleet.lock.yaml", LOCK)
    report = driver(folder, Bucket()).run_operation(Operation.PREVIEW, Selection(stacks=("network",)))
    assert {(result.status, result.reason) for result in report.results} == {
        (StackStatus.BLOCKED, Reason.STATE_NOT_CREATED)
    }
    assert report.exit_code == 0


def test_one_up_goes_from_nothing_to_workloads_in_the_bucket(tmp_path: Path) -> None:
    """Bootstrap's outputs are in the lock before the first workload starts."""
    make_fleet_folder(tmp_path, BUCKET_FLEET)
    runner = FakeRunner()
    assert driver(tmp_path, Bucket(), runner).run_operation(Operation.UP).exit_code == 0
    assert load_lock(tmp_path / "fleet.lock.yaml") == replace(LOCK, state=HOME)
    assert {job.backend_url for job in runner.jobs if job.id.program == "network"} == {URL}


def test_an_organisation_deployed_again_leaves_the_bucket_in_the_lock(folder: Path) -> None:
    """`up` of the organisation writes its own part of the lock only."""
    driver(folder, Bucket()).run_operation(Operation.UP, Selection(stacks=("organization",)))
    assert load_lock(folder / "fleet.lock.yaml").state == HOME


def test_bootstrap_without_its_outputs_fails(folder: Path) -> None:
    """A bootstrap that exports no key fails as FY410 and leaves the lock as it was."""
    runner = FakeRunner(lambda job: replace(succeed(job), outputs={"state_bucket": HOME.bucket}))
    report = driver(folder, Bucket(), runner).run_operation(Operation.UP, Selection(stacks=("bootstrap",)))
    (result,) = report.results
    assert result.error is not None
    assert "state_key_arn" in result.error.summary
    assert load_lock(folder / "fleet.lock.yaml").state == HOME


def test_state_left_in_files_is_not_deployed_a_second_time(folder: Path) -> None:
    """A workload whose state is still in files fails as FY320, naming the command that moves it, and does not run."""
    deploy_on_paper(folder, "network/lab-one")
    write_lock(folder / "fleet.lock.yaml", replace(LOCK, state=HOME))
    runner = FakeRunner()
    report = driver(folder, Bucket(), runner).run_operation(Operation.UP, Selection(stacks=("network/lab-one",)))
    (result,) = report.results
    assert result.error is not None
    assert (result.error.code, runner.ran) == ("FY320", [])
    assert "fleetyard state migrate --stack network/lab-one" in result.error.hint


def test_state_left_in_the_bucket_is_not_deployed_a_second_time(folder: Path) -> None:
    """After a change to `files`, a stack whose settings still name the key is refused as StateElsewhere too."""
    (folder / "fleet.yaml").write_text(FLEET, encoding="utf-8")
    settings = folder / "workloads" / "network" / "Pulumi.lab-one.yaml"
    settings.write_text(f"secretsprovider: awskms:///{HOME.key_arn}\n", encoding="utf-8")
    report = driver(folder, Bucket()).run_operation(Operation.PREVIEW, Selection(stacks=("network/lab-one",)))
    assert report.results[0].error is not None
    assert report.results[0].error.code == "FY320"


def test_refresh_asks_the_bucket_once_as_the_workloads_caller(folder: Path) -> None:
    """One query tells which of the selected workloads are deployed; the others are skipped."""
    bucket = Bucket({("network", "lab-one"): StackState(readable=True, resources=3)})
    runner = FakeRunner()
    report = driver(folder, bucket, runner).run_operation(Operation.REFRESH, Selection(stacks=("network",)))
    assert runner.ran == ["network/lab-one"]
    assert report.results[1].reason is Reason.NOT_DEPLOYED
    (query,) = bucket.queries
    assert (query.env["AWS_PROFILE"], query.url, query.detail) == ("small-management", URL, Detail.DEPLOYED)
    assert set(query.stacks) >= {("network", "lab-one"), ("network", "lab-two")}


def test_nothing_is_destroyed_below_a_workload_that_cannot_be_seen(folder: Path) -> None:
    """Where the bucket refuses, workloads count as deployed, so the roles they rest on stay."""
    bucket = Bucket(refused="AccessDenied")
    with pytest.raises(StillNeeded):
        driver(folder, bucket).run_operation(
            Operation.DESTROY, Selection(stacks=("bootstrap-subaccount/lab-one",)), RunOptions()
        )


def test_foundation_alone_never_asks_the_bucket(folder: Path) -> None:
    """A preview of the foundation needs no right on the bucket."""
    bucket = Bucket(refused="AccessDenied")
    report = driver(folder, bucket).run_operation(Operation.PREVIEW, Selection(stacks=("bootstrap",)))
    assert (report.exit_code, bucket.queries) == (0, [])


def test_status_reads_the_bucket(folder: Path) -> None:
    """`status` tells what the bucket holds, and which stacks there the manifest does not have."""
    states = {
        ("network", "lab-one"): StackState(readable=True, resources=3),
        ("old", "lab-one"): StackState(readable=True),
    }
    terminal = Terminal(folder, read_bucket=Bucket(states).read)
    answer = terminal.json("status", "--stack", "network")
    assert answer["stacks"][0]["state"] == "deployed"  # type: ignore[index]
    assert answer["stacks"][1]["state"] == "absent"  # type: ignore[index]
    assert answer["unplanned"] == [{"project": "old", "stack": "lab-one"}]


def account_states(folder: Path, bucket: Bucket, jobs: list[ForgetJob]) -> AccountStates:
    """Return what forgets states on this folder and bucket, and keeps the jobs instead of doing them."""

    def forget(job: ForgetJob) -> ForgetResult:
        jobs.append(job)
        return ForgetResult(job.id, Forgotten.FORGOTTEN)

    def call(fn: Callable[[Any], Any], argument: object) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(argument))
        return future

    workspace = committed(folder / "fleet.yaml")
    world = replace(tools(FakeRunner()), read_bucket=bucket.read, call=call)
    return AccountStates(load_manifest(workspace.fleet), workspace, world, forget)


def test_states_of_an_account_are_forgotten_in_the_bucket(folder: Path) -> None:
    """Those that hold nothing and those that the manifest lacks too, as the caller of workloads and by its key."""
    empty, full = StackState(readable=True), StackState(readable=True, resources=3)
    bucket = Bucket(
        {
            ("network", "lab-one"): empty,
            ("late", "lab-one"): full,
            ("old", "lab-one.eu-north-1"): empty,
            ("late", "lab-two"): full,
        }
    )
    jobs: list[ForgetJob] = []
    states = account_states(folder, bucket, jobs)
    record = states.look("lab-one")
    assert [str(each.id) for each in record.deployed] == ["bootstrap-subaccount/lab-one"]
    assert [str(each) for each in record.unplanned] == ["late/lab-one"]
    assert [str(each) for each in record.hollow] == ["old/lab-one/eu-north-1"]
    states.forget_stacks(record.empty, lambda _result: None)
    states.forget_orphans((*record.unplanned, *record.hollow), lambda _result: None)
    assert [str(job.id) for job in jobs] == ["network/lab-one", "late/lab-one", "old/lab-one/eu-north-1"]
    assert {job.stack.backend_url for job in jobs} == {URL}
    assert {job.stack.secrets_provider for job in jobs} == {f"awskms:///{HOME.key_arn}?region=eu-west-1"}
    assert {job.stack.env["AWS_PROFILE"] for job in jobs} == {"small-management"}


def test_an_account_whose_bucket_cannot_be_read_is_not_taken_for_empty(folder: Path) -> None:
    """What is in a bucket that refuses is not known, so neither release nor remove goes on."""
    states = account_states(folder, Bucket(refused="AccessDenied: no s3:ListBucket"), [])
    with pytest.raises(BackendUnreadable, match=r"s3:ListBucket"):
        states.look("lab-one")


def test_status_says_what_it_could_not_read(folder: Path) -> None:
    """Where AWS refuses, workloads are `unknown` and AWS's words are told."""
    terminal = Terminal(
        folder, read_bucket=Bucket(refused="AccessDenied: not authorized to perform: s3:GetObject").read
    )
    assert terminal.run("status") == 0
    assert "unknown" in terminal.out.getvalue()
    assert "not authorized to perform: s3:GetObject" in terminal.out.getvalue()


def test_another_key_is_not_taken_while_states_are_under_the_old_one(folder: Path) -> None:
    """A bootstrap that exports another key fails as FY413 (StateHomeReplaced), and the lock keeps the old one."""
    other = HOME.key_arn.replace("1111", "9999")
    runner = FakeRunner(
        lambda job: replace(succeed(job), outputs={"state_bucket": HOME.bucket, "state_key_arn": other})
    )
    report = driver(folder, Bucket(), runner).run_operation(Operation.UP, Selection(stacks=("bootstrap",)))
    error = report.results[0].error
    assert error is not None
    assert (error.code, report.exit_code) == ("FY413", 3)
    assert f"cancel-key-deletion --key-id {HOME.key_arn}" in error.hint
    assert load_lock(folder / "fleet.lock.yaml").state == HOME


def test_a_destroyed_bootstrap_takes_bucket_and_key_out_of_the_lock(folder: Path) -> None:
    """After bootstrap is destroyed nothing is looked for in a bucket that is gone, and a new one may be made."""
    chosen = Selection(stacks=("bootstrap", "bootstrap-subaccount"))
    report = driver(folder, Bucket()).run_operation(Operation.DESTROY, chosen, RunOptions(include_foundation=True))
    assert report.exit_code == 0
    assert load_lock(folder / "fleet.lock.yaml").state is None
