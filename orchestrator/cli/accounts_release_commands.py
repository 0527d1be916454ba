"""The commands that take an account out of the fleet: accounts release, accounts remove."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.account_options import AccountArgument, confirm_by_name, editor_of, suspending
from orchestrator.cli.options import FleetOption, Format, FormatOption, YesOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orchestrator.accounts.editing.manifest_edits import ManifestEdit
    from orchestrator.accounts.forget_job import ForgetResult
    from orchestrator.accounts.release import AccountStates
    from orchestrator.cli.fleet_files import Fleet
    from orchestrator.cli.world import World

_LOST = ", which the manifest has no more"
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")]


def release(
    ctx: typer.Context,
    name: AccountArgument,
    *,
    dry_run: _DryRun = False,
    yes: YesOption = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Forget an account's stacks and keep what they made.

    Changes nothing in AWS. Writes `suspended: true` into the manifest, keeps each state in a file below
    state/.fleetyard/released/ and removes it from its backend, also those that the manifest has no stack for; secrets
    stay encrypted. Refused while a stack is locked or has operations pending. Cut short, the same command goes on. On a
    terminal it asks for the account's name, elsewhere it demands --yes.

    Example: fleetyard accounts release core-identity --dry-run
    """
    from orchestrator.accounts.release import refuse_unreleasable

    world: World = ctx.obj
    with _states(world, fleet) as (opened, states):
        record = states.look(name)
        refuse_unreleasable(record)
        stacks, orphans = (*record.deployed, *record.empty), (*record.unplanned, *record.hollow)
        edit = suspending(opened, name) if name in {each.name for each in opened.manifest.accounts} else None
        if dry_run:
            told = [f"would forget {stack.id}, and keep {_resources(stack.state)} in AWS" for stack in stacks]
            told += [f"would forget {each}{_LOST}, and keep {_resources(each.state)} in AWS" for each in orphans]
            names = [*(str(stack.id) for stack in stacks), *map(str, orphans)]
            would = {"account": name, "stacks": names, "diff": edit.diff if edit else ""}
            _give(world, output, would, told or [f"there is nothing of {name} to forget"])
            return
        if stacks or orphans:
            lost = f" ({', '.join(map(str, orphans))}{_LOST})" if orphans else ""
            question = f"This forgets {_stacks((*stacks, *orphans))} of {name}{lost} and keeps what they made in AWS."
            confirm_by_name(world, name, question, "releasing", yes=yes)
        with _cut_short(world, f"fleetyard accounts release {name}"):
            if edit is not None:
                edit.write()
            results = states.forget_orphans(orphans, lambda result: world.say(_told(result)))
            results += states.forget_stacks(stacks, lambda result: world.say(_told(result)))
    steps = [_after_release(opened, name)]
    many = "is" if len(results) == 1 else "are"
    lines = [f"{name} is released: {_stacks(results)} {many} forgotten, what they made stays in AWS"]
    fields = {"account": name, "stacks": [_as_json(each) for each in results], "next": steps}
    _give(world, output, fields, lines, steps)


def _after_release(opened: Fleet, name: str) -> str:
    from orchestrator.accounts.retirement.retired_file import load_retired, retired_path
    from orchestrator.next_steps import GO_ON_RETIRING

    retired = load_retired(retired_path(opened.workspace.lock_path))
    if any(each.name == name and each.done and not each.dropped for each in retired):
        return GO_ON_RETIRING
    return f"fleetyard accounts remove {name}, or keep it in the manifest, suspended"


def remove(
    ctx: typer.Context,
    name: AccountArgument,
    *,
    dry_run: _DryRun = False,
    yes: YesOption = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take an account out of manifest, lock and state.

    Changes nothing in AWS: the account is forgotten, and stays there as it is. Refused for the management account and
    for one that others need, and while stacks run in it, each named; destroy or release them before. Cut short, the
    same command goes on. On a terminal it asks for the account's name, elsewhere it demands --yes.

    Example: fleetyard accounts remove core-identity --dry-run
    """
    from orchestrator.accounts.removal import (
        Removal,
        refuse_needed,
        refuse_removal,
        removal_steps,
        remove_account_everywhere,
    )
    from orchestrator.accounts.unlocked import refuse_unlocked

    world: World = ctx.obj
    with _states(world, fleet) as (opened, states):
        refuse_needed(opened.manifest, name)
        record = states.look(name)
        refuse_unlocked(opened.manifest, states.lock, opened.workspace, name)
        refuse_removal(record)
        removal = Removal(name, states.lock.accounts.get(name, ""), record, _removed(opened, name))
        diff = removal.edit.diff if removal.edit else ""
        if dry_run:
            steps = list(removal_steps(removal))
            fields = {"account": name, "id": removal.account_id, "diff": diff, "would": steps}
            _give(world, output, fields, [*([diff.rstrip("\n")] if diff else []), *(f"would {each}" for each in steps)])
            return
        where = f"{removal.account_id}, which stays in AWS as it is" if removal.account_id else "never made by AWS"
        question = f"This takes {name} ({where}) out of manifest, lock and state."
        confirm_by_name(world, name, question, "removing", yes=yes)
        lock_path = opened.workspace.lock_path
        with _cut_short(world, f"fleetyard accounts remove {name}"):
            remove_account_everywhere(removal, states, lock_path, lambda result: world.say(_told(result)))
    steps = ["fleetyard preview --stack organization --stack bootstrap, then: fleetyard up"]
    fields = {"account": name, "id": removal.account_id, "diff": diff, "next": steps}
    _give(world, output, fields, [f"{name} ({where}) is out of manifest, lock and state"], steps)


@contextmanager
def _cut_short(world: World, command: str) -> Iterator[None]:
    """Say how it goes on where somebody interrupts it."""
    try:
        yield
    except KeyboardInterrupt:
        world.say(f"Cut short: what is done stays done. To go on: {command}")
        raise


@contextmanager
def _states(world: World, fleet: Path | None) -> Iterator[tuple[Fleet, AccountStates]]:
    from orchestrator import composition
    from orchestrator.accounts.release import AccountStates
    from orchestrator.cli.engine_commands import ready_engine
    from orchestrator.cli.fleet_files import open_fleet

    opened = open_fleet(world, fleet)
    engine = ready_engine(world)
    with world.open_tools(world.env, engine, 1) as tools:
        yield opened, AccountStates(opened.manifest, opened.workspace, tools, composition.forget_state)


def _removed(opened: Fleet, name: str) -> ManifestEdit | None:
    """Return the edit that takes the account out; None if an attempt that was cut short has done it."""
    if name not in {account.name for account in opened.manifest.accounts}:
        return None
    editor = editor_of(opened)
    editor.remove(name)
    return editor.finish()


def _give(
    world: World, output: Format, fields: Mapping[str, object], lines: Sequence[str], steps: Sequence[str] = ()
) -> None:
    if output is Format.JSON:
        world.give(json.dumps(fields, indent=2))
    else:
        world.give("\n".join([*lines, *(f"next: {step}" for step in steps)]))


def _stacks(found: Sequence[object]) -> str:
    return "1 stack" if len(found) == 1 else f"{len(found)} stacks"


def _told(result: ForgetResult) -> str:
    kept = f", its state is kept in {result.kept}" if result.kept else ""
    return f"  {result.outcome.value} {result.id}: {_counted(result.resources)}{kept}"


def _resources(state: object) -> str:
    return _counted(int(getattr(state, "resources", 0)))


def _counted(count: int) -> str:
    return "1 resource" if count == 1 else f"{count} resources"


def _as_json(result: ForgetResult) -> dict[str, object]:
    kept = str(result.kept) if result.kept else ""
    return {"id": str(result.id), "result": result.outcome.value, "resources": result.resources, "kept": kept}
