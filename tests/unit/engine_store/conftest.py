"""Fixtures of the engine's files and commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.twin_fixtures import RunningTwin, TwinAws
from tests.unit.engine_store.cloud_workbench import CloudBench, new_cloud_bench, on_twin


@pytest.fixture
def cloud(tmp_path: Path, running_twin: RunningTwin, aws: TwinAws, numbers: Iterator[int]) -> CloudBench:
    """Return a bench with a bucket of its own."""
    return new_cloud_bench(tmp_path, running_twin, aws, f"state-{next(numbers)}", on_twin())


@pytest.fixture(scope="session")
def secrets_key(aws: TwinAws) -> str:
    """Return the ARN of a KMS key."""
    return str(aws.client("kms").create_key()["KeyMetadata"]["Arn"])
