"""One operation over many stacks, with a runner that reaches nothing outside."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.lock import load_lock, write_lock
from landing_zone.manifest import load_manifest
from orchestrator.driver import Driver, RunOptions
from orchestrator.errors import PassphraseMissing, StillNeeded, WrongCaller
from orchestrator.files.workspace import committed
from orchestrator.planning.selection import Selection
from orchestrator.running.job import Operation, Reason, StackErrorInfo, StackJob, StackResult, StackStatus
from orchestrator.running.record import RunRecord
from orchestrator.stack_id import StackId
from orchestrator.tools import Tools
from tests.cli.fleet_folder import FakeRunner, deploy_on_paper, make_fleet_folder, no_management_caller, succeed, tools
from tests.unit.orchestrator.fleets import ACCOUNTS, HOME, LOCK

FOUNDATION = ["org/root", "bootstrap/root", "bootstrap-subaccount/lab-one", "bootstrap-subaccount/lab-two"]
WORKLOADS = ["network/lab-one", "network/lab-two"]


def driver_on(folder: Path, runner: FakeRunner, given: Tools | None = None) -> Driver:
    """Return a driver on the fleet of a folder."""
    fleet = folder / "fleet.yaml"
    workspace = committed(fleet)
    return Driver(load_manifest(fleet), workspace, given or tools(runner), [RunRecord(workspace.runs)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a fleet folder in which nothing is deployed."""
    make_fleet_folder(tmp_path)
    return tmp_path


def test_an_up_of_everything_goes_from_nothing_to_all(folder: Path) -> None:
    """Stacks run in order, and later ones are configured from what the organisation's up wrote into the lock."""
    runner = FakeRunner()
    report = driver_on(folder, runner).run_operation(Operation.UP)
    assert report.exit_code == 0
    assert runner.ran[0] == "organization/root"
    assert load_lock(folder / "fleet.lock.yaml") == replace(LOCK, state=HOME)
    (network,) = [job for job in runner.jobs if str(job.id) == "network/lab-two"]
    assert network.account_id == network.config["fleetyard:account_id"] == ACCOUNTS["lab-two"]


def test_a_job_says_where_everything_is(folder: Path) -> None:
    """A job has its project's name, places, region, caller and backend."""
    deploy_on_paper(folder)
    job = driver_on(folder, FakeRunner()).job(Operation.UP, StackId("app", "lab-one", "eu-north-1"))
    assert (job.project, job.region, job.id.stack_name) == ("app", "eu-north-1", "lab-one.eu-north-1")
    assert job.settings_dir == folder / "workloads" / "app"
    assert job.backend_url == (folder / "state").as_uri()
    assert (job.caller.profile, job.env["AWS_PROFILE"]) == ("small-management", "small-management")
    assert job.env["AWS_REGION"] == "eu-north-1"


def test_a_preview_of_a_fresh_fleet_blocks_what_has_no_account(folder: Path) -> None:
    """Stacks whose account is not created are blocked in a preview, which is no failure."""
    runner = FakeRunner()
    report = driver_on(folder, runner).run_operation(Operation.PREVIEW)
    assert runner.ran == ["organization/root"]
    assert {result.reason for result in report.results[1:]} == {Reason.ACCOUNT_NOT_CREATED}
    assert report.exit_code == 0
    assert not (folder / "fleet.lock.yaml").exists()


def test_what_a_program_says_of_its_config_has_its_place(folder: Path) -> None:
    """A value that a workload's program refuses is told with file, line and column; what is missing, with `config`."""
    deploy_on_paper(folder)
    fleet = folder / "fleet.yaml"
    text = fleet.read_text(encoding="utf-8")
    fleet.write_text(text.replace("  network:\n", "  network:\n    config: {zons: 2}\n"), encoding="utf-8")
    line = fleet.read_text(encoding="utf-8").splitlines().index("    config: {zons: 2}") + 1
    said = "workloads.network.config of the manifest:"
    why = f'{said} zons: unknown key (did you mean "zones"?)\n{said} cidr: is missing\n{said} too small'
    error = StackErrorInfo("FY403", "it raised", why, "correct workloads/network, then fleetyard preview")
    runner = FakeRunner(lambda job: replace(succeed(job), status=StackStatus.FAILED, error=error))
    report = driver_on(folder, runner).run_operation(Operation.PREVIEW, Selection(stacks=("network/lab-one",)))
    told = report.results[0].error
    assert told is not None
    assert [each.rpartition("fleet.yaml:")[2] for each in told.why.splitlines()] == [
        f'{line}:14: workloads.network.config: zons: unknown key (did you mean "zones"?)',
        f"{line}:5: workloads.network.config: cidr: is missing",
        f"{line}:13: workloads.network.config: too small",
    ]
    assert told.hint == "correct it there, then fleetyard preview"


def test_an_up_on_something_not_deployed_is_blocked_and_fails(folder: Path) -> None:
    """Selecting a stack whose dependency is neither selected nor deployed ends with exit code 1, naming it."""
    deploy_on_paper(folder)
    report = driver_on(folder, FakeRunner()).run_operation(Operation.UP, Selection(stacks=("network/lab-one",)))
    (result,) = report.results
    assert (result.status, result.reason) == (StackStatus.BLOCKED, Reason.DEPENDENCY_MISSING)
    assert str(result.cause) == "bootstrap-subaccount/lab-one"
    assert report.exit_code == 1


def test_a_failed_stack_stops_only_what_rests_on_it(folder: Path) -> None:
    """After a failure all that does not rest on it goes on, and the rest is skipped with the cause."""

    def act(job: StackJob) -> StackResult:
        if str(job.id) == "bootstrap-subaccount/lab-two":
            return StackResult(job.id, job.account_id, StackStatus.FAILED, Reason.FAILED)
        return succeed(job)

    report = driver_on(folder, FakeRunner(act)).run_operation(Operation.UP)
    by_id = {str(result.id): result for result in report.results}
    assert by_id["network/lab-one"].status is StackStatus.SUCCEEDED
    assert str(by_id["network/lab-two"].cause) == "bootstrap-subaccount/lab-two"
    assert str(by_id["app/lab-one/eu-west-1"].cause) == "bootstrap-subaccount/lab-two"
    assert report.exit_code == 1


def test_a_missing_caller_skips_its_half(folder: Path) -> None:
    """Without the management caller the foundation is deployed and the workloads are skipped, which is no failure."""
    runner = FakeRunner()
    report = driver_on(folder, runner, tools(runner, no_management_caller)).run_operation(Operation.UP)
    skipped = {str(result.id) for result in report.results if result.reason is Reason.CALLER_MISSING}
    assert skipped == {"network/lab-one", "network/lab-two", "app/lab-one/eu-west-1", "app/lab-one/eu-north-1"}
    assert len(runner.ran) == len(FOUNDATION)
    assert report.exit_code == 0


def test_a_caller_of_another_account_touches_nothing(folder: Path) -> None:
    """A wrong caller is refused before any stack starts."""
    runner = FakeRunner()
    elsewhere = replace(tools(runner), identify=lambda envs: [replace(i, account="999999999999") for i in known(envs)])
    with pytest.raises(WrongCaller):
        driver_on(folder, runner, elsewhere).run_operation(Operation.UP)
    assert runner.jobs == []


def known(environments: object) -> list[object]:
    """Return that everybody is known."""
    from tests.cli.fleet_folder import everybody_known

    return everybody_known(environments)  # type: ignore[arg-type]


def test_without_a_passphrase_nothing_starts(folder: Path) -> None:
    """Stacks with passphrase secrets need one set, even an empty one."""
    runner = FakeRunner()
    with pytest.raises(PassphraseMissing):
        driver_on(folder, runner, replace(tools(runner), env={})).run_operation(Operation.PREVIEW)
    driver_on(folder, runner, replace(tools(runner), env={"PULUMI_CONFIG_PASSPHRASE": ""})).run_operation(
        Operation.PREVIEW
    )
    assert runner.jobs


def test_stacks_encrypted_by_a_key_need_no_passphrase(folder: Path) -> None:
    """A stack whose settings name a KMS key is not held up by a missing passphrase."""
    (folder / "Pulumi.root.yaml").write_text("secretsprovider: awskms:///alias/x\n", encoding="utf-8")
    runner = FakeRunner()
    driver = driver_on(folder, runner, replace(tools(runner), env={}))
    driver.run_operation(Operation.PREVIEW, Selection(stacks=("organization",)))
    assert runner.ran == ["organization/root"]


def test_destroy_goes_backwards_and_keeps_the_foundation(folder: Path) -> None:
    """Workloads go before the roles they use; organization and bootstrap are listed as kept."""
    deploy_on_paper(folder, *FOUNDATION, *WORKLOADS)
    runner = FakeRunner()
    report = driver_on(folder, runner).run_operation(Operation.DESTROY)
    assert runner.ran == [
        "network/lab-two",
        "network/lab-one",
        *[f"bootstrap-subaccount/{a}" for a in ("lab-two", "lab-one")],
    ]
    kept = [str(result.id) for result in report.results if result.reason is Reason.PROTECTED]
    assert kept == ["bootstrap/root", "organization/root"]
    assert report.exit_code == 0


def test_destroy_with_foundation_goes_to_the_end(folder: Path) -> None:
    """Told to, destroy takes bootstrap and, last, the organisation."""
    deploy_on_paper(folder, *FOUNDATION)
    runner = FakeRunner()
    driver_on(folder, runner).run_operation(Operation.DESTROY, options=RunOptions(include_foundation=True))
    assert runner.ran[-2:] == ["bootstrap/root", "organization/root"]


def test_destroy_never_strands_what_stays(folder: Path) -> None:
    """Destroying the roles below a deployed workload that was not selected is refused."""
    deploy_on_paper(folder, *FOUNDATION, *WORKLOADS)
    with pytest.raises(StillNeeded):
        driver_on(folder, FakeRunner()).run_operation(Operation.DESTROY, Selection(stacks=("bootstrap-subaccount",)))


@pytest.mark.parametrize("status", [StackStatus.FAILED, StackStatus.CANCELLED])
def test_accounts_that_a_failed_run_made_are_in_the_lock(folder: Path, status: StackStatus) -> None:
    """A run of the organisation that fails after AWS made an account has no outputs: its state tells the id."""
    write_lock(folder / "fleet.lock.yaml", replace(LOCK, accounts={"lab-one": ACCOUNTS["lab-one"]}))

    def half(job: StackJob) -> StackResult:
        kind = "aws:organizations/account:Account"
        made = {"type": kind, "urn": f"urn:pulumi:root::org::{kind}::lab-two", "id": ACCOUNTS["lab-two"]}
        file = folder / "state" / ".pulumi" / "stacks" / "org" / "root.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [made]}}}), encoding="utf-8")
        return StackResult(job.id, job.account_id, status, Reason.FAILED)

    report = driver_on(folder, FakeRunner(half)).run_operation(Operation.UP)
    assert report.exit_code != 0
    accounts = load_lock(folder / "fleet.lock.yaml").accounts
    assert {name: accounts[name] for name in ("lab-one", "lab-two")} == {
        name: ACCOUNTS[name] for name in ("lab-one", "lab-two")
    }


def test_an_organisation_without_the_outputs_fails_and_writes_no_lock(folder: Path) -> None:
    """An up of the organisation that does not export its ids is a failure, and what rests on it does not run."""

    def act(job: StackJob) -> StackResult:
        return replace(succeed(job), outputs={"organization_id": "o-a1b2c3d4e5"})

    runner = FakeRunner(act)
    report = driver_on(folder, runner).run_operation(Operation.UP)
    assert report.results[0].error is not None
    assert report.results[0].error.code == "FY411"
    assert runner.ran == ["organization/root"]
    assert not (folder / "fleet.lock.yaml").exists()


def test_exactly_the_named_stacks_run(folder: Path) -> None:
    """`run` takes ids, in whatever order, and returns their results in the operation's order."""
    deploy_on_paper(folder, *FOUNDATION)
    runner = FakeRunner()
    stacks = [StackId("network", "lab-two"), StackId("network", "lab-one")]
    results = driver_on(folder, runner).run(Operation.UP, stacks)
    assert [str(result.id) for result in results] == ["network/lab-one", "network/lab-two"]


def test_one_driver_runs_several_operations(folder: Path) -> None:
    """The same driver deploys and then previews, with the lock that the first wrote."""
    runner = FakeRunner()
    driver = driver_on(folder, runner)
    driver.run_operation(Operation.UP)
    report = driver.run_operation(Operation.PREVIEW)
    assert {result.status for result in report.results} == {StackStatus.SUCCEEDED}


def test_a_run_is_on_record_beside_the_state(folder: Path) -> None:
    """Each run has a folder with one JSON line per change of status, from start to finish, and nothing secret."""
    driver_on(folder, FakeRunner()).run_operation(Operation.UP, Selection(stacks=("organization",)))
    (record,) = (folder / "state" / ".fleetyard" / "runs").glob("*/events.jsonl")
    text = record.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in lines] == [
        "run_started",
        "moved",
        "moved",
        "ended",
        "moved",
        "run_finished",
    ]
    assert {line["schema"] for line in lines} == {1}
    assert "sesame" not in text


def test_a_refresh_clears_pending_creates_only_when_asked(folder: Path) -> None:
    """What a killed run had begun stays in the state unless the option says to forget it."""
    deploy_on_paper(folder, "org/root")
    runner = FakeRunner()
    driver = driver_on(folder, runner)
    chosen = Selection(stacks=("organization",))
    driver.run_operation(Operation.REFRESH, chosen)
    driver.run_operation(Operation.REFRESH, chosen, RunOptions(clear_pending_creates=True))
    assert [job.clear_pending_creates for job in runner.jobs] == [False, True]
