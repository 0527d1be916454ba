"""What is wrong with the states of a fleet, and what is said about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from landing_zone.lock import Lock
from orchestrator.files.workspace import Workspace, committed
from orchestrator.planning.plan import make_plan
from orchestrator.planning.selection import Selection, select
from orchestrator.state.backends import Backends
from orchestrator.state.doctor import Ward, diagnose
from orchestrator.state.findings import Diagnosis, Finding, Kind, diagnosis_as_json, diagnosis_as_text
from orchestrator.state.lock_holders import LONG, Machine
from orchestrator.state.places import BackendName, backends_of, place_of
from orchestrator.state.survey import Holdings, survey
from orchestrator.state.unwritten import UnwrittenState, unwritten_states
from tests.cli.fleet_folder import make_fleet_folder
from tests.unit.orchestrator.fleets import ACCOUNTS, BUCKET_FLEET, HOME, LOCK, small_fleet
from tests.unit.orchestrator.state_backends import NOON, SALT, Objects, checkpoint

URL = f"awskms:///{HOME.key_arn}?region=eu-west-1"
BY_KEY = {"secrets_providers": {"type": "cloud", "state": {"url": URL, "encryptedkey": "wrapped"}}}
MACHINE = Machine("desk", datetime.fromisoformat(NOON) + timedelta(hours=1), lambda _pid: None)
"""The machine that the locks were taken on, an hour later, with no process left."""


@dataclass
class Scene:
    """A fleet whose workloads live in the bucket, and its two backends."""

    workspace: Workspace
    files: Objects = field(default_factory=Objects)
    bucket: Objects = field(default_factory=Objects)
    lock: Lock = field(default_factory=lambda: replace(LOCK, state=HOME))
    unwritten: tuple[UnwrittenState, ...] = ()
    retiring: frozenset[str] = frozenset()
    quarantined: str = ""

    def settings(self, program: str, stack: str, text: str) -> None:
        """Write a settings file."""
        (self.workspace.root / program / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")

    def diagnose(self, *stacks: str, machine: Machine = MACHINE, refused: str = "") -> Diagnosis:
        """Look over these stacks, or everything."""
        fleet = small_fleet(BUCKET_FLEET)
        accounts = (replace(each, in_suspended_unit=each.name == self.quarantined) for each in fleet.accounts)
        manifest = replace(fleet, accounts=tuple(accounts))
        plan = make_plan(manifest)
        bucket = Holdings(refused=refused) if refused else survey(self.bucket)
        ward = Ward(
            manifest,
            self.workspace,
            plan,
            self.lock,
            Backends(manifest, self.workspace),
            {name: place_of(name, manifest, self.workspace, self.lock) for name in backends_of(self.lock)},
            {BackendName.FILES: survey(self.files), BackendName.BUCKET: bucket},
            select(plan, Selection(stacks=stacks)) if stacks else None,
            self.unwritten,
            self.retiring,
        )
        return diagnose(ward, machine)

    def only(self, machine: Machine = MACHINE) -> Finding:
        """Return the one thing that is wrong."""
        (finding,) = self.diagnose(machine=machine).findings
        return finding


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Return a fleet in good order: a role's stack in files and a workload in the bucket."""
    workspace = committed(make_fleet_folder(tmp_path, BUCKET_FLEET))
    found = Scene(workspace)
    found.files.put_stack("bootstrap-subaccount/lab-one", accounts=[ACCOUNTS["lab-one"]])
    found.settings("bootstrap-subaccount", "lab-one", f"encryptionsalt: {SALT}\n")
    found.bucket.put_stack("network/lab-one", accounts=[ACCOUNTS["lab-one"]], **BY_KEY)
    found.settings("workloads/network", "lab-one", f"secretsprovider: {URL}\nencryptedkey: wrapped\n")
    return found


def test_a_fleet_in_good_order_has_no_findings(scene: Scene) -> None:
    """Where all is well nothing is found, and the exit code is 0."""
    diagnosis = scene.diagnose()
    assert (diagnosis.findings, diagnosis.looked, diagnosis.exit_code) == ((), 2, 0)
    assert diagnosis_as_text(diagnosis) == "All is well with 2 states."


def test_a_lock_whose_process_is_gone_is_orphan(scene: Scene) -> None:
    """A lock of this machine without its process is found; who takes it over is told, and how to release it by hand."""
    scene.bucket.put_lock("network/lab-one")
    finding = scene.only()
    assert (finding.kind, finding.stack, finding.backend) == (Kind.ORPHAN_LOCK, "network/lab-one", "bucket")
    assert "process 4242 is gone" in finding.words
    assert finding.matters.endswith("the embedded engine takes such a lock over by itself")
    program = scene.workspace.root / "workloads" / "network"
    assert finding.resolve == f"fleetyard pulumi cancel --yes --stack lab-one --cwd {program}"


def test_a_lock_without_a_stack_of_the_fleet_is_removed_by_its_file(scene: Scene) -> None:
    """Where Pulumi knows no such stack, or the manifest has none, the lock's own object is to be removed."""
    key = scene.bucket.put_lock("network/lab-two")
    assert scene.only().resolve == f"aws s3 rm s3://{HOME.bucket}/{key} --profile small-management --region eu-west-1"
    del scene.bucket.objects[key]
    key = scene.files.put_lock("shop/lab-one")
    assert scene.only().resolve == f"rm {scene.workspace.state / key}"


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"{}"])
def test_a_lock_file_that_cannot_be_read_is_told_as_that(scene: Scene, content: bytes) -> None:
    """Nobody is named as its holder: the words say that the file cannot be read, and the next step what to do."""
    scene.bucket.objects[scene.bucket.put_lock("network/lab-one")] = content
    finding = scene.only()
    assert (finding.kind, finding.stack) == (Kind.UNREADABLE_LOCK, "network/lab-one")
    assert finding.words == "the lock file cannot be read, so nobody knows who took the lock"
    assert finding.resolve.startswith(
        "make sure that nobody works on the stack, then: fleetyard pulumi cancel --yes --stack lab-one --cwd "
    )


@pytest.mark.parametrize(
    ("hours", "found"), [pytest.param(1, [], id="young"), pytest.param(5, [Kind.OLD_LOCK], id="old")]
)
def test_a_lock_of_another_machine_is_found_when_it_is_old(scene: Scene, hours: int, found: list[Kind]) -> None:
    """Nothing is known of another machine's processes: after hours its user is to be asked."""
    scene.bucket.put_lock("network/lab-one", hostname="elsewhere")
    machine = replace(MACHINE, now=datetime.fromisoformat(NOON) + timedelta(hours=hours))
    findings = scene.diagnose(machine=machine).findings
    assert [finding.kind for finding in findings] == found
    assert timedelta(hours=1) < LONG < timedelta(hours=5)
    assert all(
        finding.resolve.startswith("ask ada whether process 4242 on elsewhere still runs") for finding in findings
    )


@pytest.mark.parametrize(
    ("began", "found"),
    [
        pytest.param(timedelta(minutes=-5), [], id="the holder"),
        pytest.param(timedelta(minutes=5), [Kind.ORPHAN_LOCK], id="another one with its number"),
    ],
)
def test_a_lock_is_held_by_the_process_that_took_it(scene: Scene, began: timedelta, found: list[Kind]) -> None:
    """A process that began after the lock was taken is not the one that took it."""
    scene.bucket.put_lock("network/lab-one")
    started = datetime.fromisoformat(NOON) + began
    machine = replace(MACHINE, started=lambda _pid: started.astimezone(UTC))
    assert [finding.kind for finding in scene.diagnose(machine=machine).findings] == found


def test_a_damaged_state_is_found_with_its_newest_copy(scene: Scene) -> None:
    """A file that is no state is told with a copy that can be read: .bak, else the newest backup, else none."""
    key = ".pulumi/stacks/network/lab-one.json"
    good = scene.bucket.objects[key]
    scene.bucket.objects |= {key: good[:50], f"{key}.bak": good}
    finding = scene.only()
    assert finding.kind is Kind.DAMAGED
    assert finding.resolve.startswith(f"aws s3 cp s3://{HOME.bucket}/{key}.bak s3://{HOME.bucket}/{key} ")
    backups = ".pulumi/backups/network/lab-one/lab-one"
    scene.bucket.objects |= {f"{key}.bak": b"{", f"{backups}.1.json": good, f"{backups}.2.json": good}
    assert f"{backups}.2.json s3://" in scene.only().resolve
    for copy in (f"{backups}.1.json", f"{backups}.2.json"):
        del scene.bucket.objects[copy]
    assert "list-object-versions" in scene.only().resolve


def test_the_newest_copy_of_a_damaged_state_goes_by_its_own_time(scene: Scene) -> None:
    """Of `.bak` and the backups the one that was written last is named, with its time and how many resources it has."""
    key = ".pulumi/stacks/network/lab-one.json"
    backups = ".pulumi/backups/network/lab-one/lab-one"
    before, after = "2026-11-21T12:00:00.123456789Z", "2026-11-21T14:00:00.5+01:00"
    scene.bucket.objects[key] = b"{"
    scene.bucket.put(f"{key}.bak", checkpoint("network/lab-one", resources=[], manifest={"time": before}))
    scene.bucket.put(f"{backups}.1795269600000000000.json", checkpoint("network/lab-one", manifest={"time": after}))
    finding = scene.only()
    assert f"aws s3 cp s3://{HOME.bucket}/{backups}.1795269600000000000.json " in finding.resolve
    assert finding.words.endswith(f".1795269600000000000.json (1 resource, {after})")
    scene.bucket.put(f"{key}.bak", checkpoint("network/lab-one", manifest={"time": "2026-11-21T13:00:01Z"}))
    assert f"{key}.bak s3://" in scene.only().resolve


def test_a_backup_that_tells_no_time_has_that_of_its_name(scene: Scene) -> None:
    """Backups are named by the nanosecond: that is their time where the content has none."""
    key = ".pulumi/stacks/network/lab-one.json"
    scene.bucket.objects[key] = b"{"
    scene.bucket.put(f"{key}.bak", checkpoint("network/lab-one"))
    backup = ".pulumi/backups/network/lab-one/lab-one.1795269600000000000.json"
    scene.bucket.put(backup, checkpoint("network/lab-one", manifest={}))
    assert scene.only().words.endswith(f"{backup} (1 resource, 2026-11-21T14:00:00Z)")


def test_a_stack_that_the_manifest_has_not_is_found(scene: Scene) -> None:
    """It is told how many resources nobody looks after; one that holds none is only in the way."""
    scene.bucket.put_stack("shop/lab-one")
    finding = scene.only()
    assert (finding.kind, finding.stack) == (Kind.UNPLANNED, "shop/lab-one")
    assert "1 resource" in finding.words
    assert "fleetyard destroy --stack shop/lab-one" in finding.resolve
    scene.bucket.put_stack("shop/lab-one", resources=[])
    assert scene.only().resolve.startswith("aws s3 mv ")


def test_a_stack_that_the_manifest_lacks_is_destroyed_by_its_account_s_retirement(scene: Scene) -> None:
    """Runs skip an account that is being retired, so its retirement goes on instead of a destroy of the stack."""
    scene.bucket.put_stack("shop/lab-one")
    scene.retiring = frozenset({"lab-one"})
    step = scene.only().resolve
    assert "put shop/lab-one back into the manifest, then: fleetyard accounts retire --continue; if AWS holds" in step
    assert "fleetyard destroy" not in step
    scene.retiring = frozenset({"lab-two"})
    assert "fleetyard destroy --stack shop/lab-one" in scene.only().resolve


def test_a_stack_that_the_manifest_lacks_is_named_as_it_is_selected(scene: Scene) -> None:
    """A program's folder, by which the manifest has it, need not have the name of its Pulumi project."""
    folder = scene.workspace.root / "workloads" / "store"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
    scene.bucket.put_stack("shop/lab-one.eu-north-1")
    assert scene.only().resolve.startswith(
        "put store/lab-one/eu-north-1 back into the manifest, then: fleetyard destroy --stack store/lab-one/eu-north-1;"
    )


@pytest.mark.parametrize(
    ("stack", "step"),
    [
        ("lab-one", "fleetyard accounts release lab-one, which forgets it, then: fleetyard accounts retire"),
        ("lab-nine", "lab-nine is not in the manifest: fleetyard accounts show lab-nine tells what became of it"),
        ("lab-late", "fleetyard accounts release lab-late, then: fleetyard accounts remove lab-late"),
    ],
)
def test_what_nobody_can_destroy_any_more_is_not_put_back(scene: Scene, stack: str, step: str) -> None:
    """In the suspended unit everything is denied, and an account that left the fleet has no stacks."""
    scene.bucket.put_stack(f"shop/{stack}")
    scene.quarantined = "lab-one"
    scene.retiring = frozenset({"lab-one"})
    scene.lock = replace(scene.lock, accounts={**ACCOUNTS, "lab-late": "400000000004"})
    found = next(each for each in scene.diagnose().findings if each.stack == f"shop/{stack}")
    assert found.resolve.startswith(step)


def test_pending_operations_are_found(scene: Scene) -> None:
    """A state in which an engine died names how many operations, and the command that settles them."""
    scene.bucket.put_stack("network/lab-one", **BY_KEY, pending_operations=[{}, {}])
    finding = scene.only()
    assert (finding.kind, finding.words[:12]) == (Kind.PENDING, "2 operations")
    assert finding.resolve.endswith("fleetyard refresh --clear-pending-creates --stack network/lab-one")


def kept_state(home: Path, stack: str, backend: str, hours: int) -> Path:
    """Keep a state as the embedded engine does, made so many hours after the stored one."""
    file = home / "unwritten" / f"network-lab-one-{len(list(home.rglob('*.json')))}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    made = (datetime.fromisoformat(NOON) + timedelta(hours=hours)).isoformat()
    kept_for = {"backend": backend, "stack": f"organization/{stack}"}
    content = {"kept_for": kept_for, "version": 3, "deployment": {"manifest": {"time": made}}}
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_a_state_that_was_not_written_is_found(scene: Scene, tmp_path: Path) -> None:
    """A kept state newer than the stored one is found, with the import command, which settles pending marks too."""
    file = kept_state(tmp_path, "network/lab-one", f"s3://{HOME.bucket}", hours=1)
    scene.unwritten = unwritten_states({"PULUMI_HOME": str(tmp_path)})
    finding = scene.only()
    where = f"--stack lab-one --cwd {scene.workspace.root / 'workloads' / 'network'}"
    put_back = f"fleetyard pulumi cancel --yes {where} && fleetyard pulumi stack import --file {file} {where}"
    assert (finding.kind, finding.stack) == (Kind.UNWRITTEN, "network/lab-one")
    assert (str(file) in finding.words, finding.resolve) == (True, f"{put_back}; to give up what was done: rm {file}")
    pending = [{"resource": {"urn": "u"}, "type": "creating"}]
    scene.bucket.put_stack("network/lab-one", accounts=[ACCOUNTS["lab-one"]], **BY_KEY, pending_operations=pending)
    first, second = scene.diagnose().findings
    assert (first.kind, second.kind) == (Kind.PENDING, Kind.UNWRITTEN)
    assert (str(file) in first.words, first.resolve) == (True, f"{put_back}, which settles them")


def test_only_newer_states_kept_for_the_same_stack_count(scene: Scene, tmp_path: Path) -> None:
    """An older one, another backend's, another stack's and a file that is none are no findings."""
    kept_state(tmp_path, "network/lab-one", f"s3://{HOME.bucket}", hours=-1)
    kept_state(tmp_path, "network/lab-one", "s3://another", hours=1)
    kept_state(tmp_path, "network/lab-two", f"s3://{HOME.bucket}", hours=1)
    (tmp_path / "unwritten" / "torn.json").write_text("{", encoding="utf-8")
    scene.unwritten = unwritten_states({"PULUMI_HOME": str(tmp_path)})
    assert (len(scene.unwritten), scene.diagnose().findings) == (3, ())


def test_a_workload_in_the_wrong_backend_is_found(scene: Scene) -> None:
    """A workload in files that belongs into the bucket is to be migrated; in both, it is half moved."""
    scene.files.put_stack("network/lab-two")
    finding = scene.only()
    assert (finding.kind, finding.backend) == (Kind.WRONG_BACKEND, "files")
    assert finding.resolve == "fleetyard state migrate --stack network/lab-two"
    scene.bucket.put_stack("network/lab-two", **BY_KEY)
    assert (scene.only().kind, scene.only().backend) == (Kind.HALF_MOVED, "files")


def test_a_foundation_stack_in_the_bucket_is_found(scene: Scene) -> None:
    """The foundation's state stays in files: the state is fetched, and put aside in the bucket."""
    scene.bucket.put_stack("bootstrap/root")
    finding = scene.only()
    assert (finding.kind, finding.stack) == (Kind.WRONG_BACKEND, "bootstrap/root")
    assert f"cp s3://{HOME.bucket}/.pulumi/stacks/bootstrap/root.json {scene.workspace.state}" in finding.resolve


def test_settings_that_do_not_fit_their_state_are_found(scene: Scene) -> None:
    """A workload's settings are mended by a migration, the foundation's are in git."""
    scene.settings("workloads/network", "lab-one", f"secretsprovider: {URL}\nencryptedkey: other\n")
    finding = scene.only()
    assert (finding.kind, finding.resolve) == (Kind.SETTINGS, "fleetyard state migrate --stack network/lab-one")
    assert finding.where.endswith("workloads/network/Pulumi.lab-one.yaml")
    scene.settings("workloads/network", "lab-one", f"secretsprovider: {URL}\nencryptedkey: wrapped\n")
    scene.settings("bootstrap-subaccount", "lab-one", "config: {}\n")
    assert scene.only().resolve.startswith("git checkout -- ")


def test_a_state_in_the_bucket_under_a_passphrase_is_found(scene: Scene) -> None:
    """A state that is where it belongs, and whose secrets are not under the fleet's key, is to be encrypted anew."""
    scene.bucket.put_stack("network/lab-one")
    assert scene.only().kind is Kind.ENCRYPTION


def test_the_state_of_another_fleet_is_found(scene: Scene) -> None:
    """A state whose providers act in another account than the stack's is not this fleet's."""
    scene.files.put_stack("bootstrap-subaccount/lab-one", accounts=["999999999999"])
    finding = scene.only()
    assert (finding.kind, finding.stack) == (Kind.OTHER_FLEET, "bootstrap-subaccount/lab-one")
    assert "999999999999" in finding.words


def test_the_state_of_another_stack_is_found(scene: Scene) -> None:
    """A state with resources of another stack would have them deleted."""
    other = scene.bucket.objects[".pulumi/stacks/network/lab-one.json"].replace(b"lab-one", b"lab-two")
    scene.bucket.objects[".pulumi/stacks/network/lab-one.json"] = other
    finding = scene.only()
    assert finding.kind is Kind.OTHER_STACK
    assert "urn:pulumi:lab-two::network::" in finding.words


def test_a_bucket_that_cannot_be_read_is_found(scene: Scene) -> None:
    """AWS's words are told, and what the files hold is looked at all the same."""
    scene.files.put_stack("network/lab-two")
    kinds = [finding.kind for finding in scene.diagnose(refused="AccessDenied at ListObjectsV2").findings]
    assert kinds == [Kind.UNREADABLE, Kind.WRONG_BACKEND]


def test_a_selection_leaves_the_rest_alone(scene: Scene) -> None:
    """With selectors only the selected stacks are looked at."""
    scene.files.put_stack("network/lab-two")
    scene.bucket.put_stack("shop/lab-one")
    assert scene.diagnose("network/lab-one").exit_code == 0
    assert [finding.stack for finding in scene.diagnose("network/lab-two").findings] == ["network/lab-two"]


def test_findings_are_told_to_people_and_machines(scene: Scene) -> None:
    """Text and JSON say what, where, why it matters and what to type; the exit code is 1."""
    scene.files.put_stack("network/lab-two")
    diagnosis = scene.diagnose()
    data = diagnosis_as_json(diagnosis)
    assert (data["exit_code"], data["looked_at"]) == (1, 3)
    assert isinstance(data["findings"], list)
    assert set(data["findings"][0]) == {"kind", "stack", "backend", "where", "words", "matters", "next"}
    text = diagnosis_as_text(diagnosis)
    assert text.startswith("wrong-backend: network/lab-two: ")
    assert text.endswith("1 finding in 3 states")
