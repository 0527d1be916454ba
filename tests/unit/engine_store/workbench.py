"""What tests of the engine's files and commands share: a store in memory, an engine, a folder to run commands in."""

from __future__ import annotations

import functools
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pulumi.automation import CommandError, PulumiCommand

from rehearsal.engine.command import EmbeddedPulumi
from rehearsal.engine.secret_managers import KeyCache
from rehearsal.engine.store import ObjectInfo
from rehearsal.engine.update import Collaborators, UpdateOutcome, UpdateRequest, UpdateResult

FIXTURES = Path(__file__).resolve().parents[2] / "conformance" / "fixtures" / "store" / "pulumi-3.259.0"
RECORDED_PASSPHRASE = "fixture"
PASSPHRASE = "x"
SALT = "v1:hOtj2I/QN1w=:v1:M90AfktRUdxLOatp:zcWAYz8NqkDT7CLii0Ma/OfprDxsXA=="
"""A salt for the passphrase `x`, so that tests derive one key only."""

RunUpdate = Callable[[UpdateRequest, Collaborators], UpdateOutcome]


@functools.cache
def shared_keys() -> KeyCache:
    """Return the cache that all tests of one process share: deriving a key takes 0.2 s on purpose."""
    return KeyCache()


class MemoryStore:
    """An object store in memory; `writes` counts what was put."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.writes: list[str] = []

    @property
    def url(self) -> str:
        """Return an address."""
        return "memory://store"

    def get(self, key: str) -> bytes | None:
        """Return an object."""
        return self.objects.get(key)

    def put(self, key: str, content: bytes, *, durable: bool = False) -> None:
        """Keep an object."""
        assert isinstance(durable, bool)
        self.objects[key] = content
        self.writes.append(key)

    def copy(self, source: str, target: str) -> None:
        """Copy an object."""
        if source in self.objects:
            self.put(target, self.objects[source])

    def settle(self, key: str) -> None:
        """Check that there is something to settle."""
        assert key in self.objects

    def put_new(self, key: str, content: bytes) -> bool:
        """Keep an object unless there is one."""
        if key not in self.objects:
            self.put(key, content)
        return self.objects[key] == content

    def delete(self, *keys: str) -> None:
        """Forget objects."""
        for key in keys:
            self.objects.pop(key, None)

    def list(self, prefix: str) -> list[ObjectInfo]:
        """Return the objects under a folder."""
        return [ObjectInfo(key, 0.0) for key in sorted(self.objects) if key.startswith(f"{prefix.rstrip('/')}/")]

    def together(self, *calls: Callable[[], object]) -> None:
        """Carry out calls in order."""
        for call in calls:
            call()

    def tidy(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did; `error` is the name of the SDK's error class, empty on success."""

    code: int
    stdout: str
    stderr: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """A backend and a project folder, with an engine to run commands in it."""

    root: Path
    command: PulumiCommand
    passphrase: str = PASSPHRASE

    @property
    def project(self) -> Path:
        """Return the project's folder."""
        return self.root / "project"

    @property
    def state(self) -> Path:
        """Return the backend's folder."""
        return self.root / "state" / ".pulumi"

    @property
    def checkpoint(self) -> Path:
        """Return the state file of stack `dev`."""
        return self.state / "stacks" / "demo" / "dev.json"

    @property
    def stack_file(self) -> Path:
        """Return the stack file of stack `dev`."""
        return self.project / "Pulumi.dev.yaml"

    @property
    def env(self) -> dict[str, str]:
        """Return the environment of commands."""
        return {
            "PULUMI_BACKEND_URL": f"file://{self.root}/state",
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            "PULUMI_HOME": str(self.root / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
        }

    def run(self, *args: str, env: Mapping[str, str] | None = None) -> Ran:
        """Run a command in the project's folder, and tell how it ended."""
        try:
            done = self.command.run(list(args), str(self.project), {**self.env, **(env or {})})
        except CommandError as error:
            return told(error)
        return Ran(done.code, done.stdout, done.stderr)

    def ok(self, *args: str) -> str:
        """Run a command that succeeds, and return what it printed."""
        ran = self.run(*args)
        assert ran.code == 0, ran
        return ran.stdout

    def with_command(self, command: PulumiCommand) -> Bench:
        """Return the same folders with another engine."""
        return Bench(self.root, command, self.passphrase)

    def with_passphrase(self, passphrase: str) -> Bench:
        """Return the same folders with another passphrase in the environment."""
        return Bench(self.root, self.command, passphrase)

    def files(self) -> dict[str, bytes]:
        """Return every file of backend and project by path, to compare."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for folder in (self.root / "state", self.project)
            for path in folder.rglob("*")
            if path.is_file()
        }


def new_bench(root: Path, command: PulumiCommand, project: str = "name: demo\nruntime: python\n") -> Bench:
    """Make the folders of a bench; its stack `dev` will use the shared salt."""
    bench = Bench(root, command)
    (root / "state").mkdir()
    bench.project.mkdir()
    (bench.project / "Pulumi.yaml").write_text(project, encoding="utf-8")
    bench.stack_file.write_text(f"encryptionsalt: {SALT}\n", encoding="utf-8")
    return bench


def embedded(
    run_update: RunUpdate | None = None, guard: Callable[[Mapping[str, str]], None] | None = None
) -> PulumiCommand:
    """Return an embedded engine with no providers, and a deployment of the test's own if one is given."""
    return EmbeddedPulumi(
        providers={}, guard=guard or (lambda _env: None), keys=shared_keys(), run_update=run_update or None
    )


def real() -> PulumiCommand:
    """Return the real CLI; skips the test where there is none."""
    if shutil.which("pulumi") is None:
        pytest.skip(reason="the real Pulumi CLI is not on PATH")
    # The oracle may be a few releases older than the SDK.
    os.environ.setdefault("PULUMI_SKIP_UPDATE_CHECK", "true")
    return PulumiCommand()


def nothing_to_do(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
    """Stand in for a deployment that finds nothing to do."""
    collaborators.events.emit({"preludeEvent": {"config": {}}})
    if not request.dry_run:
        collaborators.journal.record(request.snapshot)
    collaborators.events.emit(
        {"summaryEvent": {"maybeCorrupt": False, "durationSeconds": 0, "resourceChanges": {}, "PolicyPacks": {}}}
    )
    return UpdateOutcome(UpdateResult.SUCCEEDED, request.snapshot)


def told(error: CommandError) -> Ran:
    """Return what a failed command did."""
    match = re.fullmatch(r"\n code: (\d+)\n stdout: (.*)\n stderr: (.*)", str(error), re.DOTALL)
    assert match is not None
    return Ran(int(match[1]), match[2], match[3], type(error).__name__)
