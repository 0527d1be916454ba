"""Drives the provider as an engine does: check, diff, create, update, read, delete, by the protocol's messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.wire import from_struct, to_struct

_STACK = "urn:pulumi:test::provider"
_DETAILS = "grpc-status-details-bin"


class AbortedError(Exception):
    """The provider answered with a status: its code, its words, and the incomplete resource if there is one."""

    def __init__(
        self, code: grpc.StatusCode, words: str, incomplete: provider_pb2.ErrorResourceInitFailed | None = None
    ) -> None:
        super().__init__(words)
        self.code = code
        self.incomplete = incomplete


class RefusedInputsError(Exception):
    """Check found the inputs wrong: property path to reason."""

    def __init__(self, failures: Mapping[str, str]) -> None:
        super().__init__(str(dict(failures)))
        self.failures = failures


class CallContext:
    """A gRPC context that turns aborts into exceptions."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """Raise what the caller of the RPC would get."""
        raise AbortedError(code, details)

    def abort_with_status(self, status: grpc.Status) -> NoReturn:
        """Raise what the caller of the RPC would get, details unpacked as the engine does."""
        packed = status_pb2.Status.FromString(dict(status.trailing_metadata)[_DETAILS])
        incomplete = provider_pb2.ErrorResourceInitFailed()
        packed.details[0].Unpack(incomplete)
        raise AbortedError(status.code, status.details, incomplete)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A resource as the engine has it in state."""

    urn: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """What Diff said: path to kind of change, and the properties that replace."""

    paths: dict[str, str]
    properties: set[str]
    replaces: set[str]
    delete_first: bool
    some: bool


class Driver:
    """One provider, configured, and the RPCs an engine makes on it."""

    def __init__(self, provider: AwsProvider, **settings: str) -> None:
        self.provider = provider
        self.context: Any = CallContext()
        self.settings = settings

    def configure(self) -> Driver:
        """Check and configure the provider; raises AbortedError or RefusedInputsError."""
        checked = self.provider.CheckConfig(provider_pb2.CheckRequest(news=to_struct(self.settings)), self.context)
        _raise_failures(checked)
        self.provider.Configure(provider_pb2.ConfigureRequest(args=checked.inputs), self.context)
        return self

    def check(self, kind: str, name: str, inputs: Mapping[str, Any], old: Recorded | None = None) -> dict[str, Any]:
        """Return the completed inputs; raises RefusedInputsError."""
        checked = self.provider.Check(
            provider_pb2.CheckRequest(
                urn=urn(kind, name),
                olds=to_struct(old.inputs) if old else None,
                news=to_struct(inputs),
                randomSeed=f"seed of {name}".encode(),
            ),
            self.context,
        )
        _raise_failures(checked)
        return from_struct(checked.inputs)

    def create(self, kind: str, name: str, inputs: Mapping[str, Any]) -> Recorded:
        """Check and create."""
        checked = self.check(kind, name, inputs)
        answer = self.provider.Create(
            provider_pb2.CreateRequest(urn=urn(kind, name), properties=to_struct(checked)), self.context
        )
        return Recorded(urn(kind, name), answer.id, checked, from_struct(answer.properties))

    def preview(self, kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Check and preview a creation; return the outputs."""
        checked = self.check(kind, name, inputs)
        request = provider_pb2.CreateRequest(urn=urn(kind, name), properties=to_struct(checked), preview=True)
        answer = self.provider.Create(request, self.context)
        assert answer.id == ""
        return from_struct(answer.properties)

    def diff(self, old: Recorded, inputs: Mapping[str, Any], *, ignore: tuple[str, ...] = ()) -> Changes:
        """Check new inputs and diff them against the recorded resource."""
        kind, name = _kind_and_name(old.urn)
        request = provider_pb2.DiffRequest(
            id=old.id,
            urn=old.urn,
            olds=to_struct(old.outputs),
            old_inputs=to_struct(old.inputs),
            news=to_struct(self.check(kind, name, inputs, old)),
            ignoreChanges=ignore,
        )
        answer = self.provider.Diff(request, self.context)
        paths = {path: provider_pb2.PropertyDiff.Kind.Name(item.kind) for path, item in answer.detailedDiff.items()}
        some = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return Changes(paths, set(answer.diffs), set(answer.replaces), answer.deleteBeforeReplace, some)

    def update(self, old: Recorded, inputs: Mapping[str, Any]) -> Recorded:
        """Check new inputs and update the resource to them."""
        kind, name = _kind_and_name(old.urn)
        checked = self.check(kind, name, inputs, old)
        request = provider_pb2.UpdateRequest(
            id=old.id,
            urn=old.urn,
            olds=to_struct(old.outputs),
            old_inputs=to_struct(old.inputs),
            news=to_struct(checked),
        )
        answer = self.provider.Update(request, self.context)
        return replace(old, inputs=checked, outputs=from_struct(answer.properties))

    def refresh(self, old: Recorded) -> Recorded | None:
        """Read the resource anew; None if it is gone."""
        return self._read(old.urn, old.id, to_struct(old.outputs), to_struct(old.inputs))

    def import_(self, kind: str, name: str, resource_id: str) -> Recorded | None:
        """Read a resource by its id alone."""
        return self._read(urn(kind, name), resource_id, struct_pb2.Struct(), struct_pb2.Struct())

    def delete(self, old: Recorded) -> None:
        """Delete the resource."""
        request = provider_pb2.DeleteRequest(id=old.id, urn=old.urn, properties=to_struct(old.outputs))
        self.provider.Delete(request, self.context)

    def invoke(self, function: str, **arguments: object) -> dict[str, Any]:
        """Call a function; raises RefusedInputsError, AbortedError."""
        answer = self.provider.Invoke(provider_pb2.InvokeRequest(tok=function, args=to_struct(arguments)), self.context)
        _raise_failures(answer)
        return from_struct(getattr(answer, "return"))

    def cancel(self) -> None:
        """Tell the provider that the engine is done."""
        self.provider.Cancel(empty_pb2.Empty(), self.context)

    def _read(
        self, urn_: str, resource_id: str, state: struct_pb2.Struct, inputs: struct_pb2.Struct
    ) -> Recorded | None:
        request = provider_pb2.ReadRequest(id=resource_id, urn=urn_, properties=state, inputs=inputs)
        answer = self.provider.Read(request, self.context)
        if not answer.id:
            return None
        return Recorded(urn_, answer.id, from_struct(answer.inputs), from_struct(answer.properties))


def urn(kind: str, name: str) -> str:
    """Return the URN of a resource at the top of the test stack."""
    return f"{_STACK}::{kind}::{name}"


def _kind_and_name(urn_: str) -> tuple[str, str]:
    kind, name = urn_.removeprefix(f"{_STACK}::").split("::")
    return kind, name


def _raise_failures(answer: provider_pb2.CheckResponse | provider_pb2.InvokeResponse) -> None:
    if answer.failures:
        raise RefusedInputsError({found.property: found.reason for found in answer.failures})
