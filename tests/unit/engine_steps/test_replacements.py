"""Replacements that are out of the ordinary: of another kind, resumed, or crossing each other."""

from __future__ import annotations

import dataclasses
import threading
from functools import partial
from typing import Any

import pulumi
import pytest
from pulumi import ResourceOptions as Options
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc

from rehearsal.engine.update import UpdateOptions
from tests.support.stub_provider import THING
from tests.unit.engine_steps.trials import Stub, Thing, Trial, WireProgram


class Shell(pulumi.ComponentResource):
    """A component by the type of a custom resource."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(THING, name, {}, opts)
        self.register_outputs({"shown": 1})


def either(*, custom: bool, first: bool | None = None) -> None:
    """Declare one name as a custom resource or as a component."""
    options = Options(provider=Stub(), delete_before_replace=first)
    if custom:
        Thing("x", options, colour="red")
    else:
        Shell("x", options)


@pytest.mark.parametrize("first", [None, True])
def test_a_custom_resource_that_becomes_a_component_is_deleted(first: bool | None) -> None:
    """The cloud resource is not forgotten, in either order, and the component has its own outputs only."""
    trial = Trial()
    trial.up(partial(either, custom=True))
    done = trial.up(partial(either, custom=False, first=first))
    assert (done.changes, done.calls("Delete"), done.error) == ({"same": 2, "replace": 1}, ["x"], "")
    state = done.state("x")
    assert (state.custom, state.id, state.provider, state.outputs) == (False, "", "", {"shown": 1})
    assert done.names() == ["s", "x"]


def test_a_component_that_becomes_a_custom_resource_is_replaced() -> None:
    """It is made by the provider, which has nothing to delete."""
    trial = Trial()
    trial.up(partial(either, custom=False))
    done = trial.up(partial(either, custom=True))
    assert (done.changes, done.calls("Create"), done.calls("Delete")) == ({"same": 2, "replace": 1}, ["x"], [])
    assert done.state("x").id == "x--"


def sited(site: str, boom: str = "") -> None:
    """Declare a thing that is deleted first for another site."""
    Thing("a", Options(provider=Stub()), site=site, **({"boom": boom} if boom else {}))


def test_what_was_deleted_to_be_made_anew_is_not_deleted_by_the_provider_again() -> None:
    """The new one may go by the old one's id; the delete is told as the real CLI tells it."""
    trial = Trial()
    trial.up(partial(sited, "x"))
    trial.up(partial(sited, "y", "no room"))
    done = trial.up(partial(sited, "x"))
    assert done.steps() == ["create-replacement a", "replace a", "delete-replaced a"]
    assert (done.calls("Create"), done.calls("Delete"), done.names()) == (["a"], [], ["a", "s"])


def test_a_copy_marked_for_deletion_says_nothing_about_its_living_successor() -> None:
    """It goes with what it depends on; the living one stays, and does not take along what is deleted with it."""

    def program(site: str, size: str = "") -> None:
        provider = Stub()
        first = Thing("a", Options(provider=provider), site=site, computed=["arn"])
        second = Thing("b", Options(provider=provider), size=size or first.arn)
        Thing("w", Options(provider=provider, deleted_with=second), size=first.arn)

    trial = Trial()
    trial.up(partial(program, "x"))
    (former,) = (state for state in trial.snapshot.resources if state.urn.endswith("::b"))
    trial.up(partial(program, "x", "own"))
    former = dataclasses.replace(former, delete=True)
    trial.snapshot = dataclasses.replace(trial.snapshot, resources=(*trial.snapshot.resources, former))
    done = trial.up(partial(program, "y", "own"))
    assert (done.error, sorted(done.calls("Delete")), done.calls("Create")) == ("", ["a", "b", "w"], ["a", "w"])
    assert (done.names(), done.changes["same"]) == (["a", "b", "s", "w"], 3)


def test_a_resource_is_not_deleted_with_a_former_one_of_that_name() -> None:
    """It belongs to the living one, so that the provider must delete it itself."""

    def program(*, wanted: bool) -> None:
        provider = Stub()
        home = Thing("a", Options(provider=provider))
        if wanted:
            Thing("w", Options(provider=provider, deleted_with=home))

    trial = Trial()
    trial.up(partial(program, wanted=True))
    live = trial.snapshot.resources
    former = dataclasses.replace(next(s for s in live if s.urn.endswith("::a")), delete=True, id="a-former")
    trial.snapshot = dataclasses.replace(trial.snapshot, resources=(*live, former))
    assert sorted(trial.up(partial(program, wanted=False)).calls("Delete")) == ["a", "w"]


def test_a_provider_stays_while_a_skipped_resource_still_uses_it() -> None:
    """The replaced provider is not deleted, though its successor by the same name goes on."""

    def calls(monitor: resource_pb2_grpc.ResourceMonitorStub, region: str, boom: str) -> None:
        def register(type_: str, name: str, **fields: Any) -> Any:
            inputs = fields.pop("inputs", {})
            request = resource_pb2.RegisterResourceRequest(
                type=type_, name=name, custom=True, supportsResultReporting=True, **fields
            )
            request.object.update(inputs)
            return monitor.RegisterResource(request)

        changing = register("pulumi:providers:stub", "s", inputs={"region": region})
        other = register("pulumi:providers:stub", "t", inputs={"region": "z"})
        inputs = {"boom": boom} if boom else {"colour": "x"}
        first = register(THING, "a", provider=f"{other.urn}::{other.id}", inputs=inputs)
        register(THING, "x", provider=f"{changing.urn}::{changing.id}", dependencies=[first.urn])

    trial = Trial()
    trial.up(WireProgram(partial(calls, region="a", boom="")))
    done = trial.up(WireProgram(partial(calls, region="b", boom="no")), UpdateOptions(continue_on_error=True))
    providers = {f"{s.urn}::{s.id}" for s in done.outcome.snapshot.resources if s.type == "pulumi:providers:stub"}
    assert (len(providers), done.state("x").provider in providers) == (3, True)


def crossing(site: str, **more: str) -> None:
    """Declare a thing that depends on two others which are deleted first for another site."""
    provider = Stub()
    first = Thing("a", Options(provider=provider), site=site, computed=["arn"])
    second = Thing("b", Options(provider=provider), site=site, computed=["arn"])
    Thing("d", Options(provider=provider), size=first.arn, site=second.arn, **more)


def test_a_replacement_waits_for_the_deletes_that_another_one_makes() -> None:
    """What depends on two resources is gone before either of them is deleted."""
    order: list[str] = []
    too_early = threading.Event()

    def delete(request: Any, _context: Any) -> None:
        name = request.urn.rsplit("::", 1)[-1]
        if name == "d":
            # Long enough for the other replacement to go wrong; it is what it must not do.
            too_early.wait(0.3)
        elif not order:
            too_early.set()
        order.append(name)

    trial = Trial(functions={"Delete": delete})
    trial.up(partial(crossing, "x"))
    done = trial.up(partial(crossing, "y"))
    assert (done.error, order[0], sorted(order)) == ("", "d", ["a", "b", "d"])


def test_a_replacement_ends_where_another_one_could_not_delete_for_it() -> None:
    """Neither of the two that it depends on is deleted under a resource that is still there."""
    trial = Trial()
    trial.up(partial(crossing, "x", undeletable="stuck"))
    done = trial.up(partial(crossing, "y", undeletable="stuck"), UpdateOptions(continue_on_error=True))
    assert (done.calls("Delete"), done.calls("Create"), done.names()) == (["d"], [], ["a", "b", "d", "s"])
