"""What retiring does to the fleet: previews and destroys an account's stacks, and takes the account out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.manifest import load_manifest
from landing_zone.manifest.load import Rule
from orchestrator.accounts.errors import AccountClosed, AccountInUse
from orchestrator.accounts.manifest_edits import ManifestEdit, ManifestEditor, move_account
from orchestrator.accounts.release import AccountStates, ForgetState, OnForgotten
from orchestrator.accounts.removal import Removal, refuse_removal, remove_account_everywhere
from orchestrator.accounts.retirement_errors import RetirementStopped
from orchestrator.accounts.retirement_rules import only_in
from orchestrator.driver import Driver, RunOptions
from orchestrator.job import Operation, Reason, StackResult, StackStatus
from orchestrator.observers import RunObserver
from orchestrator.report import RunReport
from orchestrator.selection import Selection
from orchestrator.tools import Tools
from orchestrator.workspace import Workspace

_ABSENT = (Reason.NOT_DEPLOYED,)
_CONTINUE = "fleetyard accounts retire --continue"


@dataclass(frozen=True, slots=True)
class Loss:
    """What destroying one stack would delete: resources by type. `kept` marks a workload that destroy spares else."""

    stack: str
    resources: Mapping[str, int] = field(default_factory=dict)
    kept: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Fleetwide:
    """The fleet that an account leaves. Nothing is kept in memory that a step changes on disk."""

    path: Path
    workspace: Workspace
    tools: Tools
    forget: ForgetState
    observers: Callable[[], Sequence[RunObserver]]
    rules: Sequence[Rule] = ()
    forgotten: OnForgotten = lambda _result: None

    def losses(self, name: str) -> tuple[Loss, ...]:
        """Return what would be lost with an account; reads only."""
        manifest = only_in(self._manifest, name)
        report = self._run(manifest, Operation.PREVIEW_DESTROY, name)
        plan = {planned.id: planned for planned in self._driver(manifest, ()).plan.stacks}
        found = (each for each in report.results if each.reason not in _ABSENT)
        return tuple(_loss(result, kept=plan[result.id].kept) for result in found)

    def removal(self, name: str) -> ManifestEdit | None:
        """Return the edit that takes an account out of the manifest, None where it is not in it.

        Raises: EditRefused naming everything in the manifest that still needs the account.
        """
        if name not in {account.name for account in self._manifest.accounts}:
            return None
        editor = ManifestEditor(self.path, self.rules)
        editor.remove(name)
        return editor.finish()

    def destroy(self, name: str) -> None:
        """Destroy every stack of an account, protected workloads too; raises RetirementStopped naming what failed."""
        report = self._run(only_in(self._manifest, name), Operation.DESTROY, name)
        left = [
            each for each in report.results if each.status is not StackStatus.SUCCEEDED and each.reason not in _ABSENT
        ]
        if left:
            closed = any(each.error and each.error.code == AccountClosed.code for each in left)
            raise RetirementStopped(
                f"not every stack of {name} could be destroyed",
                subject=", ".join(str(each.id) for each in left),
                why="; ".join(_problem(each) for each in left),
                not_run="moving and closing the account",
                hint=f"fleetyard accounts release {name}, as nobody gets into a closed account; then: {_CONTINUE}"
                if closed
                else f"mend it, then: {_CONTINUE}",
            )

    def left(self, name: str) -> tuple[str, ...]:
        """Return what is or may be deployed in an account, as its states tell; nothing where nobody knows it."""
        states = self._states()
        if name not in states.lock.accounts and name not in {account.name for account in self._manifest.accounts}:
            return ()
        record = states.look(name)
        unplanned = (f"{project} {stack} (not in the manifest any more)" for project, stack in record.unplanned)
        return (*(f"{each.id} ({each.word})" for each in record.deployed), *unplanned)

    def quarantine(self, name: str) -> None:
        """Write an account into the suspended unit, as it will be in AWS; empty states are forgotten before.

        By another unit it may have no such stack any more, and nobody would find the state. Raises: EditRefused, what
        forgetting raises.
        """
        manifest = self._manifest
        unit = manifest.governance.suspended_unit
        account = next((each for each in manifest.accounts if each.name == name), None)
        if account is None or account.unit == unit:
            return
        states = self._states()
        states.forget_stacks(states.look(name).empty, self.forgotten)
        move_account(self.path, name, unit, self.rules, make_unit=True)

    def _states(self) -> AccountStates:
        return AccountStates(self._manifest, self.workspace, self.tools, self.forget)

    def drop(self, name: str, account_id: str) -> None:
        """Take an account out of manifest, state and lock; what is done already is not done again."""
        states = self._states()
        edit = self.removal(name)
        if edit is None and name not in states.lock.accounts:
            return
        record = states.look(name)
        try:
            refuse_removal(record)
        except AccountInUse as error:
            raise RetirementStopped(
                f"something was deployed in {name} after its stacks were destroyed",
                subject=error.subject,
                why="the account is in the suspended unit, where nothing can be destroyed any more",
                not_run="closing the account",
                hint=f"fleetyard accounts release {name}, which forgets it (it goes with the account), "
                f"then: {_CONTINUE}",
            ) from error
        remove_account_everywhere(
            Removal(name, account_id, record, edit), states, self.workspace.lock_path, self.forgotten
        )

    @property
    def _manifest(self) -> Manifest:
        return load_manifest(self.path, self.rules)

    def _driver(self, manifest: Manifest, observers: Sequence[RunObserver]) -> Driver:
        """Return a driver that does not leave the account alone for being retired."""
        return Driver(manifest, self.workspace, self.tools, observers, retiring=frozenset())

    def _run(self, manifest: Manifest, operation: Operation, name: str) -> RunReport:
        driver = self._driver(manifest, self.observers() if not operation.dry else ())
        options = RunOptions(include_foundation=True)
        report = driver.run_operation(operation, Selection(accounts=(name,)), options)
        if report.interrupted:
            raise KeyboardInterrupt
        return report


def _loss(result: StackResult, *, kept: bool) -> Loss:
    deleted = Counter(change.type for change in result.changes if change.op.startswith("delete"))
    counted = {kind: count for kind, count in sorted(deleted.items()) if not kind.startswith(("pulumi:", "fleetyard:"))}
    return Loss(str(result.id), counted, kept, "" if result.status is StackStatus.SUCCEEDED else _problem(result))


def _problem(result: StackResult) -> str:
    if result.error:
        return f"{result.id}: {result.error.summary}" + (f" ({result.error.why})" if result.error.why else "")
    return f"{result.id}: {result.status}" + (f", {result.reason}" if result.reason else "")
