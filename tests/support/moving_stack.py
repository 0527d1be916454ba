"""A stack with secrets in state and settings, in files or in a bucket of the twin, for tests that move it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.automation import PulumiCommand
from pulumi.automation.errors import StackNotFoundError

from orchestrator.files.project_files import read_config
from orchestrator.running.job import Caller, CallerName, EngineChoice, EngineKind, Operation, StackJob
from orchestrator.stack_id import StackId
from orchestrator.state.encryption import Encryption, encryption_of_settings, encryption_of_state
from orchestrator.state.move import Reached, ignore_step, move_stack
from orchestrator.state.move_job import MoveJob, MoveResult
from orchestrator.state.places import BackendName
from tests.support.twin_fixtures import RunningTwin, TwinAws

STACK = StackId("network", "lab-one")
OPEN_SESAME = "open-sesame-in-the-state"
HUNTER = "hunter2-in-the-settings"
_URN = "urn:pulumi:lab-one::network"
_ROOT = f"{_URN}::pulumi:pulumi:Stack::network-lab-one"
_PROVIDER = f"{_URN}::pulumi:providers:aws::account"
_SECRET = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "plaintext": json.dumps(OPEN_SESAME),
}
DEPLOYMENT: Mapping[str, Any] = {
    "manifest": {"time": "2026-11-21T08:00:00Z", "magic": "", "version": ""},
    "resources": [
        {"urn": _ROOT, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": {"token": _SECRET, "count": 0}},
        {
            "urn": _PROVIDER,
            "custom": True,
            "id": "11111111-2222-3333-4444-555555555555",
            "type": "pulumi:providers:aws",
            "inputs": {"allowedAccountIds": '["200000000002"]', "region": "eu-west-1"},
            "outputs": {"allowedAccountIds": '["200000000002"]', "region": "eu-west-1"},
            "parent": _ROOT,
        },
        {
            "urn": f"{_URN}::aws:s3/bucket:Bucket::logs",
            "custom": True,
            "id": "logs-1",
            "type": "aws:s3/bucket:Bucket",
            "inputs": {"tags": {"empty": ""}, "forceDestroy": False},
            "outputs": {"bucket": "logs-1", "password": _SECRET},
            "parent": _ROOT,
            "protect": True,
            "provider": f"{_PROVIDER}::11111111-2222-3333-4444-555555555555",
            "dependencies": [_PROVIDER],
            "propertyDependencies": {"tags": [_PROVIDER]},
        },
    ],
}


class Cut(BaseException):
    """Ends a process, as far as a test can do that in its own."""


def cut_after(step: object) -> Reached:
    """Return what ends a move after this step."""

    def reached(done: object) -> None:
        if done is step:
            raise Cut

    return reached


def other(name: BackendName) -> BackendName:
    """Return the other one of files and default bucket."""
    return BackendName.BUCKET if name == BackendName.FILES else BackendName.FILES


@dataclass(frozen=True)
class MovingStack:
    """One stack, its two backends, and the engine that its commands run on."""

    folder: Path
    jobs: Mapping[BackendName, StackJob]
    make_command: Callable[[], PulumiCommand]

    @property
    def settings(self) -> Path:
        """Return the stack's settings file."""
        return self.folder / "network" / "Pulumi.lab-one.yaml"

    def job(self, target: BackendName) -> MoveJob:
        """Return the move to a backend."""
        look = (f"look {other(target).value}", f"look {target.value}")
        aside = (f"aside {other(target).value}", f"aside {target.value}")
        return MoveJob(self.jobs[other(target)], self.jobs[target], look, aside)

    def move(self, target: BackendName, reached: Reached = ignore_step) -> MoveResult:
        """Move the stack."""
        return move_stack(lambda _job: self.make_command(), self.job(target), reached)

    def make(self, where: BackendName, deployment: Mapping[str, Any] = DEPLOYMENT) -> None:
        """Make the stack with its secrets."""
        provider = self.jobs[where].secrets_provider
        self.run(where, "stack", "init", "lab-one", f"--secrets-provider={provider}", "--no-select")
        self.run(where, "config", "set", "--secret", "password", HUNTER, "--stack", "lab-one")
        self.put(where, deployment)

    def put(self, where: BackendName, deployment: Mapping[str, Any]) -> None:
        """Give the stack another state, under the encryption that it has."""
        provider = (self.export(where) or {}).get("secrets_providers")
        put = {"version": 3, "deployment": {**deployment, "secrets_providers": provider}}
        file = self.folder / "put.json"
        file.write_text(json.dumps(put), encoding="utf-8")
        self.run(where, "stack", "import", "--file", str(file), "--stack", "lab-one")
        file.unlink()

    def run(self, where: BackendName, *arguments: str) -> str:
        """Run a command by hand in the program's folder."""
        job = self.jobs[where]
        return str(self.make_command().run(list(arguments), str(self.folder / "network"), dict(job.env)).stdout)

    def export(self, where: BackendName, *more: str) -> Mapping[str, Any] | None:
        """Return the stack's deployment in a backend; None if there is no such stack."""
        try:
            exported = json.loads(self.run(where, "stack", "export", "--stack", "lab-one", *more))
        except StackNotFoundError:
            return None
        assert isinstance(exported, dict)
        return exported["deployment"] or {}

    def opened(self, where: BackendName) -> Sequence[Mapping[str, Any]]:
        """Return the stack's resources in a backend, secrets in the clear."""
        deployment = self.export(where, "--show-secrets")
        assert deployment is not None
        return list(deployment["resources"])

    def assert_whole(self, where: BackendName) -> None:
        """Assert that the stack is here and only here, complete, and that its settings file opens it."""
        assert self.export(other(where)) is None
        resources = {entry["urn"].rsplit("::", 1)[1]: entry for entry in self.opened(where)}
        assert set(resources) == {"network-lab-one", "account", "logs"}
        token = resources["network-lab-one"]["outputs"]["token"]
        assert token["plaintext"] == json.dumps(OPEN_SESAME), token
        assert resources["network-lab-one"]["outputs"]["count"] == 0
        assert resources["logs"]["protect"] is True
        assert self.run(where, "config", "get", "password", "--stack", "lab-one").strip() == HUNTER
        said, stored = self.encryption(where)
        assert said == stored
        assert said.by(self.jobs[where].secrets_provider)

    def encryption(self, where: BackendName) -> tuple[Encryption, Encryption]:
        """Return who encrypts by the settings file, and by the state."""
        return encryption_of_settings(self.settings), encryption_of_state(self.export(where) or {})

    def on_disk(self) -> str:
        """Return the text of all files there are."""
        return "\n".join(
            file.read_text(encoding="utf-8", errors="replace") for file in self.folder.rglob("*") if file.is_file()
        )


def new_moving_stack(
    folder: Path, twin: RunningTwin, aws: TwinAws, bucket: str, make_command: Callable[[], PulumiCommand]
) -> MovingStack:
    """Return a stack's program and its two backends; the stack itself is not made yet."""
    program = folder / "network"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: network\nruntime: python\n", encoding="utf-8")
    (folder / "state").mkdir()
    region = twin.run.region
    configuration = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != "us-east-1" else {}
    aws.client("s3").create_bucket(Bucket=bucket, **configuration)
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    urls = {
        BackendName.FILES: ((folder / "state").as_uri(), "passphrase"),
        BackendName.BUCKET: (
            f"s3://{bucket}?region={region}&use_path_style=true",
            f"awskms:///{key}?region={region}",
        ),
    }
    return MovingStack(
        folder, {name: _job(folder, twin, aws, url, provider) for name, (url, provider) in urls.items()}, make_command
    )


def _job(folder: Path, twin: RunningTwin, aws: TwinAws, url: str, provider: str) -> StackJob:
    return StackJob(
        id=STACK,
        operation=Operation.UP,
        account_id="200000000002",
        project="network",
        project_file=folder / "network" / "Pulumi.yaml",
        work_dir=folder / "work",
        settings_dir=folder / "network",
        backend_url=url,
        config={},
        region=twin.run.region,
        caller=Caller(CallerName.MANAGEMENT, "small-management", twin.run.management_account_id),
        engine=EngineChoice(EngineKind.EMBEDDED),
        env={
            **twin.environment(aws.administrator),
            "PULUMI_BACKEND_URL": url,
            "PULUMI_CONFIG_PASSPHRASE": "sesame",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
        secrets_provider=provider,
    )


def config_of(stack: MovingStack) -> Mapping[str, Any]:
    """Return the config in the settings file."""
    return read_config(stack.settings)
