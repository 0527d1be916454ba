"""Plays the same operations on either engine, and tells what came of them in a form that can be compared.

A scenario is a list of turns; a turn is one command with one program. Left out of the comparison: provider ids, times,
source positions, stack traces, the salt, the order of independent resources. Nor is the event about the root stack's
outputs compared: after a failure it depends on how far the SDK had come.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pulumi
from pulumi.automation import CommandError, CommandResult, PulumiCommand
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2_grpc

from rehearsal.engine.command import EmbeddedPulumi
from tests.support.failed_programs import swept
from tests.support.stub_provider import THING, StubProvider, plugin_folder

Program = Callable[[], None]


class Thing(pulumi.CustomResource):
    """The stub provider's resource; `colour`, `arn` and `secret` are outputs that programs use."""

    colour: pulumi.Output[Any]
    arn: pulumi.Output[Any]
    secret: pulumi.Output[Any]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__(THING, name, {"colour": None, "arn": None, "secret": None, **inputs}, opts)


class Stub(pulumi.ProviderResource):
    """An explicit stub provider."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__("stub", name, inputs, opts)


class Box(pulumi.ComponentResource):
    """A component."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, type_: str = "own:index:Box") -> None:
        super().__init__(type_, name, {}, opts)


@dataclass(frozen=True)
class Turn:
    """One operation: the words of the command, the program, and how the world has changed meanwhile.

    `left_open` are operations of a killed run that the state is to hold before: a thing's name to what was being done.
    """

    words: str
    program: Program | None = None
    drift: Mapping[str, Any] = field(default_factory=dict)
    left_open: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Played:
    """What came of a turn."""

    exit_code: int
    changes: Mapping[str, int]
    steps: tuple[str, ...]
    errors: tuple[str, ...]
    resources: tuple[Mapping[str, Any], ...]
    pending: tuple[Mapping[str, Any], ...]
    said: str = field(compare=False, default="")


@dataclass(frozen=True)
class Bench:
    """One engine with a backend of its own."""

    command: PulumiCommand
    folder: Path
    env: Mapping[str, str]

    def make(self, config: Mapping[str, str] | None = None) -> None:
        """Make project and stack."""
        (self.folder / "work").mkdir(parents=True)
        (self.folder / "state").mkdir()
        (self.folder / "home").mkdir()
        lines = ["name: trial", "runtime: python"]
        if config:
            lines += ["config:", *(f"  {key}: {{value: {value}}}" for key, value in config.items())]
        (self.folder / "work" / "Pulumi.yaml").write_text("\n".join(lines) + "\n")
        self.run("stack init dev")

    def run(self, words: str, env: Mapping[str, str] | None = None, extra: tuple[str, ...] = ()) -> CommandResult:
        """Run a command."""
        home = {
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "x",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        args = [*words.split(), *extra]
        return self.command.run(args, str(self.folder / "work"), {**home, **self.env, **(env or {})})

    def play(self, turn: Turn) -> Played:
        """Run a turn and tell what came of it."""
        if turn.left_open:
            self._leave_open(turn.left_open)
        log = self.folder / "events.json"
        log.unlink(missing_ok=True)
        code, said = 0, ""
        with swept(), _serving(turn.program or (lambda: None)) as address:
            extra = ("--stack", "dev", "--event-log", str(log), "--exec-kind", "auto.inline", f"--client={address}")
            try:
                said = str(self.run(turn.words, {"STUB_DRIFT": json.dumps(turn.drift)}, extra))
            except CommandError as error:
                said = str(error)
                found = re.search(r"code: (-?\d+)", said)
                code = int(found.group(1)) if found else 255
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        deployment = json.loads(self.run("stack export --show-secrets --stack dev").stdout)["deployment"]
        pending = deployment.get("pending_operations") or []
        return Played(
            exit_code=code,
            changes=_changes(events),
            steps=tuple(sorted(_steps(events))),
            errors=tuple(sorted(_errors(events))),
            resources=normalised(deployment.get("resources") or []),
            pending=tuple({"type": item["type"], **_plain(item["resource"])} for item in pending),
            said=said,
        )

    def _leave_open(self, operations: Mapping[str, str]) -> None:
        state = json.loads(self.run("stack export --stack dev").stdout)
        known = {item["urn"]: item for item in state["deployment"]["resources"]}
        state["deployment"]["pending_operations"] = [
            {
                "resource": known.get(_THINGS + name, {"urn": _THINGS + name, "custom": True, "type": THING}),
                "type": kind,
            }
            for name, kind in operations.items()
        ]
        file = self.folder / "left_open.json"
        file.write_text(json.dumps(state))
        self.run("stack import --stack dev", extra=("--file", str(file)))


_THINGS = f"urn:pulumi:dev::trial::{THING}::"


class _serving:  # noqa: N801  (used as a function)
    """Serves an inline program as the SDK does."""

    def __init__(self, program: Program) -> None:
        self._pool = futures.ThreadPoolExecutor(max_workers=4)
        self._server = grpc.server(self._pool)
        language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(program), self._server)
        self._port = self._server.add_insecure_port("127.0.0.1:0")

    def __enter__(self) -> str:
        self._server.start()
        return f"127.0.0.1:{self._port}"

    def __exit__(self, *error: object) -> None:
        self._server.stop(None).wait()
        self._pool.shutdown()


def _changes(events: list[dict[str, Any]]) -> dict[str, int]:
    for event in events:
        if "summaryEvent" in event:
            return {key: value for key, value in event["summaryEvent"]["resourceChanges"].items() if value}
    return {}


def _steps(events: list[dict[str, Any]]) -> list[str]:
    found = []
    for event in events:
        for kind in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"):
            if kind in event:
                data = event[kind]["metadata"]
                if kind == "resOutputsEvent" and data["type"] == "pulumi:pulumi:Stack":
                    continue
                keys = ",".join(sorted(data.get("keys") or []))
                diffs = ",".join(sorted(data.get("diffs") or []))
                detail = json.dumps(data.get("detailedDiff"), sort_keys=True)
                logical = data.get("logical", False)
                found.append(f"{kind} {data['op']} {_short(data['urn'])} [{keys}] [{diffs}] {detail} {logical}")
    return found


_TOLD_OTHERWISE = ("using pulumi-resource-", "unhandled error occurred", "python inline source runtime error")
"""Messages about plugins, and about a program's own exception, which each engine words for itself."""
_ENDINGS = {"update failed", "preview failed"}


def _errors(events: list[dict[str, Any]]) -> list[str]:
    told = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    return [
        f"{data.get('urn', '')}: {_words(data['message'])}"
        for data in told
        if data["severity"] in {"error", "warning"}
        and _words(data["message"]) not in _ENDINGS
        and not any(part in data["message"] for part in _TOLD_OTHERWISE)
    ]


def _words(message: str) -> str:
    return re.sub(r"<\{%.*?%\}>", "", message).strip()


def _short(urn: str) -> str:
    return "::".join(urn.split("::")[2:])


def normalised(resources: list[dict[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return resources as they can be compared."""
    return tuple(sorted((_plain(item) for item in resources), key=lambda item: (item["urn"], json.dumps(item))))


_LEFT_OUT = frozenset({"created", "modified", "sourcePosition", "stackTrace"})
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def _plain(resource: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in sorted(resource.items()) if key not in _LEFT_OUT}
    plain: dict[str, Any] = json.loads(_UUID.sub("an-id", json.dumps(kept)))
    return plain


def embedded() -> EmbeddedPulumi:
    """Return the embedded engine with the stub provider."""
    return EmbeddedPulumi(
        providers={"stub": lambda env: StubProvider(drift=json.loads(env.get("STUB_DRIFT", "{}")))},
        guard=lambda _: None,
    )


def real(folder: Path) -> tuple[PulumiCommand, Mapping[str, str]]:
    """Return the real CLI, and the environment in which it finds the stub provider's plugin."""
    plugins = folder / "plugins"
    plugins.mkdir()
    return PulumiCommand(), {"PATH": f"{plugin_folder(plugins)}:{os.environ['PATH']}"}


def assert_same(folder: Path, turns: Sequence[Turn], config: Mapping[str, str] | None = None) -> None:
    """Play the turns on both engines and compare what came of each."""
    command, env = real(folder)
    theirs, ours = Bench(command, folder / "real", env), Bench(embedded(), folder / "embedded", {})
    theirs.make(config)
    ours.make(config)
    for number, turn in enumerate(turns):
        assert ours.play(turn) == theirs.play(turn), f"turn {number}: {turn.words}"
