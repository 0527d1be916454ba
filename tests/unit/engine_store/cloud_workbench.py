"""A bench whose state lies in a bucket of the twin, and whose secrets may be under a key of the twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, PulumiCommand

from rehearsal.engine.command import EmbeddedPulumi
from rehearsal.twin.client import count_calls
from rehearsal.twin.proof import prove_twin
from tests.support.twin_fixtures import Keys, RunningTwin, TwinAws
from tests.unit.engine_store.workbench import PASSPHRASE, Ran, RunUpdate, shared_keys, told

ROOT = "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev"


@dataclass(frozen=True, slots=True)
class CloudBench:
    """A project folder, a bucket, and an engine; `more` goes over the environment of commands."""

    root: Path
    command: PulumiCommand
    twin: RunningTwin
    aws: TwinAws
    bucket: str
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        """Return the project's folder."""
        return self.root / "project"

    @property
    def stack_file(self) -> Path:
        """Return the stack file of stack `dev`."""
        return self.project / "Pulumi.dev.yaml"

    @property
    def env(self) -> dict[str, str]:
        """Return the environment of commands."""
        return {
            **self.twin.environment(self.aws.administrator),
            "PULUMI_BACKEND_URL": f"s3://{self.bucket}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_HOME": str(self.root / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.more,
        }

    def run(self, *args: str, **env: str) -> Ran:
        """Run a command in the project's folder, and tell how it ended."""
        try:
            done = self.command.run(list(args), str(self.project), {**self.env, **env})
        except CommandError as error:
            return told(error)
        return Ran(done.code, done.stdout, done.stderr)

    def ok(self, *args: str) -> str:
        """Run a command that succeeds, and return what it printed."""
        ran = self.run(*args)
        assert ran.code == 0, ran
        return ran.stdout

    def having(self, command: PulumiCommand | None = None, **more: str) -> CloudBench:
        """Return the same project and bucket with another engine, or more in the environment."""
        return CloudBench(self.root, command or self.command, self.twin, self.aws, self.bucket, {**self.more, **more})

    def as_holder(self, keys: Keys) -> CloudBench:
        """Return the same with other credentials."""
        return self.having(
            AWS_ACCESS_KEY_ID=keys.access_key_id,
            AWS_SECRET_ACCESS_KEY=keys.secret_access_key,
            AWS_SESSION_TOKEN=keys.session_token,
        )

    def objects(self) -> dict[str, bytes]:
        """Return every object of the bucket by key."""
        s3 = self.aws.client("s3")
        found = s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {item["Key"]: s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read() for item in found}

    def put(self, key: str, content: bytes) -> None:
        """Put an object into the bucket."""
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)

    @contextmanager
    def counted(self) -> Any:
        """Yield a dict that holds the calls the block made, by `service:operation`, once it has ended."""
        made: dict[str, int] = {}
        before = count_calls(self.twin.run)
        yield made
        after = count_calls(self.twin.run)
        made.update({name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)})


NewCloudBench = Callable[..., CloudBench]


def on_twin(run_update: RunUpdate | None = None) -> PulumiCommand:
    """Return an embedded engine that acts on twins only, as the real composition has it."""
    return EmbeddedPulumi(providers={}, guard=only_the_twin, keys=shared_keys(), run_update=run_update)


def only_the_twin(env: Mapping[str, str]) -> None:
    """Refuse what is no twin."""
    prove_twin(env)


def new_cloud_bench(root: Path, twin: RunningTwin, aws: TwinAws, bucket: str, command: PulumiCommand) -> CloudBench:
    """Make a bucket and a project."""
    aws.client("s3").create_bucket(Bucket=bucket)
    bench = CloudBench(root, command, twin, aws, bucket)
    bench.project.mkdir()
    (bench.project / "Pulumi.yaml").write_text("name: demo\nruntime: python\n", encoding="utf-8")
    return bench
