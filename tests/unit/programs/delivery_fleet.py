"""A small fleet with every shipped workload that delivers something, and its programs run under mocks."""

from __future__ import annotations

from landing_zone.stack_config import WorkloadConfig, for_workload
from tests.unit.landing_zone.fleets import ORGANIZATION_ID, SMALL, full_lock, parsed
from tests.unit.programs.program_under_mocks import Ran, run_program

WRITER = "arn:aws:iam::100000000099:role/Build"
WORKLOADS = f"""workloads:
  artifacts:
    accounts: [prod]
    role: Admin
    config: {{organization_id: "${{organization_id}}", repositories: [app/web, tools], writers: ["{WRITER}"]}}
  dns-parent: {{accounts: [audit], role: Admin, config: {{zone: acme.example}}}}
  dns:
    accounts: [dev]
    role: Admin
    after: [dns-parent]
    config: {{zone: dev.acme.example, parent: {{zone: acme.example, account_id: "${{accounts.audit.id}}"}}}}
  static-site: {{accounts: [dev], role: Admin}}
"""
MANIFEST = SMALL.partition("workloads:\n")[0] + WORKLOADS
WHERE = {"artifacts": "prod", "dns-parent": "audit", "dns": "dev", "static-site": "dev"}

__all__ = ["ORGANIZATION_ID", "WHERE", "WRITER", "config_of", "deliver"]


def config_of(workload: str, **values: object) -> WorkloadConfig:
    """Return the config of a workload's stack, with these values in place of the manifest's."""
    manifest = parsed(MANIFEST)
    made = for_workload(manifest, full_lock(manifest), workload, WHERE[workload])
    return made.model_copy(update={"values": {**made.values, **values}})


def deliver(
    workload: str, *, preview: bool = False, zones: tuple[str, ...] = ("acme.example",), **values: object
) -> Ran:
    """Run a workload's program; `zones` are those that the account of the parent zone has."""
    config = config_of(workload, **values)
    stack = WHERE[workload]
    return run_program(f"workloads/{workload}", config, project=workload, stack=stack, preview=preview, zones=zones)
