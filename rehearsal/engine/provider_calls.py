"""Calls to one provider instance: engine values in, engine values out, refusals as one exception.

The servicer is called directly, without a network between. Source: Pulumi `proto/pulumi/provider.proto`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from rehearsal.engine.direct_context import Abort, DirectContext
from rehearsal.engine.properties import UnsupportedValue, from_struct, has_secret, secret, to_struct, unwrapped
from rehearsal.engine.values import Properties, PropertyDiff, Secret, Value


class ProviderFailure(Exception):
    """A provider's refusal in its own words. `partial` is what a create or update made before it failed."""

    def __init__(self, message: str, partial: PartialResource | None = None) -> None:
        super().__init__(message)
        self.partial = partial


@dataclass(frozen=True, slots=True)
class PartialResource:
    """What exists although its initialisation failed."""

    id: str
    outputs: Properties
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A provider's answer to Check: the inputs with defaults, or what is wrong with them."""

    inputs: Properties
    failures: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A provider's answer to Diff. `changes` is None when it can't tell."""

    changes: bool | None
    replaces: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    delete_before_replace: bool = False
    detailed: Mapping[str, PropertyDiff] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A provider's answer to Read; no id means that there is no such resource."""

    id: str
    inputs: Properties | None
    outputs: Properties


@dataclass(frozen=True, slots=True)
class Subject:
    """The resource a call is about. `timeout` in seconds, 0 for the provider's own."""

    urn: str
    name: str
    type: str
    id: str = ""
    timeout: float = 0.0


class ProviderCalls:
    """One configured provider instance."""

    def __init__(self, servicer: provider_pb2_grpc.ResourceProviderServicer) -> None:
        self._servicer = servicer
        self._accepts_secrets = False
        self._supports_preview = False

    def check_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Checked:
        """Check a provider's own config."""
        request = provider_pb2.CheckRequest(urn=urn, olds=_plain(olds), news=to_struct(news))
        return self._checked(self._call("CheckConfig", request), news)

    def diff_config(
        self, subject: Subject, old: tuple[Mapping[str, Value], Mapping[str, Value]], news: Mapping[str, Value]
    ) -> Difference:
        """Compare a provider's own config; `old` are its old inputs and outputs."""
        return self._diff("DiffConfig", subject, old, news, ())

    def configure(self, urn: str, id_: str, config: Mapping[str, Value]) -> None:
        """Give the provider its config; raises ProviderFailure when it refuses."""
        request = provider_pb2.ConfigureRequest(
            args=to_struct(config),
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
            id=id_,
            urn=urn,
        )
        for key, value in unwrapped(dict(config)).items():  # type: ignore[union-attr]
            request.variables[key] = value if isinstance(value, str) else str(value)
        answer = self._call("Configure", request)
        self._accepts_secrets = answer.acceptSecrets
        self._supports_preview = answer.supportsPreview

    def check(self, subject: Subject, olds: Mapping[str, Value], news: Mapping[str, Value], seed: bytes) -> Checked:
        """Validate inputs and fill in defaults."""
        request = provider_pb2.CheckRequest(
            urn=subject.urn,
            olds=self._struct(olds),
            news=self._struct(news),
            randomSeed=seed,
            name=subject.name,
            type=subject.type,
        )
        return self._checked(self._call("Check", request), news)

    def diff(
        self,
        subject: Subject,
        old: tuple[Mapping[str, Value], Mapping[str, Value]],
        news: Mapping[str, Value],
        ignore: tuple[str, ...],
    ) -> Difference:
        """Compare old inputs and outputs with new inputs."""
        return self._diff("Diff", subject, old, news, ignore)

    def create(self, subject: Subject, inputs: Mapping[str, Value], *, preview: bool) -> tuple[str, Properties | None]:
        """Make the resource; returns id and outputs, None for outputs when the provider can't preview."""
        if preview and not self._supports_preview:
            return "", None
        request = provider_pb2.CreateRequest(
            urn=subject.urn,
            properties=self._struct(inputs),
            timeout=subject.timeout,
            preview=preview,
            name=subject.name,
            type=subject.type,
        )
        answer = self._call("Create", request)
        return answer.id, self._marked(_received(answer.properties), inputs)

    def update(
        self,
        subject: Subject,
        old: tuple[Mapping[str, Value], Mapping[str, Value]],
        inputs: Mapping[str, Value],
        ignore: tuple[str, ...],
        *,
        preview: bool,
    ) -> Properties | None:
        """Change the resource; returns its outputs, None when the provider can't preview."""
        if preview and not self._supports_preview:
            return None
        request = provider_pb2.UpdateRequest(
            id=subject.id,
            urn=subject.urn,
            olds=self._struct(old[1]),
            old_inputs=self._struct(old[0]),
            news=self._struct(inputs),
            timeout=subject.timeout,
            ignoreChanges=ignore,
            preview=preview,
            name=subject.name,
            type=subject.type,
        )
        return self._marked(_received(self._call("Update", request).properties), inputs)

    def delete(self, subject: Subject, old: tuple[Mapping[str, Value], Mapping[str, Value]]) -> None:
        """Delete the resource."""
        request = provider_pb2.DeleteRequest(
            id=subject.id,
            urn=subject.urn,
            properties=self._struct(old[1]),
            old_inputs=self._struct(old[0]),
            timeout=subject.timeout,
            name=subject.name,
            type=subject.type,
        )
        self._call("Delete", request)

    def read(self, subject: Subject, old: tuple[Mapping[str, Value], Mapping[str, Value]]) -> ReadBack:
        """Read the resource as it is."""
        request = provider_pb2.ReadRequest(
            id=subject.id,
            urn=subject.urn,
            inputs=self._struct(old[0]),
            properties=self._struct(old[1]),
            name=subject.name,
            type=subject.type,
        )
        answer = self._call("Read", request)
        inputs = self._marked(_received(answer.inputs), old[0]) if answer.HasField("inputs") else None
        return ReadBack(answer.id, inputs, self._marked(_received(answer.properties), old[1]))

    def invoke(
        self, token: str, args: Mapping[str, Value], *, preview: bool
    ) -> tuple[Properties, tuple[tuple[str, str], ...]]:
        """Call a function; returns its result, and what is wrong with the arguments."""
        answer = self._call("Invoke", provider_pb2.InvokeRequest(tok=token, args=self._struct(args), preview=preview))
        return _received(getattr(answer, "return")), tuple((f.property, f.reason) for f in answer.failures)

    def cancel(self) -> None:
        """Tell the provider that it is not needed any more."""
        try:
            self._call("Cancel", empty_pb2.Empty())
        except ProviderFailure:
            return

    def _struct(self, properties: Mapping[str, Value]) -> Any:
        return to_struct(properties, secrets=self._accepts_secrets)

    def _marked(self, outputs: Properties, inputs: Mapping[str, Value]) -> Properties:
        """Mark outputs secret whose inputs of the same name were, for providers that take no secrets."""
        if self._accepts_secrets:
            return outputs
        return marked_like(outputs, inputs)

    def _checked(self, answer: Any, news: Mapping[str, Value]) -> Checked:
        failures = tuple((failure.property, failure.reason) for failure in answer.failures)
        return Checked(self._marked(_received(answer.inputs), news), failures)

    def _diff(
        self,
        method: str,
        subject: Subject,
        old: tuple[Mapping[str, Value], Mapping[str, Value]],
        news: Mapping[str, Value],
        ignore: tuple[str, ...],
    ) -> Difference:
        request = provider_pb2.DiffRequest(
            id=subject.id,
            urn=subject.urn,
            olds=self._struct(old[1]),
            old_inputs=self._struct(old[0]),
            news=self._struct(news),
            ignoreChanges=ignore,
            name=subject.name,
            type=subject.type,
        )
        answer = self._call(method, request)
        changes = {provider_pb2.DiffResponse.DIFF_NONE: False, provider_pb2.DiffResponse.DIFF_SOME: True}
        kinds = provider_pb2.PropertyDiff.Kind
        detailed = {
            path: PropertyDiff(
                kinds.Name(diff.kind).split("_")[0].lower(), kinds.Name(diff.kind).endswith("_REPLACE"), diff.inputDiff
            )
            for path, diff in answer.detailedDiff.items()
        }
        return Difference(
            changes.get(answer.changes),
            tuple(answer.replaces),
            tuple(answer.diffs),
            answer.deleteBeforeReplace,
            detailed,
        )

    def _call(self, method: str, request: Any) -> Any:
        context = DirectContext()
        try:
            answer = getattr(self._servicer, method)(request, context)
        except Abort:
            answer = None
        except grpc.RpcError as error:
            details = getattr(error, "details", None)
            raise ProviderFailure(str(details() if details else error)) from error
        except Exception as error:
            if context.status is not grpc.StatusCode.OK:
                raise self._failure(context) from error
            # What a provider in a process of its own would answer.
            raise ProviderFailure(f"Exception calling application: {error or type(error).__name__}") from error
        if context.status is not grpc.StatusCode.OK:
            raise self._failure(context)
        return answer

    @staticmethod
    def _failure(context: DirectContext) -> ProviderFailure:
        for key, value in context.trailing:
            if key == "grpc-status-details-bin":
                status = status_pb2.Status.FromString(value)
                for detail in status.details:
                    partial = _partial(detail)
                    if partial:
                        return ProviderFailure(listed(partial.reasons), partial)
        return ProviderFailure(context.message)


def listed(reasons: tuple[str, ...]) -> str:
    """Return reasons as Pulumi lists several errors."""
    count = f"{len(reasons)} error{'s' if len(reasons) != 1 else ''} occurred:"
    return "\n\t* ".join((count, *reasons))


def marked_like(outputs: Properties, inputs: Mapping[str, Value]) -> Properties:
    """Return outputs with a secret mark where the input of that name has one, or has one inside.

    Source: Pulumi `pkg/resource/plugin/provider_plugin.go` (annotateSecrets).
    """
    marked = dict(outputs)
    for key, value in inputs.items():
        found = marked.get(key)
        if key not in marked or isinstance(found, Secret):
            continue
        if isinstance(found, dict) and isinstance(value, dict):
            marked[key] = marked_like(found, value)
        elif has_secret(value):
            marked[key] = secret(found)
    return marked


def _partial(detail: any_pb2.Any) -> PartialResource | None:
    failed = provider_pb2.ErrorResourceInitFailed()
    if not detail.Is(failed.DESCRIPTOR):
        return None
    detail.Unpack(failed)
    return PartialResource(failed.id, _received(failed.properties), tuple(failed.reasons))


def _received(struct: struct_pb2.Struct) -> Properties:
    try:
        return from_struct(struct)
    except UnsupportedValue as error:
        raise ProviderFailure(
            f"the provider's answer holds {error}, which the embedded engine does not support"
        ) from error


def _plain(properties: Mapping[str, Value]) -> Any:
    return to_struct(properties, secrets=False)
