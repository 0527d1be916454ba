"""One stack of the driver, an ordinary project folder, in forked workers: its time and memory, and the real CLI's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import megabytes, milliseconds, show
from bench.weighed_job import Weighed, run_weighed
from orchestrator import composition
from orchestrator.driver import Driver
from orchestrator.errors import PulumiMissing, PulumiTooOld
from orchestrator.rehearse.sequence import Stage
from orchestrator.running.job import EngineKind, Operation, StackResult, StackStatus, ignore_event
from orchestrator.stack_id import StackId
from orchestrator.workers.pool import ForkPool

STACK = StackId("network", "plat-prod")
OPERATIONS = {"no-change up": Operation.UP, "preview": Operation.PREVIEW, "refresh": Operation.REFRESH}
ROUNDS = 5
ROUNDS_OF_BOTH = 3


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: in the worker, and as the driver sees it, with the fork and the way there and back."""

    worker: float
    driver: float


def show_worker(stage: Stage) -> None:
    """Print time and memory of each operation in a worker."""
    times = {name: _times([stage.driver], operation, ROUNDS)[0] for name, operation in OPERATIONS.items()}
    weights = {name: _weigh(stage, operation) for name, operation in OPERATIONS.items()}
    size = sum(weights["no-change up"].result.resource_changes.values())
    show(
        f"2. {STACK}, {size} resources, an ordinary project folder in a forked worker ({ROUNDS} rounds)",
        ["operation", "worker", "with fork", "own memory", "peak RSS"],
        [
            [
                name,
                milliseconds(times[name].worker),
                milliseconds(times[name].driver),
                megabytes(weight.own),
                megabytes(weight.result.peak_memory),
            ]
            for name, weight in weights.items()
        ],
        f"Own memory: shared with no other process (USS), at the end; aim under {megabytes(160e6)}.",
        f"Peak RSS holds what is shared with the warm process they fork from: {megabytes(weights['preview'].warm)}.",
    )


def show_real_cli(stage: Stage) -> None:
    """Print what the real CLI takes with the embedded engine beside it, turn by turn; or that there is no real CLI."""
    title = f"4. {STACK} with the real Pulumi CLI and our provider plugin"
    try:
        engine = composition.choose_engine(stage.env, EngineKind.PULUMI)
    except (PulumiMissing, PulumiTooOld) as error:
        print(f"\n{title}: left out; {error.summary}", flush=True)
        return
    rows = []
    with composition.open_tools(stage.env, engine, 1) as tools:
        drivers = [Driver(stage.manifest, stage.workspace, tools), stage.driver]
        for name, operation in OPERATIONS.items():
            real, embedded = (times.worker for times in _times(drivers, operation, ROUNDS_OF_BOTH))
            rows.append([name, milliseconds(real), milliseconds(embedded), f"{real / embedded:.1f} x"])
    show(f"{title} {engine.version} ({ROUNDS_OF_BOTH} rounds)", ["operation", "real CLI", "embedded", "ratio"], rows)


def unchanged(result: StackResult) -> StackResult:
    """Return the result of an operation that found nothing to change; raises RuntimeError for any other."""
    if result.status is not StackStatus.SUCCEEDED or result.changed:
        raise RuntimeError(f"{result.id}: {result.status}, {dict(result.resource_changes)}, {result.error}")
    return result


def _times(drivers: Sequence[Driver], operation: Operation, rounds: int) -> list[Times]:
    """Return each driver's medians of an operation, after one round to get warm; the drivers take turns."""
    taken = [[_time(driver, operation) for driver in drivers] for _ in range(1 + rounds)]
    return [
        Times(statistics.median(one.worker for one in each), statistics.median(one.driver for one in each))
        for each in zip(*taken[1:], strict=True)
    ]


def _time(driver: Driver, operation: Operation) -> Times:
    job = driver.job(operation, STACK)
    started = time.perf_counter()
    result = unchanged(driver.run_job(job))
    return Times(result.seconds, time.perf_counter() - started)


def _weigh(stage: Stage, operation: Operation) -> Weighed:
    with ForkPool(1) as pool:
        weighed = pool.submit_reporting(ignore_event, run_weighed, stage.driver.job(operation, STACK)).result()
    unchanged(weighed.result)
    return weighed
