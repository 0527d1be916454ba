"""Refresh, reads, invokes, stack references, and which provider a resource is given to."""

from __future__ import annotations

from functools import partial

import pulumi
import pytest
from google.protobuf import struct_pb2
from pulumi import ResourceOptions as Options
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc

from rehearsal.engine.update import ConfigValue, UpdateOptions
from rehearsal.engine.values import Secret
from tests.unit.engine_steps.trials import Box, Stub, Thing, Trial, WireProgram


def town() -> None:
    """Declare things that depend on each other."""
    provider = Stub()
    first = Thing("a", Options(provider=provider), colour="red")
    Thing("b", Options(provider=provider, depends_on=[first], deleted_with=first), colour=first.colour)
    Thing("c", Options(parent=Box("box", Options(provider=provider))), colour="z")


def test_a_refresh_without_drift_keeps_everything() -> None:
    """Every resource counts as the same."""
    trial = Trial()
    trial.up(town)
    done = trial.refresh()
    assert done.changes == {"same": 6}
    assert done.state("a").outputs == {"colour": "red"}


def test_a_refresh_records_what_changed() -> None:
    """Inputs and outputs are those that the provider reports."""
    trial = Trial()
    trial.up(town)
    trial.drift = {"a": {"colour": "green"}}
    done = trial.refresh()
    assert done.changes == {"same": 5, "update": 1}
    assert (done.state("a").inputs, done.state("a").outputs) == ({"colour": "green"}, {"colour": "green"})


def test_a_refresh_drops_what_is_gone_and_every_reference_to_it() -> None:
    """The state stays sound."""
    trial = Trial()
    trial.up(town)
    trial.drift = {"a": None}
    done = trial.refresh()
    assert done.changes == {"same": 5, "delete": 1}
    left = done.state("b")
    assert (left.dependencies, dict(left.property_dependencies), left.deleted_with) == ((), {}, "")


def test_a_refresh_leaves_the_child_of_what_is_gone_without_a_parent() -> None:
    """As the real CLI does; the next update gives the parent back."""

    def family() -> None:
        above: pulumi.Resource | None = None
        for name in "abc":
            above = Thing(name, Options(provider=Stub() if above is None else None, parent=above))

    trial = Trial()
    trial.up(family)
    trial.drift = {"b": None}
    done = trial.refresh()
    assert (done.names(), done.state("c").parent) == (["a", "c", "s"], "")
    trial.drift = {}
    assert trial.up(family).state("c").parent.endswith("::b")


def test_a_previewed_refresh_records_nothing() -> None:
    """It only tells."""
    trial = Trial()
    trial.up(town)
    trial.drift = {"a": None}
    done = trial.refresh(dry_run=True)
    assert (done.changes["delete"], done.recorder.snapshots, done.names().count("a")) == (1, [], 1)


def test_an_update_may_refresh_first() -> None:
    """What drifted is brought back; only that counts."""
    trial = Trial()
    trial.up(town)
    trial.drift = {"a": {"colour": "green"}, "c": None}
    done = trial.up(town, UpdateOptions(refresh=True))
    assert done.changes == {"same": 4, "update": 1, "create": 1}


def test_a_refresh_that_cannot_read_one_resource_keeps_it_and_fails() -> None:
    """The others are recorded as found."""

    def unreadable(request: object, _context: object) -> None:
        if str(request.urn).endswith("::a"):  # type: ignore[attr-defined]
            raise PermissionError("AccessDenied")

    trial = Trial()
    trial.up(town)
    trial.functions["Read"], trial.drift = unreadable, {"b": None}
    done = trial.refresh()
    assert "AccessDenied" in done.error
    assert done.names() == ["a", "box", "c", "s"]


def test_a_read_resource_is_external_and_never_deleted() -> None:
    """Destroying the stack discards it."""
    trial = Trial()
    made = trial.up(lambda: Thing("r", Options(provider=Stub(), id="ext")) and None)
    assert (made.state("r").external, made.state("r").id) == (True, "ext")
    done = trial.destroy()
    assert (done.calls("Delete"), done.names(), "discard r" in done.steps()) == ([], [], True)


def test_a_made_resource_that_is_read_by_another_id_is_replaced_by_it() -> None:
    """The old one is deleted at the end."""
    trial = Trial()
    trial.up(lambda: Thing("r", Options(provider=Stub())) and None)
    done = trial.up(lambda: Thing("r", Options(provider=Stub(), id="ext")) and None)
    assert done.changes == {"same": 2, "replace": 1}
    assert (done.calls("Delete"), done.state("r").external) == (["r"], True)


def test_another_region_replaces_a_provider_and_what_it_made() -> None:
    """The old instance deletes what the old provider had made."""

    def program(region: str) -> None:
        Thing("a", Options(provider=Stub(region=region)))

    trial = Trial()
    trial.up(partial(program, "a"))
    done = trial.up(partial(program, "b"))
    assert done.changes == {"same": 1, "replace": 2}
    regions = [
        (provider.of("Create") or [""], provider.of("Delete") or [""], r.args["region"])
        for provider in done.providers
        for name, r in provider.requests
        if name == "Configure"
    ]
    assert (["a"], [""], "b") in regions
    assert ([""], ["a"], "a") in regions


def test_a_region_change_is_previewed_as_a_cascade() -> None:
    """Though the new provider has no id yet."""

    def program(region: str) -> None:
        Thing("a", Options(provider=Stub(region=region)))

    trial = Trial()
    trial.up(partial(program, "a"))
    assert trial.preview(partial(program, "b")).changes == {"same": 1, "replace": 2}


def test_other_provider_config_updates_the_provider_alone() -> None:
    """Its id stays, so its resources stay."""

    def program(tag: str) -> None:
        Thing("a", Options(provider=Stub(tag=tag)))

    trial = Trial()
    before = trial.up(partial(program, "x")).state("s")
    done = trial.up(partial(program, "y"))
    assert done.changes == {"same": 2, "update": 1}
    assert (done.state("s").id, done.state("s").inputs["tag"]) == (before.id, "y")


def test_a_provider_that_refuses_its_config_fails_what_uses_it() -> None:
    """In the provider's own words."""
    done = Trial().up(lambda: Thing("a", Options(provider=Stub(refuse="bad credentials"))) and None)
    assert done.error.endswith("::a: bad credentials")


def test_a_provider_with_unknown_config_is_not_asked_at_preview() -> None:
    """Its resources are shown as created, with unknown outputs."""

    def program() -> None:
        made = Thing("a", Options(provider=Stub()), computed=["arn"])
        Thing("b", Options(provider=Stub("late", region=made.arn)), colour="x")

    done = Trial().preview(program)
    assert done.changes == {"create": 5}
    assert "b" not in done.calls("Check")


def test_a_default_provider_takes_the_stacks_config_of_its_package_and_does_not_count() -> None:
    """It stands in the state without a parent."""
    trial = Trial(config={"stub:region": ConfigValue("z"), "other:x": ConfigValue("y")})
    done = trial.up(lambda: Thing("a", Options(version="1.2.3")) and None)
    assert done.changes == {"create": 2}
    assert (done.state("default_1_2_3").inputs["region"], done.state("default_1_2_3").parent) == ("z", "")


def versioned(*versions: str | None) -> None:
    """Declare a thing for each version of its default provider."""
    for number, version in enumerate(versions):
        Thing(f"t{number}", Options(version=version))


def test_a_default_provider_without_a_version_takes_the_newest_of_the_state() -> None:
    """Versions are compared as such, not as text; without any in the state there is none."""
    trial = Trial()
    assert trial.up(partial(versioned, None)).names() == ["default", "t0"]
    trial.up(partial(versioned, "1.9.0", "1.10.0", "1.10.0-alpha.1"))
    done = trial.up(partial(versioned, None, None))
    assert done.names() == ["default_1_10_0", "t0", "t1"]
    assert done.state("default_1_10_0").inputs["version"] == "1.10.0"


@pytest.mark.parametrize(
    ("token", "said"),
    [("fail", "invocation of stub:index:fail returned an error: no such thing"), ("wrong", "must be blue")],
)
def test_a_failed_invoke_is_told_to_the_program(token: str, said: str) -> None:
    """The program may catch it, so the update itself has not failed yet."""
    told: list[str] = []

    def program(monitor: resource_pb2_grpc.ResourceMonitorStub) -> None:
        try:
            answer = monitor.Invoke(resource_pb2.ResourceInvokeRequest(tok=f"stub:index:{token}"))
            told.extend(failure.reason for failure in answer.failures)
        except Exception as error:  # noqa: BLE001 (what a program may do)
            told.append(str(error))

    done = Trial().up(WireProgram(program))
    assert said in " ".join(told)
    assert done.error == ""


def test_an_invoke_returns_what_the_provider_does() -> None:
    """Arguments go in, the result comes out."""
    found: list[object] = []

    def program(monitor: resource_pb2_grpc.ResourceMonitorStub) -> None:
        args = struct_pb2.Struct()
        args.update({"a": 1})
        answer = monitor.Invoke(resource_pb2.ResourceInvokeRequest(tok="stub:index:echo", args=args))
        found.append(getattr(answer, "return")["a"])

    Trial().up(WireProgram(program))
    assert found == [1]


def test_a_stack_reference_carries_secrets_and_stands_in_the_state() -> None:
    """It is external, of the engine's own default provider."""
    trial = Trial(stacks={"organization/other/dev": {"open": 1, "hidden": Secret("x")}})

    def program() -> None:
        other = pulumi.StackReference("organization/other/dev")
        pulumi.export("open", other.get_output("open"))
        pulumi.export("hidden", other.get_output("hidden"))

    done = trial.up(program)
    state = done.state("organization/other/dev")
    assert done.outcome.outputs == {"open": 1, "hidden": Secret("x")}
    assert (state.external, state.outputs["secretOutputNames"]) == (True, ["hidden"])
    assert "::pulumi:providers:pulumi::default::" in state.provider
