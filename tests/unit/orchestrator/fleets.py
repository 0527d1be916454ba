"""A small fleet for tests of the driver: two members, a workload everywhere and one after it."""

from __future__ import annotations

from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock, StateHome
from landing_zone.manifest import parse_manifest
from orchestrator.running.job import Caller, CallerName, EngineChoice, EngineKind, Operation, StackJob
from orchestrator.stack_id import StackId

MANAGEMENT_ID = "100000000001"
ACCOUNTS = {"root": MANAGEMENT_ID, "lab-one": "200000000002", "lab-two": "300000000003"}
STACK = StackId("network", "lab-one")
LOCK = Lock("o-a1b2c3d4e5", "r-ab12", ACCOUNTS)

HOME = StateHome(
    f"small-state-{MANAGEMENT_ID}-eu-west-1",
    f"arn:aws:kms:eu-west-1:{MANAGEMENT_ID}:key/11111111-2222-3333-4444-555555555555",
)

FLEET = f"""\
organization: small
management_account_id: "{MANAGEMENT_ID}"
region: eu-west-1
workload_state: files
callers: {{administrator: small-administrator, management: small-management}}
roles:
  Admin: {{managed_policies: [AdministratorAccess]}}
management_roles:
  Management-Admin:
    trusted: {{users: [ops]}}
    state: write
    grants:
      - {{roles: [Admin], accounts: ["*"]}}
units:
  core:
    accounts:
      root: {{email: root@small.example, management: true}}
  lab:
    units:
      deep:
        accounts:
          lab-two: {{email: two@small.example, tags: {{team: blue}}}}
    accounts:
      lab-one: {{email: one@small.example, tags: {{team: red}}}}
workloads:
  app:
    accounts: [lab-one]
    role: Admin
    after: [network]
    regions: [eu-west-1, eu-north-1]
  network:
    accounts: ["lab-*"]
    role: Admin
"""

BUCKET_FLEET = FLEET.replace("workload_state: files\n", "")
"""The same with the state of workloads where it is by default."""


def small_fleet(text: str = FLEET) -> Manifest:
    """Return the small fleet, or one from another text."""
    return parse_manifest(text, Path("/fleet/fleet.yaml"))


def a_job(stack: StackId = STACK, operation: Operation = Operation.UP) -> StackJob:
    """Return some job of a stack."""
    return StackJob(
        id=stack,
        operation=operation,
        account_id="200000000002",
        project="network",
        project_file=Path("/programs/network/Pulumi.yaml"),
        work_dir=Path("/fleet/work/network/lab-one"),
        settings_dir=Path("/programs/network"),
        backend_url="file:///state",
        config={"fleetyard:account": "lab-one"},
        region="eu-west-1",
        caller=Caller(CallerName.MANAGEMENT, "small-management", "100000000001"),
        engine=EngineChoice(EngineKind.EMBEDDED),
        env={"PULUMI_CONFIG_PASSPHRASE": "sesame"},
    )
