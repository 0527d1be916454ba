"""The whole life of a stack through `pulumi.automation`, an inline program, on either engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation
from pulumi.automation import ConfigValue, LocalWorkspaceOptions, ProjectSettings, PulumiCommand, Stack

from tests.unit.engine_store.workbench import Bench, embedded, new_bench, real

ENGINES = [pytest.param(embedded, id="embedded"), pytest.param(real, id="real", marks=pytest.mark.real_engine)]


class Part(pulumi.ComponentResource):
    """A component without a provider."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("demo:index:Part", name, {"hidden": pulumi.Output.secret("in-clear")}, opts)
        self.register_outputs({"done": True})


def program() -> None:
    """Declare two parts, one in the other, and outputs of several kinds."""
    config = pulumi.Config()
    outer = Part("outer")
    Part("inner", pulumi.ResourceOptions(parent=outer))
    pulumi.export("size", config.require("size"))
    pulumi.export("hidden", config.require_secret("password"))
    pulumi.export("object", config.require_object("object"))


def failing() -> None:
    """Declare one part and raise."""
    Part("outer")
    raise ValueError("boom")


def empty() -> None:
    """Declare nothing."""


@pytest.fixture(params=ENGINES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Return a project without stacks, under each engine."""
    engine: Callable[[], PulumiCommand] = request.param
    return new_bench(tmp_path, engine(), "name: demo\nruntime: python\nmain: .\n")


def stack(bench: Bench, work: Callable[[], None] = program) -> Stack:
    """Return stack `dev` with a program."""
    return automation.create_or_select_stack(
        "dev",
        project_name="demo",
        program=work,
        opts=LocalWorkspaceOptions(
            work_dir=str(bench.project),
            env_vars=bench.env,
            pulumi_command=bench.command,
            project_settings=ProjectSettings("demo", "python", main=str(bench.project)),
        ),
    )


@pytest.fixture
def dev(bench: Bench) -> Stack:
    """Return a configured stack."""
    made = stack(bench)
    made.set_all_config({"size": ConfigValue("012"), "password": ConfigValue("pass-in-clear", secret=True)})
    made.set_config("object.list[0]", ConfigValue("5"), path=True)
    return made


def test_a_stack_lives_from_init_to_removal(bench: Bench, dev: Stack) -> None:
    """Configuration, preview, update, no change, refresh, history, outputs, destroy, removal."""
    assert dev.get_all_config()["demo:password"].value == "pass-in-clear"
    assert dev.get_config("object").value == '{"list":[5]}'
    assert dev.preview().change_summary == {"create": 3}
    first = dev.up(message="first")
    assert (first.summary.result, first.summary.resource_changes, first.summary.message) == (
        "succeeded",
        {"create": 3},
        "first",
    )
    assert {name: (output.value, output.secret) for name, output in first.outputs.items()} == {
        "size": ("012", False),
        "hidden": ("pass-in-clear", True),
        "object": ({"list": [5]}, False),
    }
    assert dev.up(expect_no_changes=True).summary.resource_changes == {"same": 3}
    assert dev.preview_refresh().change_summary == {"same": 3}
    assert dev.refresh().summary.resource_changes == {"same": 3}
    assert dev.preview_destroy().change_summary == {"delete": 3}
    assert [(entry.kind, entry.result) for entry in dev.history()] == [
        ("refresh", "succeeded"),
        ("update", "succeeded"),
        ("update", "succeeded"),
    ]
    assert b"in-clear" not in b"".join(bench.files().values())
    assert dev.destroy(remove=True).summary.resource_changes == {"delete": 3}
    assert dev.workspace.list_stacks() == []


def test_an_export_is_imported_again(bench: Bench, dev: Stack) -> None:
    """An exported state, imported, previews without a change."""
    dev.up()
    deployment = dev.export_stack()
    assert deployment.deployment is not None
    dev.import_stack(deployment)
    assert dev.preview().change_summary == {"same": 3}
    assert b"in-clear" not in bench.checkpoint.read_bytes()


def test_a_program_that_raises_is_told_by_the_sdk(bench: Bench, dev: Stack) -> None:
    """The SDK's own error names the program's; the failure is recorded and what was made is in the state."""
    with pytest.raises(automation.InlineSourceRuntimeError, match="boom"):
        stack(bench, failing).up()
    info = dev.info()
    assert info is not None
    assert (info.kind, info.result) == ("update", "failed")
    assert [row.resource_count for row in dev.workspace.list_stacks()] == [2]


def test_events_arrive_in_order(dev: Stack) -> None:
    """Prelude first, a pair of events per step, summary and cancel last; secrets are blinded."""
    events: list[automation.EngineEvent] = []
    dev.up(on_event=events.append)
    kinds = [_kind(event) for event in events if event.diagnostic_event is None]
    assert kinds[0] == "prelude_event"
    assert kinds[-2:] == ["summary_event", "cancel_event"]
    assert (kinds.count("resource_pre_event"), kinds.count("res_outputs_event")) == (3, 3)
    assert [event.sequence for event in events] == sorted(event.sequence for event in events)
    assert "in-clear" not in repr([event.__dict__ for event in events])


def test_lines_of_output_arrive(dev: Stack) -> None:
    """The caller's callback gets the lines that are in the result."""
    lines: list[str] = []
    done = dev.up(on_output=lines.append)
    assert "\n".join(lines) == done.stdout
    assert "Updating (dev):" in done.stdout
    assert "pass-in-clear" not in done.stdout


def test_what_is_no_longer_declared_is_deleted(bench: Bench, dev: Stack) -> None:
    """An empty program deletes the parts and keeps the stack."""
    dev.up()
    assert stack(bench, empty).up().summary.resource_changes == {"same": 1, "delete": 2}


def test_unexpected_changes_end_with_code_7(dev: Stack) -> None:
    """`expect_no_changes` fails the preview of a new stack."""
    with pytest.raises(automation.CommandError, match="code: 7"):
        dev.preview(expect_no_changes=True)


def test_tags_cancel_and_who(dev: Stack) -> None:
    """The remaining calls answer."""
    dev.set_tag("a", "b")
    assert dev.list_tags() == {"a": "b"}
    dev.remove_tag("a")
    dev.cancel()
    assert dev.workspace.who_am_i().url
    assert dev.workspace.list_plugins() == []
    current = dev.workspace.stack()
    assert current is not None
    assert current.name == "dev"


def test_configuration_is_removed_and_restored(dev: Stack) -> None:
    """What was removed after an update comes back with `refresh_config`."""
    dev.up()
    dev.remove_config("size")
    dev.remove_all_config(["password"])
    assert set(dev.get_all_config()) == {"demo:object"}
    dev.refresh_config()
    assert dev.get_config("size").value == "012"
    assert dev.get_config("password").value == "pass-in-clear"


def _kind(event: automation.EngineEvent) -> str:
    fields: dict[str, Any] = event.__dict__
    return next(name for name, value in fields.items() if name.endswith("_event") and value is not None)
