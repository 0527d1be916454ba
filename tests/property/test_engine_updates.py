"""Whatever a program declares and wherever its provider fails, the state is sound and a clean run repairs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc

from rehearsal.engine.deployment import run_update
from rehearsal.engine.integrity import broken_rule
from rehearsal.engine.state import Snapshot
from rehearsal.engine.update import (
    Collaborators,
    ProgramResult,
    Project,
    UpdateKind,
    UpdateOptions,
    UpdateOutcome,
    UpdateRequest,
)
from rehearsal.engine.urn import make_urn
from tests.support.stub_provider import THING, StubProvider

NAMES = ("a", "b", "c", "d", "e")
URNS = {name: make_urn("dev", "trial", "", THING, name) for name in NAMES}
PROVIDER = "urn:pulumi:dev::trial::pulumi:providers:stub::s"


@dataclass(frozen=True)
class Declared:
    """One thing of a program: inputs, and the earlier things that an input or only the order depends on."""

    name: str
    inputs: Mapping[str, Any]
    uses: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spoken:
    """A program that registers what is declared, one after the other, by the protocol."""

    things: tuple[Declared, ...]
    region: str

    def run(self, request: UpdateRequest, monitor_address: str, engine_address: str) -> ProgramResult:
        """Register everything; stop at the first refusal, as the SDK does."""
        channel = _Direct(monitor_address)
        try:
            self._declare(channel)
        except grpc.RpcError as error:
            return ProgramResult(error=str(error), bail=True)
        finally:
            channel.close()
        return ProgramResult()

    def _declare(self, monitor: _Direct) -> None:
        config = _struct({"region": self.region})
        made = monitor.register(type="pulumi:providers:stub", name="s", custom=True, object=config)
        ids: dict[str, str] = {}
        for thing in self.things:
            used = [name for name in thing.uses if name in ids]
            inputs = {**thing.inputs, **{f"size{name}": ids[name] for name in used}}
            if used:
                inputs["size"] = ids[used[0]]
            depends = {f"size{name}": [URNS[name]] for name in used} | ({"size": [URNS[used[0]]]} if used else {})
            ordered = [name for name in thing.after if name in ids]
            done = monitor.register(
                type=THING,
                name=thing.name,
                custom=True,
                object=_struct(inputs),
                provider=f"{PROVIDER}::{made.id}",
                dependencies=sorted({URNS[name] for name in (*used, *ordered)}),
                propertyDependencies={
                    key: resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=depends.get(key, []))
                    for key in inputs
                },
                supportsResultReporting=True,
            )
            if done.result == resource_pb2.SUCCESS:
                ids[thing.name] = done.id


class _Direct:
    """A stub of the monitor over its socket."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)
        self._stub = resource_pb2_grpc.ResourceMonitorStub(self._channel)

    def register(self, **fields: Any) -> Any:
        """Register a resource."""
        return self._stub.RegisterResource(resource_pb2.RegisterResourceRequest(**fields))

    def close(self) -> None:
        """Hang up."""
        self._channel.close()


class Watched:
    """A journal that insists on sound snapshots, and on nothing that the provider has being forgotten."""

    def __init__(self) -> None:
        self.snapshots = 0

    def record(self, snapshot: Snapshot) -> None:
        """Check a snapshot."""
        self.snapshots += 1
        assert broken_rule(snapshot) == ""

    def emit(self, event: Mapping[str, Any]) -> None:
        """Ignore an event."""


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def update(
    snapshot: Snapshot, program: Spoken, faults: Mapping[str, Callable[[Any, Any], Any]], *, going_on: bool = False
) -> UpdateOutcome:
    """Run one update of the stack."""
    journal = Watched()
    request = UpdateRequest(
        UpdateKind.UPDATE,
        False,
        Project("trial", Path("/nowhere"), Path("/nowhere")),
        "dev",
        snapshot,
        options=UpdateOptions(parallel=4, continue_on_error=going_on),
    )
    acting = Collaborators({"stub": lambda _: StubProvider(faults)}, journal, journal, lambda _: {}, program)
    outcome = run_update(request, acting)
    assert broken_rule(outcome.snapshot) == ""
    return outcome


INPUTS = st.fixed_dictionaries({}, optional={"colour": st.sampled_from("xyz"), "site": st.sampled_from("pq")})


@st.composite
def programs(draw: st.DrawFn) -> Spoken:
    """Return a program of up to five things, each depending on some of those before it."""
    chosen = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    things = []
    for index, name in enumerate(chosen):
        earlier = st.lists(st.sampled_from(chosen[:index]), unique=True, max_size=2) if index else st.just([])
        things.append(Declared(name, draw(INPUTS), tuple(draw(earlier)), tuple(draw(earlier))))
    return Spoken(tuple(things), draw(st.sampled_from("mn")))


def _failing(named: frozenset[str], words: str) -> Callable[[Any, Any], Any]:
    def function(request: Any, context: Any) -> None:
        if request.urn.rsplit("::", 1)[-1] in named:
            context.abort(grpc.StatusCode.UNKNOWN, words)

    return function


FAULTS = st.fixed_dictionaries(
    {method: st.frozensets(st.sampled_from(NAMES), max_size=2) for method in ("Create", "Update", "Delete")}
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(programs(), FAULTS, st.booleans()), min_size=1, max_size=3), programs())
def test_every_recorded_state_is_sound_and_a_clean_run_converges(
    history: list[tuple[Spoken, dict[str, frozenset[str]], bool]], last: Spoken
) -> None:
    """After any number of faulty updates, one without faults gives what was asked for, and the next changes nothing."""
    snapshot = Snapshot()
    for program, faults, going_on in history:
        broken = {method: _failing(named, f"{method} failed") for method, named in faults.items()}
        snapshot = update(snapshot, program, broken, going_on=going_on).snapshot
    clean = update(snapshot, last, {})
    assert clean.error == ""
    expected = {PROVIDER, *(URNS[thing.name] for thing in last.things)}
    assert {state.urn for state in clean.snapshot.resources} == expected
    assert not any(s.delete or s.pending_replacement or s.init_errors for s in clean.snapshot.resources)
    again = update(clean.snapshot, last, {})
    assert {str(op) for op in again.changes} <= {"same"}
