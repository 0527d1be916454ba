"""Forgets a stack, or one resource of a stack, or notes where one was moved; touches nothing of AWS.

For workers: imports Pulumi.

    export ──▶ kept file (secrets stay encrypted) ──▶ the whole stack: `stack rm --force`
                                                 └──▶ one resource: import of the same state without it, or with
                                                      the account in the unit that it was moved to

Cut short anywhere, the same call goes on: what is not there any more counts as forgotten. A state with operations
under way is refused, as what they make would be lost. Used by `release`, `remove`, and by whoever else takes accounts
out of states; both functions are importable by name and never raise.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation.errors import StackNotFoundError

from orchestrator.accounts.errors import NotReleasable
from orchestrator.accounts.forget_job import ForgetJob, ForgetResult, Forgotten
from orchestrator.files.private_files import write_private
from orchestrator.files.project_files import write_work_project
from orchestrator.running.job import StackJob, ignore_event
from orchestrator.state.state_files import is_made
from orchestrator.state.verify import pending_named
from orchestrator.workers.stack_events import EventCollector
from orchestrator.workers.worker import MakeCommand, explained

Entry = Mapping[str, Any]
"""A resource as a deployment has it. Source: Pulumi `sdk/go/common/apitype/core.go`, ResourceV3."""


def forget_in_own_process(make_command: MakeCommand, job: ForgetJob) -> ForgetResult:
    """Forget in a process that is there for nothing else; its environment becomes the caller's."""
    os.environ.clear()
    os.environ.update(job.stack.env)
    return forget(make_command, job)


def forget(make_command: MakeCommand, job: ForgetJob) -> ForgetResult:
    """Return what became of it; whatever goes wrong is in the result."""
    try:
        stack = _Stack(make_command(job.stack), job.stack)
        if job.only is None:
            return _forget_whole(stack, job)
        return _note_one(stack, job, job.only) if job.parent else _forget_one(stack, job, job.only)
    except Exception as error:  # noqa: BLE001  (a worker answers whatever happens)
        info = explained(job.stack, EventCollector(job.id, ignore_event), error)
        return ForgetResult(job.id, Forgotten.FAILED, error=info)


def without_resource(deployment: Mapping[str, Any], kind: str, resource_id: str) -> tuple[dict[str, Any], int]:
    """Return a deployment without a resource and what lies below it, and how many entries were taken out.

    The others no longer depend on it; what was made for it, such as the attachment of a policy, stays in the state and
    goes or stays by what the program declares.
    """
    entries: Sequence[Entry] = deployment.get("resources") or ()
    gone = {str(each["urn"]) for each in entries if (each.get("type"), each.get("id")) == (kind, resource_id)}
    while below := {str(each["urn"]) for each in entries if each.get("parent") in gone} - gone:
        gone |= below
    kept = [_independent(each, gone) for each in entries if str(each["urn"]) not in gone]
    return {**deployment, "resources": kept}, len(entries) - len(kept)


def with_parent(deployment: Mapping[str, Any], kind: str, resource_id: str, parent: str) -> tuple[dict[str, Any], int]:
    """Return a deployment with another `parentId` of a resource, and in how many entries that is a change.

    As a refresh would note it: in the inputs and the outputs. What the entry depends on stays, until the next `up`.
    """
    entries: Sequence[Entry] = deployment.get("resources") or ()
    noted = [
        _with_parent(each, parent) if (each.get("type"), each.get("id")) == (kind, resource_id) else each
        for each in entries
    ]
    changed = sum(1 for before, after in zip(entries, noted, strict=True) if before != after)
    return {**deployment, "resources": noted}, changed


def _with_parent(entry: Entry, parent: str) -> Entry:
    sides = {side: entry.get(side) for side in ("inputs", "outputs")}
    noted = {side: {**values, "parentId": parent} for side, values in sides.items() if values and "parentId" in values}
    return {**entry, **noted}


def _independent(entry: Entry, gone: set[str]) -> Entry:
    """Return an entry that names none of those that are gone."""
    changed = dict(entry)
    if names := entry.get("dependencies"):
        changed["dependencies"] = [name for name in names if name not in gone]
    if of_keys := entry.get("propertyDependencies"):
        changed["propertyDependencies"] = {
            key: [name for name in names or () if name not in gone] for key, names in of_keys.items()
        }
    if entry.get("deletedWith") in gone:
        del changed["deletedWith"]
    return changed


def _forget_whole(stack: _Stack, job: ForgetJob) -> ForgetResult:
    exported = stack.export()
    if exported is None:
        return ForgetResult(job.id, Forgotten.ABSENT)
    _refuse_pending(job, exported)
    entries = (exported.get("deployment") or {}).get("resources") or ()
    made = sum(1 for entry in entries if is_made(entry))
    kept = _keep(job.keep_in, exported) if entries else None
    stack.run("stack", "rm", job.id.stack_name, "--yes", "--force", "--preserve-config")
    return ForgetResult(job.id, Forgotten.FORGOTTEN, made, kept)


def _forget_one(stack: _Stack, job: ForgetJob, resource: tuple[str, str]) -> ForgetResult:
    exported = stack.export()
    if exported is None:
        return ForgetResult(job.id, Forgotten.ABSENT)
    deployment, count = without_resource(exported.get("deployment") or {}, *resource)
    if not count:
        return ForgetResult(job.id, Forgotten.ABSENT)
    kept = _import(stack, job, exported, deployment)
    return ForgetResult(job.id, Forgotten.FORGOTTEN, count, kept)


def _note_one(stack: _Stack, job: ForgetJob, resource: tuple[str, str]) -> ForgetResult:
    exported = stack.export()
    if exported is None:
        return ForgetResult(job.id, Forgotten.ABSENT)
    deployment, count = with_parent(exported.get("deployment") or {}, *resource, job.parent)
    if not count:
        return ForgetResult(job.id, Forgotten.ABSENT)
    kept = _import(stack, job, exported, deployment)
    return ForgetResult(job.id, Forgotten.NOTED, count, kept)


def _import(stack: _Stack, job: ForgetJob, exported: Mapping[str, Any], deployment: Mapping[str, Any]) -> Path:
    """Put another deployment in the place of the exported one, and return the file in which that is kept."""
    _refuse_pending(job, exported)
    kept = _keep(job.keep_in, exported)
    file = job.stack.work_dir / "forgetting.json"
    try:
        write_private(file, {**exported, "deployment": deployment})
        stack.run("stack", "import", "--file", str(file), "--stack", job.id.stack_name)
    finally:
        file.unlink(missing_ok=True)
    return kept


class _Stack:
    """Runs Pulumi's commands on one stack, in a work directory of its own."""

    def __init__(self, command: automation.PulumiCommand, job: StackJob) -> None:
        self._command = command
        self._job = job
        job.work_dir.mkdir(parents=True, exist_ok=True)
        write_work_project(job.project_file, job.work_dir, job.settings_dir)

    def export(self) -> Mapping[str, Any] | None:
        """Return the stack's deployment with secrets encrypted, None if there is no such stack."""
        try:
            exported = json.loads(self.run("stack", "export", "--stack", self._job.id.stack_name))
        except StackNotFoundError:
            return None
        assert isinstance(exported, Mapping)  # noqa: S101  (for the type checker)
        return exported

    def run(self, *arguments: str) -> str:
        """Run one command and return what it printed; raises CommandError."""
        return str(self._command.run(list(arguments), str(self._job.work_dir), dict(self._job.env)).stdout)


def _refuse_pending(job: ForgetJob, exported: Mapping[str, Any]) -> None:
    pending = (exported.get("deployment") or {}).get("pending_operations") or ()
    if pending:
        raise NotReleasable(
            f"operations on {job.id} are pending",
            why=pending_named(pending),
            not_run="nothing was forgotten of it",
            hint="look whether AWS made what was being created, then: "
            f"fleetyard refresh --clear-pending-creates --stack {job.id}",
        )


def _keep(file: Path, exported: Mapping[str, Any]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_private(file, exported)
    return file
