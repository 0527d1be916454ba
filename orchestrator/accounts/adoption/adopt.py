"""Adopts accounts: previews, writes manifest and lock, imports into the state, and previews again.

    plan ─▶ draft of the manifest ─▶ preview with imports ─▶ manifest ─▶ up with imports ─▶ lock ─▶ preview without

Only the state and your files are written. A preview that shows anything but imports ends it before either is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landing_zone.errors import ManifestInvalid
from landing_zone.fleet import Manifest
from landing_zone.lock import Lock, load_lock
from landing_zone.manifest.load import load_edited
from landing_zone.stack_config.adoption import OrganizationImports
from orchestrator.accounts.adoption.adoption import AdoptionPlan
from orchestrator.accounts.adoption.errors import AdoptionNotClean, AdoptionStopped, AdoptionWouldChange
from orchestrator.accounts.adoption.first_manifest import (
    FirstWords,
    first_manifest,
    nested_units,
    refuse_unwritable,
    unit_lines,
)
from orchestrator.accounts.adoption.found import FoundOrganization
from orchestrator.accounts.editing.manifest_edits import Load, ManifestEditor
from orchestrator.accounts.editing.yaml_words import Entry, make_entry
from orchestrator.accounts.lost_accounts import ACCOUNT_TYPE
from orchestrator.driver import Driver
from orchestrator.files.project_files import write_if_changed
from orchestrator.files.settings_files import write_settings
from orchestrator.files.workspace import Workspace
from orchestrator.planning.plan import ORGANIZATION, StackKind, make_plan
from orchestrator.planning.selection import Selection
from orchestrator.running.job import Operation, ResourceChange, StackResult, StackStatus
from orchestrator.running.jobs import JobWriter
from orchestrator.running.observers import RunObserver
from orchestrator.state.backends import Backends
from orchestrator.tools import Tools

IMPORT = "import"
_OURS = ("fleetyard:", "pulumi:")
"""Types of what is in the state alone: components, providers, the stack itself."""

_STACKS = Selection(stacks=(f"{ORGANIZATION}/*",))
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Draft:
    """The manifest as it is going to be; `write` writes it and returns the files, `words` show it to people."""

    manifest: Manifest
    imports: OrganizationImports
    words: str
    write: Callable[[], Sequence[Path]]


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was done: how many resources were taken in, and the files that were written."""

    imported: int = 0
    files: tuple[Path, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to do."""
        return not self.imported and not self.files


def draft_edit(path: Path, plan: AdoptionPlan, load: Load = load_edited) -> Draft:
    """Return what a plan makes of a manifest that is there; raises what a ManifestEditor raises."""
    editor = ManifestEditor(path, load)
    if plan.top:
        editor.put((), plan.top)
    for above, entries in _new_units(plan).items():
        editor.put_units(above, entries)
    editor.set_keys(plan.changed)
    editor.add_all({unit: accounts for unit, accounts in plan.accounts.items() if unit not in plan.units})
    edit = editor.finish()
    return Draft(edit.manifest, plan.imports, edit.diff, edit.write)


def _new_units(plan: AdoptionPlan) -> dict[str, list[tuple[str, object, Entry]]]:
    """Return the new units, each whole with what is below it, by the path of the unit above.

    An edit reads the whole file, so many units at once are one.
    """
    nested = nested_units(plan)
    found: dict[str, list[tuple[str, object, Entry]]] = {}
    for path in plan.units:
        above, _, name = path.rpartition("/")
        if above in plan.units:
            continue
        block: Any = {"units": nested}
        for part in path.split("/"):
            block = block["units"][part]
        entry = Entry(make_entry(name, block).flow, tuple(unit_lines({name: block}, 0)))
        found.setdefault(above, []).append((name, block, entry))
    return found


def draft_first(
    path: Path, words: FirstWords, found: FoundOrganization, plan: AdoptionPlan, load: Load = load_edited
) -> Draft:
    """Return the first manifest of an organisation.

    Raises: NotAdoptable or FirstManifestIncomplete for what no manifest may say.
    """
    text = first_manifest(words, found, plan)
    try:
        manifest, _ = load(path, {path.resolve(): text})
    except ManifestInvalid as error:
        refuse_unwritable(error, text, found, plan)

    def write() -> Sequence[Path]:
        write_if_changed(path, text)
        return (path,)

    return Draft(manifest, plan.imports, text, write)


class Adopter:
    """Carries out one adoption in a workspace; made for it and not used again.

    `by_email` has the ids of accounts of the manifest that AWS has and nobody has adopted, by name.
    """

    def __init__(
        self,
        draft: Draft,
        workspace: Workspace,
        tools: Tools,
        observers: Callable[[], Sequence[RunObserver]],
        by_email: Mapping[str, str] | None = None,
    ) -> None:
        self._by_email = by_email or {}
        self._draft = draft
        self._workspace = workspace
        self._tools = tools
        self._observers = observers

    def preview(self) -> int:
        """Return how many resources would be taken in; raises AdoptionWouldChange naming all else that would happen."""
        result = self._run(Operation.PREVIEW, self._draft.imports)
        changes = unwanted(result.changes)
        if changes:
            raise AdoptionWouldChange(
                f"adopting would change {_counted(changes)}",
                subject=str(result.id),
                why=named(changes),
                not_run="nothing was written, in AWS or here",
                hint=mending(changes, self._by_email),
            )
        return sum(change.op == IMPORT for change in result.changes)

    def carry_out(self) -> Adopted:
        """Write the manifest, take everything in, and look whether it is clean afterwards.

        Raises: AdoptionStopped, AdoptionNotClean.
        """
        files = tuple(self._draft.write())
        try:
            done = self._run(Operation.UP, self._draft.imports)
        finally:
            self._write_settings()
        after = self._run(Operation.PREVIEW, None)
        changes = unwanted(after.changes, imports=False)
        if changes:
            raise AdoptionNotClean(
                f"a preview after adopting would change {_counted(changes)}",
                subject=str(after.id),
                why=named(changes),
                not_run="any change of AWS",
                hint=f"fleetyard preview --stack '{ORGANIZATION}/*'",
            )
        lock = self._workspace.lock_path
        return Adopted(sum(change.op == IMPORT for change in done.changes), (*files, lock))

    def _run(self, operation: Operation, imports: OrganizationImports | None) -> StackResult:
        driver = Driver(self._draft.manifest, self._workspace, self._tools, self._observers(), imports)
        report = driver.run_operation(operation, _STACKS)
        if report.interrupted:
            raise KeyboardInterrupt
        (result,) = report.results
        if result.status is not StackStatus.SUCCEEDED:
            error = result.error
            raise AdoptionStopped(
                error.summary if error else f"{result.id} ended as {result.status}",
                subject=str(result.id),
                why=error.why if error else str(result.reason or ""),
                not_run="the rest of the adoption" if operation is Operation.UP else "anything",
                hint="mend it and repeat the command",
            )
        return result

    def _write_settings(self) -> None:
        """Take the imports out of the stack's settings: they were for this run alone."""
        backends = Backends(self._draft.manifest, self._workspace, self._tools.bucket_options)
        writer = JobWriter(self._draft.manifest, self._workspace, self._tools.engine, self._tools.env, backends)
        stacks = [each for each in make_plan(self._draft.manifest).stacks if each.kind is StackKind.ORGANIZATION]
        write_settings(writer, stacks, load_lock(self._workspace.lock_path))


def nothing_left(draft: Draft, count: int, lock: Lock) -> bool:
    """Return whether manifest, state and lock have all of it already; `count` resources are not in the state yet."""
    known = lock.accounts.items() >= draft.imports.accounts.items()
    return not draft.words and not count and known and lock.organization_id == draft.imports.organization


def mending(changes: Sequence[ResourceChange], by_email: Mapping[str, str]) -> str:
    """Return the next step where adopting would change something.

    An account that AWS has and that would be made is adopted first: an up would ask AWS for another one with its email.
    Several can only be adopted together, as each would be made while another one is adopted.
    """
    made = [by_email[each.name] for each in changes if each.type == ACCOUNT_TYPE and each.name in by_email]
    if made:
        return f"fleetyard accounts adopt {made[0] if len(by_email) == 1 else '--all'}, as AWS has what would be made"
    return (
        "write into the manifest what AWS has, or deploy what is pending: fleetyard up --stack "
        f"'{ORGANIZATION}/*'; fleetyard accounts discover shows both"
    )


def unwanted(changes: Sequence[ResourceChange], *, imports: bool = True) -> list[ResourceChange]:
    """Return the changes that AWS would see; imports are none of them, unless there should be none."""
    seen = [change for change in changes if not change.type.startswith(_OURS)]
    return [change for change in seen if not (imports and change.op == IMPORT and not change.diffs)]


def named(changes: Sequence[ResourceChange]) -> str:
    """Return the first changes in words: what would be done to which resource, and which properties differ."""
    words = []
    for change in changes[:_SHOWN]:
        kind = change.type.rpartition(":")[2]
        words.append(f"{change.op} {kind} {change.name}" + (f" ({', '.join(change.diffs)})" if change.diffs else ""))
    more = len(changes) - _SHOWN
    return "; ".join(words) + (f"; and {more} more" if more > 0 else "")


def _counted(changes: Sequence[ResourceChange]) -> str:
    return "1 resource" if len(changes) == 1 else f"{len(changes)} resources"
