"""Either engine continues what the other left: state, configuration, history, locks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest
from pulumi import automation
from pulumi.automation import ConfigValue, LocalWorkspaceOptions, ProjectSettings, PulumiCommand, Stack

from rehearsal.engine.update import Collaborators, UpdateOutcome, UpdateRequest
from tests.unit.engine_store.workbench import Bench, embedded, new_bench, nothing_to_do, real

pytestmark = pytest.mark.real_engine
BOTH = [pytest.param((embedded, real), id="to the CLI"), pytest.param((real, embedded), id="from the CLI")]


class Part(pulumi.ComponentResource):
    """A component without a provider."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("demo:index:Part", name, {"hidden": pulumi.Output.secret({"k": ["<s>", 1]})}, opts)
        self.register_outputs({"done": True})


def program() -> None:
    """Declare parts, one protected, and outputs of several kinds."""
    outer = Part("outer")
    Part("inner", pulumi.ResourceOptions(parent=outer, protect=True))
    pulumi.export("hidden", pulumi.Config().require_secret("password"))
    pulumi.export("numbers", [1, 1.5, 1e20, None, True])
    pulumi.export("text", "é <&> \u2028")


@pytest.fixture(params=BOTH)
def benches(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Bench, Bench]:
    """Return the same project under the engine that begins and under the one that goes on."""
    first: Callable[[], PulumiCommand]
    then: Callable[[], PulumiCommand]
    first, then = request.param
    bench = new_bench(tmp_path, first())
    return bench, bench.with_command(then())


def stack(bench: Bench) -> Stack:
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
        ),
    )


def test_the_others_stack_is_carried_on_without_a_change(benches: tuple[Bench, Bench]) -> None:
    """Configuration, outputs and history read the same; preview, update and refresh find no change, by turns."""
    first, then = (stack(bench) for bench in benches)
    first.set_all_config({"password": ConfigValue("p", secret=True), "zero": ConfigValue("0123")})
    first.set_config("o.list[0]", ConfigValue("5"), path=True)
    first.up(message="from the first")
    assert {key: value.value for key, value in then.get_all_config().items()} == {
        key: value.value for key, value in first.get_all_config().items()
    }
    assert {key: value.value for key, value in then.outputs().items()} == {
        key: value.value for key, value in first.outputs().items()
    }
    assert [(entry.message, entry.resource_changes) for entry in then.history()] == [("from the first", {"create": 3})]
    for engine in (then, first, then):
        assert engine.preview(expect_no_changes=True).change_summary == {"same": 3}
        assert engine.up(expect_no_changes=True).summary.resource_changes == {"same": 3}
    assert then.refresh(expect_no_changes=True).summary.resource_changes == {"same": 3}
    assert [entry.result for entry in first.history()] == ["succeeded"] * 5


def test_the_others_export_is_imported(benches: tuple[Bench, Bench]) -> None:
    """A deployment exported by one is imported by the other, and is no change to the first."""
    first, then = (stack(bench) for bench in benches)
    first.set_config("password", ConfigValue("p", secret=True))
    first.up()
    then.import_stack(first.export_stack())
    assert first.preview().change_summary == {"same": 3}


def test_the_others_stack_is_removed(benches: tuple[Bench, Bench]) -> None:
    """A stack one made empty, the other removes; both then say that there is none."""
    first, then = benches
    first.ok("stack", "init", "dev")
    then.ok("stack", "rm", "--yes", "dev")
    assert (first.run("stack", "select", "dev").code, then.run("stack", "select", "dev").code) == (6, 6)


def test_the_others_values_and_tags_are_changed(benches: tuple[Bench, Bench]) -> None:
    """What one set, the other reads, replaces and removes; comments in the stack file stay with ours."""
    first, then = benches
    first.ok("stack", "init", "dev")
    first.ok("config", "set", "--path", "o.a[0]", "1")
    first.ok("config", "set", "--secret", "s", "old")
    first.ok("stack", "tag", "set", "t", "1")
    then.ok("config", "set", "--path", "o.a[1]", "x: y # z")
    then.ok("config", "set", "--secret", "s", "new")
    then.ok("stack", "tag", "set", "t", "2")
    assert json.loads(first.ok("config", "get", "o", "--json"))["objectValue"] == {"a": [1, "x: y # z"]}
    assert first.ok("config", "get", "s") == "new"
    assert first.ok("stack", "tag", "get", "t") == "2"


def test_the_cli_respects_our_lock(tmp_path: Path) -> None:
    """While an update of ours runs, the CLI refuses to begin one, and names us; the extra key does not disturb it."""
    cli = real()
    refused: list[str] = []

    def run(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        ran = bench.with_command(cli).run("stack", "rm", "--yes", "--force", "dev")
        refused.extend((ran.error, ran.stderr))
        return nothing_to_do(request, collaborators)

    bench = new_bench(tmp_path, embedded(run))
    bench.ok("stack", "init", "dev")
    bench.ok("up", "--yes", "--skip-preview", "--stack", "dev")
    assert refused[0] == "ConcurrentUpdateError"
    assert "(pid " in refused[1]
    bench.with_command(cli).ok("stack", "rm", "--yes", "--force", "dev")
