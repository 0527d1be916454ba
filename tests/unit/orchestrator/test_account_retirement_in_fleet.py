"""What retiring does to the fleet's files and stacks: what is left, into the suspended unit, out of the fleet."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.manifest import load_manifest
from orchestrator.accounts.errors import EditRefused
from orchestrator.accounts.forget_job import ForgetJob, ForgetResult, Forgotten
from orchestrator.accounts.retirement.errors import RetirementRefused, RetirementStopped
from orchestrator.accounts.retirement.obstacles import failed, refuse_obstructed
from orchestrator.accounts.retirement.retire_fleet import Fleetwide
from orchestrator.accounts.retirement.rules import only_in, set_aside, workloads_at
from orchestrator.files.workspace import committed
from orchestrator.running.job import Reason, StackErrorInfo, StackJob, StackResult, StackStatus
from orchestrator.stack_id import StackId
from tests.cli.fleet_folder import FakeRunner, deploy_on_paper, make_fleet_folder, tools
from tests.unit.orchestrator.fleets import FLEET, small_fleet

GUARDED = FLEET.replace("workloads:\n", "suspended_unit: suspended\nworkloads:\n", 1)
AT_ROOT = """\
  at-root:
    root: true
    accounts:
      par-8: {email: par@small.example, adopted: true}  # the eighth
  lab:
"""


def fleetwide(folder: Path, runner: FakeRunner | None = None) -> Fleetwide:
    """Return the fleet in a folder, that nothing outside is asked about."""

    def forget(job: ForgetJob) -> ForgetResult:
        return ForgetResult(job.id, Forgotten.ABSENT)

    path = folder / "fleet.yaml"
    return Fleetwide(path, committed(path), tools(runner or FakeRunner()), forget, tuple)


def test_what_is_left_in_an_account_is_told_from_its_states(tmp_path: Path) -> None:
    """Stacks with anything in their state count, and an account that nobody knows has none."""
    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, "network/lab-two")
    fleet = fleetwide(tmp_path)
    assert [each.split()[0] for each in fleet.left("lab-two")] == ["network/lab-two"]
    assert fleet.left("lab-one") == ()
    assert fleet.left("gone") == ()


@pytest.mark.parametrize(("name", "comment"), [("lab-two", "team: blue"), ("par-8", "# the eighth")])
def test_an_account_is_written_into_the_suspended_unit(tmp_path: Path, name: str, comment: str) -> None:
    """From any unit, that which stands for the root too, with its lines as they are; a second time changes nothing."""
    path = make_fleet_folder(tmp_path, GUARDED.replace("  lab:\n", AT_ROOT))
    fleet = fleetwide(tmp_path)
    fleet.quarantine(name)
    account = load_manifest(path).account(name)
    assert (account.unit, account.suspended) == ("suspended", True)
    written = path.read_text()
    assert comment in written
    fleet.quarantine(name)
    assert path.read_text() == written


@pytest.mark.parametrize("stack", ["network/lab-two", "late/lab-two"])
def test_what_was_deployed_after_the_move_is_let_go_of(tmp_path: Path, stack: str) -> None:
    """No destroy is hinted at where everything is denied, of a stack that the manifest has no more either."""
    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, stack)
    with pytest.raises(RetirementStopped, match=stack) as stopped:
        fleetwide(tmp_path).drop("lab-two", "300000000003")
    assert stopped.value.hint.startswith("fleetyard accounts release lab-two")
    assert "destroy" not in stopped.value.hint
    assert "back into the manifest" not in stopped.value.hint


def test_an_account_that_was_closed_meanwhile_is_let_go_of(tmp_path: Path) -> None:
    """Nobody gets into a closed account: what is on record of it is forgotten, and retiring goes on."""

    def closed(job: StackJob) -> StackResult:
        error = StackErrorInfo("FY365", "the account lab-two is closed", "AWS Organizations says SUSPENDED", "")
        return StackResult(job.id, job.account_id, StackStatus.FAILED, error=error)

    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, "network/lab-two")
    with pytest.raises(RetirementStopped, match="is closed") as stopped:
        fleetwide(tmp_path, FakeRunner(closed)).destroy("lab-two")
    assert stopped.value.hint.startswith("fleetyard accounts release lab-two")


def test_runs_leave_it_alone_and_its_own_retirement_does_not() -> None:
    """What is set aside is suspended for every run; for retiring it is an account like any other."""
    aside = set_aside(small_fleet(), {"lab-two"})
    assert [each.name for each in aside.accounts if each.suspended] == ["lab-two"]
    assert not only_in(aside, "lab-two").account("lab-two").suspended
    assert replace(aside, accounts=small_fleet().accounts) == small_fleet()


ORPHAN = "late/lab-two"
PROTECTED = StackErrorInfo(
    "FY409", "network/lab-two holds a protected resource", "it is protected To unprotect it: pulumi state unprotect", ""
)


def protect_on_paper(folder: Path, stack: str) -> None:
    """Give a stack a state with a protected queue."""
    deploy_on_paper(folder)
    file = folder / "state" / ".pulumi" / "stacks" / f"{stack}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    queue = {"type": "aws:sqs/queue:Queue", "urn": "urn:pulumi:x::y::aws:sqs/queue:Queue::jobs", "protect": True}
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [queue]}}}), encoding="utf-8")


def protecting(job: StackJob) -> StackResult:
    """Refuse every stack for a resource that its program protects."""
    return StackResult(job.id, job.account_id, StackStatus.FAILED, error=PROTECTED)


def hold_lock(folder: Path, stack: str, host: str) -> None:
    """Take a stack's lock on a machine, as Pulumi does."""
    file = folder / "state" / ".pulumi" / "locks" / "organization" / stack / "11111111-2222-3333-4444-555555555555.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"pid": 99, "username": "ann", "hostname": host, "timestamp": "2026-01-01T12:00:00Z"}))


def test_nothing_is_destroyed_while_the_manifest_lacks_a_stack(tmp_path: Path) -> None:
    """A workload that was taken out of the manifest before it was destroyed is named, and the way to settle it."""
    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, "network/lab-two", ORPHAN)
    runner = FakeRunner()
    fleet = fleetwide(tmp_path, runner)
    (found,) = fleet.obstacles("lab-two", ())
    assert (found.stack, found.words) == (ORPHAN, "it is deployed, and the manifest does not have it any more")
    back = f"bring back the program whose Pulumi.yaml has the name late, and put {ORPHAN} back into the manifest"
    assert f"{back}, then: fleetyard destroy --stack {ORPHAN}" in found.step
    with pytest.raises(RetirementRefused, match=f"FY378.*{ORPHAN}") as refused:
        refuse_obstructed("lab-two", (found,))
    assert refused.value.hint.endswith("then repeat the command")
    with pytest.raises(RetirementStopped, match=ORPHAN) as stopped:
        fleet.destroy("lab-two")
    assert f"{back}, then: fleetyard accounts retire --continue" in stopped.value.hint
    assert runner.ran == []


def test_a_stack_that_was_destroyed_before_it_left_the_manifest_is_not_in_the_way(tmp_path: Path) -> None:
    """Its state is there and holds nothing, so nothing of it would be lost."""
    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, ORPHAN)
    state = tmp_path / "state" / ".pulumi" / "stacks" / f"{ORPHAN}.json"
    state.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": []}}}))
    fleet = fleetwide(tmp_path)
    assert fleet.obstacles("lab-two", ()) == ()
    assert fleet.left("lab-two") == ()


def test_a_protected_resource_is_in_the_way_before_anything_is_destroyed(tmp_path: Path) -> None:
    """The step takes it out of the program while runs still work on the account."""
    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, "network/lab-two")
    fleet = fleetwide(tmp_path, FakeRunner(protecting))
    losses = fleet.losses("lab-two")
    (found,) = fleet.obstacles("lab-two", losses)
    assert found.words == "network/lab-two holds a protected resource (it is protected)"
    assert found.step == "take protect out of its program, then: fleetyard up --stack network/lab-two"
    protect_on_paper(tmp_path, "network/lab-two")
    (found,) = fleet.obstacles("lab-two", losses)
    assert found.words == "its program protects Queue jobs"
    free = "take protect off Queue jobs in the program of network/lab-two, then: fleetyard up --stack network/lab-two"
    assert found.step == free


def test_a_protected_resource_found_on_the_way_has_a_step_that_works(tmp_path: Path) -> None:
    """Runs leave the account alone by then, so it is taken out of the file first."""
    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, "network/lab-two")
    with pytest.raises(RetirementStopped) as stopped:
        fleetwide(tmp_path, FakeRunner(protecting)).destroy("lab-two")
    assert stopped.value.hint.startswith("take the lines of lab-two out of fleet.retired.yaml and protect out of")


def test_a_locked_stack_is_in_the_way(tmp_path: Path) -> None:
    """Who holds it is told with the command that takes a lock away; one of a process that is gone here is none."""
    make_fleet_folder(tmp_path, GUARDED)
    deploy_on_paper(tmp_path, "network/lab-two", "network/lab-one")
    hold_lock(tmp_path, "network/lab-two", "other-laptop")
    fleet = fleetwide(tmp_path)
    (found,) = fleet.obstacles("lab-two", ())
    assert "locked by ann@other-laptop, pid 99" in found.words
    assert f"fleetyard pulumi cancel --yes --stack lab-two --cwd {tmp_path / 'workloads' / 'network'}" in found.step
    assert fleet.obstacles("lab-one", ()) == ()


def test_what_only_waits_for_another_stack_is_not_told_of_its_own() -> None:
    """Its step is that of the other stack; any other reason has a step of its own."""
    waits = StackResult(StackId("app", "lab-one"), "2", StackStatus.SKIPPED, Reason.DEPENDENCY_FAILED)
    assert failed(waits) is None
    found = failed(replace(waits, reason=Reason.CALLER_MISSING))
    assert found is not None
    assert (found.words, found.step) == ("skipped, caller_missing", "fleetyard doctor")


LATE = """\
    accounts: [lab-one]
    role: Admin
  late:
    accounts: ["lab-t*"]
    role: Admin
    protected: true
"""
STAGED = (
    GUARDED.replace("lab-two: {", "lab-two: {stage: blue, ")
    .replace('    accounts: ["lab-*"]\n    role: Admin\n', LATE)
    .replace('accounts: ["*"]}', 'accounts: ["*"]}\n      - {roles: [Admin], stages: [blue]}')
)
"""lab-two is the last account of a stage, and of a glob."""


def test_the_last_account_of_a_stage_is_refused_with_every_line_and_the_order(tmp_path: Path) -> None:
    """What is deployed is destroyed first, then the lines are changed, then it is retired."""
    path = make_fleet_folder(tmp_path, STAGED)
    (tmp_path / "workloads" / "late").mkdir()
    (tmp_path / "workloads" / "late" / "Pulumi.yaml").write_text("name: late\nruntime: python\n", encoding="utf-8")
    deploy_on_paper(tmp_path)
    fleet = fleetwide(tmp_path)
    lines = STAGED.splitlines()
    stage = next(at for at, line in enumerate(lines, 1) if "stages: [blue]" in line)
    glob = next(at for at, line in enumerate(lines, 1) if "lab-t*" in line)
    with pytest.raises(EditRefused) as refused:
        fleet.removal("lab-two")
    assert (
        f"{path}:{stage}:{lines[stage - 1].index('blue') + 1}, management_roles.Management-Admin.grants.1.stages.0: "
        in (refused.value.why)
    )
    assert f"{path}:{glob}:" in refused.value.why
    assert "workloads.late.accounts.0: no account matches" in refused.value.why
    assert refused.value.hint.startswith("change the lines that are named, then: fleetyard accounts retire lab-two")
    deploy_on_paper(tmp_path, "late/lab-two")
    with pytest.raises(EditRefused) as refused:
        fleet.removal("lab-two")
    assert refused.value.hint.startswith(
        "fleetyard destroy --stack late/lab-two --include-foundation, then: change the lines that are named, then: "
    )
    assert path.read_text() == STAGED
    protect_on_paper(tmp_path, "late/lab-two")
    with pytest.raises(EditRefused) as refused:
        fleet.removal("lab-two")
    assert refused.value.hint.startswith(
        "take protect off Queue jobs in the program of late/lab-two, then: fleetyard up --stack late/lab-two, then: "
        "fleetyard destroy --stack late/lab-two --include-foundation, then: change the lines that are named, then: "
    )


def test_what_loses_its_state_bucket_is_destroyed_first(tmp_path: Path) -> None:
    """A bucket that only this account has keeps the states of all its workloads, and nobody looks there afterwards."""
    bucketed = GUARDED.replace("workload_state: files\n", "state_buckets: {second: {accounts: [lab-two]}}\n")
    path = make_fleet_folder(tmp_path, bucketed)
    deploy_on_paper(tmp_path)
    with pytest.raises(EditRefused, match=r"state_buckets\.second\.accounts\.0") as refused:
        fleetwide(tmp_path).removal("lab-two")
    assert set(workloads_at(load_manifest(path), refused.value.keys)) == {"app", "network"}
    assert workloads_at(load_manifest(path), [("workloads", "app", "accounts", 0), ()]) == {"app"}


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("", ""),
        ("  suspended:  # those who left\n", "  suspended: {}  # those who left\n"),
        ("  suspended:\n    tags: {kept: by-us}\n", "  suspended:\n    tags: {kept: by-us}\n"),
    ],
)
def test_what_the_move_wrote_goes_with_the_account(tmp_path: Path, written: str, left: str) -> None:
    """The entry of the suspended unit is taken out once it is empty; with words of somebody's in it, it stays."""
    there = GUARDED.replace("  lab:\n", f"{written}  lab:\n").replace("suspended:  #", "suspended: {}  #")
    path = make_fleet_folder(tmp_path, there)
    fleet = fleetwide(tmp_path)
    fleet.quarantine("lab-two")
    assert "    accounts:\n      lab-two:" in path.read_text()
    edit = fleet.removal("lab-two")
    assert edit is not None
    edit.write()
    text = path.read_text()
    assert ("  suspended:" in text) == bool(left)
    assert [word for word in ("# those who left", "kept: by-us") if word in text] == [
        word for word in ("# those who left", "kept: by-us") if word in left
    ]
