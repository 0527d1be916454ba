"""Options and steps that the commands for accounts share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import Format
from orchestrator.errors import BadOption, ConfirmationNeeded, ConfirmationWrong, FleetNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.accounts.editing.manifest_edits import ManifestEdit, ManifestEditor
    from orchestrator.cli.fleet_files import Fleet
    from orchestrator.cli.world import World


def complete_account_name(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the accounts of the manifest; nothing where it can't be read."""
    from landing_zone.errors import FleetyardError
    from landing_zone.manifest import load_manifest
    from orchestrator.files.workspace import find_fleet

    world: World | None = ctx.obj
    env, folder = (world.env, world.folder) if world else ({}, Path.cwd())
    given = ctx.params.get("fleet")
    try:
        manifest = load_manifest(find_fleet(given if isinstance(given, Path) else None, env, folder))
    except (FleetyardError, OSError):
        return []
    return [account.name for account in manifest.accounts if account.name.startswith(incomplete)]


AccountArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The account's name.", autocompletion=complete_account_name)
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show the change as a diff, and write nothing.")]


def editor_of(opened: Fleet) -> ManifestEditor:
    """Return what edits the fleet's manifest; it writes none that the next command would refuse."""
    from orchestrator.accounts.editing.manifest_edits import ManifestEditor
    from orchestrator.validation.fleet_rules import load_edited_checked

    return ManifestEditor(opened.manifest.path, load_edited_checked)


def suspending(opened: Fleet, name: str, *, suspended: bool = True) -> ManifestEdit:
    """Return the edit after which runs leave an account alone, or work on it again; raises as a ManifestEditor."""
    editor = editor_of(opened)
    editor.set_key(name, "suspended", True if suspended else None)
    return editor.finish()


def open_account_fleet(world: World, given: Path | None, *, files_only: bool = False) -> Fleet:
    """Open the fleet as `open_fleet` or `read_fleet` do; without one, the next step is the command that writes one."""
    from orchestrator.cli.fleet_files import open_fleet, read_fleet

    try:
        return read_fleet(world, given) if files_only else open_fleet(world, given)
    except FleetNotFound as error:
        raise FleetNotFound(
            error.summary,
            subject=error.subject,
            why=error.why,
            not_run="anything",
            hint="--fleet FILE; or write a first one from what AWS has: fleetyard accounts adopt --all "
            "--organization NAME --region REGION --administrator PROFILE --management PROFILE --dry-run",
        ) from error


def finish_edit(
    world: World, edit: ManifestEdit, told: Sequence[str], steps: Sequence[str], output: Format, *, dry: bool
) -> None:
    """Write an edit of the manifest, unless it is dry, and give what was done, or would be, with what to type next."""
    from landing_zone.manifest.imports import shown

    if not dry:
        edit.write()
    files = [shown(change.path) for change in edit.changes]
    if output is Format.JSON:
        fields = {"written": not dry, "files": files, "diff": edit.diff, "next": list(steps)}
        world.give(json.dumps(fields, indent=2))
        return
    if dry:
        world.give(edit.diff.rstrip("\n"))
        return
    world.give("\n".join([*told, *(f"written: {file}" for file in files), *(f"next: {step}" for step in steps)]))


def pairs_of(option: str, given: Sequence[str] | None, *, as_json: bool = False) -> dict[str, object]:
    """Return KEY=VALUE words as a mapping; a value may be JSON where that is allowed. Raises: BadOption."""
    found: dict[str, object] = {}
    for word in given or ():
        key, equals, value = word.partition("=")
        if not key or not equals or key in found:
            why = f"{key} is given twice" if key in found else "it is no KEY=VALUE"
            raise _unusable(option, word, why)
        found[key] = _json_or_text(option, word, value) if as_json else value
    return found


def _json_or_text(option: str, word: str, value: str) -> object:
    try:
        return json.loads(value)
    except ValueError as error:
        if value.startswith(("{", "[", '"')):
            raise _unusable(option, word, f"its value begins as JSON and is none: {error}") from error
        return value


def _unusable(option: str, word: str, why: str) -> BadOption:
    return BadOption(
        f"{option} {word} cannot be used",
        why=why,
        not_run="nothing was written",
        hint=f"{option} KEY=VALUE, each key once, in quotes of the shell: {option} 'KEY=VALUE'",
    )


def confirm_by_name(world: World, name: str, question: str, what: str, *, yes: bool) -> None:
    """Return if somebody typed the account's name, or said --yes; raises ConfirmationNeeded, ConfirmationWrong."""
    if yes:
        return
    if world.ask is None:
        raise ConfirmationNeeded(
            f"{what} {name} has to be confirmed",
            subject=name,
            why="this is no terminal to ask on",
            not_run="nothing was changed",
            hint="look at it with --dry-run, then add --yes",
        )
    if world.ask(f"{question}\nType the account's name to go on: ") != name:
        raise ConfirmationWrong(
            "that is not the account's name",
            subject=name,
            not_run="nothing was changed",
            hint=f"repeat the command and type {name}",
        )


def say_lines(world: World, lines: Sequence[str]) -> None:
    """Tell lines to a person."""
    for line in lines:
        world.say(line)


def refuse_second_id(opened: Fleet, edit: ManifestEdit) -> None:
    """Raise LockConflict if with an edit one id of AWS would belong to two accounts."""
    from landing_zone.lock import load_lock, resolve_lock

    resolve_lock(edit.manifest, load_lock(opened.workspace.lock_path))
