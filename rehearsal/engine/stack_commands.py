"""`pulumi stack ...`: making, choosing, listing, removing stacks; their outputs, history, tags; export and import.

Source for what is printed: Pulumi `pkg/cmd/pulumi/stack/stack_*.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rehearsal.engine import history
from rehearsal.engine.arguments import whole_number
from rehearsal.engine.checkpoint import CheckpointWriter, Document, parse_deployment, read_snapshot
from rehearsal.engine.errors import (
    EntryMissingError,
    ImportRefusedError,
    InvocationRefusedError,
    StackExistsError,
    StackMissingError,
    StackNotEmptyError,
    StateCorruptError,
)
from rehearsal.engine.go_json import compact, indented
from rehearsal.engine.kms_secrets import is_key_url
from rehearsal.engine.outputs import shown_outputs, stack_outputs
from rehearsal.engine.provider_commands import manager_of_new_stack
from rehearsal.engine.references import StackReference, parse_reference
from rehearsal.engine.rescue import forget_imported, refuse_unwritten
from rehearsal.engine.resource_json import ResourceReader, ResourceWriter, SealBook
from rehearsal.engine.session import Session
from rehearsal.engine.state import Snapshot
from rehearsal.engine.table import table_lines
from rehearsal.engine.times import milliseconds, seconds_of

_ROOT = "pulumi:pulumi:Stack"
_AS_IT_WAS = "the state was left as it is"
_FILE_TO_IMPORT = "name a file that was written by: pulumi stack export --file FILE"


def init(session: Session) -> None:
    """Make a stack; a salt that its stack file already has is taken over."""
    argument = next(iter(session.invocation.arguments), "")
    if not argument and not session.invocation.value("stack"):
        raise InvocationRefusedError("missing stack name", hint="pulumi stack init NAME")
    reference = session.reference(argument=argument)
    _make(session, reference)
    session.lines.complain(f"Created stack '{reference.shown(session.project_name)}'")
    if session.selection and not session.invocation.flag("no-select"):
        session.selection.select(reference.qualified)


def select(session: Session) -> None:
    """Choose the stack that later commands mean."""
    argument = next(iter(session.invocation.arguments), "")
    if not argument and not session.invocation.value("stack"):
        raise StackMissingError("no stack selected; specify a stack name with --stack")
    reference = session.reference(argument=argument)
    if not session.backend.exists(reference):
        if not session.invocation.flag("create"):
            raise session.missing(reference)
        _make(session, reference)
    if session.selection:
        session.selection.select(reference.qualified)


def ls(session: Session) -> None:
    """List the project's stacks, or all."""
    wanted = session.invocation.value("project")
    if not wanted and not session.invocation.flag("all"):
        wanted = session.project.name
    chosen = session.selection.stack() if session.selection else ""
    current = parse_reference(chosen, session.project_name) if chosen else None
    rows: list[dict[str, Any]] = []
    for reference in session.backend.references():
        if wanted in {"", reference.project}:
            document = session.document(reference)
            row: dict[str, Any] = {
                "name": reference.shown(session.project_name),
                "current": reference == current,
            }
            written = seconds_of(document.written)
            if document.deployment is not None and written is not None:
                row |= {"lastUpdate": milliseconds(written)}
            if document.deployment is not None:
                row |= {"resourceCount": len(document.resources)}
            rows.append(row)
    rows.sort(key=lambda row: str(row["name"]))
    if session.invocation.flag("json"):
        session.lines.say(indented(rows))
        return
    cells = [
        (
            row["name"] + ("*" if row["current"] else ""),
            row.get("lastUpdate", "n/a"),
            str(row.get("resourceCount", "n/a")),
        )
        for row in rows
    ]
    session.lines.say("\n".join(table_lines(("NAME", "LAST UPDATE", "RESOURCE COUNT"), cells)))


def rm(session: Session) -> None:
    """Remove a stack without resources, its history and its stack file."""
    reference = session.existing(argument=next(iter(session.invocation.arguments), ""))
    name = reference.shown(session.project_name)
    if not session.invocation.flag("yes"):
        raise InvocationRefusedError(
            "non-interactive mode requires --yes flag", subject="pulumi stack rm", hint=f"pulumi stack rm --yes {name}"
        )
    with session.backend.lock(reference, session.lines.warn):
        if not session.invocation.flag("force"):
            document = session.document(reference, fresh=True)
            refuse_unwritten(session, reference, document)
            resources = document.resources
            if [entry for entry in resources if entry.get("type") != _ROOT]:
                raise StackNotEmptyError(
                    f"'{name}' still has resources; removal rejected",
                    why=f"it holds {len(resources)} resources",
                    hint=f"pulumi destroy --yes --stack {name}, then this again; "
                    "or leave them where they are with --force",
                )
        session.backend.remove(reference, backups=session.invocation.flag("remove-backups"))
    if not session.invocation.flag("preserve-config") and session.project_name == reference.project:
        session.project.stack_file(reference.name).unlink(missing_ok=True)
    if session.selection and session.selection.stack() in {reference.qualified, reference.name}:
        session.selection.select("")
    session.lines.say(f"Stack '{name}' has been removed!")


def output(session: Session) -> None:
    """Print a stack's outputs, or one of them; secrets are masked unless they are to be shown."""
    reference = session.reference()
    shown = outputs_of(session, session.document(reference))
    as_json = session.invocation.flag("json")
    if session.invocation.arguments:
        name = session.invocation.arguments[0]
        if name not in shown:
            raise EntryMissingError(
                f"current stack does not have output property '{name}'", subject=reference.qualified
            )
        session.lines.say(indented(shown[name]) if as_json else _as_text(shown[name]))
    elif as_json:
        session.lines.say(indented(shown))
    else:
        output_table(session, shown)


def outputs_of(session: Session, document: Document) -> dict[str, Any]:
    """Return a stack's outputs as JSON data, in clear with `--show-secrets`."""
    clear = session.invocation.flag("show-secrets")
    outputs = stack_outputs(document, session.state_manager(document) if clear else None)
    return shown_outputs(outputs, show_secrets=clear)


def output_table(session: Session, shown: Mapping[str, Any]) -> None:
    """Print outputs as a table."""
    session.lines.say(f"Current stack outputs ({len(shown)}):")
    if not shown:
        session.lines.say("    No output values currently in this stack")
        return
    cells = [(name, _as_text(value)) for name, value in shown.items()]
    session.lines.say("\n".join(table_lines(("OUTPUT", "VALUE"), cells, indent="    ")))


def export(session: Session) -> None:
    """Print a stack's deployment, secrets as they stand in it or in clear."""
    reference = session.reference()
    document = session.document(reference)
    if session.invocation.flag("show-secrets") and document.deployment is not None:
        manager = session.state_manager(document)
        snapshot = read_snapshot(document, ResourceReader(manager))
        writer = ResourceWriter(manager, SealBook(), show_secrets=True)
        data = CheckpointWriter(reference.qualified, writer, document.secrets_provider).deployment(snapshot)
        data["deployment"]["manifest"] = document.deployment["manifest"]
    else:
        features = {"features": list(document.features)} if document.features else {}
        data = {"version": document.version, **features, "deployment": document.deployment}
    text = indented(data, 4)
    file = session.invocation.value("file")
    if file:
        (session.cwd / file).write_text(f"{text}\n", encoding="utf-8")
    else:
        session.lines.say(text)


def import_(session: Session) -> None:
    """Replace a stack's deployment by one that was exported."""
    reference = session.existing()
    file = session.invocation.value("file")
    if not file:
        raise InvocationRefusedError("pulumi stack import needs --file FILE")
    path = session.cwd / file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImportRefusedError(
            "the file to import cannot be read",
            subject=str(path),
            why=error.strerror or str(error),
            not_run=_AS_IT_WAS,
            hint=_FILE_TO_IMPORT,
        ) from error
    document = _exported(content, path)
    state_manager = session.state_manager(document)
    try:
        snapshot = read_snapshot(document, ResourceReader(state_manager))
    except StateCorruptError as error:
        raise ImportRefusedError(
            f"state file contains errors: {error.why or error.summary}",
            subject=str(path),
            not_run=_AS_IT_WAS,
            hint=_FILE_TO_IMPORT,
        ) from error
    _refuse_other_stacks(snapshot, reference, path)
    for pending in snapshot.pending_operations:
        session.lines.warn(f"removing pending operation '{pending.kind}' on '{pending.resource.urn}' from snapshot")
    snapshot = Snapshot(snapshot.resources, (), snapshot.secrets_provider, snapshot.metadata)
    manager = state_manager or session.file_manager(session.stack_file(reference), None)[0]
    writer = CheckpointWriter(reference.qualified, ResourceWriter(manager, SealBook()), manager.provider)
    with session.backend.lock(reference, session.lines.warn):
        content = writer.checkpoint(snapshot)
        session.backend.keep_previous(reference)
        session.backend.write(reference, content, durable=True)
        forget_imported(session, reference, path)
    session.lines.say("Import complete.")


def show_history(session: Session) -> None:
    """List what was done to a stack, the latest first."""
    reference = session.existing()
    size = whole_number(session.invocation, "page-size", 10)
    page = whole_number(session.invocation, "page", 1)
    found = history.entries(session.backend, reference, size, page)
    manager = None
    if session.invocation.flag("show-secrets"):
        manager, _ = session.file_manager(session.stack_file(reference), session.document(reference))
    shown = [history.shown(entry, manager) for entry in found]
    if session.invocation.flag("json"):
        session.lines.say(indented(shown))
        return
    if not shown:
        session.lines.say("Stack has never been updated" if page == 1 else f"No stack updates found on page '{page}'")
    for entry in shown:
        counts = " ".join(f"{op} {count}" for op, count in entry["resourceChanges"].items())
        session.lines.say(f"{entry['kind']} {entry['result']}: {entry['startTime']} to {entry['endTime']}")
        session.lines.say("\n".join(f"    {line}" for line in (entry["message"], counts) if line))


def tag_ls(session: Session) -> None:
    """List a stack's tags."""
    tags = session.backend.tags(session.existing())
    if session.invocation.flag("json"):
        session.lines.say(indented({name: tags[name] for name in sorted(tags)}))
    else:
        session.lines.say("\n".join(table_lines(("NAME", "VALUE"), sorted(tags.items()))))


def tag_get(session: Session) -> None:
    """Print one tag."""
    reference, name = session.existing(), session.invocation.arguments[0]
    tags = session.backend.tags(reference)
    if name not in tags:
        shown = reference.shown(session.project_name)
        raise EntryMissingError(f"stack tag '{name}' not found for stack '{shown}'", hint="pulumi stack tag ls")
    session.lines.say(tags[name])


def tag_set(session: Session) -> None:
    """Set one tag."""
    reference, (name, value) = session.existing(), session.invocation.arguments
    session.backend.save_tags(reference, {**session.backend.tags(reference), name: value})


def tag_rm(session: Session) -> None:
    """Remove one tag."""
    reference, name = session.existing(), session.invocation.arguments[0]
    tags = {key: value for key, value in session.backend.tags(reference).items() if key != name}
    session.backend.save_tags(reference, tags)


def cancel(session: Session) -> None:
    """Remove every lock of a stack."""
    reference = session.existing(argument=next(iter(session.invocation.arguments), ""))
    session.backend.cancel(reference)
    session.lines.say(f"The currently running update for '{reference.name}' has been canceled!")


def _make(session: Session, reference: StackReference) -> None:
    """Make a stack that is not there; the passphrase is tried before anything is written."""
    if session.project_name and session.project_name != reference.project:
        raise InvocationRefusedError(
            f"could not create stack: provided project name {reference.project!r} doesn't match Pulumi.yaml",
            subject=str(session.project.path),
        )
    wanted = session.invocation.value("secrets-provider")
    is_key_url(wanted)
    file = session.stack_file(reference)
    with session.backend.lock(reference, session.lines.warn):
        if session.backend.exists(reference):
            raise StackExistsError(
                f"stack '{reference.qualified}' already exists", hint=f"pulumi stack select {reference.name}"
            )
        manager, changed = manager_of_new_stack(session, file, wanted)
        manager.verify()
        session.save(file, changed)
        writer = CheckpointWriter(reference.qualified, ResourceWriter(manager, SealBook()), manager.provider)
        session.backend.create(reference, writer.checkpoint(Snapshot()))


def _refuse_other_stacks(snapshot: Snapshot, reference: StackReference, path: Path) -> None:
    for state in snapshot.resources:
        stack = state.urn.removeprefix("urn:pulumi:").partition("::")[0]
        if stack != reference.name:
            raise ImportRefusedError(
                f"resource '{state.urn}' is from a different stack ({stack} != {reference.name})",
                subject=str(path),
                not_run=_AS_IT_WAS,
            )


def _exported(content: bytes, path: Path) -> Document:
    """Return the deployment in a file; raises ImportRefusedError if it is none, StateUnsupportedError."""
    try:
        return parse_deployment(content, str(path))
    except StateCorruptError as error:
        raise ImportRefusedError(
            "the file is no deployment exported by `pulumi stack export`",
            subject=str(path),
            why=error.why or error.summary,
            not_run=_AS_IT_WAS,
            hint=_FILE_TO_IMPORT,
        ) from error


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else compact(value)
