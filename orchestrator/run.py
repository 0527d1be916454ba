"""One operation under way: jobs are written as stacks become ready, results are taken in, the lock is kept current."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from landing_zone.lock import Lock, resolve_lock, write_lock
from orchestrator.errors import OutputsIncomplete
from orchestrator.gates import Request, blocked
from orchestrator.job import Operation, Reason, StackJob, StackResult, StackStatus
from orchestrator.jobs import JobWriter
from orchestrator.observers import RunObserver
from orchestrator.plan import StackKind
from orchestrator.queue import Entry, RunQueue
from orchestrator.scheduler import Blocked, Hooks, Scheduler, error_info
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
        return self._writer.write(self._request.operation, self._request.plan.stack(stack), self._lock)

    def _accept(self, result: StackResult) -> StackResult:
        """Take in a worker's result; the organisation's outputs become the lock file that later stacks read."""
        planned = self._request.plan.stack(result.id)
        creates = self._request.operation is Operation.UP and planned.kind is StackKind.ORGANIZATION
        if not creates or result.status is not StackStatus.SUCCEEDED:
            return result
        try:
            made = lock_from_outputs(result.outputs)
        except OutputsIncomplete as error:
            return replace(result, status=StackStatus.FAILED, reason=Reason.FAILED, error=error_info(error))
        write_lock(self._writer.workspace.lock_path, made)
        self._lock = resolve_lock(self._writer.manifest, made)
        return result

    def _account_id(self, stack: StackId) -> str:
        return self._writer.account_id(self._request.plan.stack(stack), self._lock)


def lock_from_outputs(outputs: Mapping[str, object]) -> Lock:
    """Return the lock that the organisation's outputs tell; raises OutputsIncomplete naming what is not there."""
    accounts = outputs.get("accounts")
    texts = {name: outputs.get(name) for name in ("organization_id", "root_id")}
    missing = [name for name, value in texts.items() if not isinstance(value, str) or not value]
    if not isinstance(accounts, Mapping) or not accounts:
        missing.append("accounts")
    if missing or not isinstance(accounts, Mapping):
        raise OutputsIncomplete(
            f"the organisation does not export {', '.join(missing)}",
            why="fleet.lock.yaml is written from its outputs",
            not_run="every stack that needs an account id",
            hint="see organization/__main__.py",
        )
    return Lock(
        organization_id=str(texts["organization_id"]),
        root_id=str(texts["root_id"]),
        accounts={str(name): str(account_id) for name, account_id in accounts.items()},
    )
