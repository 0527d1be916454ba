"""A command line whose stacks wait until they are interrupted: run as a process of its own by tests.

Prints `running` when the first stack runs, then what the command prints. `python -m tests.cli.slow_driver FOLDER`
runs `up` of a fleet folder; without a folder a bare pool holds one call. Children import this module, so what is heavy
is imported in the functions.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.pool_calls import wait_for_interrupt, work_until_interrupted

if TYPE_CHECKING:
    from orchestrator.running.job import EngineChoice, OnEvent, StackEvent, StackJob, StackResult
    from orchestrator.tools import Tools
    from orchestrator.workers.pool import ForkPool


def say_running() -> None:
    """Tell the test that something is in the middle of its work."""
    sys.stdout.write("running\n")
    sys.stdout.flush()


class Announcing:
    """A runner that says when a stack is in the middle of its work."""

    def __init__(self, pool: ForkPool) -> None:
        self._pool = pool
        self.kill = pool.kill
        self.interrupt = pool.interrupt

    def start(self, job: StackJob, on_event: OnEvent) -> Future[StackResult]:
        """Start the job; announce its first event."""

        def announce(event: StackEvent) -> None:
            say_running()
            on_event(event)

        return self._pool.submit_reporting(announce, work_until_interrupted, job)


@contextmanager
def _tools(_env: Mapping[str, str], engine: EngineChoice, _concurrency: int | None) -> Iterator[Tools]:
    from orchestrator.tools import Tools
    from orchestrator.workers.pool import ForkPool
    from tests.cli.fleet_folder import everybody_known

    with ForkPool(2) as pool:
        yield Tools(Announcing(pool), everybody_known, engine, {"PULUMI_CONFIG_PASSPHRASE": ""}, concurrency=2)


def run_command(folder: Path) -> int:
    """Run `up` on a fleet folder."""
    from orchestrator.cli.app import run
    from orchestrator.cli.world import World
    from orchestrator.running.job import EngineChoice, EngineKind
    from orchestrator.tools import no_bucket
    from tests.cli.fleet_folder import no_rehearsal

    world = World(
        env={},
        folder=folder,
        out=sys.stdout,
        err=sys.stderr,
        ask=None,
        choose_engine=lambda _env, _requested: EngineChoice(EngineKind.EMBEDDED),
        open_tools=_tools,
        rehearse=no_rehearsal,
        read_bucket=no_bucket,
    )
    return run(["up", "--format", "json"], world)


def hold_a_pool() -> int:
    """Let one call of a pool run."""
    from orchestrator.workers.pool import ForkPool

    with ForkPool(1) as pool:
        pool.submit_reporting(lambda _pid: say_running(), wait_for_interrupt, None).result()
    return 0


if __name__ == "__main__":
    sys.exit(run_command(Path(sys.argv[1])) if len(sys.argv) > 1 else hold_a_pool())
