"""Moves the state of one stack to another backend, step by step, so that a move cut short anywhere is finished later.

    source ──export──▶ import ──▶ target ──change secrets provider──▶ compare with source ──▶ settings ──▶ history
                                                                                       ──▶ remove source

There is no journal: what is found in both backends says where a move has got to. The settings file is encrypted anew
in a copy and put in place in one step, after the target has proved equal, so that it always opens with what it says.
Nothing leaves the source before that, and Pulumi keeps its last state there as `.bak`. Secrets travel as ciphertext;
both states are opened in memory only, to be compared.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation.errors import CommandError, StackNotFoundError

from orchestrator.errors import StackLocked
from orchestrator.files.private_files import write_private
from orchestrator.files.project_files import copy_settings, stack_file_name, write_if_changed, write_work_project
from orchestrator.running.job import StackErrorInfo, StackJob, ignore_event
from orchestrator.state.backends import PASSPHRASE
from orchestrator.state.encryption import (
    Encryption,
    encryption_of_settings,
    encryption_of_state,
    holds_secrets,
    write_encryption,
)
from orchestrator.state.errors import BackendUnreadable, MoveUnproven, OperationsPending, SettingsChanged, StatesDiffer
from orchestrator.state.move_job import MoveJob, MoveResult, Outcome, Step, again
from orchestrator.state.objects import copy_history, open_objects
from orchestrator.state.verify import Export, counted, differing, named, pending_named
from orchestrator.workers.stack_events import EventCollector
from orchestrator.workers.worker import MakeCommand, explained

Reached = Callable[[Step], None]
"""Hears of each step; what it raises ends the move there."""


def ignore_step(_step: Step) -> None:
    """Hear of a step and do nothing."""


def move_in_own_process(make_command: MakeCommand, job: MoveJob) -> MoveResult:
    """Move a stack in a process that is there for nothing else; its environment becomes the caller's.

    An interrupt is for the driver, which begins no further stack: a move takes seconds, and is better ended.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(job.target.env)
    return move_stack(make_command, job)


def move_stack(make_command: MakeCommand, job: MoveJob, reached: Reached = ignore_step) -> MoveResult:
    """Return what became of the move; whatever goes wrong is in the result."""
    started = time.monotonic()
    try:
        result = _Move(make_command(job.target), job, reached).carry_out()
    except Exception as error:  # noqa: BLE001  (a worker answers whatever happens)
        result = MoveResult(job.id, Outcome.FAILED, error=_told(job, error))
    return replace(result, seconds=time.monotonic() - started)


def _told(job: MoveJob, error: Exception) -> StackErrorInfo:
    """Return an error as data, in the words of a move."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (the driver itself needs none of it)

    if isinstance(error, ClientError | BotoCoreError):
        kind = BackendUnreadable
        return StackErrorInfo(kind.code, f"the history of {job.id} cannot be copied", str(error), again(job.id), 3)
    info = explained(job.target, EventCollector(job.id, ignore_event), error)
    summary = info.summary.replace("the update of", "the move of")
    hint = info.hint.replace(f"fleetyard {job.target.operation.value} --stack {job.id}", again(job.id))
    if info.code == StackLocked.code:
        hint = f"wait, then {again(job.id)}; if that run is gone: fleetyard state doctor --stack {job.id}"
    return replace(info, summary=summary, hint=hint)


class _Move:
    """One move; made for it and not used again."""

    def __init__(self, command: automation.PulumiCommand, job: MoveJob, reached: Reached) -> None:
        self._command = command
        self._job = job
        self._reached = reached
        name = stack_file_name(job.id.stack_name)
        self._settings = job.target.settings_dir / name
        self._copy = job.target.work_dir / "settings" / name

    def carry_out(self) -> MoveResult:
        job = self._job
        self._prepare()
        source, target = self._export(job.source), self._export(job.target)
        self._refuse_pending(source, target)
        if source is not None:
            there = self._fill(source, target)
            self._encrypt(source, there)
            history = self._let_go(source)
            outcome = Outcome.FINISHED if target is not None else Outcome.MOVED
            return MoveResult(job.id, outcome, resources=source.resources, history=history)
        if target is not None:
            outcome = Outcome.SETTLED if self._encrypt(None, target) else Outcome.THERE
            return MoveResult(job.id, outcome, resources=target.resources)
        return MoveResult(job.id, Outcome.ABSENT)

    def _prepare(self) -> None:
        job = self._job.target
        self._copy.parent.mkdir(parents=True, exist_ok=True)
        write_work_project(job.project_file, job.work_dir, self._copy.parent)
        copy_settings(self._settings, self._copy, with_encryption=True)

    def _fill(self, source: Export, target: Export | None) -> Export:
        """Bring the source's state into the target unless it is there; raises StatesDiffer for another one."""
        if target is not None and not target.empty:
            if differing(source, target):
                raise self._two_states(source, target)
            return target
        if target is None:
            # What a new stack's settings file would say is of no use: the imported state says who encrypts.
            self._copy.unlink(missing_ok=True)
            provider = f"--secrets-provider={self._job.target.secrets_provider}"
            self._run(self._job.target, "stack", "init", self._job.id.stack_name, provider, "--no-select")
            self._reached(Step.INITIALISED)
        if not source.empty:
            self._import(source)
            self._reached(Step.IMPORTED)
        return self._export(self._job.target) or _NOTHING

    def _import(self, source: Export) -> None:
        file = self._job.target.work_dir / "moving.json"
        try:
            write_private(file, source.sealed)
            self._run(self._job.target, "stack", "import", "--file", str(file), *self._stack)
        finally:
            file.unlink(missing_ok=True)

    def _encrypt(self, source: Export | None, target: Export) -> bool:
        """Let target and settings file be encrypted by what belongs there; tells whether anything had to be done.

        The settings file is put in place once the target has proved equal to the source, or to what it was itself.
        """
        said, stored = encryption_of_settings(self._settings), encryption_of_state(target.deployment)
        fits = stored.by(self._job.target.secrets_provider)
        before = self._settings.read_bytes() if self._settings.exists() else b""
        changed = False
        if fits and said != stored and not holds_secrets(self._settings):
            self._renew_copy(stored)
            changed = True
        elif not fits or said != stored:
            changed = self._change_provider(said, encryption_of_state((source or target).deployment))
        if changed:
            self._reached(Step.ENCRYPTED)
            self._prove(source or target, self._export(self._job.target))
            self._put_settings(before)
        elif source is not None:
            self._prove(source, target)
        return changed

    def _change_provider(self, said: Encryption, stored: Encryption) -> bool:
        """Encrypt state and settings anew; opened by what the file says, else by what the state says.

        The file may have been left half changed by somebody's own `change-secrets-provider`. To a passphrase Pulumi
        changes only what a key encrypts: where none is named it would ask for another passphrase instead.
        """
        wanted = self._job.target.secrets_provider
        ways = list(dict.fromkeys(way for way in (said, stored) if way))
        ways = [way for way in ways if way.url] if wanted == PASSPHRASE else ways or [stored]
        failed: CommandError | None = None
        for way in ways:
            self._renew_copy(way)
            try:
                self._run(self._job.target, "stack", "change-secrets-provider", wanted, *self._stack)
            except CommandError as error:
                failed = failed or error
            else:
                return True
        if failed is not None:
            raise failed
        return False

    def _renew_copy(self, encryption: Encryption) -> None:
        copy_settings(self._settings, self._copy, with_encryption=True)
        write_encryption(self._copy, encryption)

    def _put_settings(self, before: bytes) -> None:
        now = self._settings.read_bytes() if self._settings.exists() else b""
        if now != before:
            raise SettingsChanged(
                f"the settings of {self._job.id} were changed while they were encrypted anew",
                subject=str(self._settings),
                not_run="the state was left in both backends",
                hint=again(self._job.id),
            )
        write_if_changed(self._settings, self._copy.read_text(encoding="utf-8"))
        self._reached(Step.SETTINGS_WRITTEN)

    def _let_go(self, source: Export) -> int:
        """Remove the source if it is still what was moved; returns how many objects of its history were copied."""
        job = self._job
        copied = copy_history(
            open_objects(job.source.backend_url),
            open_objects(job.target.backend_url),
            job.target.project,
            job.id.stack_name,
        )
        self._reached(Step.HISTORY_COPIED)
        if self._json(job.source, "stack", "export", *self._stack) != source.sealed:
            raise MoveUnproven(
                f"the state of {job.id} was changed in the source while it was moved",
                not_run="the source was kept as it is",
                hint=again(job.id),
            )
        self._run(job.source, "stack", "rm", job.id.stack_name, "--yes", "--force", "--preserve-config")
        self._reached(Step.REMOVED)
        return copied

    def _prove(self, source: Export, target: Export | None) -> None:
        urns = differing(source, target) if target is not None else ("the whole stack",)
        if urns:
            raise MoveUnproven(
                f"what arrived of {self._job.id} is not what was sent",
                subject=named(urns),
                not_run="the source was kept as it is",
                hint=again(self._job.id),
            )
        self._reached(Step.VERIFIED)

    def _refuse_pending(self, *exports: Export | None) -> None:
        pending = [operation for export in exports if export for operation in export.pending]
        if pending:
            raise OperationsPending(
                f"operations on {self._job.id} are pending",
                why=pending_named(pending),
                not_run="the stack was not moved",
                hint="put workload_state or state_buckets back, look whether AWS made what was being created, then: "
                f"fleetyard refresh --clear-pending-creates --stack {self._job.id}",
            )

    def _two_states(self, source: Export, target: Export) -> StatesDiffer:
        job = self._job
        tell = [
            f"{side.backend_url.partition('?')[0]}: {counted(export.resources, 'resource')}, "
            f"written {export.written or 'never'}"
            for side, export in ((job.source, source), (job.target, target))
        ]
        return StatesDiffer(
            f"both backends hold a state of {job.id}, and they differ",
            subject=named(differing(source, target)),
            why="; ".join(tell),
            not_run="neither was changed",
            hint=f"look at both: {job.look[0]}; {job.look[1]}; put the wrong one aside: {job.aside[0]}, "
            f"or: {job.aside[1]}; then {again(job.id)}",
        )

    def _export(self, side: StackJob) -> Export | None:
        """Return a stack's deployment, None if there is no such stack in this backend."""
        try:
            sealed = self._json(side, "stack", "export", *self._stack)
        except StackNotFoundError:
            return None
        return Export(sealed, self._json(side, "stack", "export", "--show-secrets", *self._stack))

    def _json(self, side: StackJob, *arguments: str) -> Any:
        return json.loads(self._run(side, *arguments))

    def _run(self, side: StackJob, *arguments: str) -> str:
        """Run one Pulumi command on one of the two backends and return what it printed; raises CommandError."""
        return str(self._command.run(list(arguments), str(self._work_dir), dict(side.env)).stdout)

    @property
    def _work_dir(self) -> Path:
        return self._job.target.work_dir

    @property
    def _stack(self) -> tuple[str, str]:
        return ("--stack", self._job.id.stack_name)


_NOTHING = Export({}, {})
