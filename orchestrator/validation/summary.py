"""Checks what the manifest alone cannot tell: that its lock agrees, and that every program it needs is there."""

from __future__ import annotations

from dataclasses import dataclass

from landing_zone.fleet import Manifest
from landing_zone.lock import load_lock, resolve_lock
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import make_plan
from orchestrator.validation.aws_name_warnings import name_warnings
from orchestrator.validation.permission_lint import permission_warnings
from orchestrator.validation.pipeline_warnings import pipeline_warnings
from orchestrator.validation.policy_warnings import policy_warnings


@dataclass(frozen=True, slots=True)
class FleetSummary:
    """A valid fleet in numbers. `not_created` names the accounts that AWS has not made yet.

    `suspended` names the accounts that runs leave alone. `warnings` say what is valid and probably not meant, each with
    its place.
    """

    organization: str
    accounts: int
    workloads: int
    stacks: int
    granted: int
    not_created: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    suspended: tuple[str, ...] = ()


def check_fleet(manifest: Manifest, workspace: Workspace) -> FleetSummary:
    """Return the fleet in numbers; raises LockUnreadable, LockConflict or ProgramMissing."""
    lock = resolve_lock(manifest, load_lock(workspace.lock_path))
    plan = make_plan(manifest)
    for planned in {planned.id.program: planned for planned in plan.stacks}.values():
        workspace.project_file(planned)  # once per program: a thousand accounts run the same few
    return FleetSummary(
        organization=manifest.organization,
        accounts=len(manifest.accounts),
        workloads=len(manifest.workloads),
        stacks=len(plan.stacks),
        granted=len(manifest.reach()),
        not_created=tuple(account.name for account in manifest.accounts if account.name not in lock.accounts),
        warnings=(
            *permission_warnings(manifest),
            *policy_warnings(manifest),
            *pipeline_warnings(manifest),
            *name_warnings(manifest),
        ),
        suspended=tuple(account.name for account in manifest.accounts if account.suspended),
    )


def summary_as_text(summary: FleetSummary) -> str:
    """Return a fleet in one line."""
    waiting = f"; {len(summary.not_created)} accounts not created yet" if summary.not_created else ""
    waiting += f"; suspended: {', '.join(summary.suspended)}" if summary.suspended else ""
    return (
        f"{summary.organization} has {summary.accounts} accounts, {summary.workloads} workloads, "
        f"{summary.stacks} stacks, {summary.granted} granted pairs of management role and account role{waiting}"
    )


def summary_as_json(summary: FleetSummary) -> dict[str, object]:
    """Return a fleet's numbers as a JSON object."""
    return {
        "organization": summary.organization,
        "accounts": summary.accounts,
        "workloads": summary.workloads,
        "stacks": summary.stacks,
        "granted": summary.granted,
        "not_created": list(summary.not_created),
        "suspended": list(summary.suspended),
        "warnings": list(summary.warnings),
    }
