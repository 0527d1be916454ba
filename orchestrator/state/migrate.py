"""Moves the state of workloads to the backend that the manifest names, several stacks at a time.

manifest, both backends ──▶ look: where each stack is ──▶ move what is elsewhere, in the worker pool ──▶ report
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from queue import SimpleQueue

from landing_zone.fleet import Manifest, WorkloadState
from landing_zone.lock import Lock, StateHome, load_lock, resolve_lock
from orchestrator.callers import missing_callers
from orchestrator.errors import PassphraseMissing, StackLocked, StateNotMade, StateUnreadable, WorkerDied
from orchestrator.files.project_files import stack_file_name
from orchestrator.files.workspace import Workspace
from orchestrator.next_steps import in_rehearsal
from orchestrator.planning.plan import PlannedStack, StackKind
from orchestrator.running.interrupts import listening
from orchestrator.running.job import Operation, StackErrorInfo, StackJob
from orchestrator.running.jobs import JobWriter
from orchestrator.running.scheduler import error_info
from orchestrator.stack_id import StackId
from orchestrator.state.backends import Backend, Backends, stack_record_name
from orchestrator.state.bucket_states import Name
from orchestrator.state.encryption import encryption_of_settings
from orchestrator.state.errors import BackendUnreadable
from orchestrator.state.lock_holders import LockState, judge, this_machine
from orchestrator.state.move_job import MoveJob, MoveResult, Outcome, again
from orchestrator.state.places import BackendName, Place, place_of
from orchestrator.state.state_files import FolderObjects, StackLock, checkpoint_key
from orchestrator.state.survey import HeldStack, Holdings, SurveyQuery, survey, survey_in_own_process
from orchestrator.tools import Tools
from orchestrator.workers.environment import PASSPHRASE_VARIABLES, caller_environment, stack_environment

INTERRUPTED_EXIT = 130
MoveState = Callable[[MoveJob], MoveResult]
"""Moves one stack and never raises; must be importable by name, as it runs in another process."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one stack's state is, and what is to be done: one of MOVED, FINISHED, SETTLED, THERE or ABSENT.

    `source` is where it is if that is not where it belongs, else where it might be; `target` is where it belongs.
    `refused` says why nothing may be done to it now.
    """

    planned: PlannedStack
    todo: Outcome
    source: BackendName
    target: BackendName
    resources: int = 0
    refused: StackErrorInfo | None = None


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """What became of every selected workload, in the plan's order; `dry` tells what would be done.

    `ways` has where each stack was to go from and to, if the fleet has more than one state bucket.
    """

    source: BackendName
    target: BackendName
    results: tuple[MoveResult, ...]
    dry: bool = False
    interrupted: bool = False
    ways: Mapping[StackId, tuple[BackendName, BackendName]] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """Return 130 when interrupted, the failed stacks' own code if they agree on one, else 1; 0 if none failed."""
        if self.interrupted:
            return INTERRUPTED_EXIT
        codes = {result.error.exit_code if result.error else 1 for result in self.results if result.error}
        return codes.pop() if len(codes) == 1 else int(bool(codes))


@dataclass(frozen=True, slots=True)
class Survey:
    """Where the selected workloads are; `lock` is the one that the jobs are made from.

    `source` and `target` are files and default bucket, in the order that the manifest says.
    """

    lock: Lock
    source: BackendName
    target: BackendName
    standings: tuple[Standing, ...]

    @property
    def todo(self) -> tuple[Standing, ...]:
        """What is to be done."""
        return tuple(standing for standing in self.standings if standing.todo in _WORK and not standing.refused)


_WORK = frozenset({Outcome.MOVED, Outcome.FINISHED, Outcome.SETTLED})


@dataclass(frozen=True, slots=True)
class _Ended:
    id: StackId
    future: Future[MoveResult]


class StateMigration:
    """Moves state in one workspace. `move` moves one stack, in a process of its own."""

    def __init__(self, manifest: Manifest, workspace: Workspace, tools: Tools, move: MoveState) -> None:
        self._manifest = manifest
        self._workspace = workspace
        self._tools = tools
        self._move = move
        self._machine = this_machine()
        self._backends = Backends(manifest, workspace, tools.bucket_options)
        self._writer = JobWriter(manifest, workspace, tools.engine, tools.env, self._backends)
        in_bucket = manifest.workload_state is WorkloadState.BUCKET
        self._source, self._target = (
            (BackendName.FILES, BackendName.BUCKET) if in_bucket else (BackendName.BUCKET, BackendName.FILES)
        )

    def look(self, selected: Sequence[PlannedStack]) -> Survey:
        """Find where each selected workload's state is; foundation stacks are left out, as theirs stays in files.

        Raises: StateNotMade, BackendUnreadable, and what is wrong with the caller, of whom the bucket is asked.
        """
        lock = resolve_lock(self._manifest, load_lock(self._workspace.lock_path))
        workloads = [planned for planned in selected if planned.kind is StackKind.WORKLOAD]
        if any(home.bucket and lock.home(home.bucket) is None for home in map(self._home, workloads)):
            raise StateNotMade(
                "the state bucket is not made yet",
                subject=str(self._workspace.lock_path),
                why="the management account's bootstrap makes it, and has not run",
                not_run="any move",
                hint="fleetyard up --stack bootstrap",
            )
        names = {planned.id: stack_record_name(self._workspace, planned) for planned in workloads}
        holdings = {
            BackendName.FILES: survey(FolderObjects(self._workspace.state), names.values()) if names else Holdings(),
            **self._survey_buckets(workloads, tuple(names.values()), lock),
        }
        standings = tuple(self._standing(planned, names[planned.id], holdings, lock) for planned in workloads)
        return Survey(lock, self._source, self._target, standings)

    def _home(self, planned: PlannedStack) -> BackendName:
        """Return where a workload's state belongs."""
        return BackendName(self._backends.bucket_of(planned)) if self._target.bucket else BackendName.FILES

    def _ways(self, found: Survey) -> Mapping[StackId, tuple[BackendName, BackendName]]:
        if not self._manifest.state_buckets.names:
            return {}
        return {each.planned.id: (each.source, each.target) for each in found.standings}

    def dry_run(self, found: Survey) -> MigrationReport:
        """Return what would be done."""
        results = tuple(
            MoveResult(each.planned.id, Outcome.FAILED if each.refused else each.todo, each.resources, 0, each.refused)
            for each in found.standings
        )
        return MigrationReport(found.source, found.target, results, dry=True, ways=self._ways(found))

    def carry_out(self, found: Survey, ended: Callable[[MoveResult], None]) -> MigrationReport:
        """Move what is elsewhere; `ended` hears of each stack.

        After an interrupt no further stack is begun, and those in hand are ended: each takes seconds.
        Raises: PassphraseMissing. What happens to a stack is in its result.
        """
        todo = found.todo
        in_files = [
            each for each in todo if each.todo is Outcome.SETTLED or BackendName.FILES in (each.source, each.target)
        ]
        if in_files:
            self._require_passphrase(in_files[0])
        moves = _Moves(self._tools, self._move, ended)
        done = moves.run([self._job(standing, found.lock) for standing in todo])
        results = tuple(
            done.get(each.planned.id)
            or MoveResult(
                each.planned.id, Outcome.FAILED if each.refused else each.todo, each.resources, error=each.refused
            )
            for each in found.standings
        )
        ways = self._ways(found)
        return MigrationReport(found.source, found.target, results, interrupted=moves.interrupted, ways=ways)

    def _survey_buckets(
        self, workloads: Sequence[PlannedStack], names: tuple[Name, ...], lock: Lock
    ) -> dict[BackendName, Holdings]:
        """Look into every bucket that is made: a stack may be in one that it is no longer assigned to."""
        if not lock.homes or not workloads:
            return {}
        callers = list(dict.fromkeys(self._writer.caller(planned, lock) for planned in workloads))
        missing_callers(callers, self._tools.env, self._manifest.region, self._tools.identify)
        return {
            BackendName(name): self._survey_bucket(home, callers[0].profile, names) for name, home in lock.homes.items()
        }

    def _survey_bucket(self, home: StateHome, profile: str, names: tuple[Name, ...]) -> Holdings:
        env = caller_environment(self._tools.env, profile, home.region)
        query = SurveyQuery(env, self._backends.bucket(home).url, names)
        found = self._tools.call(survey_in_own_process, query).result()
        if found.refused:
            raise BackendUnreadable(
                "the state bucket cannot be read",
                subject=home.bucket,
                why=found.refused,
                not_run="any move",
                hint="fleetyard doctor",
            )
        return found

    def _standing(
        self, planned: PlannedStack, name: Name, holdings: Mapping[BackendName, Holdings], lock: Lock
    ) -> Standing:
        home = self._home(planned)
        elsewhere = {
            where: held
            for where, found in holdings.items()
            if where != home and (held := found.stacks.get(name)) is not None
        }
        there = next((where for where, held in elsewhere.items() if held.state is not None), None)
        where = there or next(iter(elsewhere), self._source)
        source = elsewhere.get(where)
        target = holdings[home].stacks.get(name) if home in holdings else None
        at_source = source is not None and source.state is not None
        at_target = target is not None and target.state is not None
        if at_source:
            todo = Outcome.FINISHED if at_target else Outcome.MOVED
        elif at_target and target is not None and self._unsettled(planned, target, lock):
            todo = Outcome.SETTLED
        else:
            todo = Outcome.THERE if at_target else Outcome.ABSENT
        resources = max(held.resources for held in (source, target, _NOTHING) if held is not None)
        refused = None
        if todo in _WORK:
            refused = self._refused(planned, where, source, lock)
            refused = refused or self._refused(planned, home, target, lock)
        return Standing(planned, todo, where, home, resources, refused)

    def _unsettled(self, planned: PlannedStack, target: HeldStack, lock: Lock) -> bool:
        """Return whether the settings file does not say what opens the state, or the state is not under what it should.

        A stack that says nothing at all has no secrets yet.
        """
        file = self._workspace.settings_dir(planned) / stack_file_name(planned.id.stack_name)
        fits = target.encryption.by(self._backends.home(planned, lock).secrets_provider)
        return bool(target.encryption) and (not fits or encryption_of_settings(file) != target.encryption)

    def _refused(
        self, planned: PlannedStack, where: BackendName, held: HeldStack | None, lock: Lock
    ) -> StackErrorInfo | None:
        """Return why a stack may not be touched now: somebody holds its lock, or its state is damaged."""
        if held is None:
            return None
        place = self.place(where, lock)
        # A lock whose process is gone is the engine's to break, as it is when a stack is deployed.
        kept = [taken for taken in held.locks if judge(taken, self._machine) is not LockState.ORPHAN]
        if kept:
            return error_info(_locked(planned.id, place, kept))
        if held.state is not None and not held.state.readable:
            return error_info(
                StateUnreadable(
                    f"the state of {planned.id} in {where.words} is damaged",
                    subject=place.address(held.key),
                    not_run="the stack was not moved",
                    hint=f"fleetyard state doctor --stack {planned.id}",
                )
            )
        return None

    def place(self, name: BackendName, lock: Lock) -> Place:
        """Return a backend as people find it."""
        return place_of(name, self._manifest, self._workspace, lock)

    def _require_passphrase(self, first: Standing) -> None:
        if not any(name in self._tools.env for name in PASSPHRASE_VARIABLES):
            raise PassphraseMissing(
                "no passphrase is set for the secrets of the stacks",
                subject=str(first.planned.id),
                why=f"states in files are encrypted with it, and neither {' nor '.join(PASSPHRASE_VARIABLES)} is set",
                not_run="any move",
                hint=in_rehearsal(self._tools.env, "export PULUMI_CONFIG_PASSPHRASE=..."),
            )

    def _job(self, standing: Standing, lock: Lock) -> MoveJob:
        planned = standing.planned
        key = checkpoint_key(*stack_record_name(self._workspace, planned))
        source, target = self.place(standing.source, lock), self.place(standing.target, lock)
        return MoveJob(
            source=self._side(planned, standing.source, lock),
            target=self._side(planned, standing.target, lock),
            look=(source.look(key), target.look(key)),
            aside=(source.aside(key), target.aside(key)),
        )

    def _side(self, planned: PlannedStack, where: BackendName, lock: Lock) -> StackJob:
        """Return a stack as it is run in one of the backends, with the same caller in both."""
        backend = self._backend(where, lock)
        project_file = self._workspace.project_file(planned)
        caller = self._writer.caller(planned, lock)
        region = planned.id.region or self._manifest.region
        return StackJob(
            id=planned.id,
            operation=Operation.UP,
            account_id=self._writer.account_id(planned, lock),
            project=stack_record_name(self._workspace, planned)[0],
            project_file=project_file,
            work_dir=self._workspace.work / "move" / planned.id.program / planned.id.stack_name,
            settings_dir=self._workspace.settings_dir(planned),
            backend_url=backend.url,
            config={},
            region=region,
            caller=caller,
            engine=self._tools.engine,
            env=stack_environment(self._tools.env, caller.profile, region, backend.url),
            secrets_provider=backend.secrets_provider,
        )

    def _backend(self, where: BackendName, lock: Lock) -> Backend:
        home = lock.home(where.bucket) if where.bucket else None
        return self._backends.bucket(home) if home is not None else self._backends.files


class _Moves:
    """Carries out moves in the pool; made for one report."""

    def __init__(self, tools: Tools, move: MoveState, ended: Callable[[MoveResult], None]) -> None:
        self._tools = tools
        self._move = move
        self._ended = ended
        self._inbox: SimpleQueue[_Ended | int] = SimpleQueue()
        self.interrupted = False

    def run(self, jobs: Sequence[MoveJob]) -> dict[StackId, MoveResult]:
        results: dict[StackId, MoveResult] = {}
        with listening(self._inbox.put):
            for job in jobs:
                self._start(job)
            while len(results) < len(jobs):
                message = self._inbox.get()
                if isinstance(message, int):
                    self._stop(message)
                else:
                    results[message.id] = _result(message)
                    self._ended(results[message.id])
        return results

    def _start(self, job: MoveJob) -> None:
        future = self._tools.call(self._move, job)
        future.add_done_callback(lambda done: self._inbox.put(_Ended(job.id, done)))

    def _stop(self, count: int) -> None:
        self.interrupted = True
        if count == 1:
            self._tools.runner.interrupt()
        else:
            self._tools.runner.kill()


def _result(ended: _Ended) -> MoveResult:
    try:
        return ended.future.result()
    except (CancelledError, KeyboardInterrupt):
        return MoveResult(ended.id, Outcome.CANCELLED)
    except Exception as error:  # noqa: BLE001  (whatever the pool raises for a process that is gone)
        died = WorkerDied(
            f"the process that moved {ended.id} ended without an answer",
            why=str(error),
            not_run="what it had not done yet; nothing is lost",
            hint=again(ended.id),
        )
        return MoveResult(ended.id, Outcome.FAILED, error=error_info(died))


_NOTHING = HeldStack(("", ""), None)


def _locked(stack: StackId, place: Place, locks: Sequence[StackLock]) -> StackLocked:
    first = locks[0]
    return StackLocked(
        f"{stack} is locked in {place.name.words}",
        subject=place.address(first.key),
        why=f"by {first.user}@{first.host}, process {first.pid}, since {first.since}",
        not_run="the stack was not moved",
        hint=f"wait, then {again(stack)}; if that run is gone: {place.remove(first.key)}",
    )
