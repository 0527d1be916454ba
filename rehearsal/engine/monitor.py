"""The services a program talks to: ResourceMonitor and Engine, on one loopback gRPC server.

Decodes requests, hands them to the registrar, encodes what comes back. Once a step has failed, every further
registration is refused with UNAVAILABLE, which ends the program. Source: Pulumi `proto/pulumi/{resource,engine}.proto`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

from rehearsal.engine import events
from rehearsal.engine.builtin import STACK_REFERENCE, read_stack_reference
from rehearsal.engine.goal import Goal, UnsupportedOption, read_goal
from rehearsal.engine.invocation import InvokeFailed, invoke
from rehearsal.engine.properties import UnsupportedValue, from_struct, to_struct
from rehearsal.engine.provider_calls import ReadBack
from rehearsal.engine.provider_registration import ProviderDenied
from rehearsal.engine.registration import Ending, Registered, Registrar
from rehearsal.engine.stepper import StepFailed
from rehearsal.engine.update import EventSink, StackOutputs, UpdateRequest

FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
)
"""What the SDK may use; it refuses the rest by itself, in clear words."""
FEATURE_IDS = frozenset({"secrets", "resourceReferences", "aliasSpecs", "deletedWith"})
MAX_MESSAGE = 400 * 1024 * 1024
"""Source: Pulumi `sdk/go/common/util/rpcutil`: the largest message it takes."""
SEVERITIES = ("debug", "info", "warning", "error")
SHUTTING_DOWN = "Resource monitor has terminated"
_RESULTS = {
    Ending.DONE: resource_pb2.SUCCESS,
    Ending.FAILED: resource_pb2.FAIL,
    Ending.SKIPPED: resource_pb2.FAIL,
}


@dataclass
class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Answers one program's registrations."""

    request: UpdateRequest
    registrar: Registrar
    stack_outputs: StackOutputs

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:
        """Tell which project and stack this is, and what the monitor can do."""
        config = {key: value.plaintext for key, value in self.request.config.items()}
        return resource_pb2.DeploymentInfo(
            project=self.request.project.name,
            stack=self.request.stack,
            organization="organization",
            config=config,
            configSecretKeys=[key for key, value in self.request.config.items() if value.secret],
            dryRun=self.request.dry_run,
            parallel=self.request.options.parallel,
            supportedFeatures=FEATURES,
        )

    def SupportsFeature(self, request: Any, context: Any) -> Any:
        """Tell whether the monitor has a feature."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in FEATURE_IDS)

    def RegisterResource(self, request: Any, context: Any) -> Any:
        """Register a resource and answer with what it has become."""
        self._refuse_when_ending(context)
        with self._told(context, request.name):
            done = self.registrar.register(read_goal(request))
        if done.ending is not Ending.DONE and not request.supportsResultReporting:
            context.abort(grpc.StatusCode.UNKNOWN, "resource registration failed")
        return self._registered(done)

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        """Take a component's outputs."""
        with self._told(context, request.urn):
            self.registrar.register_outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def ReadResource(self, request: Any, context: Any) -> Any:
        """Read a resource that the stack does not manage."""
        self._refuse_when_ending(context)
        with self._told(context, request.name):
            if request.packageRef:
                raise UnsupportedOption(f"resource {request.name} ({request.type})", "a parameterised package")
            goal = Goal(
                type=request.type,
                name=request.name,
                custom=True,
                inputs=from_struct(request.properties),
                parent=request.parent,
                provider=request.provider,
                version=request.version,
                dependencies=tuple(sorted(request.dependencies)),
                additional_secret_outputs=tuple(request.additionalSecretOutputs),
            )
            done = self.registrar.read(goal, request.id, self._reader(goal))
        return resource_pb2.ReadResourceResponse(urn=done.urn, properties=to_struct(done.outputs))

    def Invoke(self, request: Any, context: Any) -> Any:
        """Call a provider's function."""
        self._refuse_when_ending(context)
        try:
            found = invoke(self.registrar.providers, request, dry_run=self.request.dry_run)
        except InvokeFailed as error:
            # Told to the program, not to the update: a program may catch it.
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        if found is None:
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        result, failures = found
        answer = resource_pb2.ResourceInvokeResponse(
            failures=[provider_pb2.CheckFailure(property=prop, reason=reason) for prop, reason in failures]
        )
        getattr(answer, "return").CopyFrom(to_struct(result))
        return answer

    def Call(self, request: Any, context: Any) -> NoReturn:
        """Refuse: methods on resources are not supported."""
        self._refuse(context, f"method {request.tok}", "a call of a resource's method")

    def RegisterPackage(self, request: Any, context: Any) -> NoReturn:
        """Refuse: parameterised packages are not supported."""
        self._refuse(context, f"package {request.name}", "parameterisation")

    def RegisterStackTransform(self, request: Any, context: Any) -> NoReturn:
        """Refuse: transforms are not supported."""
        self._refuse(context, "the stack", "a resource transform")

    def RegisterStackInvokeTransform(self, request: Any, context: Any) -> NoReturn:
        """Refuse: transforms are not supported."""
        self._refuse(context, "the stack", "an invoke transform")

    def RegisterResourceHook(self, request: Any, context: Any) -> NoReturn:
        """Refuse: hooks are not supported."""
        self._refuse(context, f"hook {request.name}", "resource hooks")

    def RegisterErrorHook(self, request: Any, context: Any) -> NoReturn:
        """Refuse: hooks are not supported."""
        self._refuse(context, f"hook {request.name}", "error hooks")

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:
        """Answer at once: without hooks nothing asks the program for anything once it has ended."""
        return empty_pb2.Empty()

    def _reader(self, goal: Goal) -> Callable[[], ReadBack] | None:
        if goal.type != STACK_REFERENCE:
            return None
        return lambda: read_stack_reference(goal.inputs, goal.name, self.stack_outputs)

    def _registered(self, done: Registered) -> Any:
        return resource_pb2.RegisterResourceResponse(
            urn=done.urn, id=done.id, object=to_struct(done.outputs), result=_RESULTS[done.ending]
        )

    def _refuse_when_ending(self, context: Any) -> None:
        if self.request.cancelled.is_set() or self.registrar.must_stop:
            context.abort(grpc.StatusCode.UNAVAILABLE, SHUTTING_DOWN)

    @contextmanager
    def _told(self, context: Any, subject: str) -> Iterator[None]:
        """Turn what goes wrong into the status that ends the program."""
        try:
            yield
        except StepFailed:
            context.abort(grpc.StatusCode.UNAVAILABLE, SHUTTING_DOWN)
        except UnsupportedOption as error:
            self.registrar.stepper.refuse("", str(error))
            context.abort(grpc.StatusCode.UNAVAILABLE, SHUTTING_DOWN)
        except ProviderDenied as error:
            # Told to the program, as Pulumi does for reads.
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except ValueError as error:
            self.registrar.stepper.refuse("", f"resource {subject}: {error}")
            context.abort(grpc.StatusCode.UNAVAILABLE, SHUTTING_DOWN)
        except UnsupportedValue as error:
            refused = UnsupportedOption(f"resource {subject}", str(error))
            self.registrar.stepper.refuse("", str(refused))
            context.abort(grpc.StatusCode.UNAVAILABLE, SHUTTING_DOWN)

    def _refuse(self, context: Any, subject: str, option: str) -> NoReturn:
        self.registrar.stepper.refuse("", str(UnsupportedOption(subject, option)))
        context.abort(grpc.StatusCode.UNAVAILABLE, SHUTTING_DOWN)
        raise AssertionError("abort does not return")


@dataclass
class EngineLog(engine_pb2_grpc.EngineServicer):
    """Takes a program's messages. An error among them does not make the update fail, as with the real CLI."""

    events: EventSink
    debug: bool
    errors: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def Log(self, request: Any, context: Any) -> Any:
        """Pass a message on; the SDK's own word about the monitor's end is not the cause of anything."""
        severity = SEVERITIES[request.severity]
        if severity == "debug" and not self.debug:
            return empty_pb2.Empty()
        if severity == "error":
            if SHUTTING_DOWN in request.message:
                return empty_pb2.Empty()
            with self._lock:
                self.errors.append(request.message)
        self.events.emit(events.diagnostic(severity, request.message, request.urn, ephemeral=request.ephemeral))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any, context: Any) -> Any:
        """Accept: the version claimed is that of the SDK the program runs with."""
        return engine_pb2.RequirePulumiVersionResponse()

    def StartDebugging(self, request: Any, context: Any) -> NoReturn:
        """Refuse: there is no debugger to attach."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "the embedded engine attaches no debugger")
        raise AssertionError("abort does not return")


@contextmanager
def serve(monitor: Monitor, log: EngineLog, parallel: int) -> Iterator[str]:
    """Serve both on one free loopback port, and yield its address."""
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", MAX_MESSAGE),
        ("grpc.max_send_message_length", MAX_MESSAGE),
        ("grpc.so_reuseport", 0),
    ]
    pool = futures.ThreadPoolExecutor(max_workers=max(8, 4 * parallel), thread_name_prefix="monitor")
    server = grpc.server(pool, options=options)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=1).wait()
        pool.shutdown(wait=True)
