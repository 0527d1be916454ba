"""What retiring does to the fleet: previews and destroys an account's stacks, and takes the account out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.manifest.load import load_edited
from orchestrator.accounts.editing.manifest_edits import Load, ManifestEdit, ManifestEditor, move_account
from orchestrator.accounts.errors import AccountClosed, AccountInUse, EditRefused
from orchestrator.accounts.release import AccountStates, ForgetState, OnForgotten
from orchestrator.accounts.removal import Removal, refuse_removal, remove_account_everywhere
from orchestrator.accounts.retirement.errors import RetirementStopped
from orchestrator.accounts.retirement.obstacles import Loss, Obstacle, failed, obstacles_of
from orchestrator.accounts.retirement.rules import only_in, workloads_at
from orchestrator.driver import Driver, RunOptions
from orchestrator.errors import ResourceProtected
from orchestrator.files.workspace import Workspace
from orchestrator.next_steps import GO_ON_RETIRING
from orchestrator.planning.selection import Selection
from orchestrator.running.job import Operation, Reason, StackResult, StackStatus
from orchestrator.running.observers import RunObserver
from orchestrator.running.report import RunReport
from orchestrator.state.orphans import unprotecting
from orchestrator.tools import Tools

_ABSENT = (Reason.NOT_DEPLOYED,)


@dataclass(frozen=True, slots=True)
class Fleetwide:
    """The fleet that an account leaves. Nothing is kept in memory that a step changes on disk."""

    path: Path
    workspace: Workspace
    tools: Tools
    forget: ForgetState
    observers: Callable[[], Sequence[RunObserver]]
    load: Load = load_edited
    forgotten: OnForgotten = lambda _result: None

    def losses(self, name: str) -> tuple[Loss, ...]:
        """Return what would be lost with an account; reads only."""
        manifest = only_in(self._manifest, name)
        report = self._run(manifest, Operation.PREVIEW_DESTROY, name)
        plan = {planned.id: planned for planned in self._driver(manifest, ()).plan.stacks}
        found = (each for each in report.results if each.reason not in _ABSENT)
        return tuple(_loss(result, kept=plan[result.id].kept) for result in found)

    def obstacles(self, name: str, losses: Sequence[Loss]) -> tuple[Obstacle, ...]:
        """Return what is in the way of destroying an account's stacks, by its states and by what would be lost."""
        plan = {planned.id: planned for planned in self._driver(self._manifest, ()).plan.stacks}
        record = self._states().look(name)
        return obstacles_of(record, losses, lambda stack: self.workspace.project_file(plan[stack]).parent)

    def removal(self, name: str) -> ManifestEdit | None:
        """Return the edit that takes an account out of the manifest, None where it is not in it.

        Raises: EditRefused naming every line of the manifest that still needs the account, and in which order to go on.
        """
        if name not in {account.name for account in self._manifest.accounts}:
            return None
        editor = ManifestEditor(self.path, self.load)
        editor.remove(name)
        if suspended := self._manifest.governance.suspended_unit:
            editor.remove_hollow(suspended)
        try:
            return editor.finish()
        except EditRefused as error:
            first = self._deployed_of(name, workloads_at(self._manifest, error.keys))
            steps = [*first, "change the lines that are named", f"fleetyard accounts retire {name} --dry-run"]
            error.hint = f"{', then: '.join(steps)} (docs/retire.md, The last account of a stage or glob)"
            raise

    def _deployed_of(self, name: str, workloads: Collection[str | int]) -> list[str]:
        """Return the steps that destroy what is deployed of these workloads in an account, none if nothing is.

        Taken out of the manifest first they would be destroyed by nobody.
        """
        record = self._states().look(name)
        deployed = [each for each in record.deployed if each.id.program in workloads]
        if not deployed:
            return []
        spared = record.kept.intersection(each.id for each in deployed)
        words = [*(f"--stack {each.id}" for each in deployed), *(["--include-foundation"] if spared else [])]
        free = (unprotecting(str(each.id), each.state.protected) for each in deployed if each.state)
        return [*(step for steps in free for step in steps), " ".join(["fleetyard destroy", *words])]

    def destroy(self, name: str) -> None:
        """Destroy every stack of an account, protected workloads too; raises RetirementStopped naming what failed.

        Nothing is destroyed while there is a stack that the manifest has no more: the roles to come back by would be
        gone before it.
        """
        self._refuse_unplanned(name)
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
                hint=f"fleetyard accounts release {name}, as nobody gets into a closed account; then: {GO_ON_RETIRING}"
                if closed
                else _mending(name, [failed(each) for each in left]),
            )

    def _refuse_unplanned(self, name: str) -> None:
        if name not in {*self._states().lock.accounts, *(account.name for account in self._manifest.accounts)}:
            return
        if found := self._states().look(name).unplanned:
            back = ", and ".join(each.put_back for each in found)
            raise RetirementStopped(
                f"stacks of {name} are deployed that the manifest does not have any more",
                subject=", ".join(map(str, found)),
                why="nobody would destroy them, and afterwards nobody could: the account's roles would be gone",
                not_run="destroying, moving and closing the account",
                hint=f"{back}, then: {GO_ON_RETIRING}, which destroys it too; "
                "where AWS holds nothing of it any more fleetyard state doctor says how to put its state aside",
            )

    def left(self, name: str) -> tuple[str, ...]:
        """Return what is or may be deployed in an account, as its states tell; nothing where nobody knows it."""
        states = self._states()
        if name not in states.lock.accounts and name not in {account.name for account in self._manifest.accounts}:
            return ()
        record = states.look(name)
        unplanned = (f"{orphan} (not in the manifest any more)" for orphan in record.unplanned)
        return (*(f"{each.id} ({each.word})" for each in record.deployed), *unplanned)

    def quarantined(self, name: str) -> bool:
        """Return whether the manifest has an account in the suspended unit, and AWS may have it there as well."""
        return name in {each.name for each in self._manifest.accounts if each.in_suspended_unit}

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
        move_account(self.path, name, unit, self.load, make_unit=True)

    def note_move(self, account_id: str, unit_id: str) -> None:
        """Note in the organisation's state that AWS has moved an account; raises ReleaseIncomplete."""
        self._states().note_move(account_id, unit_id)

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
                f"then: {GO_ON_RETIRING}",
            ) from error
        remove_account_everywhere(
            Removal(name, account_id, record, edit), states, self.workspace.lock_path, self.forgotten
        )

    @property
    def _manifest(self) -> Manifest:
        return self.load(self.path, {})[0]

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
    if result.status is StackStatus.SUCCEEDED:
        return Loss(str(result.id), counted, kept)
    return Loss(str(result.id), counted, kept, _problem(result), failed(result))


def _mending(name: str, met: Sequence[Obstacle | None]) -> str:
    """Return the next step after a destroy that failed; runs leave the account alone, so no `up` is a step here."""
    if any(each and each.code == ResourceProtected.code for each in met):
        return (
            f"take the lines of {name} out of fleet.retired.yaml and protect out of the program, then: fleetyard up "
            f"--account {name}, then: fleetyard accounts retire {name}"
        )
    return f"mend what is told, then: {GO_ON_RETIRING}"


def _problem(result: StackResult) -> str:
    if result.error:
        return f"{result.id}: {result.error.summary}" + (f" ({result.error.why})" if result.error.why else "")
    return f"{result.id}: {result.status}" + (f", {result.reason}" if result.reason else "")
