"""A workload whose state is in the state bucket: calls to S3 and KMS, and what distance costs."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from bench.figures import milliseconds, show
from bench.worker_process import unchanged
from landing_zone.fleet import WorkloadState
from orchestrator import composition
from orchestrator.driver import Driver
from orchestrator.errors import PulumiMissing, PulumiTooOld
from orchestrator.files.project_files import stack_file_name
from orchestrator.rehearse.sequence import Stage
from orchestrator.running.job import EngineKind, Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId
from rehearsal.twin.client import change_settings, count_calls
from rehearsal.twin.run_file import TwinRun

BUCKET, FILES = StackId("network", "plat-dev"), StackId("network", "plat-prod")
OPERATIONS = {
    "no-change up": Operation.UP,
    "preview": Operation.PREVIEW,
    "refresh": Operation.REFRESH,
    "destroy": Operation.DESTROY,
    "first up": Operation.UP,
}
LATENCY_MS = 30
ROUNDS = 5


def show_bucket_state(stage: Stage, run: TwinRun) -> None:
    """Print calls by operation, then a no-change up at a distance, beside one whose state is in files."""
    _show_calls(stage, run)
    _show_distance(stage, run)


def _show_calls(stage: Stage, run: TwinRun) -> None:
    embedded = {name: _calls(stage.driver, run, operation) for name, operation in OPERATIONS.items()}
    real: Mapping[str, tuple[int, int]] = {}
    try:
        engine = composition.choose_engine(stage.env, EngineKind.PULUMI)
    except (PulumiMissing, PulumiTooOld) as error:
        note = f"The real CLI is left out; {error.summary}."
    else:
        note = f"The real CLI is {engine.version}."
        with composition.open_tools(stage.env, engine, 1) as tools:
            driver = Driver(stage.manifest, stage.workspace, tools)
            real = {name: _calls(driver, run, operation) for name, operation in OPERATIONS.items()}
    show(
        f"6. State of {BUCKET} in the bucket: calls of one operation",
        ["operation", "S3", "KMS", "S3, real CLI", "KMS, real CLI"],
        [[name, *map(str, calls), *map(str, real.get(name, ("-", "-")))] for name, calls in embedded.items()],
        "Of the worker as a whole: finding the stack, the operation, outputs and history, as the Automation API asks.",
        note,
    )


def _calls(driver: Driver, run: TwinRun, operation: Operation) -> tuple[int, int]:
    before = Counter(count_calls(run))
    _succeeded(driver.run_job(driver.job(operation, BUCKET)))
    made = Counter(count_calls(run)) - before
    s3, kms = (
        sum(count for name, count in made.items() if name.startswith(f"{service}:")) for service in ("s3", "kms")
    )
    return s3, kms


def _show_distance(stage: Stage, run: TwinRun) -> None:
    drivers = {"bucket": (stage.driver, BUCKET), "files": (_moved_to_files(stage), FILES)}
    seconds: dict[str, list[float]] = {name: [] for name in drivers}
    change_settings(run, latency_ms=LATENCY_MS)
    try:
        for _ in range(ROUNDS):
            for name, (driver, stack) in drivers.items():
                result = unchanged(driver.run_job(driver.job(Operation.UP, stack)))
                seconds[name].append(result.seconds)
    finally:
        change_settings(run, latency_ms=0)
    bucket, files = (statistics.median(seconds[name]) for name in ("bucket", "files"))
    show(
        f"7. No-change up with {LATENCY_MS} ms of latency on every call ({ROUNDS} rounds, in turns)",
        ["state", "worker", "ratio"],
        [
            ["in files", milliseconds(files), "1.0 x"],
            ["in the bucket", milliseconds(bucket), f"{bucket / files:.1f} x"],
        ],
    )


def _moved_to_files(stage: Stage) -> Driver:
    """Deploy the other stack anew with its state in files, and return the driver that knows it there."""
    _succeeded(stage.driver.run_job(stage.driver.job(Operation.DESTROY, FILES)))
    settings = stage.workspace.settings_dir(stage.driver.plan.stack(FILES)) / stack_file_name(FILES.stack_name)
    settings.unlink()
    driver = Driver(replace(stage.manifest, workload_state=WorkloadState.FILES), stage.workspace, stage.driver.tools)
    _succeeded(driver.run_job(driver.job(Operation.UP, FILES)))
    return driver


def _succeeded(result: StackResult) -> None:
    if result.status is not StackStatus.SUCCEEDED:
        raise RuntimeError(f"{result.id}: {result.status}, {result.error}")
