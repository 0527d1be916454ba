"""State on S3 and secrets under KMS: either engine continues the other's stack, and ours asks AWS for less."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pulumi
import pytest
from pulumi import automation
from pulumi.automation import ConfigValue, LocalWorkspaceOptions, ProjectSettings, PulumiCommand, Stack

from tests.support.twin_fixtures import RunningTwin, TwinAws
from tests.unit.engine_store.cloud_workbench import CloudBench, new_cloud_bench, on_twin
from tests.unit.engine_store.workbench import real

pytestmark = pytest.mark.real_engine
BOTH = [pytest.param((on_twin, real), id="to the CLI"), pytest.param((real, on_twin), id="from the CLI")]


class Part(pulumi.ComponentResource):
    """A component without a provider."""

    def __init__(self, name: str) -> None:
        super().__init__("demo:index:Part", name, {"hidden": pulumi.Output.secret("<s>")})
        self.register_outputs({})


def program() -> None:
    """Declare parts and a secret output."""
    for name in ("a", "b", "c"):
        Part(name)
    pulumi.export("hidden", pulumi.Config().require_secret("password"))


@pytest.fixture
def secrets_key(aws: TwinAws) -> str:
    """Return the ARN of a KMS key."""
    return str(aws.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture(params=BOTH)
def benches(
    request: pytest.FixtureRequest, tmp_path: Path, running_twin: RunningTwin, aws: TwinAws, numbers: Iterator[int]
) -> tuple[CloudBench, CloudBench]:
    """Return one project and bucket under the engine that begins and under the one that goes on."""
    first: Callable[[], PulumiCommand]
    then: Callable[[], PulumiCommand]
    first, then = request.param
    bench = new_cloud_bench(tmp_path, running_twin, aws, f"both-{next(numbers)}", first())
    return bench, bench.having(then())


def stack(bench: CloudBench, provider: str = "") -> Stack:
    """Return stack `dev`."""
    return automation.create_or_select_stack(
        "dev",
        project_name="demo",
        program=program,
        opts=LocalWorkspaceOptions(
            work_dir=str(bench.project),
            env_vars=bench.env,
            pulumi_command=bench.command,
            project_settings=ProjectSettings("demo", "python", main=str(bench.project)),
            secrets_provider=provider or None,
        ),
    )


def test_the_others_stack_is_carried_on_without_a_change(
    benches: tuple[CloudBench, CloudBench], secrets_key: str
) -> None:
    """A stack made with `secrets_provider=` reads the same; preview, update and refresh find no change, by turns."""
    provider = f"awskms:///{secrets_key}?context_stack=dev"
    first, then = (stack(bench, provider) for bench in benches)
    first.set_config("password", ConfigValue("p", secret=True))
    first.up(message="from the first")
    assert then.get_config("password").value == "p"
    assert then.outputs()["hidden"].value == first.outputs()["hidden"].value == "p"
    for engine in (then, first):
        assert engine.preview(expect_no_changes=True).change_summary == {"same": 4}
        assert engine.up(expect_no_changes=True).summary.resource_changes == {"same": 4}
    assert then.refresh(expect_no_changes=True).summary.resource_changes == {"same": 4}
    assert [entry.result for entry in first.history()] == ["succeeded"] * 4
    assert then.destroy().summary.resource_changes == {"delete": 4}
    first.workspace.remove_stack("dev")
    assert "dev.json" not in {key.rpartition("/")[2] for key in benches[0].objects()}


def test_a_folder_in_the_bucket_is_shared(benches: tuple[CloudBench, CloudBench]) -> None:
    """`s3://bucket/folder` with every option that a twin needs means the same to both."""
    first, then = benches
    options = f"endpoint={first.twin.run.endpoint}&region={first.twin.run.region}&use_path_style=true"
    url = f"s3://{first.bucket}/some/folder?{options}"
    first.having(PULUMI_BACKEND_URL=url).ok("stack", "init", "dev")
    listed = json.loads(then.having(PULUMI_BACKEND_URL=url).ok("stack", "ls", "--json"))
    assert [entry["name"] for entry in listed] == ["dev"]
    assert ".pulumi/stacks/demo/dev.json" in {key.removeprefix("some/folder/") for key in first.objects()}


def test_the_others_change_of_secrets_provider_is_understood(
    benches: tuple[CloudBench, CloudBench], secrets_key: str
) -> None:
    """Passphrase to KMS, the same key anew, and back: after each the other engine opens the secrets."""
    first, then = benches
    first.ok("stack", "init", "dev")
    first.ok("config", "set", "--secret", "k", "hunter2", "--stack", "dev")
    first.ok("config", "set", "--secret", "--path", "o.list[0]", "inner", "--stack", "dev")
    for one, other in ((first, then), (then, first)):
        for provider in (f"awskms:///{secrets_key}", f"awskms:///{secrets_key}", "passphrase"):
            one.ok("stack", "change-secrets-provider", provider, "--stack", "dev")
            assert other.ok("config", "get", "k", "--stack", "dev").strip() == "hunter2"
            assert "inner" in other.ok("config", "get", "--path", "o.list[0]", "--stack", "dev")
            kind = json.loads(other.ok("stack", "export", "--stack", "dev"))["deployment"]["secrets_providers"]["type"]
            assert kind == ("cloud" if provider.startswith("awskms") else "passphrase")


def test_a_lock_of_the_other_is_respected(benches: tuple[CloudBench, CloudBench]) -> None:
    """What one engine has locked the other refuses, showing the lock's address in the same words."""
    first = benches[0]
    first.ok("stack", "init", "dev")
    lock = {"pid": 1, "username": "u", "hostname": "elsewhere", "timestamp": "2026-01-02T03:04:05Z"}
    first.put(".pulumi/locks/organization/demo/dev/x.json", json.dumps(lock).encode())
    told = [bench.run("stack", "rm", "--yes", "--force", "dev") for bench in benches]
    address = f"s3://{first.bucket}/.pulumi/locks/organization/demo/dev/x.json: created by u@elsewhere (pid 1)"
    assert [address in ran.stderr for ran in told] == [True, True], told


def test_an_operation_takes_no_more_requests_than_the_cli(
    tmp_path: Path, running_twin: RunningTwin, aws: TwinAws, numbers: Iterator[int], secrets_key: str
) -> None:
    """Counted by the twin: an update without changes costs fewer calls of S3, and one of KMS instead of two."""
    made: dict[str, dict[str, int]] = {}
    for name, command in (("ours", on_twin()), ("cli", real())):
        (tmp_path / name).mkdir()
        bench = new_cloud_bench(tmp_path / name, running_twin, aws, f"calls-{next(numbers)}", command)
        one = stack(bench, f"awskms:///{secrets_key}")
        one.set_config("password", ConfigValue("p", secret=True))
        one.up()
        with bench.counted() as calls:
            bench.command.run(["refresh", "--yes", "--skip-preview", "--stack", "dev"], str(bench.project), bench.env)
        made[name] = calls
    kms = {name: sum(count for call, count in calls.items() if call.startswith("kms:")) for name, calls in made.items()}
    s3 = {name: sum(count for call, count in calls.items() if call.startswith("s3:")) for name, calls in made.items()}
    assert kms["ours"] == 1 < kms["cli"]
    assert s3["ours"] < s3["cli"]
