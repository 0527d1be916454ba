"""Several of one kind at a time, of which none disturbs another: jobs beside the fleet, readings of accounts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from orchestrator.rehearse.proofs.inventory import take_inventory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orchestrator.rehearse.access import Access, Credentials
    from orchestrator.rehearse.proofs.inventory import Inventory
    from orchestrator.rehearse.proofs.scene import FleetDriver
    from orchestrator.running.job import StackJob, StackResult

_READINGS = 4
"""At a time: what one waits for the twin, another uses to sign and to read."""


def run_together(driver: FleetDriver, jobs: Sequence[StackJob]) -> list[StackResult]:
    """Run jobs, as many at a time as the driver has room for, and return their results in the order of the jobs."""
    if not jobs:
        return []
    with ThreadPoolExecutor(len(jobs), thread_name_prefix="proof") as threads:
        return list(threads.map(driver.run_job, jobs))


def take_inventories(access: Access, accounts: Mapping[str, Credentials]) -> dict[str, Inventory]:
    """Return what each account holds, by its name; `accounts` are credentials that may read everything there."""
    with ThreadPoolExecutor(_READINGS, thread_name_prefix="inventory") as threads:
        found = threads.map(lambda credentials: take_inventory(access, credentials), accounts.values())
        return dict(zip(accounts, found, strict=True))
