"""Turns one job into one result through Pulumi's Automation API, and never raises.

Runs in a process of its own (`pool`), on one stack at a time: Pulumi's SDK keeps settings process-wide.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from pulumi import automation
from pulumi.automation.errors import CommandError, StackNotFoundError

from landing_zone.naming import CONFIG_NAMESPACE
from orchestrator.accounts.readiness import AskAws, AwsQuestions, Watch, told_if_closed, wait_until_usable
from orchestrator.errors import InternalError, RoleRefused, StackFailed
from orchestrator.files.config_digest import changed_by_hand
from orchestrator.files.project_files import copy_settings, give_salt, read_config, stack_file_name, write_work_project
from orchestrator.planning.access_first import losing_access
from orchestrator.running.job import (
    QUIET_OPS,
    EngineKind,
    OnEvent,
    Operation,
    Reason,
    StackErrorInfo,
    StackJob,
    StackResult,
    StackStatus,
)
from orchestrator.workers.stack_events import EventCollector
from orchestrator.workers.stack_failures import Failure, explain_failure

_LABELLED = re.compile(r"\n code: -?\d+\n stdout: (?P<out>.*)\n stderr: (?P<err>.*)", re.DOTALL)
"""How the SDK writes down a failed command. Source: `pulumi/automation/_cmd.py`, CommandResult."""

MakeCommand = Callable[[StackJob], automation.PulumiCommand]
"""Gives the Pulumi that executes a job."""


def run_in_own_process(make_command: MakeCommand, job: StackJob, emit: OnEvent) -> StackResult:
    """Run a job in a process that is there for nothing else: its environment becomes the job's, and only that."""
    os.environ.clear()
    os.environ.update(job.env)
    return run_stack_job(make_command, job, emit)


def run_stack_job(
    make_command: MakeCommand, job: StackJob, emit: OnEvent, ask: AskAws = AwsQuestions, watch: Watch | None = None
) -> StackResult:
    """Return what became of the job; whatever goes wrong is in the result."""
    started = time.monotonic()
    events = EventCollector(job.id, emit)
    interrupts = _Interrupts(passed_on=job.engine.kind is EngineKind.PULUMI)
    result = StackResult(job.id, job.account_id, StackStatus.SUCCEEDED)
    try:
        # Nothing has begun yet: an interrupt ends the wait at once, whichever engine would follow.
        wait_until_usable(job, emit, ask, watch)
        with interrupts:
            result = replace(result, outputs=_carry_out(make_command(job), job, events))
    except KeyboardInterrupt:
        result = replace(result, status=StackStatus.CANCELLED, reason=Reason.INTERRUPTED)
    except Exception as error:  # noqa: BLE001  (a worker answers whatever happens)
        if interrupts.seen:
            result = replace(result, status=StackStatus.CANCELLED, reason=Reason.INTERRUPTED)
        else:
            info = explained(job, events, error)
            info = told_if_closed(job, info, ask) if info.code == RoleRefused.code else info
            result = replace(result, status=StackStatus.FAILED, reason=Reason.FAILED, error=info)
    return replace(
        result,
        resource_changes=dict(events.counts),
        changes=events.changes,
        warnings=tuple(dict.fromkeys(events.warnings)),
        seconds=time.monotonic() - started,
        peak_memory=_peak_memory(),
    )


def _carry_out(command: automation.PulumiCommand, job: StackJob, events: EventCollector) -> Mapping[str, object]:
    """Do the operation and return the stack's outputs that are no secrets."""
    settings_file = _prepare_files(job)
    workspace = automation.LocalWorkspace(
        work_dir=str(job.work_dir),
        pulumi_command=command,
        env_vars=dict(job.env),
        secrets_provider=job.secrets_provider,
    )
    with _opened(workspace, job, settings_file) as stack:
        taken: Mapping[str, int] = {}
        if job.operation is Operation.UP:
            taken = _take_access(stack, job, settings_file, events)
        if job.operation in {Operation.UP, Operation.PREVIEW}:
            events.warnings += _set_config(stack, job, settings_file)
        outputs = _operate(stack, job, events)
        events.counts = {**events.counts, **{op: count + events.counts.get(op, 0) for op, count in taken.items()}}
        return outputs


def _prepare_files(job: StackJob) -> Path:
    """Make the work directory ready and return the settings file in use: a copy of it for a dry operation."""
    settings_dir = job.settings_dir
    name = stack_file_name(job.id.stack_name)
    if job.operation.dry:
        settings_dir = job.work_dir / "settings"
        settings_dir.mkdir(parents=True, exist_ok=True)
        copy_settings(job.settings_dir / name, settings_dir / name, with_encryption=True)
    else:
        settings_dir.mkdir(parents=True, exist_ok=True)
    write_work_project(job.project_file, job.work_dir, settings_dir)
    return settings_dir / name


@contextmanager
def _opened(workspace: automation.LocalWorkspace, job: StackJob, settings_file: Path) -> Iterator[automation.Stack]:
    """Select the stack, or make it for an operation that may; a preview takes back what it made."""
    name = job.id.stack_name
    made = False
    try:
        stack = automation.Stack.select(name, workspace)
    except StackNotFoundError:
        if job.operation not in {Operation.UP, Operation.PREVIEW}:
            raise
        if job.keys:
            give_salt(settings_file, job.keys.salt)
        stack = automation.Stack.create(name, workspace)
        made = True
    try:
        yield stack
    finally:
        if made and job.operation.dry:
            workspace.remove_stack(name)


def _take_access(
    stack: automation.Stack, job: StackJob, settings_file: Path, events: EventCollector
) -> Mapping[str, int]:
    """Let people who leave lose their access before anything else happens, and return what that changed.

    The stack's config is then as it was: whatever the next step meets, it starts from there.
    """
    written = {key: str(value) for key, value in read_config(settings_file).items()}
    first = losing_access(written, job.config)
    if not first or not stack.history(page_size=1):
        return {}
    stack.set_all_config({key: automation.ConfigValue(value) for key, value in first.items()})
    try:
        stack.up(parallel=job.parallel, color="never", on_event=events, show_secrets=False)
    finally:
        stack.set_all_config({key: automation.ConfigValue(written[key]) for key in first})
    return {op: count for op, count in events.counts.items() if op not in QUIET_OPS}


def _set_config(stack: automation.Stack, job: StackJob, settings_file: Path) -> list[str]:
    """Make the stack's config of ours exactly the job's, and return what is to be said about that.

    Keys of other namespaces are the user's and stay.
    """
    written = read_config(settings_file)
    by_hand = changed_by_hand(written, job.config)
    stale = [key for key in written if key.startswith(f"{CONFIG_NAMESPACE}:") and key not in job.config]
    if stale:
        stack.remove_all_config(stale)
    if any(written.get(key) != value for key, value in job.config.items()):
        stack.set_all_config({key: automation.ConfigValue(value) for key, value in job.config.items()})
    back = "up would put back" if job.operation.dry else "put back"
    return [f"config changed by hand: {', '.join(by_hand)}; {back} what the manifest says"] if by_hand else []


def _operate(stack: automation.Stack, job: StackJob, events: EventCollector) -> Mapping[str, object]:
    match job.operation:
        case Operation.PREVIEW:
            stack.preview(parallel=job.parallel, color="never", on_event=events)
        case Operation.UP:
            done = stack.up(parallel=job.parallel, color="never", on_event=events, show_secrets=False)
            return {name: output.value for name, output in done.outputs.items() if not output.secret}
        case Operation.REFRESH:
            stack.refresh(
                parallel=job.parallel,
                color="never",
                on_event=events,
                show_secrets=False,
                clear_pending_creates=job.clear_pending_creates,
            )
        case Operation.PREVIEW_REFRESH:
            stack.preview_refresh(parallel=job.parallel, color="never", on_event=events)
        case Operation.DESTROY:
            stack.destroy(parallel=job.parallel, color="never", on_event=events, show_secrets=False)
        case Operation.PREVIEW_DESTROY:
            stack.preview_destroy(parallel=job.parallel, color="never", on_event=events)
    return {}


class _Interrupts:
    """Counts interrupts while the operation runs.

    The embedded engine runs in this very thread and is told by KeyboardInterrupt: the first asks it to finish the steps
    in hand, the second to leave them. The real CLI is a process of the same group and has had the signal itself; here
    it must not break off the wait for the CLI to end in good order.
    """

    def __init__(self, *, passed_on: bool) -> None:
        self.seen = 0
        self._raises = 0 if passed_on else 2
        self._before: signal._HANDLER = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)

    def __exit__(self, *_details: object) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, _ignore if self.seen else self._before)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.seen += 1
        if self.seen <= self._raises:
            raise KeyboardInterrupt


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Take no notice: what is left to do is to answer."""


def explained(job: StackJob, events: EventCollector, error: Exception) -> StackErrorInfo:
    """Return an error as data, in our words; a bug of ours leaves its traceback in the job's work directory."""
    if isinstance(error, CommandError):
        return explain_failure(job, Failure(events.errors, events.failed, _printed(error)))
    if isinstance(code := getattr(error, "code", None), str) and hasattr(error, "summary"):
        # One of ours, or of the rehearsal's, which have the same shape.
        return StackErrorInfo(
            code,
            str(error.summary),
            str(getattr(error, "why", "")),
            str(getattr(error, "hint", "")),
            int(getattr(error, "exit_code", 1)),
        )
    if isinstance(error, OSError):
        return StackErrorInfo(
            StackFailed.code, f"files of {job.id} cannot be used", str(error), exit_code=StackFailed.exit_code
        )
    note = _write_traceback(job)
    return StackErrorInfo(
        InternalError.code,
        f"a bug in Fleetyard while working on {job.id}",
        f"{type(error).__name__}: {error}",
        f"please report it with {note}",
        InternalError.exit_code,
    )


def _printed(error: CommandError) -> str:
    """Return what the command had printed, standard output first; the SDK keeps it as labelled text only."""
    parts = _LABELLED.fullmatch(str(error))
    return f"{parts['out']}\n{parts['err']}" if parts else str(error)


def _write_traceback(job: StackJob) -> Path:
    path = job.work_dir / "traceback.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(traceback.format_exc(), encoding="utf-8")
    return path


def _peak_memory() -> int:
    """Return this process's largest resident set in bytes. Source: getrusage(2); macOS gives bytes, Linux KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
