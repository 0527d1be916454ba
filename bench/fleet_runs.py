"""All stacks of a small fleet, with more and more of them at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import median_seconds, milliseconds, show
from bench.worker_process import unchanged
from orchestrator import composition
from orchestrator.driver import Driver
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, deploy
from orchestrator.running.job import EngineChoice, EngineKind, Operation, StackStatus
from tests.support.pocket_fleet import POCKET_FLEET

CONCURRENCIES = (1, 2, 4)
ROUNDS = 3


@contextmanager
def deployed_fleet(folder: Path) -> Iterator[Stage]:
    """Deploy the fleet of three accounts on a twin of its own; raises RuntimeError for a stack that fails."""
    fleet = folder / "fleet.yaml"
    fleet.write_text(POCKET_FLEET, encoding="utf-8")
    with staged(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, _before = deploy(stage)
        for result in results:
            if result.status is not StackStatus.SUCCEEDED:
                raise RuntimeError(f"{result.id}: {result.status}, {result.error}")
        yield stage


def show_fleet_runs(stage: Stage) -> None:
    """Print how long a no-change up of all stacks takes, by how many run at a time."""
    stacks = tuple(planned.id for planned in stage.driver.plan.stacks)
    rows = []
    for concurrency in CONCURRENCIES:
        with composition.open_tools(stage.env, EngineChoice(EngineKind.EMBEDDED), concurrency) as tools:
            driver = Driver(stage.manifest, stage.workspace, tools)

            def up(driver: Driver = driver) -> None:
                for result in driver.run(Operation.UP, stacks):
                    unchanged(result)

            seconds = median_seconds(up, ROUNDS)
        rows.append([str(concurrency), milliseconds(seconds), f"{len(stacks) / seconds:.1f}"])
    show(
        f"3. No-change up of all {len(stacks)} stacks of a fleet, order and callers included ({ROUNDS} rounds)",
        ["at a time", "wall", "stacks per second"],
        rows,
    )
