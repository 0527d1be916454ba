"""What an update did and could not write down stands in the way of the next one, until it is imported or given up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from rehearsal.engine.errors import StateUnwrittenError
from rehearsal.engine.state import ResourceState, Snapshot
from rehearsal.engine.update import Collaborators, UpdateOutcome, UpdateRequest, UpdateResult
from tests.unit.engine_store.workbench import Bench, embedded, new_bench, nothing_to_do

ROOT = ResourceState("urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev", "pulumi:pulumi:Stack", custom=False)
THING = ResourceState(
    "urn:pulumi:dev::demo::demo:index:Thing::thing", "demo:index:Thing", custom=False, parent=ROOT.urn
)
ACT = ("--yes", "--skip-preview", "--stack", "dev")
IN_THE_WAY = StateUnwrittenError.code


@dataclass
class Deployments:
    """Counts deployments that find nothing to do."""

    count: int = 0

    def __call__(self, request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        """Find nothing to do."""
        self.count += 1
        return nothing_to_do(request, collaborators)


def losing(between: Callable[[], object]) -> Callable[[UpdateRequest, Collaborators], UpdateOutcome]:
    """Return a deployment that makes a thing and cannot write that down."""

    def run(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        collaborators.journal.record(replace(request.snapshot, resources=(ROOT,)))
        between()
        last = Snapshot((ROOT, THING))
        collaborators.journal.record(last)
        return UpdateOutcome(UpdateResult.SUCCEEDED, last)

    return run


@pytest.fixture
def deployments() -> Deployments:
    """Return a count of the deployments after the one that failed."""
    return Deployments()


@pytest.fixture
def bench(tmp_path: Path, deployments: Deployments) -> Bench:
    """Return a bench whose stack `dev` has an update behind it that could not write its last state."""
    bench = new_bench(tmp_path, embedded())
    bench.ok("stack", "init", "dev")
    folder = bench.checkpoint.parent
    aside = folder.with_name("aside")

    def lock_out() -> None:
        folder.rename(aside)
        folder.touch()

    assert bench.with_command(embedded(losing(lock_out))).run("up", *ACT).code != 0
    folder.unlink()
    aside.rename(folder)
    return bench.with_command(embedded(deployments))


def kept(bench: Bench) -> Path:
    """Return the file of the state that could not be written."""
    (file,) = (bench.root / "home" / "unwritten").iterdir()
    return file


@pytest.mark.parametrize("command", ["up", "refresh", "destroy"])
def test_an_unwritten_state_stands_in_the_way(bench: Bench, deployments: Deployments, command: str) -> None:
    """FY521 names the file, the commands that put it back, and the one that gives it up; nothing is deployed."""
    before = bench.files()
    ran = bench.run(command, *ACT)
    file = kept(bench)
    told = (
        IN_THE_WAY,
        f"is kept in {file};",
        "pulumi cancel --yes --stack dev",
        f"pulumi stack import --file {file} --stack dev",
        f"rm {file}",
    )
    assert [text for text in told if text not in ran.stderr] == [], ran
    assert (ran.code == 0, deployments.count, bench.files()) == (False, 0, before)


def test_it_is_told_before_the_lock_that_the_update_left(bench: Bench) -> None:
    """FY521 comes before FY504, as the commands it names remove that lock too."""
    lock = bench.state / "locks" / "organization" / "demo" / "dev" / "x.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = {"pid": 1, "username": "u", "hostname": "elsewhere", "timestamp": "2026-01-02T03:04:05Z"}
    lock.write_text(json.dumps(held), encoding="utf-8")
    assert IN_THE_WAY in bench.run("up", *ACT).stderr


@pytest.mark.parametrize("arguments", [("preview",), ("refresh", "--preview-only"), ("destroy", "--preview-only")])
def test_a_preview_goes_on_with_a_warning(bench: Bench, deployments: Deployments, arguments: tuple[str, ...]) -> None:
    """A preview changes nothing: it warns with the file's name, and shows what the stored state comes to."""
    ran = bench.run(*arguments, "--stack", "dev")
    assert (ran.code, deployments.count, "warning: the last state could not be written" in ran.stderr) == (0, 1, True)
    assert str(kept(bench)) in ran.stderr


@pytest.mark.parametrize(
    "arguments", [("stack", "change-secrets-provider", "passphrase", "--stack", "dev"), ("stack", "rm", "--yes", "dev")]
)
def test_no_other_command_makes_it_look_outdated(bench: Bench, arguments: tuple[str, ...]) -> None:
    """What would write the stored state anew, or remove it, is refused as well."""
    before = bench.files()
    ran = bench.run(*arguments)
    assert (IN_THE_WAY in ran.stderr, bench.files()) == (True, before), ran


def test_its_import_puts_it_back_and_removes_the_file(bench: Bench, deployments: Deployments) -> None:
    """After the import the state has what was done, the file is gone, and the next update goes on."""
    bench.ok("cancel", "--yes", "--stack", "dev")
    bench.ok("stack", "import", "--file", str(kept(bench)), "--stack", "dev")
    assert list((bench.root / "home" / "unwritten").iterdir()) == []
    latest = json.loads(bench.checkpoint.read_bytes())["checkpoint"]["latest"]
    assert [entry["urn"] for entry in latest["resources"]] == [ROOT.urn, THING.urn]
    bench.ok("up", *ACT)
    assert deployments.count == 1


def test_a_file_that_is_deleted_is_given_up(bench: Bench, deployments: Deployments) -> None:
    """Without the file the stored state counts."""
    kept(bench).unlink()
    bench.ok("up", *ACT)
    assert deployments.count == 1


def test_a_newer_stored_state_takes_it_out_of_the_way(bench: Bench, deployments: Deployments, tmp_path: Path) -> None:
    """A state imported from elsewhere is newer than the file, which stays where it is and is in nobody's way."""
    copy = tmp_path / "copy.json"
    copy.write_bytes(kept(bench).read_bytes())
    bench.ok("stack", "import", "--file", str(copy), "--stack", "dev")
    bench.ok("up", *ACT)
    assert (kept(bench).exists(), deployments.count) == (True, 1)


def test_other_backends_and_stacks_are_not_concerned(bench: Bench, deployments: Deployments) -> None:
    """The same stack in another backend, and another stack in the same one, go on; the file stays."""
    other = {"PULUMI_BACKEND_URL": f"file://{bench.root}/other"}
    (bench.root / "other").mkdir()
    file = kept(bench)
    for arguments, env in (
        (("stack", "init", "dev"), other),
        (("stack", "init", "dev-2"), {}),
        (("up", *ACT), other),
        (("up", *ACT[:-1], "dev-2"), {}),
        (("stack", "import", "--file", str(file), "--stack", "dev"), other),
    ):
        ran = bench.run(*arguments, env=env)
        assert ran.code == 0, ran
    assert (file.exists(), deployments.count) == (True, 2)


def test_one_backend_is_known_by_each_way_to_name_it(bench: Bench) -> None:
    """Options and a relative path do not make another backend of it."""
    for url in ("file://../state", f"file://{bench.root}/state/?no_tmp_dir=true"):
        assert IN_THE_WAY in bench.run("up", *ACT, env={"PULUMI_BACKEND_URL": url}).stderr, url
