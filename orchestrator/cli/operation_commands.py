"""The commands that run stacks: preview, up, refresh, destroy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import (
    AccountOption,
    AccountWaitOption,
    ConcurrencyOption,
    ExcludeOption,
    FleetOption,
    Format,
    FormatOption,
    Selectors,
    StackOption,
    TagOption,
    UnitOption,
    YesOption,
    selection_of,
)
from orchestrator.errors import ChangesFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.cli.fleet_files import Fleet
    from orchestrator.cli.world import World
    from orchestrator.driver import RunOptions
    from orchestrator.planning.selection import Selection
    from orchestrator.running.job import EngineChoice, Operation
    from orchestrator.running.report import RunReport

_MOST_TYPED = 4
"""Stacks that a command to type names one by one."""


@dataclass(frozen=True, slots=True)
class Command:
    """What every one of these commands was given."""

    world: World
    fleet: Path | None
    format: Format
    concurrency: int | None
    selectors: tuple[Selectors, Selectors, Selectors, Selectors, Selectors]
    """Accounts, units, tags, stacks, excluded."""

    @property
    def selection(self) -> Selection:
        """The stacks that are meant."""
        return selection_of(*self.selectors)


def preview(
    ctx: typer.Context,
    account: AccountOption = None,
    unit: UnitOption = None,
    tag: TagOption = None,
    stack: StackOption = None,
    exclude: ExcludeOption = None,
    *,
    expect_no_changes: Annotated[
        bool, typer.Option("--expect-no-changes", help="End with exit code 4 if anything would change.")
    ] = False,
    concurrency: ConcurrencyOption = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what `up` would change, stack by stack.

    Changes nothing in AWS, in the state or in your files. A stack whose account does not exist yet is `blocked`, which
    is no failure.

    Example: fleetyard preview --account 'plat-*' --expect-no-changes
    """
    from orchestrator.driver import RunOptions
    from orchestrator.running.job import Operation

    command = Command(ctx.obj, fleet, output, concurrency, (account, unit, tag, stack, exclude))
    _run(command, Operation.PREVIEW, RunOptions(expect_no_changes=expect_no_changes))


def up(
    ctx: typer.Context,
    account: AccountOption = None,
    unit: UnitOption = None,
    tag: TagOption = None,
    stack: StackOption = None,
    exclude: ExcludeOption = None,
    *,
    yes: YesOption = False,
    account_wait: AccountWaitOption = 600,
    concurrency: ConcurrencyOption = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Deploy stacks, each after those it rests on.

    Creates, changes and deletes resources in the selected accounts; creating an account cannot be undone. If a stack
    fails, those that rest on it are skipped and all others go on; repeat the command to go on from there. A new account
    is waited for until it can be used. On a terminal it asks first.

    Example: fleetyard up --stack 'network/*' --exclude plat-prod
    """
    from orchestrator.driver import RunOptions
    from orchestrator.running.job import Operation

    command = Command(ctx.obj, fleet, output, concurrency, (account, unit, tag, stack, exclude))
    _run(command, Operation.UP, RunOptions(account_wait=account_wait), ask=not yes)


def refresh(
    ctx: typer.Context,
    account: AccountOption = None,
    unit: UnitOption = None,
    tag: TagOption = None,
    stack: StackOption = None,
    exclude: ExcludeOption = None,
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Show what differs and leave the state as it is.")] = False,
    clear_pending_creates: Annotated[
        bool,
        typer.Option("--clear-pending-creates", help="Forget the creates that a killed run had begun."),
    ] = False,
    concurrency: ConcurrencyOption = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Read what AWS really holds and correct the state.

    Changes nothing in AWS. Shows exactly what was changed behind Pulumi's back; the next `up` puts it right again. What
    a killed run was creating stays noted as pending until --clear-pending-creates: look first whether AWS made it.

    Example: fleetyard refresh --preview --unit plat
    """
    from orchestrator.driver import RunOptions
    from orchestrator.running.job import Operation

    command = Command(ctx.obj, fleet, output, concurrency, (account, unit, tag, stack, exclude))
    options = RunOptions(clear_pending_creates=clear_pending_creates)
    _run(command, Operation.PREVIEW_REFRESH if preview else Operation.REFRESH, options)


def destroy(
    ctx: typer.Context,
    account: AccountOption = None,
    unit: UnitOption = None,
    tag: TagOption = None,
    stack: StackOption = None,
    exclude: ExcludeOption = None,
    *,
    include_foundation: Annotated[
        bool,
        typer.Option("--include-foundation", help="Destroy organization and bootstrap too, if they are selected."),
    ] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be deleted and delete nothing.")] = False,
    yes: YesOption = False,
    confirm: Annotated[
        str | None,
        typer.Option(
            "--confirm",
            metavar="NAME",
            help="The management account's name, for --include-foundation without a terminal.",
        ),
    ] = None,
    concurrency: ConcurrencyOption = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Delete what stacks made, each before those it rests on.

    Cannot be undone. Destroys the selected workloads and bootstrap-subaccount stacks and never more; organization and
    bootstrap are listed as kept unless --include-foundation asks for them. Accounts are never closed. On a terminal it
    asks first, elsewhere it demands --yes.

    Example: fleetyard destroy --account plat-sandbox --yes
    """
    from orchestrator.driver import RunOptions
    from orchestrator.running.job import Operation

    command = Command(ctx.obj, fleet, output, concurrency, (account, unit, tag, stack, exclude))
    options = RunOptions(include_foundation=include_foundation)
    if preview:
        _run(command, Operation.PREVIEW_DESTROY, options)
    else:
        _run(command, Operation.DESTROY, options, ask=not yes, confirmed=confirm)


def _run(
    command: Command, operation: Operation, options: RunOptions, *, ask: bool = False, confirmed: str | None = None
) -> None:
    from orchestrator.cli.confirmation import Question, confirm, place_of
    from orchestrator.cli.engine_commands import ready_engine
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.planning.plan import make_plan
    from orchestrator.planning.selection import select

    world = command.world
    fleet = open_fleet(world, command.fleet)
    selected = select(make_plan(fleet.manifest), command.selection)
    engine = ready_engine(world)
    place = place_of(world.env, fleet.manifest)
    confirm(world, Question(fleet.manifest, operation, selected, options, place, ask=ask, typed=confirmed))
    report = _carry_out(command, fleet, engine, operation, options)
    _write(command, report)
    raise typer.Exit(report.exit_code)


def _carry_out(
    command: Command, fleet: Fleet, engine: EngineChoice, operation: Operation, options: RunOptions
) -> RunReport:
    from orchestrator.cli.progress import progress
    from orchestrator.driver import Driver
    from orchestrator.running.record import RunRecord

    world = command.world
    record = RunRecord(fleet.workspace.runs)
    with world.open_tools(world.env, engine, command.concurrency) as tools, progress(world) as display:
        driver = Driver(fleet.manifest, fleet.workspace, tools, (record, display))
        return driver.run_operation(operation, command.selection, options)


def _write(command: Command, report: RunReport) -> None:
    from orchestrator.running.report import run_as_json, run_as_text

    if command.format is Format.JSON:
        command.world.give(json.dumps(run_as_json(report), indent=2))
    else:
        command.world.give(run_as_text(report))
    if report.exit_code == ChangesFound.exit_code:
        changed = [str(result.id) for result in report.results if result.changed]
        command.world.say(
            str(
                ChangesFound(
                    f"{len(changed)} {'stack' if len(changed) == 1 else 'stacks'} would change",
                    subject=", ".join(changed),
                    why="--expect-no-changes",
                    hint=_way_on(changed),
                )
            )
        )


def _way_on(changed: Sequence[str]) -> str:
    """Return what to type after unexpected changes: no preview knows whether the files are ahead, or AWS."""
    few = len(changed) <= _MOST_TYPED
    which = "".join(f" --stack {stack}" for stack in changed) if few else " with the same selection"
    return f"wanted: fleetyard up{which}; not wanted: fleetyard refresh --preview tells what differs from AWS"
