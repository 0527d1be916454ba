"""Runs updates of one make-believe stack, and tells what came of them in few words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pulumi
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, resource_pb2, resource_pb2_grpc

from rehearsal.engine.deployment import run_update
from rehearsal.engine.integrity import broken_rule
from rehearsal.engine.state import ResourceState, Snapshot
from rehearsal.engine.update import (
    Collaborators,
    ConfigValue,
    ProgramResult,
    Project,
    UpdateKind,
    UpdateOptions,
    UpdateOutcome,
    UpdateRequest,
)
from rehearsal.engine.values import Properties
from tests.support.failed_programs import swept
from tests.support.stub_provider import THING, Drift, Function, StubProvider

STACK = "urn:pulumi:dev::trial::pulumi:pulumi:Stack::trial-dev"
Program = Callable[[], None]


class Thing(pulumi.CustomResource):
    """The stub provider's resource."""

    colour: pulumi.Output[Any]
    arn: pulumi.Output[Any]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__(THING, name, {"colour": None, "arn": None, **inputs}, opts)


class Stub(pulumi.ProviderResource):
    """An explicit stub provider."""

    def __init__(self, name: str = "s", opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__("stub", name, {"region": "a", **inputs}, opts)


class Box(pulumi.ComponentResource):
    """A component."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("own:index:Box", name, {}, opts)


@dataclass
class Recorder:
    """A journal and event sink that keeps what it is given, and checks every snapshot."""

    snapshots: list[Snapshot] = field(default_factory=list)
    events: list[Mapping[str, Any]] = field(default_factory=list)
    refusal: Exception | None = None

    def record(self, snapshot: Snapshot) -> None:
        """Keep a sound snapshot."""
        if self.refusal is not None:
            raise self.refusal
        assert not broken_rule(snapshot), broken_rule(snapshot)
        self.snapshots.append(snapshot)

    def emit(self, event: Mapping[str, Any]) -> None:
        """Keep an event."""
        self.events.append(event)


@dataclass(frozen=True)
class Done:
    """What came of an update."""

    outcome: UpdateOutcome
    recorder: Recorder
    providers: tuple[StubProvider, ...]

    @property
    def changes(self) -> dict[str, int]:
        """Return the counts by operation."""
        return {str(op): count for op, count in self.outcome.changes.items()}

    @property
    def error(self) -> str:
        """Return why the update failed."""
        return self.outcome.error

    def steps(self) -> list[str]:
        """Return "operation name" of every step that began, in order, those of stack and providers left out."""
        begun = [event["resourcePreEvent"]["metadata"] for event in self.recorder.events if "resourcePreEvent" in event]
        return [f"{data['op']} {data['urn'].rsplit('::', 1)[-1]}" for data in begun if "pulumi:" not in data["type"]]

    def said(self, severity: str) -> list[str]:
        """Return the messages of a severity."""
        told = [event["diagnosticEvent"] for event in self.recorder.events if "diagnosticEvent" in event]
        return [data["message"] for data in told if data["severity"] == severity]

    def calls(self, method: str) -> list[str]:
        """Return whom a provider method was called for, in any instance."""
        return [name for provider in self.providers for name in provider.of(method)]

    def state(self, name: str) -> ResourceState:
        """Return the one live resource of a name."""
        (found,) = (s for s in self.outcome.snapshot.resources if s.urn.endswith(f"::{name}") and not s.delete)
        return found

    def names(self) -> list[str]:
        """Return the names in the state, sorted, without the stack and default providers."""
        return sorted(s.urn.rsplit("::", 1)[-1] for s in self.outcome.snapshot.resources if s.urn != STACK)


@dataclass
class Trial:
    """One stack and its provider. Every update goes on from the state of the last one."""

    functions: dict[str, Function] = field(default_factory=dict)
    drift: Drift = field(default_factory=dict)
    config: dict[str, ConfigValue] = field(default_factory=dict)
    stacks: dict[str, Properties] = field(default_factory=dict)
    snapshot: Snapshot = field(default_factory=Snapshot)
    cancelled: threading.Event = field(default_factory=threading.Event)
    journal: Recorder | None = None
    """What takes the states of the next update, instead of one that accepts all."""

    def up(self, program: Program | WireProgram, options: UpdateOptions | None = None) -> Done:
        """Update."""
        return self._run(UpdateKind.UPDATE, program, options, dry_run=False)

    def preview(self, program: Program | WireProgram, options: UpdateOptions | None = None) -> Done:
        """Preview an update."""
        return self._run(UpdateKind.UPDATE, program, options, dry_run=True)

    def refresh(self, options: UpdateOptions | None = None, *, dry_run: bool = False) -> Done:
        """Refresh."""
        return self._run(UpdateKind.REFRESH, _nothing, options, dry_run=dry_run)

    def destroy(self, options: UpdateOptions | None = None, *, dry_run: bool = False) -> Done:
        """Destroy."""
        return self._run(UpdateKind.DESTROY, _nothing, options, dry_run=dry_run)

    def _run(
        self, kind: UpdateKind, program: Program | WireProgram, options: UpdateOptions | None, *, dry_run: bool
    ) -> Done:
        made: list[StubProvider] = []

        def provider(_: Mapping[str, str]) -> StubProvider:
            made.append(StubProvider(self.functions, self.drift))
            return made[-1]

        recorder = self.journal or Recorder()
        host = program if isinstance(program, WireProgram) else _Inline(program)
        request = UpdateRequest(
            kind,
            dry_run,
            Project("trial", Path("/nowhere"), Path("/nowhere")),
            "dev",
            self.snapshot,
            self.config,
            options or UpdateOptions(),
            cancelled=self.cancelled,
        )
        acting = Collaborators({"stub": provider}, recorder, recorder, self.stacks.__getitem__, host)
        outcome = run_update(request, acting)
        if outcome.error:
            with swept():
                del acting, host
        if not dry_run:
            self.snapshot = outcome.snapshot
        return Done(outcome, recorder, tuple(made))


def _nothing() -> None:
    """Declare nothing."""


@dataclass(frozen=True)
class _Inline:
    """Runs a program by the SDK's own language server, as `pulumi.automation` does."""

    program: Program

    def run(self, request: UpdateRequest, monitor_address: str, engine_address: str) -> ProgramResult:
        """Run the program to its end."""
        pool = futures.ThreadPoolExecutor(max_workers=2)
        server = grpc.server(pool)
        language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(self.program), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                answer = language_pb2_grpc.LanguageRuntimeStub(channel).Run(
                    language_pb2.RunRequest(
                        project="trial",
                        stack="dev",
                        args=[engine_address],
                        config={key: value.plaintext for key, value in request.config.items()},
                        dryRun=request.dry_run,
                        parallel=request.options.parallel,
                        monitor_address=monitor_address,
                        organization="organization",
                    )
                )
        except grpc.RpcError as error:
            return ProgramResult(error=str(error))
        finally:
            server.stop(None).wait()
            pool.shutdown()
        return ProgramResult(answer.error, answer.bail)


@dataclass(frozen=True)
class WireProgram:
    """A program that speaks to the monitor itself; a refusal of the monitor ends it."""

    calls: Callable[[resource_pb2_grpc.ResourceMonitorStub], None]

    def run(self, request: UpdateRequest, monitor_address: str, engine_address: str) -> ProgramResult:
        """Make the calls."""
        with grpc.insecure_channel(monitor_address) as channel:
            try:
                self.calls(resource_pb2_grpc.ResourceMonitorStub(channel))
            except grpc.RpcError as error:
                return ProgramResult(error=f"{error.code()}: {error.details()}")  # type: ignore[attr-defined]
        return ProgramResult()


def registering(**fields: Any) -> WireProgram:
    """Return a program that registers one thing with these fields of the request."""

    def calls(monitor: resource_pb2_grpc.ResourceMonitorStub) -> None:
        monitor.RegisterResource(resource_pb2.RegisterResourceRequest(type=THING, name="t", custom=True, **fields))

    return WireProgram(calls)
