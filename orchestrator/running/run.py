"""One operation under way: jobs are written as stacks become ready, results are taken in, the lock is kept current."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NoReturn

from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, role_arn
from landing_zone.lock import Lock, StateHome, resolve_lock, write_lock
from landing_zone.state_buckets import DEFAULT_BUCKET
from orchestrator.accounts.lost_accounts import warnings_of, with_held
from orchestrator.errors import OutputsIncomplete, StateHomeReplaced
from orchestrator.planning.gates import Request, blocked
from orchestrator.planning.plan import PlannedStack, StackKind
from orchestrator.running.config_places import ConfigPlaces
from orchestrator.running.job import AwaitedRole, Operation, Reason, StackJob, StackResult, StackStatus
from orchestrator.running.jobs import JobWriter
from orchestrator.running.observers import RunObserver
from orchestrator.running.queue import Entry, RunQueue
from orchestrator.running.scheduler import Blocked, Hooks, Scheduler, error_info
from orchestrator.stack_id import StackId
from orchestrator.tools import Tools


class Run:
    """Carries out one request; made for it and not used again."""

    def __init__(self, request: Request, writer: JobWriter, tools: Tools, observer: RunObserver, lock: Lock) -> None:
        self._request = request
        self._writer = writer
        self._tools = tools
        self._observer = observer
        self._lock = lock
        self._blocked = blocked(request)
        self._warnings: dict[StackId, tuple[str, ...]] = {}
        self._places = ConfigPlaces(writer.manifest.path)
        self.interrupted = False
        """Whether the run was asked to stop."""

    def carry_out(self) -> dict[StackId, StackResult]:
        """Run the request's stacks to their ends and return all their results."""
        operation, plan = self._request.operation, self._request.plan
        selected = {planned.id for planned in self._request.selected}
        order = [planned.id for planned in plan.order(operation) if planned.id in selected]
        queue = RunQueue(order, plan.dependencies(operation), gated=operation.gated, on_transition=self._observer.moved)
        hooks = Hooks(
            self._build,
            self._accept,
            self._observer.stepped,
            self._observer.ended,
            self._observer.interrupted,
            self._account_id,
        )
        scheduler = Scheduler(queue, self._tools.runner, hooks, self._tools.concurrency)
        results = scheduler.run()
        self.interrupted = scheduler.interrupted
        never_started = {stack: queue.entry(stack) for stack in order if stack not in results}
        return results | self.decide(never_started)

    def decide(self, entries: Mapping[StackId, Entry]) -> dict[StackId, StackResult]:
        """Return the results of stacks for which no worker was needed."""
        results = {
            stack: StackResult(stack, self._account_id(stack), entry.status, entry.reason, entry.cause)
            for stack, entry in entries.items()
        }
        for result in results.values():
            self._observer.ended(result)
        return results

    def _build(self, stack: StackId) -> StackJob:
        if stack in self._blocked:
            entry = self._blocked[stack]
            raise Blocked(entry.reason or Reason.DEPENDENCY_MISSING, entry.cause)
        planned = self._request.plan.stack(stack)
        job = self._writer.write(self._request.operation, planned, self._lock)
        if self._request.operation in {Operation.UP, Operation.PREVIEW}:
            self._warnings[stack] = warnings_of(self._writer.lost(planned, self._lock))
        return replace(
            job, clear_pending_creates=self._request.clear_pending_creates, awaited=self._awaited(planned, job)
        )

    def _awaited(self, planned: PlannedStack, job: StackJob) -> AwaitedRole | None:
        """Return what to wait for before an account's first stack: AWS makes its role some time after the account."""
        from_outside = job.caller.expected_account != job.account_id
        if self._request.operation is not Operation.UP or planned.kind is not StackKind.SUBACCOUNT or not from_outside:
            return None
        if self._request.is_deployed(planned.id):
            return None
        return AwaitedRole(role_arn(job.account_id, ACCOUNT_ACCESS_ROLE), self._request.account_wait)

    def _accept(self, result: StackResult) -> StackResult:
        """Take in a result; what organisation and bootstrap export goes to the lock file, which later stacks read."""
        result = self._places.placed(result)
        result = replace(result, warnings=(*self._warnings.get(result.id, ()), *result.warnings))
        if self._request.operation is Operation.DESTROY and result.status is StackStatus.SUCCEEDED:
            self._forget_state_home(result.id)
        planned = self._request.plan.stack(result.id)
        take_in = _LOCKED.get(planned.kind)
        if self._request.operation is not Operation.UP or not take_in:
            return result
        if result.status is not StackStatus.SUCCEEDED:
            if planned.kind is StackKind.ORGANIZATION:
                self._keep_what_was_made(planned)
            return result
        try:
            made = take_in(self._lock, result.outputs)
        except (OutputsIncomplete, StateHomeReplaced) as error:
            return replace(result, status=StackStatus.FAILED, reason=Reason.FAILED, error=error_info(error))
        write_lock(self._writer.workspace.lock_path, made)
        self._lock = resolve_lock(self._writer.manifest, made)
        return result

    def _keep_what_was_made(self, organization: PlannedStack) -> None:
        """Take accounts that AWS made before a run failed into the lock file: such a run has no outputs."""
        writer = self._writer
        made = with_held(writer.manifest, self._lock, writer.workspace, organization)
        if made != self._lock:
            write_lock(writer.workspace.lock_path, made)
            self._lock = resolve_lock(writer.manifest, made)

    def _forget_state_home(self, stack: StackId) -> None:
        """Take buckets and keys out of the lock file once the bootstrap that made them is destroyed."""
        if self._request.plan.stack(stack).kind is StackKind.BOOTSTRAP and self._lock.homes:
            self._lock = replace(self._lock, state=None, state_buckets={})
            write_lock(self._writer.workspace.lock_path, self._lock)

    def _account_id(self, stack: StackId) -> str:
        return self._writer.account_id(self._request.plan.stack(stack), self._lock)


def with_organization(lock: Lock, outputs: Mapping[str, object]) -> Lock:
    """Return the lock with what the organisation's outputs tell; raises OutputsIncomplete naming what is not there."""
    accounts = outputs.get("accounts")
    texts, missing = _texts(outputs, "organization_id", "root_id")
    if not isinstance(accounts, Mapping) or not accounts:
        missing.append("accounts")
    if missing or not isinstance(accounts, Mapping):
        _refuse("the organisation", missing, "every stack that needs an account id", "organization")
    return replace(
        lock,
        organization_id=texts["organization_id"],
        root_id=texts["root_id"],
        accounts={str(name): str(account_id) for name, account_id in accounts.items()},
    )


def with_state_home(lock: Lock, outputs: Mapping[str, object]) -> Lock:
    """Return the lock with what the bootstrap's outputs tell; raises OutputsIncomplete naming what is not there."""
    texts, missing = _texts(outputs, "state_bucket", "state_key_arn")
    if missing:
        _refuse("the management account's bootstrap", missing, "workloads whose state is in the bucket", "bootstrap")
    made = {DEFAULT_BUCKET: StateHome(bucket=texts["state_bucket"], key_arn=texts["state_key_arn"]), **_others(outputs)}
    for name, home in made.items():
        _refuse_replaced(lock.home(name), home)
    default = made.pop(DEFAULT_BUCKET)
    return replace(lock, state=default, state_buckets=made)


def _others(outputs: Mapping[str, object]) -> dict[str, StateHome]:
    """Return the buckets beside the default one; raises OutputsIncomplete."""
    found = outputs.get("state_buckets", {})
    homes: dict[str, StateHome] = {}
    for name, home in found.items() if isinstance(found, Mapping) else ():
        texts, missing = _texts(home if isinstance(home, Mapping) else {}, "bucket", "key_arn")
        if missing:
            parts = [f"state_buckets.{name}.{part}" for part in missing]
            _refuse("the management account's bootstrap", parts, "workloads whose state is in the bucket", "bootstrap")
        homes[str(name)] = StateHome(texts["bucket"], texts["key_arn"])
    return homes


def _refuse_replaced(known: StateHome | None, home: StateHome) -> None:
    if known and known != home:
        raise StateHomeReplaced(
            "bootstrap has made another state bucket or key than the one the state of workloads is under",
            subject=known.key_arn,
            why=f"it exports {home.bucket} and {home.key_arn}; fleet.lock.yaml keeps what it had",
            not_run="every workload",
            hint=f"aws kms cancel-key-deletion --key-id {known.key_arn}; aws kms enable-key --key-id "
            f"{known.key_arn}; then see docs/state.md, Another bucket or key",
        )


_LOCKED: Mapping[StackKind, Callable[[Lock, Mapping[str, object]], Lock]] = {
    StackKind.ORGANIZATION: with_organization,
    StackKind.BOOTSTRAP: with_state_home,
}
"""Whose outputs the lock file is written from."""


def _texts(outputs: Mapping[str, object], *names: str) -> tuple[dict[str, str], list[str]]:
    """Return the named outputs, and the names of those that are no text or empty."""
    found = {name: str(outputs.get(name) or "") for name in names}
    return found, [name for name in names if not found[name] or not isinstance(outputs.get(name), str)]


def _refuse(what: str, missing: list[str], not_run: str, folder: str) -> NoReturn:
    raise OutputsIncomplete(
        f"{what} does not export {', '.join(missing)}",
        why="fleet.lock.yaml is written from its outputs",
        not_run=not_run,
        hint=f"see {folder}/__main__.py",
    )
