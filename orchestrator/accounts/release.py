"""Forgets what runs in an account and keeps what it made: looks, refuses, forgets stack by stack, goes on where it was.

`AccountStates` is for whoever takes an account out of the fleet: `accounts release` and `accounts remove` here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from landing_zone.errors import AccountUnknown
from landing_zone.fleet import Manifest
from landing_zone.lock import Lock, load_lock, resolve_lock
from landing_zone.manifest.problems import nearest
from landing_zone.naming import account_of_stack
from orchestrator.accounts.errors import AccountInUse, NotReleasable, ReleaseIncomplete
from orchestrator.accounts.forget_job import ForgetJob, ForgetResult, Forgotten
from orchestrator.accounts.lost_accounts import ACCOUNT_TYPE
from orchestrator.callers import missing_callers
from orchestrator.errors import WorkerDied
from orchestrator.files.project_files import PROJECT_FILE, write_if_changed
from orchestrator.files.workspace import FOLDER, Workspace
from orchestrator.planning.plan import ORGANIZATION, Plan, PlannedStack, make_plan
from orchestrator.running.job import Caller, CallerName, Operation, StackJob
from orchestrator.running.jobs import JobWriter
from orchestrator.running.scheduler import error_info
from orchestrator.stack_id import StackId
from orchestrator.state.backends import Backends, BucketReader, stack_record_name
from orchestrator.state.bucket_states import BucketStates, Name
from orchestrator.state.errors import BackendUnreadable
from orchestrator.state.lock_holders import LockState, judge, this_machine
from orchestrator.state.orphans import Orphan, programs_by_project, unprotecting
from orchestrator.state.state_files import FolderObjects, StackState, StateFiles
from orchestrator.status import StackRecord, read_status
from orchestrator.tools import Tools
from orchestrator.workers.environment import stack_environment

ForgetState = Callable[[ForgetJob], ForgetResult]
"""Forgets one stack, or one resource of it, and never raises; importable by name, as it runs in another process."""

OnForgotten = Callable[[ForgetResult], None]

STATE_DOCTOR = "fleetyard state doctor"


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """What is on record of an account's stacks, in the order in which they would be destroyed.

    `unplanned` are states of the account that hold something and that the manifest has no stack for; `hollow` are such
    states that hold nothing. `kept` are stacks that a destroy spares unless it is told otherwise.
    """

    name: str
    stacks: tuple[StackRecord, ...]
    unplanned: tuple[Orphan, ...] = ()
    hollow: tuple[Orphan, ...] = ()
    kept: frozenset[StackId] = frozenset()
    quarantined: bool = False
    """Whether it is in the suspended unit, where nothing can be destroyed."""

    @property
    def suspended(self) -> bool:
        """Whether runs leave the account alone."""
        return any(stack.suspended for stack in self.stacks)

    @property
    def deployed(self) -> tuple[StackRecord, ...]:
        """Stacks of which anything is or may be deployed."""
        return tuple(stack for stack in self.stacks if stack.word not in {"absent", "empty"})

    @property
    def empty(self) -> tuple[StackRecord, ...]:
        """Stacks whose state holds nothing, as after a destroy."""
        return tuple(stack for stack in self.stacks if stack.word == "empty")


class AccountStates:
    """Looks at the states of one account's stacks and forgets them. `forget` forgets one, in a process of its own."""

    def __init__(
        self,
        manifest: Manifest,
        workspace: Workspace,
        tools: Tools,
        forget: ForgetState,
        now: Callable[[], datetime] = lambda: datetime.now(tz=UTC),
    ) -> None:
        self._manifest = manifest
        self._workspace = workspace
        self._tools = tools
        self._forget = forget
        self._now = now
        self._backends = Backends(manifest, workspace, tools.bucket_options)
        self._writer = JobWriter(
            manifest, workspace, tools.engine, tools.env, self._backends, tools.parallel, tools.keys_of
        )
        self._plan: Plan = make_plan(manifest)
        self._files = StateFiles(FolderObjects(workspace.state))

    @property
    def lock(self) -> Lock:
        """The lock as it is now, with the manifest's own ids."""
        return resolve_lock(self._manifest, load_lock(self._workspace.lock_path))

    def look(self, name: str) -> AccountRecord:
        """Return what is on record of an account of the manifest or the lock; reads states only.

        Raises: AccountUnknown, and what is wrong with the caller of workloads, of whom the bucket is asked.
        """
        lock = self.lock
        known = [*(account.name for account in self._manifest.accounts), *lock.accounts]
        if name not in known:
            raise AccountUnknown(name, str(self._manifest.path), nearest(name, known))
        in_bucket = [planned for planned in self._plan.stacks if self._backends.in_bucket(planned)]
        asked = next((planned for planned in in_bucket if planned.account.name == name), next(iter(in_bucket), None))
        if asked is not None and lock.homes:
            caller = self._writer.caller(asked, lock)
            missing_callers([caller], self._tools.env, self._manifest.region, self._tools.identify)
        reader = BucketReader(self._backends, self._tools.env, self._tools.read_bucket)
        selected = [planned for planned in self._plan.order(Operation.DESTROY) if planned.account.name == name]
        found = read_status(self._manifest, self._backends, self._plan, selected, reader.record)
        # The bucket of this account is asked even where the manifest has no stack in it any more.
        others = reader.record(lock, [("", name)]) if in_bucket else BucketStates()
        if others.refused:
            raise BackendUnreadable(
                "the state bucket cannot be read",
                subject=name,
                why=others.refused,
                not_run="anything",
                hint="fleetyard doctor",
            )
        planned = {stack_record_name(self._workspace, each) for each in self._plan.stacks}
        unplanned = (*found.unplanned, *(each for each in others.names if each not in planned))
        of_account = [each for each in dict.fromkeys(unplanned) if account_of_stack(each[1]) == name]
        orphans = self._orphans(of_account, reader, lock)
        # One that cannot be read counts as one that holds something.
        holding = tuple(each for each in orphans if each.state is None or each.state.deployed)
        hollow = tuple(each for each in orphans if each not in holding)
        kept = frozenset(each.id for each in selected if each.kept)
        quarantined = name in {each.name for each in self._manifest.accounts if each.in_suspended_unit}
        return AccountRecord(name, found.stacks, holding, hollow, kept, quarantined)

    def _orphans(self, names: Sequence[Name], reader: BucketReader, lock: Lock) -> tuple[Orphan, ...]:
        """Return what is on record of stacks that the manifest has not, with the program of each."""
        if not names:
            return ()
        found = {name: self._files.stack(*name) for name in names}
        far = [name for name, state in found.items() if state is None]
        if far:
            found |= {name: state for name, state in reader.record(lock, far).states.items() if name in found}
        programs = programs_by_project(self._workspace, self._plan)
        return tuple(Orphan(*name, programs.get(name[0], ""), state) for name, state in found.items())

    def forget_stacks(self, stacks: Sequence[StackRecord], forgotten: OnForgotten) -> tuple[ForgetResult, ...]:
        """Forget stacks one after the other, those that rest on others first; stops at the first that fails.

        Raises: ReleaseIncomplete. What was forgotten before stays forgotten, and is kept in the files told.
        """
        results = []
        for record in stacks:
            planned = self._plan.stack(record.id)
            result = self._carry_out(self._job(planned))
            forgotten(result)
            results.append(result)
            if result.outcome is Forgotten.FAILED:
                raise _incomplete(result, [each.id for each in stacks[len(results) :]])
        return tuple(results)

    def forget_orphans(self, orphans: Sequence[Orphan], forgotten: OnForgotten) -> tuple[ForgetResult, ...]:
        """Forget states that the manifest has no stack for; what they held is kept in files, as of any other stack.

        Stops at the first that fails. Raises: ReleaseIncomplete.
        """
        results = []
        for orphan in orphans:
            result = self._carry_out(self._orphan_job(orphan))
            forgotten(result)
            results.append(result)
            if result.outcome is Forgotten.FAILED:
                raise _incomplete(result, orphans[len(results) :])
        return tuple(results)

    def forget_account(self, account_id: str) -> ForgetResult:
        """Forget an account's resource in the organisation's state; in AWS the account stays as it is.

        Raises: ReleaseIncomplete.
        """
        return self._on_account(account_id)

    def note_move(self, account_id: str, unit_id: str) -> ForgetResult:
        """Note in the organisation's state that an account is in another unit, where AWS has it already.

        Raises: ReleaseIncomplete.
        """
        return self._on_account(account_id, unit_id)

    def _on_account(self, account_id: str, unit_id: str = "") -> ForgetResult:
        planned = self._plan.stack(StackId(ORGANIZATION, self._manifest.management_account.name))
        job = replace(self._job(planned), only=(ACCOUNT_TYPE, account_id), parent=unit_id)
        result = self._carry_out(job)
        if result.outcome is Forgotten.FAILED:
            raise _incomplete(result, [], noting=bool(unit_id))
        return result

    def _job(self, planned: PlannedStack) -> ForgetJob:
        job = self._writer.write(Operation.UP, planned, self.lock)
        job = replace(job, work_dir=self._workspace.work / "forget" / planned.id.program / planned.id.stack_name)
        return ForgetJob(job, self._kept_file(planned.id))

    def _orphan_job(self, orphan: Orphan) -> ForgetJob:
        """Return the job for a state that no program of the manifest goes with: it gets a project of its own."""
        project, stack = orphan.project, orphan.stack
        account, _, region = stack.partition(".")
        home = self.lock.home(self._manifest.state_buckets.of(account))
        in_files = home is None or self._files.exists(project, stack)
        backend = self._backends.files if home is None or in_files else self._backends.bucket(home)
        folder = self._workspace.work / "forget" / "orphans" / project
        file = folder / PROJECT_FILE
        folder.mkdir(parents=True, exist_ok=True)
        write_if_changed(file, f"name: {project}\nruntime: python\n")
        caller = Caller(CallerName.MANAGEMENT, self._manifest.callers.management, self._manifest.management_account.id)
        at = region or self._manifest.region
        job = StackJob(
            id=StackId(project, account, region or None),
            operation=Operation.UP,
            account_id=self.lock.accounts.get(account, ""),
            project=project,
            project_file=file,
            work_dir=folder / stack,
            settings_dir=folder,
            backend_url=backend.url,
            config={},
            region=at,
            caller=caller,
            engine=self._tools.engine,
            env=stack_environment(self._tools.env, caller.profile, at, backend.url),
            secrets_provider=backend.secrets_provider,
        )
        return ForgetJob(job, self._kept_file(job.id))

    def _kept_file(self, stack: StackId) -> Path:
        file = f"{self._now():%Y%m%dT%H%M%S%f}-{stack.program}.{stack.stack_name}.json"
        return kept_states(self._workspace, stack.account) / file

    def _carry_out(self, job: ForgetJob) -> ForgetResult:
        try:
            return self._tools.call(self._forget, job).result()
        except Exception as error:  # noqa: BLE001  (whatever the pool raises for a process that is gone)
            died = WorkerDied(f"the process that forgets {job.id} ended without an answer", why=str(error))
            return ForgetResult(job.id, Forgotten.FAILED, error=error_info(died))


def kept_states(workspace: Workspace, name: str) -> Path:
    """Return the folder in which the forgotten states of an account are kept."""
    return workspace.state / FOLDER / "released" / name


def refuse_unreleasable(record: AccountRecord) -> None:
    """Raise NotReleasable, naming every stack that cannot be forgotten now, and why; those without a stack too."""
    wrong: dict[str, str] = {}
    for stack in record.stacks:
        if stack.unknown:
            wrong[f"the state of {stack.id} cannot be read: {stack.unknown}"] = "fleetyard doctor"
        elif stack.state:
            pending = f"fleetyard refresh --clear-pending-creates --stack {stack.id}"
            wrong |= _in_the_way(str(stack.id), stack.state, pending, f"fleetyard state doctor --stack {stack.id}")
    for orphan in (*record.unplanned, *record.hollow):
        if orphan.state is not None:
            wrong |= _in_the_way(str(orphan), orphan.state, f"{orphan.put_back}, then: fleetyard refresh", STATE_DOCTOR)
    if wrong:
        raise NotReleasable(
            f"the stacks of {record.name} cannot be forgotten now",
            why="; ".join(wrong),
            not_run="nothing was forgotten",
            hint="; ".join(dict.fromkeys(wrong.values())),
        )


def _in_the_way(stack: str, state: StackState, pending: str, doctor: str) -> dict[str, str]:
    """Return why a state cannot be forgotten now, with the step that settles it; nothing where it can be."""
    held = [lock for lock in state.locks if judge(lock, this_machine()) is not LockState.ORPHAN]
    if not state.readable:
        return {f"the state of {stack} is damaged": doctor}
    if held:
        words = f"{stack} is locked by {held[0].user}@{held[0].host}, pid {held[0].pid}, since {held[0].since}"
        return {words: f"wait; if that run is gone: {doctor}"}
    if state.pending:
        return {f"{stack} was interrupted in {state.pending} steps": pending}
    return {}


def refuse_in_use(record: AccountRecord) -> None:
    """Raise AccountInUse, naming every stack that is or may be deployed in the account."""
    deployed = [f"{stack.id} ({_counted(stack)})" for stack in record.deployed]
    unplanned = [f"{orphan} (not in the manifest any more)" for orphan in record.unplanned]
    if deployed or unplanned:
        raise AccountInUse(
            f"stacks run in {record.name}",
            subject=", ".join([*deployed, *unplanned]),
            why="nobody would know of what they made there, and AWS goes on charging for it",
            not_run="nothing was removed",
            hint=_emptying(record),
        )


def _emptying(record: AccountRecord) -> str:
    """Return how an account comes to hold nothing, in the order in which it works.

    What the manifest has no more goes first: its destroy needs the roles that go with the account's other stacks.
    """
    name, orphans = record.name, record.unplanned
    if record.quarantined:
        return f"fleetyard accounts release {name}; to destroy it, write the account under another unit first"
    steps = [f"fleetyard accounts resume {name}"] if record.suspended else []
    for orphan in orphans:
        steps += [orphan.put_back, *orphan.destroyed]
    if orphans:
        steps.append(f"take {'it' if len(orphans) == 1 else 'them'} out of the manifest again")
    for stack in record.deployed:
        steps += unprotecting(str(stack.id), stack.state.protected if stack.state else ())
    if record.deployed:
        spared = record.kept.intersection(stack.id for stack in record.deployed)
        steps.append(f"fleetyard destroy --account {name}{' --include-foundation' if spared else ''}")
    return f"{', then: '.join(steps)}; or keep what they made: fleetyard accounts release {name}"


def _counted(stack: StackRecord) -> str:
    if stack.unknown:
        return f"its state cannot be read: {stack.unknown}"
    count = stack.state.resources if stack.state and stack.state.readable else 0
    return f"{count} {'resource' if count == 1 else 'resources'}" if count else "its state is damaged"


def _incomplete(result: ForgetResult, rest: Sequence[object], *, noting: bool = False) -> ReleaseIncomplete:
    error = result.error
    return ReleaseIncomplete(
        f"the state of {result.id} could not be {'changed' if noting else 'forgotten'}",
        subject=error.summary if error else "",
        why=error.why if error else "",
        not_run=", ".join(map(str, rest)) or "what was to follow",
        hint=f"{error.hint}; then repeat the command" if error and error.hint else "repeat the command",
    )
