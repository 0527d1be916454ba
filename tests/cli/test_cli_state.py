"""The commands `state migrate` and `state doctor`, on a small fleet that is deployed on a twin of its own."""

from __future__ import annotations

import dataclasses
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli.app import run
from orchestrator.cli.world import real_world
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, deploy, sign_in_to_role
from tests.support.pocket_fleet import POCKET_FLEET

STACKS = ("network/plat-prod", "network/plat-dev")


@dataclass
class Shell:
    """A command line that has joined the rehearsal; `asked` has the questions it was asked."""

    stage: Stage
    env: Mapping[str, str]
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)
    asked: list[str] = field(default_factory=list)

    def run(self, *arguments: str, answer: str | None = None) -> int:
        """Run one command and return its exit code."""

        def ask(question: str) -> str:
            self.asked.append(question)
            return answer or ""

        world = dataclasses.replace(
            real_world(),
            env=self.env,
            folder=self.stage.workspace.fleet.parent,
            out=self.out,
            err=self.err,
            ask=ask if answer is not None else None,
            live=False,
        )
        return run(arguments, world)

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run one command and return its data."""
        self.out.seek(0)
        self.out.truncate()
        self.run(*arguments, "--format", "json")
        data = json.loads(self.out.getvalue())
        assert isinstance(data, dict)
        return data

    def outcomes(self, *arguments: str) -> dict[str, str]:
        """Migrate and return what became of each stack."""
        return {stack["id"]: stack["outcome"] for stack in self.json("state", "migrate", *arguments)["stacks"]}

    def say_where(self, where: str) -> None:
        """Write into the manifest where workloads live."""
        self.stage.workspace.fleet.write_text(f"{POCKET_FLEET}workload_state: {where}\n", encoding="utf-8")

    def checkpoint(self, stack: str) -> Path:
        """Return where a workload's state is, if it is in files."""
        return self.stage.workspace.state / ".pulumi" / "stacks" / "network" / f"{stack}.json"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Deploy a fleet of three accounts whose workloads live in the state bucket."""
    folder = tmp_path_factory.mktemp("pocket")
    fleet = folder / "fleet.yaml"
    fleet.write_text(POCKET_FLEET, encoding="utf-8")
    options = RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json", concurrency=2)
    with staged(options) as stage:
        results, _ = deploy(stage)
        assert [result.error for result in results if result.error] == []
        yield stage


@pytest.fixture
def shell(stage: Stage) -> Iterator[Shell]:
    """Return a shell whose fleet is in the bucket, and bring it back there."""
    shell = Shell(stage, stage.env)
    yield shell
    shell.say_where("bucket")
    assert set(shell.outcomes().values()) <= {"moved", "there", "settled", "finished"}


def test_there_and_back_without_a_change(shell: Shell) -> None:
    """Moved to files and back to the bucket, a preview shows no change each time, and the doctor finds nothing."""
    for where in ("files", "bucket"):
        shell.say_where(where)
        assert shell.run("preview", "--stack", "network") == 2
        assert shell.outcomes() == dict.fromkeys(STACKS, "moved")
        assert shell.run("preview", "--expect-no-changes", "--stack", "network") == 0, shell.out.getvalue()
        assert shell.checkpoint("plat-dev").exists() is (where == "files")
        assert shell.outcomes() == dict.fromkeys(STACKS, "there")
        assert shell.json("state", "doctor")["findings"] == []


def test_one_stack_at_a_time(shell: Shell) -> None:
    """Selectors choose what is moved; the doctor then finds the rest in the wrong backend, and exits with 1."""
    shell.say_where("files")
    assert shell.outcomes("--stack", "network/plat-dev") == {"network/plat-dev": "moved"}
    assert shell.run("state", "doctor") == 1
    findings = shell.json("state", "doctor")["findings"]
    assert [(finding["kind"], finding["stack"], finding["backend"]) for finding in findings] == [
        ("wrong-backend", "network/plat-prod", "bucket")
    ]
    assert findings[0]["next"] == "fleetyard state migrate --stack network/plat-prod"


def test_a_dry_run_changes_nothing(shell: Shell) -> None:
    """With --dry-run the states stay where they are, and nobody is asked."""
    shell.say_where("files")
    assert shell.run("state", "migrate", "--dry-run", answer="n") == 0
    assert "network/plat-dev   would be moved" in shell.out.getvalue()
    assert shell.asked == []
    assert not shell.checkpoint("plat-dev").exists()


def test_a_terminal_is_asked_from_where_to_where(shell: Shell) -> None:
    """On a terminal the question names both backends and how many; anything but yes moves nothing and exits with 2."""
    shell.say_where("files")
    assert shell.run("state", "migrate", answer="no") == 2
    question = "Move the state of 2 stacks from the state bucket to files beside the manifest? [y/N] "
    assert shell.asked == [question]
    assert not shell.checkpoint("plat-dev").exists()
    assert shell.run("state", "migrate", "--yes", answer="no") == 0
    assert shell.asked == [question]
    assert shell.checkpoint("plat-dev").exists()


def test_a_missing_passphrase_or_caller_moves_nothing(shell: Shell) -> None:
    """Without the passphrase it is FY204, without the caller of workloads FY203; both exit with 3."""
    shell.say_where("files")
    passphrase = {name: value for name, value in shell.env.items() if name != "PULUMI_CONFIG_PASSPHRASE"}
    nowhere = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    for env, code in ((passphrase, "FY204"), ({**shell.env, **nowhere}, "FY203")):
        poor = Shell(shell.stage, env)
        assert poor.run("state", "migrate") == 3
        assert code in poor.err.getvalue()
    assert not shell.checkpoint("plat-dev").exists()


def test_the_doctor_finds_locks_and_strays_in_both_backends(shell: Shell, stage: Stage) -> None:
    """An orphan lock in the bucket and an unplanned stack in files are found, each with the command that helps."""
    bucket = _bucket(stage)
    key = ".pulumi/locks/organization/network/plat-dev/1.json"
    lock = {"pid": 2**22 + 1, "username": "ada", "hostname": os.uname().nodename, "timestamp": "2026-11-21T12:00:00Z"}
    stray = stage.workspace.state / ".pulumi" / "stacks" / "shop" / "plat-dev.json"
    stray.parent.mkdir(parents=True)
    stray.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": []}}}), encoding="utf-8")
    bucket("put_object", Key=key, Body=json.dumps(lock).encode())
    try:
        assert shell.run("state", "doctor") == 1
        text = shell.out.getvalue()
        assert "orphan-lock: network/plat-dev: locked by ada@" in text
        assert f"/{key}]" in text
        assert "next: fleetyard pulumi cancel --yes --stack plat-dev --cwd " in text
        assert "unplanned-stack: shop/plat-dev" in text
        assert f"next: mv {stray} {stray}.aside" in text
    finally:
        bucket("delete_object", Key=key)
        stray.unlink()


def test_the_doctor_reads_files_without_a_caller(shell: Shell) -> None:
    """A bucket that cannot be read is a finding of its own, with the words that say why."""
    poor = Shell(shell.stage, {**shell.env, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"})
    (finding,) = poor.json("state", "doctor")["findings"]
    assert (finding["kind"], finding["backend"]) == ("unreadable-backend", "bucket")
    assert "pocket-management" in finding["words"]


def _bucket(stage: Stage) -> Callable[..., object]:
    """Return what calls S3 on the state bucket as the caller of workloads; the administrator may not use its key."""
    name = f"{stage.manifest.organization}-state-{stage.manifest.management_account.id}-{stage.manifest.region}"
    session = sign_in_to_role(stage.access, stage.manifest, stage.people, stage.manifest.workload_role)
    client = stage.access.client("s3", session)
    return lambda operation, **arguments: getattr(client, operation)(Bucket=name, **arguments)
