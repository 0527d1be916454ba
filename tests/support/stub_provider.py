"""A provider double for the engine, in process or as a plugin of the real CLI: package `stub`, type `stub:index:Thing`.

What it does follows from a resource's inputs alone, so that both engines see the same:

    size       a change replaces, the new one made first      site       a change replaces, the old one deleted first
    invalid    Check refuses it with this reason              boom       Create and Update fail with these words
    half       Create and Update fail half way, for this reason          undeletable  Delete fails with these words
    loose      (true) Diff answers "unknown"                  computed   (a list) names of outputs made by Create

Everything else updates in place and comes back as an output. `STUB_DRIFT` in the environment, JSON of resource name to
null or properties, makes Read find a resource gone or changed. A provider's own `region` replaces; `refuse` makes
Configure fail; `secrets: "true"` makes it take secrets marked as such.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2, empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

THING = "stub:index:Thing"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
Function = Callable[[Any, Any], Any]
Drift = Mapping[str, Mapping[str, Any] | None]


@dataclass
class StubProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers as the module says; `functions` (method name to function) answers instead, None meaning "as usual"."""

    functions: Mapping[str, Function] = field(default_factory=dict)
    drift: Drift = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    requests: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._secrets = False

    def __getattribute__(self, name: str) -> Any:
        """Note every call of the protocol, and hand it to the function given for it."""
        found = object.__getattribute__(self, name)
        if not name[0].isupper():
            return found

        def noted(request: Any, context: Any) -> Any:
            self.calls.append((name, _subject(request)))
            self.requests.append((name, request))
            function = self.functions.get(name)
            answer = function(request, context) if function else None
            return found(request, context) if answer is None else answer

        return noted

    def of(self, method: str) -> list[str]:
        """Return whom a method was called for, in order."""
        return [subject for called, subject in self.calls if called == method]

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Tell the version."""
        return plugin_pb2.PluginInfo(version="1.0.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """Accept any config."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """Replace for another region."""
        return _difference(request, replacing=("region",), first=())

    def Configure(self, request: Any, context: Any) -> Any:
        """Take the config; fail if it says so."""
        refusal = request.args.fields.get("refuse")
        if refusal is not None:
            context.abort(grpc.StatusCode.UNKNOWN, refusal.string_value)
        self._secrets = "secrets" in request.args.fields
        return provider_pb2.ConfigureResponse(
            acceptSecrets=self._secrets, supportsPreview=True, acceptResources=True, acceptOutputs=False
        )

    def Check(self, request: Any, context: Any) -> Any:
        """Refuse inputs that say so."""
        reason = request.news.fields.get("invalid")
        failures = [provider_pb2.CheckFailure(property="invalid", reason=reason.string_value)] if reason else []
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        """Compare inputs."""
        if "loose" in request.news.fields:
            return provider_pb2.DiffResponse()
        return _difference(request, replacing=("size", "site"), first=("site",))

    def Create(self, request: Any, context: Any) -> Any:
        """Make a thing whose id follows from its name, size and site."""
        name = request.urn.rsplit("::", 1)[-1]
        made = (
            "" if request.preview else "-".join([name, *(_text(request.properties, key) for key in ("size", "site"))])
        )
        outputs = _outputs(request.properties, name, preview=request.preview)
        if not request.preview:
            _fail_if_told(request.properties, made, outputs, context)
        return provider_pb2.CreateResponse(id=made, properties=outputs)

    def Update(self, request: Any, context: Any) -> Any:
        """Change a thing in place."""
        outputs = _outputs(request.news, request.urn.rsplit("::", 1)[-1], preview=False)
        if not request.preview:
            _fail_if_told(request.news, request.id, outputs, context)
        return provider_pb2.UpdateResponse(properties=outputs)

    def Delete(self, request: Any, context: Any) -> Any:
        """Delete a thing, unless it says that it can't be."""
        words = request.properties.fields.get("undeletable")
        if words is not None:
            context.abort(grpc.StatusCode.UNKNOWN, words.string_value)
        return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:
        """Find a thing as it was, or as the drift has it; without a state, a thing with a colour."""
        name = request.urn.rsplit("::", 1)[-1]
        drift = self.drift or json.loads(os.environ.get("STUB_DRIFT", "{}"))
        if drift.get(name, {}) is None or request.id == "missing":
            return provider_pb2.ReadResponse()
        inputs, outputs = struct_pb2.Struct(), struct_pb2.Struct()
        inputs.CopyFrom(request.inputs)
        outputs.CopyFrom(request.properties)
        if not request.properties.fields:
            inputs.update({"colour": "blue"})
            outputs.update({"colour": "blue"})
        inputs.update(drift.get(name, {}))
        outputs.update(drift.get(name, {}))
        return provider_pb2.ReadResponse(id=request.id, inputs=inputs, properties=outputs)

    def Invoke(self, request: Any, context: Any) -> Any:
        """`echo` returns its arguments, `fail` fails, `wrong` finds an argument wrong."""
        if request.tok == "stub:index:fail":
            context.abort(grpc.StatusCode.UNKNOWN, "no such thing")
        answer = provider_pb2.InvokeResponse()
        if request.tok == "stub:index:wrong":
            answer.failures.add(property="colour", reason="must be blue")
        else:
            getattr(answer, "return").CopyFrom(request.args)
        return answer

    def Cancel(self, request: Any, context: Any) -> Any:
        """Do nothing."""
        return empty_pb2.Empty()


def _difference(request: Any, *, replacing: tuple[str, ...], first: tuple[str, ...]) -> Any:
    old, new = request.old_inputs.fields, request.news.fields
    changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    changed = [key for key in changed if key not in request.ignoreChanges]
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=changed,
        replaces=[key for key in changed if key in replacing],
        deleteBeforeReplace=any(key in first for key in changed),
    )


def _outputs(inputs: struct_pb2.Struct, name: str, *, preview: bool) -> struct_pb2.Struct:
    outputs = struct_pb2.Struct()
    outputs.CopyFrom(inputs)
    if "computed" in inputs.fields and not preview:
        for key in inputs.fields["computed"].list_value.values:
            outputs.fields[key.string_value].string_value = f"{key.string_value} of {name}"
    return outputs


def _fail_if_told(inputs: struct_pb2.Struct, made: str, outputs: struct_pb2.Struct, context: Any) -> None:
    if "boom" in inputs.fields:
        context.abort(grpc.StatusCode.UNKNOWN, inputs.fields["boom"].string_value)
    if "half" in inputs.fields:
        fail_half_way(context, made, outputs, [inputs.fields["half"].string_value])


def fail_half_way(context: Any, made: str, outputs: struct_pb2.Struct, reasons: list[str]) -> NoReturn:
    """End a call as a provider does whose resource exists but is not ready."""
    detail = any_pb2.Any()
    detail.Pack(provider_pb2.ErrorResourceInitFailed(id=made, properties=outputs, reasons=reasons))
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message="; ".join(reasons), details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, "; ".join(reasons))
    raise AssertionError("abort does not return")


def _text(struct: struct_pb2.Struct, key: str) -> str:
    return str(json_format.MessageToDict(struct).get(key, "")) if key in struct.fields else ""


def _subject(request: Any) -> str:
    if hasattr(request, "tok"):
        return str(request.tok)
    return str(getattr(request, "urn", "")).rsplit("::", 1)[-1]


def plugin_folder(folder: Path) -> Path:
    """Write the executable `pulumi-resource-stub` into a folder, to be put on the PATH of the real CLI."""
    root = Path(__file__).resolve().parents[2]
    script = folder / "pulumi-resource-stub"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(root)!r})\n"
        "from tests.support.stub_provider import serve_as_plugin\nserve_as_plugin()\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder


def serve_as_plugin() -> None:
    """Be a Pulumi plugin: print the port on standard output, serve until ended."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(StubProvider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Event().wait()
