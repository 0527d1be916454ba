"""One operation over many stacks: decides, asks who the callers are, schedules, writes the lock, reports.

    selection -> gates -> callers -> queue + scheduler -> results -> report
                                          │
                              organisation's outputs -> fleet.lock.yaml -> config of all later stacks

Made once per process and used for any number of operations; they share the runner's warm pool.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock, load_lock, resolve_lock
from landing_zone.stack_config.adoption import OrganizationImports
from orchestrator.accounts.adoption.pending import pending_adoptions, refuse_pending
from orchestrator.accounts.retirement.half_retired import refuse_half_retired
from orchestrator.accounts.retirement.retired_file import being_retired, load_retired, retired_path
from orchestrator.accounts.retirement.rules import set_aside
from orchestrator.callers import missing_callers
from orchestrator.errors import PassphraseMissing
from orchestrator.files.project_files import stack_file_name, uses_passphrase
from orchestrator.files.workspace import Workspace
from orchestrator.planning.deployed import DeployedStacks
from orchestrator.planning.gates import Request, left_out, refuse_stranding
from orchestrator.planning.plan import Plan, PlannedStack, StackKind, make_plan
from orchestrator.planning.selection import Selection, select
from orchestrator.running.job import Operation, Reason, StackJob, StackResult, StackStatus, ignore_event
from orchestrator.running.jobs import JobWriter
from orchestrator.running.observers import Observers, RunObserver
from orchestrator.running.queue import Entry
from orchestrator.running.report import RunReport
from orchestrator.running.run import Run
from orchestrator.stack_id import StackId
from orchestrator.state.backends import Backends
from orchestrator.tools import Tools
from orchestrator.workers.environment import PASSPHRASE_VARIABLES


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a command may ask for besides stacks."""

    include_foundation: bool = False
    expect_no_changes: bool = False
    clear_pending_creates: bool = False
    account_wait: float = 600.0
    """Seconds to wait for a new account to become usable."""


class Driver:
    """Runs operations on one fleet in one workspace; `imports` is what the organisation takes into its state.

    Accounts that are being retired are left alone, those that the workspace's file of retired accounts names;
    `retiring` names others, or none for the retirement itself. Raises: RetiredFileUnreadable.
    """

    def __init__(
        self,
        manifest: Manifest,
        workspace: Workspace,
        tools: Tools,
        observers: Sequence[RunObserver] = (),
        imports: OrganizationImports | None = None,
        retiring: frozenset[str] | None = None,
    ) -> None:
        self._retiring = being_retired(retired_path(workspace.lock_path)) if retiring is None else retiring
        manifest = set_aside(manifest, self._retiring)
        self.manifest = manifest
        self.workspace = workspace
        self.plan: Plan = make_plan(manifest)
        self.tools = tools
        self._observer = Observers(observers)
        self._imports = imports
        self._backends = Backends(manifest, workspace, tools.bucket_options)
        self._writer = JobWriter(
            manifest, workspace, tools.engine, tools.env, self._backends, tools.parallel, tools.keys_of, imports
        )

    def run_operation(
        self, operation: Operation, selection: Selection | None = None, options: RunOptions | None = None
    ) -> RunReport:
        """Run one operation on the selected stacks, by default on all.

        Raises: PlanError, AccessError or ManifestError before anything is touched. What happens to a stack is in its
        result.
        """
        return self._run(operation, select(self.plan, selection or Selection()), options or RunOptions())

    def run(self, operation: Operation, stacks: Sequence[StackId]) -> tuple[StackResult, ...]:
        """Run one operation on exactly these stacks.

        Raises: as `run_operation`; KeyboardInterrupt when the run was asked to stop, once it has, in good order.
        """
        wanted = set(stacks)
        planned = tuple(stack for stack in self.plan.stacks if stack.id in wanted)
        report = self._run(operation, planned, RunOptions())
        if report.interrupted:
            raise KeyboardInterrupt
        return report.results

    def job(self, operation: Operation, stack: StackId) -> StackJob:
        """Return the job that would be run for a stack; raises Blocked while its account is not created."""
        return self._writer.write(operation, self.plan.stack(stack), self._lock())

    def run_job(self, job: StackJob) -> StackResult:
        """Run one job in a worker, outside of any plan."""
        return self.tools.runner.start(job, ignore_event).result()

    def _run(self, operation: Operation, selected: Sequence[PlannedStack], options: RunOptions) -> RunReport:
        started = time.monotonic()
        lock = self._lock()
        deployed = DeployedStacks(self._backends, self.tools, self.plan, lock, [planned.id for planned in selected])
        request = Request(
            operation,
            self.plan,
            selected,
            deployed,
            options.include_foundation,
            options.clear_pending_creates,
            options.account_wait,
            self._retiring,
        )
        entries = left_out(request)
        for stack in entries:
            if stack.account in self._retiring:
                entries[stack] = Entry(StackStatus.SKIPPED, Reason.RETIRING)
        concerned = [planned for planned in selected if planned.id not in entries]
        refuse_stranding(request, [planned.id for planned in concerned])
        self._refuse_broken_off(operation, concerned, lock)
        self._require_passphrase(concerned)
        for planned in self._without_caller(concerned, lock):
            entries[planned.id] = Entry(StackStatus.SKIPPED, Reason.CALLER_MISSING)
        order = [planned.id for planned in self.plan.order(operation) if planned in selected]
        self._observer.started(operation, order)
        request = replace(request, selected=[planned for planned in concerned if planned.id not in entries])
        run = Run(request, self._writer, self.tools, self._observer, lock)
        results = run.decide(entries) | run.carry_out()
        report = RunReport(
            operation=operation,
            results=tuple(results[stack] for stack in order),
            seconds=time.monotonic() - started,
            interrupted=run.interrupted,
            expect_no_changes=options.expect_no_changes,
        )
        self._observer.finished(report)
        return report

    def _lock(self) -> Lock:
        return resolve_lock(self.manifest, load_lock(self.workspace.lock_path))

    def _refuse_broken_off(self, operation: Operation, stacks: Sequence[PlannedStack], lock: Lock) -> None:
        """Refuse a run of the organisation while an adoption or a retirement is broken off."""
        organization = next((each for each in stacks if each.kind is StackKind.ORGANIZATION), None)
        if organization is None or operation not in {Operation.UP, Operation.PREVIEW}:
            return
        refuse_half_retired(self.manifest, load_retired(retired_path(self.workspace.lock_path)))
        # A rehearsal begins with an empty organisation, in which adopted accounts are made like all others.
        if self.workspace.settings is None:
            refuse_pending(pending_adoptions(self.manifest, lock, self.workspace, organization, self._imports))

    def _require_passphrase(self, stacks: Sequence[PlannedStack]) -> None:
        if any(name in self.tools.env for name in PASSPHRASE_VARIABLES):
            return
        for planned in stacks:
            if not self._backends.in_bucket(planned) and uses_passphrase(
                self.workspace.settings_dir(planned) / stack_file_name(planned.id.stack_name)
            ):
                raise PassphraseMissing(
                    "no passphrase is set for the secrets of the stacks",
                    subject=str(planned.id),
                    why=f"neither {' nor '.join(PASSPHRASE_VARIABLES)} is set",
                    not_run="any stack",
                    hint="export PULUMI_CONFIG_PASSPHRASE=...",
                )

    def _without_caller(self, stacks: Sequence[PlannedStack], lock: Lock) -> list[PlannedStack]:
        """Return the stacks whose caller has no credentials here; all other callers are who they should be."""
        callers = {planned.id: self._writer.caller(planned, lock) for planned in stacks}
        asked = [caller for caller in dict.fromkeys(callers.values()) if caller.expected_account]
        if not asked:
            return []
        missing = missing_callers(asked, self.tools.env, self.manifest.region, self.tools.identify)
        return [planned for planned in stacks if callers[planned.id] in missing]
