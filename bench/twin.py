"""A twin of the bench's own, and clients of its administrator."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator import composition
from orchestrator.rehearse.access import Access, Credentials

if TYPE_CHECKING:
    from orchestrator.composition import TwinRun

MANAGEMENT_ACCOUNT = "100000000009"


@contextmanager
def new_folder() -> Iterator[Path]:
    """Make a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fleetyard-bench-") as folder:
        yield Path(folder)


@contextmanager
def new_twin(run_file: Path) -> Iterator[TwinRun]:
    """Start a twin, and end it afterwards."""
    with composition.start_twin(MANAGEMENT_ACCOUNT, run_file) as twin:
        yield twin.run


def administrators_client(run: TwinRun, service: str) -> Any:  # noqa: ANN401  (botocore ships no types)
    """Return a client that signs as the administrator of the management account."""
    key = run.administrator
    return Access(run.endpoint, run.region).client(service, Credentials(key.access_key_id, key.secret_access_key))
