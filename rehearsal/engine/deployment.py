"""One deployment: from a request to what became of it. Touches no file.

    program -> monitor -> registrar (what to do) -> stepper (does it) -> ledger -> journal
                                                        └-> events

Destroy is a deployment whose program declares nothing; refresh reads instead of comparing.
Source of the terms: Pulumi `docs/architecture/deployment-execution/`.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import grpc

from rehearsal.engine import events, interrupted
from rehearsal.engine.deletion import Deletion
from rehearsal.engine.direct_services import DirectStub
from rehearsal.engine.ledger import Ledger
from rehearsal.engine.monitor import EngineLog, Monitor, serve
from rehearsal.engine.program_hosts import InlineHost
from rehearsal.engine.providers import Providers, denied_packages
from rehearsal.engine.refreshing import Refresh, RefreshIncomplete
from rehearsal.engine.registration import Registrar
from rehearsal.engine.state import Snapshot
from rehearsal.engine.stepper import StepFailed, Stepper
from rehearsal.engine.update import (
    Collaborators,
    NearHost,
    ProgramResult,
    UpdateKind,
    UpdateOutcome,
    UpdateRequest,
    UpdateResult,
)
from rehearsal.engine.urn import STACK_TYPE
from rehearsal.engine.values import Properties
from rehearsal.errors import RehearsalError

if TYPE_CHECKING:
    from rehearsal.engine.state import PendingOperation, ResourceState

RUN_PROGRAM = (
    "{kind} with --run-program is not supported by the embedded engine: it works from the state alone; "
    "leave the option out, or run with the real CLI: --engine pulumi"
)


def run_update(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
    """Carry out one update and say how it ended; what the user did wrong is in the outcome, not raised."""
    return _Deployment(request, collaborators).run()


class _Deployment:
    def __init__(self, request: UpdateRequest, collaborators: Collaborators) -> None:
        self._request = request
        self._with = collaborators
        self._program = ProgramResult()
        self._log = EngineLog(collaborators.events, request.options.debug)
        self._providers = Providers(collaborators.providers, request.env)
        self._misconfigured = ""
        try:
            self._denied = denied_packages(request.config)
        except (TypeError, ValueError) as error:
            self._denied = frozenset("*")
            self._misconfigured = f"pulumi:disable-default-providers is no JSON list of package names: {error}"
        self._begin(request.snapshot)

    def _begin(self, base: Snapshot) -> None:
        """Start from a snapshot: an update with --refresh starts a second time, from what it found."""
        request = self._request
        self._base = base
        self._ledger = Ledger(base, None if request.dry_run else self._with.journal)
        self._stepper = Stepper(self._ledger, self._with.events, request.dry_run, request.options.parallel)
        self._registrar = Registrar(request, self._stepper, self._providers, self._denied)

    def run(self) -> UpdateOutcome:
        started = time.monotonic()
        shown = {key: "[secret]" if value.secret else value.plaintext for key, value in self._request.config.items()}
        self._with.events.emit(events.prelude(shown))
        try:
            self._carry_out()
        except StepFailed:
            pass
        finally:
            self._providers.cancel()
        self._registrar.finish_stack(failed=bool(self._error()))
        return self._outcome(time.monotonic() - started)

    def _carry_out(self) -> None:
        if self._misconfigured:
            raise self._stepper.refuse("", self._misconfigured)
        if self._request.options.run_program and self._request.kind is not UpdateKind.UPDATE:
            words = RUN_PROGRAM.format(kind=self._request.kind)
            raise self._stepper.refuse("", words)
        if self._request.kind is UpdateKind.REFRESH:
            self._refresh(alone=True)
            return
        if self._request.options.refresh:
            self._refresh(alone=False)
        elif self._request.snapshot.pending_operations and not self._request.dry_run:
            self._tell_interrupted(self._request.snapshot.pending_operations)
        if self._request.kind is UpdateKind.UPDATE:
            self._run_program()
        if not self._must_not_delete():
            self._delete()

    def _tell_interrupted(self, operations: Sequence[PendingOperation]) -> None:
        self._stepper.warn("", interrupted.warning(operations))
        if interrupted.kept(operations):
            self._with.events.emit(events.diagnostic("info", interrupted.CLEARING))

    # -- the program -----------------------------------------------------------------------------------------------

    def _run_program(self) -> None:
        request = self._request
        monitor = Monitor(request, self._registrar, self._with.stack_outputs)
        host = InlineHost(request.client) if request.client else self._with.program_host
        if isinstance(host, NearHost):
            self._program = host.run_near(request, DirectStub(monitor), DirectStub(self._log))
            return
        with serve(monitor, self._log, request.options.parallel) as address:
            try:
                self._program = host.run(request, address, address)
            except grpc.RpcError as error:
                # What an exception in an inline program's server amounts to.
                self._program = ProgramResult(error=_details(error))

    def _must_not_delete(self) -> bool:
        return bool(
            self._program.error or self._program.bail or self._registrar.must_stop or self._request.cancelled.is_set()
        )

    # -- deletes ---------------------------------------------------------------------------------------------------

    def _delete(self) -> None:
        condemned = [
            state for state in self._ledger.old_resources() if state.delete or not self._registrar.is_wanted(state.urn)
        ]
        going_on = self._request.options.continue_on_error
        Deletion(
            self._stepper, self._registrar.providers.of_old, self._request.cancelled.is_set, going_on,
            self._base.resources,
        ).delete(condemned)  # fmt: skip

    # -- refresh ---------------------------------------------------------------------------------------------------

    def _refresh(self, *, alone: bool) -> None:
        base = self._request.snapshot
        work = Refresh(
            self._stepper,
            self._registrar.providers.of_old,
            self._request.cancelled.is_set,
            self._with.stack_outputs,
            alone,
        )
        failure: StepFailed | None = None
        try:
            kept = work.refresh(base.resources)
        except RefreshIncomplete as error:
            kept, failure = error.kept, error
        before = self._stepper
        self._begin(dataclasses.replace(base, resources=kept))
        self._stepper.failures.extend(before.failures)
        self._stepper.refused, self._stepper.stopped = before.refused, before.stopped
        self._stepper.counts.update(before.counts)
        if not self._request.dry_run:
            self._record_all()
        if failure is not None:
            raise failure

    def _record_all(self) -> None:
        try:
            self._ledger.flush()
        except RehearsalError as error:
            raise self._stepper.refuse("", str(error)) from error

    # -- the end ---------------------------------------------------------------------------------------------------

    def _outcome(self, seconds: float) -> UpdateOutcome:
        request = self._request
        changes = dict(self._stepper.counts)
        if not request.dry_run:
            with suppress(StepFailed):
                self._record_all()
        error = self._error()
        cancelled = request.cancelled.is_set()
        result = UpdateResult.CANCELLED if cancelled else UpdateResult.FAILED if error else UpdateResult.SUCCEEDED
        snapshot = request.snapshot if request.dry_run else self._ledger.snapshot()
        self._with.events.emit(events.summary(changes, seconds, preview=request.dry_run, result=result))
        return UpdateOutcome(
            result=result,
            snapshot=snapshot,
            changes=changes,
            outputs=_outputs(self._ledger.snapshot().resources),
            error=error,
            program_error=bool(self._program.error) and not self._stepper.failures,
        )

    def _error(self) -> str:
        """Return the first cause; what the program said after its monitor had gone is an effect."""
        if self._stepper.failures:
            return "\n".join(self._stepper.failures)
        if self._program.error:
            return self._program.error
        if self._program.bail:
            return "\n".join(self._log.errors) or "the program failed"
        return "the update was cancelled" if self._request.cancelled.is_set() else ""


def _details(error: grpc.RpcError) -> str:
    details = getattr(error, "details", None)
    return f"an unhandled error occurred: {(details() if details else '') or error}"


def _outputs(resources: Sequence[ResourceState]) -> Properties:
    root = next((state for state in resources if state.type == STACK_TYPE and not state.delete), None)
    return dict(root.outputs) if root is not None else {}
