"""The life of one stack, from nothing to nothing, and what each operation costs; runs in a child of the pool."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pulumi import automation

from rehearsal.aws.plugin import AwsProvider
from rehearsal.engine.command import EmbeddedPulumi
from rehearsal.engine.deployment import run_update
from rehearsal.engine.program_hosts import InProcessHost
from rehearsal.engine.state import Snapshot
from rehearsal.engine.update import Collaborators, Journal, UpdateOutcome, UpdateRequest
from rehearsal.twin.client import count_calls
from rehearsal.twin.proof import prove_twin
from rehearsal.twin.run_file import TwinRun, read_run_file

PROGRAM = Path(__file__).with_name("roles")


@dataclass(frozen=True, slots=True)
class Life:
    """What to live through: a stack of `size` resources, `rounds` times, by a role of an account of the twin."""

    env: Mapping[str, str] = field(repr=False)
    folder: Path
    run_file: Path
    role_arn: str
    size: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Cost:
    """One operation: wall clock and this process's own time in seconds, states recorded, calls to AWS."""

    wall: float
    processor: float
    states: int
    calls: int


def live(life: Life) -> dict[str, list[Cost]]:
    """Return the costs by operation; a round before the first one is lived to get warm."""
    os.environ.clear()
    os.environ.update(life.env)
    meter = _Meter(read_run_file(life.run_file))
    stack = _stack(life, meter)
    operations: dict[str, Callable[[], object]] = {
        "first up": stack.up,
        "no-change up": stack.up,
        "preview": stack.preview,
        "refresh": stack.refresh,
        "destroy": stack.destroy,
    }
    rounds = [{name: meter.cost(work) for name, work in operations.items()} for _ in range(1 + life.rounds)]
    return {name: [costs[name] for costs in rounds[1:]] for name in operations}


def _stack(life: Life, meter: _Meter) -> automation.Stack:
    """Return the stack of an ordinary project folder, run as a worker runs it."""
    backend, work = life.folder / "state", life.folder / "work"
    backend.mkdir(parents=True)
    shutil.copytree(PROGRAM, work)
    options = automation.LocalWorkspaceOptions(
        env_vars={"PULUMI_BACKEND_URL": backend.as_uri()},
        pulumi_command=EmbeddedPulumi(
            providers={"aws": AwsProvider}, guard=_guard, program_host=InProcessHost(), run_update=meter.run_update
        ),
    )
    stack = automation.create_or_select_stack("bench", work_dir=str(work), opts=options)
    config = {"size": str(life.size), "role_arn": life.role_arn}
    stack.set_all_config({name: automation.ConfigValue(value) for name, value in config.items()})
    return stack


def _guard(env: Mapping[str, str]) -> None:
    prove_twin(env)


class _Meter:
    """Counts what operations do while they run."""

    def __init__(self, run: TwinRun) -> None:
        self._run = run
        self._recorded: list[Snapshot] = []

    def run_update(self, request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        """Carry out a deployment whose journal is counted."""
        return run_update(request, replace(collaborators, journal=_Counted(collaborators.journal, self._recorded)))

    def cost(self, work: Callable[[], object]) -> Cost:
        """Do some work and return what it cost."""
        self._recorded.clear()
        calls = sum(count_calls(self._run).values())
        wall, processor = time.perf_counter(), time.process_time()
        work()
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        return Cost(wall, processor, len(self._recorded), sum(count_calls(self._run).values()) - calls)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A journal that notes what goes through it; appending to a list is safe from several threads."""

    journal: Journal
    recorded: list[Snapshot]

    def record(self, snapshot: Snapshot) -> None:
        """Pass it on."""
        self.recorded.append(snapshot)
        self.journal.record(snapshot)
