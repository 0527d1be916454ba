"""Runs each program of ours with the config of a stack of the sample: of its own file, unless the whole is given."""

from __future__ import annotations

from landing_zone.fleet import Manifest
from landing_zone.stack_config import for_bootstrap, for_organization, for_subaccount, for_workload
from tests.unit.landing_zone.fleets import full_lock, sample
from tests.unit.programs.program_under_mocks import Ran, run_program


def organization(manifest: Manifest | None = None) -> Ran:
    """Run the organisation's program."""
    return run_program("organization", for_organization(manifest or sample()), project="org", stack="core-root")


def bootstrap(manifest: Manifest | None = None) -> Ran:
    """Run the management account's program."""
    manifest = manifest or sample()
    config = for_bootstrap(manifest, full_lock(manifest))
    return run_program("bootstrap", config, project="bootstrap", stack="core-root")


def subaccount(account: str, manifest: Manifest | None = None) -> Ran:
    """Run a member account's program."""
    manifest = manifest or sample()
    config = for_subaccount(manifest, full_lock(manifest), account)
    return run_program("bootstrap-subaccount", config, project="bootstrap-subaccount", stack=account)


def network(account: str) -> Ran:
    """Run the network workload's program."""
    config = for_workload(sample(), full_lock(sample()), "network", account)
    return run_program("workloads/network", config, project="network", stack=account)


def log_archive(account: str = "core-audit") -> Ran:
    """Run the log archive's program."""
    config = for_workload(sample(), full_lock(sample()), "log-archive", account)
    return run_program("workloads/log-archive", config, project="log-archive", stack=account)
