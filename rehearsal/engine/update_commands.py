"""`pulumi preview|up|refresh|destroy`: everything around a deployment, in this order.

    guard -> stack file, passphrase, config -> lock -> state -> deployment -> last state -> history, backup -> unlock

Nothing is changed before the passphrase and the configuration have proved right. A first Ctrl-C lets steps in hand
finish and be recorded; a second one does not wait for them. Either way the lock is given back.
Source: Pulumi `pkg/cmd/pulumi/operations/{up,preview,refresh,destroy,io}.go`, `pkg/backend/diy/backend.go` (apply).
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass

from pulumi.automation import CommandResult
from pulumi.automation.errors import CommandError, create_command_error, inline_source_error_text

from rehearsal.engine.arguments import is_true, whole_number
from rehearsal.engine.checkpoint import CheckpointWriter, read_snapshot
from rehearsal.engine.config import check_config, config_values, with_project_values
from rehearsal.engine.config_tree import ConfigData
from rehearsal.engine.display import Display, output_lines, summary_lines
from rehearsal.engine.errors import (
    EngineError,
    InvocationRefusedError,
    UnexpectedChangesError,
    UpdateCancelledError,
    UpdateFailedError,
)
from rehearsal.engine.event_log import EventStream, open_transport
from rehearsal.engine.history import Entry, add_entry, environment_of
from rehearsal.engine.interrupted import without_creates
from rehearsal.engine.journal import StateJournal
from rehearsal.engine.outputs import OtherStacks
from rehearsal.engine.references import StackReference
from rehearsal.engine.rescue import refuse_unwritten, unwritten_kept, warn_of_unwritten
from rehearsal.engine.resource_json import ResourceReader, ResourceWriter, SealBook
from rehearsal.engine.secret_managers import SecretsManager
from rehearsal.engine.session import Session
from rehearsal.engine.state import Snapshot
from rehearsal.engine.update import (
    Collaborators,
    ConfigValue,
    NearHost,
    ProgramHost,
    Project,
    ProviderFactory,
    StepOp,
    UpdateKind,
    UpdateOptions,
    UpdateOutcome,
    UpdateRequest,
    UpdateResult,
)

RunUpdate = Callable[[UpdateRequest, Collaborators], UpdateOutcome]

_TITLES = {
    (UpdateKind.UPDATE, False): "Updating",
    (UpdateKind.UPDATE, True): "Previewing update",
    (UpdateKind.REFRESH, False): "Refreshing",
    (UpdateKind.REFRESH, True): "Previewing refresh",
    (UpdateKind.DESTROY, False): "Destroying",
    (UpdateKind.DESTROY, True): "Previewing destroy",
}
_SIGNAL_SECONDS = 0.5
_NO_CHANGE = {StepOp.SAME, StepOp.READ, StepOp.READ_REPLACEMENT, StepOp.DISCARD, StepOp.DISCARD_REPLACED}


@dataclass(frozen=True, slots=True)
class Engine:
    """What carries a deployment out, and what it acts through."""

    run_update: RunUpdate
    providers: Mapping[str, ProviderFactory]
    program_host: ProgramHost | NearHost
    guard: Callable[[Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is known of a stack before its state is touched."""

    reference: StackReference
    project: Project
    manager: SecretsManager
    config: ConfigData
    values: Mapping[str, ConfigValue]


def preview(session: Session, engine: Engine) -> None:
    """Show what an update would change."""
    _Operation(session, engine, UpdateKind.UPDATE).run(plan=True, act=False)


def up(session: Session, engine: Engine) -> None:
    """Make the stack's resources what the program declares."""
    _confirmed(session)
    _Operation(session, engine, UpdateKind.UPDATE).run(plan=not session.invocation.flag("skip-preview"), act=True)


def refresh(session: Session, engine: Engine) -> None:
    """Correct the state by what the providers report."""
    if session.invocation.flag("clear-pending-creates") and session.invocation.flag("skip-pending-creates"):
        raise InvocationRefusedError("cannot set both --skip-pending-creates and --clear-pending-creates")
    _planned_or_confirmed(session, engine, UpdateKind.REFRESH)


def destroy(session: Session, engine: Engine) -> None:
    """Delete every resource of the stack."""
    _planned_or_confirmed(session, engine, UpdateKind.DESTROY)


def _planned_or_confirmed(session: Session, engine: Engine, kind: UpdateKind) -> None:
    only = session.invocation.flag("preview-only")
    for other in ("skip-preview", "yes"):
        if only and session.invocation.flag(other):
            raise InvocationRefusedError(f"--{other} and --preview-only cannot be used together", subject=str(kind))
    if not only:
        _confirmed(session)
    _Operation(session, engine, kind).run(plan=only or not session.invocation.flag("skip-preview"), act=not only)


def _confirmed(session: Session) -> None:
    if not session.invocation.flag("yes") and not session.invocation.flag("skip-preview"):
        command = " ".join(session.invocation.command)
        raise InvocationRefusedError(
            "--yes or --skip-preview or --preview-only must be passed in to proceed",
            why="the embedded engine does not ask",
            hint=f"see what would change with --preview-only or `pulumi preview`, then: pulumi {command} --yes",
        )


class _Operation:
    """One preview, update, refresh or destroy of one stack."""

    def __init__(self, session: Session, engine: Engine, kind: UpdateKind) -> None:
        self._session = session
        self._engine = engine
        self._kind = kind
        self._name = " ".join(session.invocation.command)

    def run(self, *, plan: bool, act: bool) -> None:
        """Do a dry run, the real thing, or the one and then the other; raises what went wrong."""
        self._engine.guard(self._session.env)
        prepared = self._prepare()
        self._look_for_unwritten(prepared.reference, act=act)
        lock = self._session.backend.lock(prepared.reference, self._session.lines.warn) if act else nullcontext()
        with lock:
            if act:
                self._session.document(prepared.reference, fresh=True)
                # Once more: whoever held the lock until now may have kept a state.
                self._look_for_unwritten(prepared.reference, act=True)
            if plan:
                self._carry_out(prepared, dry_run=True)
            if act:
                self._carry_out(prepared, dry_run=False)

    def _look_for_unwritten(self, reference: StackReference, *, act: bool) -> None:
        """Refuse to act on a state that does not know what was done last; where nothing is changed, warn."""
        look = refuse_unwritten if act else warn_of_unwritten
        look(self._session, reference, self._session.document(reference))

    def _prepare(self) -> _Prepared:
        session = self._session
        reference = session.existing()
        if reference.project != session.project.name:
            raise InvocationRefusedError(
                f"provided project name {reference.project!r} doesn't match Pulumi.yaml",
                subject=str(session.project.path),
            )
        project = session.project.project()
        file = session.stack_file(reference)
        manager, salted = session.file_manager(file, session.document(reference))
        manager.verify()
        config = with_project_values(file.config, session.project)
        values = config_values(config, manager)
        if self._validates():
            check_config(reference.name, config, values, session.project)
        session.save(file, salted)
        return _Prepared(reference, project, manager, config, values)

    def _validates(self) -> bool:
        """Tell whether configuration is checked: where a program runs, unless told otherwise."""
        runs = self._kind is UpdateKind.UPDATE or self._switch("run-program", "PULUMI_RUN_PROGRAM")
        return runs and not self._session.invocation.flag("skip-config-validation")

    def _carry_out(self, prepared: _Prepared, *, dry_run: bool) -> None:
        session, reference = self._session, prepared.reference
        session.lines.say(f"{_TITLES[self._kind, dry_run]} ({reference.shown(session.project_name)}):")
        document = session.document(reference)
        book = SealBook()
        stored = document.secrets_provider
        same = stored == prepared.manager.provider
        reader = ResourceReader(prepared.manager if same else session.state_manager(document), book if same else None)
        snapshot = self._settled(read_snapshot(document, reader))
        writer = CheckpointWriter(
            reference.qualified, ResourceWriter(prepared.manager, book), prepared.manager.provider
        )
        journal = StateJournal(session.backend, reference, writer)
        started = time.time()
        with unwritten_kept(session, journal):
            try:
                outcome = self._deploy(self._request(prepared, snapshot, dry_run=dry_run), journal)
            except BaseException:
                journal.settle()
                if not dry_run:
                    self._add_failure(prepared, {}, started)
                raise
            if not dry_run:
                self._record(prepared, outcome, journal, started)
        self._tell(outcome, time.time() - started, dry_run=dry_run)

    def _settled(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot without the creates that a killed run left open, if they are to be forgotten."""
        if not self._session.invocation.flag("clear-pending-creates"):
            return snapshot
        return dataclasses.replace(snapshot, pending_operations=without_creates(snapshot.pending_operations))

    def _request(self, prepared: _Prepared, snapshot: Snapshot, *, dry_run: bool) -> UpdateRequest:
        session = self._session
        return UpdateRequest(
            kind=self._kind,
            dry_run=dry_run,
            project=prepared.project,
            stack=prepared.reference.name,
            snapshot=snapshot,
            config=prepared.values,
            options=self._options(),
            client=session.invocation.value("client") or None,
            env=session.env,
        )

    def _options(self) -> UpdateOptions:
        invocation = self._session.invocation
        again = invocation.value("refresh")
        parallel = self._session.env.get("PULUMI_PARALLEL", "")
        default = int(parallel) if parallel.isdigit() else UpdateOptions().parallel
        return UpdateOptions(
            parallel=max(1, whole_number(invocation, "parallel", default)),
            refresh=is_true(again, "refresh") if again else self._session.project.refresh_always,
            run_program=self._switch("run-program", "PULUMI_RUN_PROGRAM"),
            continue_on_error=self._switch("continue-on-error", "PULUMI_CONTINUE_ON_ERROR"),
            debug=invocation.flag("debug"),
        )

    def _switch(self, option: str, variable: str) -> bool:
        invocation = self._session.invocation
        if invocation.values(option):
            return invocation.flag(option)
        return self._session.env.get(variable, "").lower() in {"1", "true"}

    def _deploy(self, request: UpdateRequest, journal: StateJournal) -> UpdateOutcome:
        """Run the deployment with its events on the way out; whatever happens, the event stream is ended."""
        session = self._session
        display = Display(session.lines.say, request.dry_run, request.options.debug, session.lines.wording.told)
        events = EventStream(open_transport(session.invocation.value("event-log")), display, self._session.lines.warn)
        collaborators = Collaborators(
            providers=self._engine.providers,
            journal=journal,
            events=events,
            stack_outputs=OtherStacks(session.backend, session.project.name, session.manager_of),
            program_host=self._engine.program_host,
        )
        try:
            return _Attempt(self._engine.run_update, request, collaborators).wait(self._session.lines.warn)
        finally:
            events.finish()

    def _record(self, prepared: _Prepared, outcome: UpdateOutcome, journal: StateJournal, started: float) -> None:
        """Write the last state, the history entry and the backup."""
        succeeded = outcome.result is UpdateResult.SUCCEEDED
        try:
            journal.finish(outcome.snapshot)
        except EngineError:
            self._add_failure(prepared, outcome.changes, started)
            raise
        self._add_history(prepared, outcome.changes, started, succeeded=succeeded, backup=True)

    def _add_failure(self, prepared: _Prepared, changes: Mapping[StepOp, int], started: float) -> None:
        """Write the history entry of what went wrong; where that cannot be written either, what went wrong counts."""
        with suppress(EngineError):
            self._add_history(prepared, changes, started, succeeded=False)

    def _add_history(
        self,
        prepared: _Prepared,
        changes: Mapping[StepOp, int],
        started: float,
        *,
        succeeded: bool,
        backup: bool = False,
    ) -> None:
        session = self._session
        entry = Entry(
            kind=str(self._kind),
            started=int(started),
            ended=int(time.time()),
            result="succeeded" if succeeded else "failed",
            message=session.invocation.value("message"),
            environment=environment_of(session.invocation, session.env),
            config=prepared.config,
            changes={str(op): count for op, count in changes.items()},
        )
        add_entry(session.backend, prepared.reference, entry, backup=backup)

    def _tell(self, outcome: UpdateOutcome, seconds: float, *, dry_run: bool) -> None:
        """Print outputs and counts, and raise if the operation did not do what was asked."""
        session = self._session
        if self._kind is UpdateKind.UPDATE and not session.invocation.flag("suppress-outputs"):
            for line in output_lines(outcome.outputs, show_secrets=session.invocation.flag("show-secrets")):
                session.lines.say(line)
        changes = {str(op): count for op, count in outcome.changes.items()}
        session.lines.say()
        for line in summary_lines(changes, seconds, dry_run=dry_run):
            session.lines.say(line)
        if outcome.result is UpdateResult.CANCELLED:
            raise UpdateCancelledError(
                f"{self._name} cancelled", not_run="what had not begun", hint=f"pulumi {self._name}"
            )
        if outcome.result is not UpdateResult.SUCCEEDED:
            raise self._failure(outcome)
        expected = session.invocation.flag("expect-no-changes")
        if expected and any(count for op, count in outcome.changes.items() if op not in _NO_CHANGE):
            raise UnexpectedChangesError(f"no changes were expected for {self._name} but changes were proposed")

    def _failure(self, outcome: UpdateOutcome) -> EngineError:
        """Return the error of a failed operation, worded for how the SDK sorts failures.

        A program's own error is told by a marker on standard output. A provider's words that happen to be those by
        which the SDK knows a missing or locked stack go to standard output as well.
        """
        lines = self._session.lines
        if (
            outcome.program_error
            and self._session.invocation.value("client")
            and inline_source_error_text not in lines.stdout
        ):
            lines.say(f"error: {inline_source_error_text}: {outcome.error}")
        reason = _without_traceback((outcome.error or "it did not succeed").strip())
        if type(create_command_error(CommandResult("", reason, 1))) is not CommandError:
            lines.say(f"error: {reason}")
            reason = "see the output above"
        return UpdateFailedError(f"{self._name} failed: {reason}")


class _Attempt:
    """A deployment in a thread of its own, so that Ctrl-C reaches the waiting one and not the deployment."""

    def __init__(self, run_update: RunUpdate, request: UpdateRequest, collaborators: Collaborators) -> None:
        self._run_update = run_update
        self._request = request
        self._collaborators = collaborators
        self._outcome: UpdateOutcome | None = None
        self._error: BaseException | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deployment", daemon=True)

    def wait(self, warn: Callable[[str], None]) -> UpdateOutcome:
        """Run to the end; after one Ctrl-C to the end of steps in hand, after two no longer."""
        try:
            self._thread.start()
            self._until_done()
        except KeyboardInterrupt:
            self._cancel(warn)
        if self._error is not None:
            raise self._error
        if self._outcome is None:
            raise UpdateFailedError("the deployment ended without a result")
        return self._outcome

    def _cancel(self, warn: Callable[[str], None]) -> None:
        try:
            warn("cancelling: steps in hand are being finished; press Ctrl-C again to leave them")
            self._request.cancelled.set()
            self._until_done()
        except KeyboardInterrupt:
            raise UpdateCancelledError(
                "cancelled with steps in hand",
                not_run="what had not begun; what was under way is marked as pending in the state",
                hint="pulumi refresh: it settles what is pending, all but creates (--clear-pending-creates)",
            ) from None

    def _until_done(self) -> None:
        # With a limit, as a signal that comes just before an unlimited wait is seen only after it.
        while not self._done.wait(_SIGNAL_SECONDS):
            continue

    def _run(self) -> None:
        try:
            self._outcome = self._run_update(self._request, self._collaborators)
        except BaseException as error:  # noqa: BLE001 (carried to the thread that waits, and raised there)
            self._error = error
        finally:
            self._done.set()


def _without_traceback(error: str) -> str:
    """Return an error with the exception in place of its traceback, which is on standard output."""
    before, found, traceback = error.partition("Traceback (most recent call last):")
    return (
        f"{before.strip()} {traceback.strip().splitlines()[-1].strip()}".strip()
        if found and traceback.strip()
        else error
    )
