"""Commands on a stack in a bucket: the same objects as on file, few requests, and nothing lost when AWS says no."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from rehearsal.engine.aws_access import AwsAccess
from rehearsal.engine.backend import Backend
from rehearsal.engine.errors import StateConflictError
from rehearsal.engine.references import StackReference
from rehearsal.engine.s3_store import open_s3_store
from rehearsal.engine.state import PendingKind, PendingOperation, ResourceState, Snapshot
from rehearsal.engine.update import Collaborators, UpdateOutcome, UpdateRequest, UpdateResult
from rehearsal.twin.client import change_settings, count_calls
from tests.support.twin_fixtures import MANAGEMENT, Keys, document, trusting
from tests.unit.engine_store.cloud_workbench import CloudBench, on_twin, only_the_twin
from tests.unit.engine_store.workbench import nothing_to_do

STATE = ".pulumi/stacks/demo/dev.json"
UP = ("up", "--yes", "--skip-preview", "--stack", "dev")
ROOT = ResourceState("urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev", "pulumi:pulumi:Stack", custom=False)
THING = ResourceState(
    "urn:pulumi:dev::demo::demo:index:Thing::thing", "demo:index:Thing", custom=False, parent=ROOT.urn
)
NewRole = Callable[..., str]


@pytest.fixture
def administrator(cloud: CloudBench, new_role: NewRole) -> tuple[str, CloudBench]:
    """Return a role that may do everything, and the bench as a session of it."""
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    role = new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:root"), everything)
    return role, cloud.as_holder(cloud.aws.assume(role))


def without_changes(cloud: CloudBench) -> CloudBench:
    """Return a bench with a stack `dev` whose updates find nothing to do."""
    bench = cloud.having(on_twin(nothing_to_do))
    bench.ok("stack", "init", "dev")
    return bench


def test_the_objects_are_those_of_the_file_backend(cloud: CloudBench) -> None:
    """Meta file, state, previous state, history with its copy, and backup lie where Pulumi has them; no lock stays."""
    bench = without_changes(cloud)
    bench.ok(*UP)
    names = [
        key.replace(".history.json", ".H").replace(".checkpoint.json", ".C").rpartition("/")[0] or key
        for key in bench.objects()
    ]
    assert names == [
        ".pulumi/backups/demo/dev",
        ".pulumi/history/demo/dev",
        ".pulumi/history/demo/dev",
        ".pulumi",
        ".pulumi/stacks/demo",
        ".pulumi/stacks/demo",
    ]
    assert bench.objects()[".pulumi/meta.yaml"] == b"version: 1\n"
    assert json.loads(bench.objects()[f"{STATE}.bak"])["checkpoint"]["stack"] == "organization/demo/dev"


def test_an_update_without_changes_takes_few_requests(cloud: CloudBench) -> None:
    """Twelve: meta, state, lock in three, state again, previous, state, history in two, backup, unlock."""
    bench = without_changes(cloud)
    with bench.counted() as calls:
        bench.ok(*UP)
    assert calls == {
        "s3:GetObject": 3,
        "s3:ListObjectsV2": 2,
        "s3:PutObject": 3,
        "s3:CopyObject": 3,
        "s3:DeleteObjects": 1,
    }


def test_a_preview_only_reads(cloud: CloudBench) -> None:
    """The meta file and the state, once each."""
    bench = without_changes(cloud)
    with bench.counted() as calls:
        bench.ok("preview", "--stack", "dev")
    assert calls == {"s3:GetObject": 2}


def test_a_stack_that_is_locked_elsewhere_is_told(cloud: CloudBench) -> None:
    """FY504: the lock of another machine is never broken; `cancel` removes it, wherever its process is."""
    bench = without_changes(cloud)
    lock = {"pid": 1, "username": "u", "hostname": "elsewhere", "timestamp": "2026-01-02T03:04:05Z"}
    bench.put(".pulumi/locks/organization/demo/dev/x.json", json.dumps(lock).encode())
    ran = bench.having(PULUMI_BACKEND_URL=f"s3://{bench.bucket}?region=us-east-1").run(*UP)
    where = f"s3://{bench.bucket}/.pulumi/locks/organization/demo/dev/x.json?region=us-east-1: created by u@elsewhere"
    assert (ran.error, where in ran.stderr) == ("ConcurrentUpdateError", True), ran
    bench.ok("cancel", "--yes", "--stack", "dev")
    bench.ok(*UP)


def test_a_stack_that_two_make_at_once_is_made_by_one(cloud: CloudBench) -> None:
    """FY535: the first checkpoint is written only where there is none, so that no state is lost."""
    bench = without_changes(cloud)
    store = open_s3_store(f"s3://{bench.bucket}", AwsAccess(bench.env, only_the_twin))
    with pytest.raises(StateConflictError):
        Backend(store).create(StackReference("demo", "dev"), b"{}")


@pytest.mark.parametrize("args", [("stack", "ls"), ("stack", "init", "x"), ("preview", "--stack", "dev")])
def test_a_missing_bucket_is_told(cloud: CloudBench, args: tuple[str, ...]) -> None:
    """FY530 for every command, and nothing is written beside the project."""
    ran = cloud.having(PULUMI_BACKEND_URL="s3://there-is-no-such-bucket").run(*args)
    assert ("FY530" in ran.stderr, cloud.stack_file.exists()) == (True, False), ran


def test_no_request_reaches_what_is_no_twin(cloud: CloudBench) -> None:
    """The endpoint of the URL, of the service and none at all are refused before anything is sent; files need none."""
    before = count_calls(cloud.twin.run)
    elsewhere = "http://127.0.0.1:9"
    for more in (
        {"PULUMI_BACKEND_URL": f"s3://{cloud.bucket}?endpoint={elsewhere}"},
        {"AWS_ENDPOINT_URL_S3": elsewhere},
        {"AWS_ENDPOINT_URL": ""},
        {"FLEETYARD_TWIN_RUN_FILE": ""},
    ):
        ran = cloud.run("stack", "ls", **more)
        assert ("is not our twin" in ran.stderr, ran.code) == (True, 1), ran
    (cloud.root / "state").mkdir()
    plain = cloud.having(PULUMI_BACKEND_URL=f"file://{cloud.root}/state", AWS_ENDPOINT_URL="")
    assert plain.run("stack", "ls", "--json").stdout.strip() == "[]"
    assert count_calls(cloud.twin.run) == before


def interrupted(between: Callable[[], object]) -> Callable[[UpdateRequest, Collaborators], UpdateOutcome]:
    """Return a deployment that makes a thing, has its rights taken away, and goes on."""

    def run(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        made = replace(request.snapshot, resources=(ROOT, THING))
        collaborators.journal.record(made)
        begun = replace(THING, urn=f"{THING.urn}-2")
        collaborators.journal.record(replace(made, pending_operations=(PendingOperation(begun, PendingKind.CREATING),)))
        between()
        last = Snapshot((ROOT, THING, begun))
        collaborators.journal.record(last)
        return UpdateOutcome(UpdateResult.SUCCEEDED, last)

    return run


def test_access_taken_away_in_the_middle_loses_nothing(
    cloud: CloudBench, administrator: tuple[str, CloudBench]
) -> None:
    """FY531: what was recorded stays, the operation in hand as pending; the rest is kept here and can be imported."""
    role, bench = administrator
    bench.ok("stack", "init", "dev")
    iam = cloud.aws.client("iam")
    run = interrupted(lambda: iam.delete_role_policy(RoleName=role.rpartition("/")[2], PolicyName="inline"))
    ran = bench.having(on_twin(run)).run(*UP)
    assert ("FY531" in ran.stderr, "s3:PutObject" in ran.stderr, "pulumi cancel" in ran.stderr) == (True, True, True)
    assert "Traceback" not in ran.stderr
    latest = json.loads(cloud.objects()[STATE])["checkpoint"]["latest"]
    assert [entry["urn"] for entry in latest["resources"]] == [ROOT.urn, THING.urn]
    assert [entry["type"] for entry in latest["pending_operations"]] == ["creating"]
    file = next((cloud.root / "home" / "unwritten").iterdir())
    assert (str(file) in ran.stderr, file.stat().st_mode & 0o777) == (True, 0o600)
    cloud.ok("cancel", "--yes", "--stack", "dev")
    cloud.ok("stack", "import", "--file", str(file), "--stack", "dev")
    latest = json.loads(cloud.objects()[STATE])["checkpoint"]["latest"]
    assert ([len(latest["resources"])], "pending_operations" in latest) == ([3], False)
    cloud.having(on_twin(nothing_to_do)).ok(*UP)


def test_a_session_that_ends_in_the_middle_loses_nothing(
    cloud: CloudBench, administrator: tuple[str, CloudBench], request: pytest.FixtureRequest
) -> None:
    """FY533 says to sign in again and that the run goes on from what is recorded."""
    _, bench = administrator
    bench.ok("stack", "init", "dev")
    request.addfinalizer(lambda: change_settings(cloud.twin.run, clock_ahead_s=0))
    run = interrupted(lambda: change_settings(cloud.twin.run, clock_ahead_s=7200))
    ran = bench.having(on_twin(run)).run(*UP)
    told = ("FY533", "sign in again", "goes on from what is recorded", "pulumi cancel")
    assert [text in ran.stderr for text in told] == [True] * 4, ran
    change_settings(cloud.twin.run, clock_ahead_s=0)
    latest = json.loads(cloud.objects()[STATE])["checkpoint"]["latest"]
    assert [entry["urn"] for entry in latest["resources"]] == [ROOT.urn, THING.urn]


def test_the_rights_of_a_management_role_are_enough(
    cloud: CloudBench, new_user: Callable[..., tuple[str, Keys]]
) -> None:
    """Get, put and delete under `.pulumi/` and listing that prefix: every command works, and nothing is denied."""
    arn = f"arn:aws:s3:::{cloud.bucket}"
    prefix = {"StringLike": {"s3:prefix": [".pulumi/*"]}}
    use = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    policy = document(
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn, "Condition": prefix},
        {"Effect": "Allow", "Action": use, "Resource": f"{arn}/.pulumi/*"},
    )
    bench = cloud.as_holder(new_user(policy)[1]).having(on_twin(nothing_to_do))
    for args in (
        ("stack", "init", "dev"),
        ("config", "set", "--secret", "k", "v", "--stack", "dev"),
        UP,
        ("refresh", "--yes", "--stack", "dev"),
        ("stack", "tag", "set", "a", "b", "--stack", "dev"),
        ("stack", "ls"),
        ("stack", "history", "--stack", "dev"),
        ("stack", "output", "--stack", "dev"),
        ("stack", "rm", "--yes", "--remove-backups", "dev"),
    ):
        bench.ok(*args)
    assert list(cloud.objects()) == [".pulumi/meta.yaml"]
