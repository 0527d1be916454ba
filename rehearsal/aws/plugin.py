# ruff: noqa: N802, ARG002 - names and signatures are gRPC's
"""The `aws` provider of rehearsals: Pulumi's ResourceProvider protocol over the tables in `rehearsal.aws.services`.

One instance serves one provider resource, in the engine's process or behind `bin/pulumi-resource-aws`. It verifies
inputs, says what a change means, and carries it out on the twin. It never speaks to anything but a proven twin.
Source: Pulumi `proto/pulumi/provider.proto`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeAlias

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from rehearsal.aws.answers import answering
from rehearsal.aws.aws_errors import AwsCallError
from rehearsal.aws.call import Account, Call
from rehearsal.aws.catalogue import Catalogue, full_catalogue
from rehearsal.aws.checking import DEFAULTS_KEY, CheckContext, check
from rehearsal.aws.connection import connect_to_twin
from rehearsal.aws.creations import Creations, creations_of
from rehearsal.aws.difference import Difference, Differences, difference
from rehearsal.aws.errors import NotConfigured
from rehearsal.aws.kinds import Problem
from rehearsal.aws.lifecycle import Lifecycle
from rehearsal.aws.plugin_schema import plugin_schema
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.settings import ProviderSettings, parse_settings, setting_problems
from rehearsal.aws.suggestions import unknown_function, unknown_type
from rehearsal.aws.wire import UNKNOWN, Properties, Secret, Value, from_struct, to_struct

PACKAGE = "pulumi-aws"
_DEFAULT_TIMEOUT = 300.0  # seconds
_REGION = "region"

Connect: TypeAlias = Callable[[Mapping[str, str], ProviderSettings], Account]
"""From environment and settings to the account to act in."""


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Return seconds since the machine started."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class _Configured:
    settings: ProviderSettings
    account: Account
    creations: Creations


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one provider resource. `env` is the whole environment of the operation; the process's own is not read.

    Secrets and resource references are not accepted: the engine sends plain values and marks outputs again.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        *,
        connect: Connect = connect_to_twin,
        catalogue: Catalogue | None = None,
        creations: Creations | None = None,
        on_cancel: Callable[[], None] | None = None,
    ) -> None:
        self._env = dict(env)
        self._connect = connect
        self._catalogue = catalogue or full_catalogue()
        self._given_creations = creations
        self._on_cancel = on_cancel
        self._configuration: _Configured | None = None
        self._recorded: set[str] = set()

    # --- the plugin ---

    def Handshake(
        self,
        request: provider_pb2.ProviderHandshakeRequest,
        context: grpc.ServicerContext,
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Say what this provider accepts: plain values only."""
        return provider_pb2.ProviderHandshakeResponse()

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Accept an engine that dials in; nothing is asked of it."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Return the version of pulumi-aws whose programs this provider serves."""
        return plugin_pb2.PluginInfo(version=version(PACKAGE))

    def GetSchema(
        self,
        request: provider_pb2.GetSchemaRequest,
        context: grpc.ServicerContext,
    ) -> provider_pb2.GetSchemaResponse:
        """Return the schema of what is offered in rehearsals, which is much less than pulumi-aws has."""
        return provider_pb2.GetSchemaResponse(schema=plugin_schema(self._catalogue, version(PACKAGE)))

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Tell whoever serves this provider to stop once the calls in hand are done."""
        if self._on_cancel:
            self._on_cancel()
        return empty_pb2.Empty()

    # --- its configuration ---

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Verify the settings; they are returned as they are."""
        with answering(context):
            problems = setting_problems(from_struct(request.news))
            return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(problems))

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Say that another region means another provider, and with it other resources; all else is an update.

        Source: pulumi-aws `provider/resources.go` (ForcesProviderReplace).
        """
        with answering(context):
            olds, news = from_struct(request.olds), from_struct(request.news)
            names = sorted(name for name in olds.keys() | news.keys() if olds.get(name) != news.get(name))
            replaces = [_REGION] if _REGION in names and olds.get(_REGION) is not None else []
            return provider_pb2.DiffResponse(changes=_changes(names), diffs=names, replaces=replaces)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Prove the twin, assume the roles, look whether the account is one of those allowed."""
        with answering(context):
            settings = parse_settings(from_struct(request.args))
            account = self._connect(self._env, settings)
            creations = self._given_creations or creations_of(self._env)
            self._configuration = _Configured(settings, account, creations)
            return provider_pb2.ConfigureResponse(supportsPreview=True)

    # --- resources ---

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Verify the inputs and complete them."""
        with answering(context):
            kind, now, olds = self._kind(request.urn), self._configured, from_struct(request.olds)
            if olds and request.urn not in self._recorded:
                self._recorded.add(request.urn)
                now.creations.recorded(request.urn, now.account.account_id)
            about = CheckContext(_name(request.urn), request.randomSeed, now.account.region, now.settings.tag_rules)
            checked = check(kind, from_struct(request.news), olds, about)
            inputs = to_struct(checked.inputs)
            return provider_pb2.CheckResponse(inputs=inputs, failures=_failures(checked.problems))

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Say what differs between the state and new inputs, and what of it means another resource."""
        with answering(context):
            state = from_struct(request.olds) or from_struct(request.old_inputs)
            found = difference(self._kind(request.urn), state, from_struct(request.news), list(request.ignoreChanges))
            return _diff_response(found)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create the resource; in a preview say what would be known of it."""
        with answering(context):
            kind, inputs = self._kind(request.urn), from_struct(request.properties)
            if request.preview:
                return provider_pb2.CreateResponse(properties=to_struct(_previewed(kind, inputs)))
            call = self._call(kind, request.timeout, asked=inputs)
            creations, account_id = self._configured.creations, call.account.account_id
            may_adopt = request.urn not in self._recorded and creations.began(request.urn, account_id)
            creations.begin(request.urn, account_id)
            try:
                found = self._lifecycle(kind).create(call, may_adopt=may_adopt)
            except AwsCallError as error:
                if error.code:  # without AWS's answer nobody knows whether it was created
                    creations.end(request.urn, account_id)
                raise
            return provider_pb2.CreateResponse(id=found.id, properties=_outputs(kind, found.outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Read the resource, to refresh or to import it; an empty id says that there is none."""
        with answering(context):
            kind, inputs = self._kind(request.urn), from_struct(request.inputs)
            state = {name: value for name, value in from_struct(request.properties).items() if name != "id"}
            resource_id, region = _id_and_region(kind, request.id, imported=not state)
            call = self._call(kind, request.timeout, resource_id=resource_id, state=state, region=region)
            found = self._lifecycle(kind).read(call, inputs)
            if found is None:
                return provider_pb2.ReadResponse()
            outputs, now = _outputs(kind, found.outputs), to_struct(found.inputs)
            return provider_pb2.ReadResponse(id=found.id, properties=outputs, inputs=now)

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Change what differs; in a preview say what would be known afterwards."""
        with answering(context):
            kind, state, inputs = self._kind(request.urn), from_struct(request.olds), from_struct(request.news)
            if request.preview:
                return provider_pb2.UpdateResponse(properties=to_struct(_previewed_update(kind, state, inputs)))
            call = self._call(kind, request.timeout, resource_id=request.id, asked=inputs, state=state)
            outputs = self._lifecycle(kind).update(call, tuple(request.ignoreChanges))
            return provider_pb2.UpdateResponse(properties=_outputs(kind, outputs))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete the resource; one that is not there is deleted."""
        with answering(context):
            kind, state = self._kind(request.urn), from_struct(request.properties)
            call = self._call(kind, request.timeout, resource_id=request.id, state=state)
            self._lifecycle(kind).delete(call)
            self._configured.creations.end(request.urn, call.account.account_id)
            return empty_pb2.Empty()

    # --- functions ---

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answer a function of the package."""
        with answering(context):
            function = self._catalogue.functions.get(request.tok)
            if function is None:
                raise unknown_function(request.tok, self._catalogue.functions)
            arguments = from_struct(request.args)
            if problems := list(function.problems(arguments)):
                return provider_pb2.InvokeResponse(failures=_failures(problems))
            now = self._configured
            region = arguments.get(_REGION) or now.account.region
            call = Call(now.account, function.service, region, SystemClock(), asked=arguments)
            response = provider_pb2.InvokeResponse()
            getattr(response, "return").CopyFrom(to_struct(function.ask(call)))
            return response

    # --- what they share ---

    @property
    def _configured(self) -> _Configured:
        if self._configuration is None:
            raise NotConfigured("the aws provider was used before it was configured", not_run="this resource")
        return self._configuration

    def _kind(self, urn: str) -> ResourceType:
        """Return the table of the URN's type: the last one of its third field, the others are its parents'."""
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        if token not in self._catalogue.types:
            raise unknown_type(token, self._catalogue.types)
        return self._catalogue.types[token]

    def _lifecycle(self, kind: ResourceType) -> Lifecycle:
        return Lifecycle(kind, self._configured.settings.tag_rules)

    def _call(
        self,
        kind: ResourceType,
        timeout: float,
        *,
        resource_id: str = "",
        asked: Mapping[str, Value] | None = None,
        state: Mapping[str, Value] | None = None,
        region: str = "",
    ) -> Call:
        asked, state, account = asked or {}, state or {}, self._configured.account
        return Call(
            account=account,
            service=kind.service,
            region=region or asked.get(_REGION) or state.get(_REGION) or account.region,
            clock=SystemClock(),
            id=resource_id,
            asked=asked,
            state=state,
            tags=asked.get("tagsAll") or {},
            timeout=timeout or _DEFAULT_TIMEOUT,
        )


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _id_and_region(kind: ResourceType, resource_id: str, *, imported: bool) -> tuple[str, str]:
    """Split the region off an id to import: `vpc-1@eu-west-1`. Source: pulumi-aws 7, "Enhanced region support"."""
    head, separator, tail = resource_id.rpartition("@")
    if kind.regional and imported and separator and tail.count("-") >= 2:
        return head, tail
    return resource_id, ""


def _outputs(kind: ResourceType, values: Properties) -> struct_pb2.Struct:
    secret = {item.name for item in kind.properties if item.secret}
    return to_struct({name: Secret(value) if name in secret else value for name, value in values.items()})


def _previewed(kind: ResourceType, inputs: Mapping[str, Value]) -> Properties:
    unknown = {item.name: UNKNOWN for item in kind.properties if item.output or item.computed}
    return {**unknown, **{name: value for name, value in inputs.items() if name != DEFAULTS_KEY}}


def _previewed_update(kind: ResourceType, state: Mapping[str, Value], inputs: Mapping[str, Value]) -> Properties:
    kept = {
        name: value
        for name, value in state.items()
        if name not in kind.by_name or not kind.by_name[name].given or kind.by_name[name].computed
    }
    return {**kept, **{name: value for name, value in inputs.items() if name != DEFAULTS_KEY}}


def _failures(problems: Iterable[Problem]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=found.path, reason=found.reason) for found in problems]


def _changes(found: Iterable[str]) -> provider_pb2.DiffResponse.DiffChanges.ValueType:
    return provider_pb2.DiffResponse.DIFF_SOME if list(found) else provider_pb2.DiffResponse.DIFF_NONE


def _diff_response(found: Differences) -> provider_pb2.DiffResponse:
    return provider_pb2.DiffResponse(
        changes=_changes(found.properties),
        diffs=found.properties,
        replaces=found.replaces,
        deleteBeforeReplace=found.delete_first,
        detailedDiff={item.path: provider_pb2.PropertyDiff(kind=_wire_kind(item)) for item in found.items},
        hasDetailedDiff=True,
    )


def _wire_kind(item: Difference) -> provider_pb2.PropertyDiff.Kind.ValueType:
    return provider_pb2.PropertyDiff.Kind.Value(f"{item.kind}_REPLACE" if item.replaces else str(item.kind))
