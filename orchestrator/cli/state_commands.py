"""The commands about where state is: state migrate, state doctor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import (
    AccountOption,
    ConcurrencyOption,
    ExcludeOption,
    FleetOption,
    Format,
    FormatOption,
    StackOption,
    TagOption,
    UnitOption,
    YesOption,
    selection_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.cli.fleet_files import Fleet
    from orchestrator.cli.world import World
    from orchestrator.planning.plan import Plan, PlannedStack
    from orchestrator.state.doctor import Ward
    from orchestrator.state.migrate import MigrationReport, StateMigration, Survey

app = typer.Typer(
    help="Move the state of stacks between backends, and find what is wrong with it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def migrate(
    ctx: typer.Context,
    account: AccountOption = None,
    unit: UnitOption = None,
    tag: TagOption = None,
    stack: StackOption = None,
    exclude: ExcludeOption = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be moved and change nothing.")] = False,
    yes: YesOption = False,
    concurrency: ConcurrencyOption = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Move the state of workloads to where the manifest says.

    Changes what both backends hold and the stacks' settings files, and nothing else in AWS. Goes by `workload_state`:
    copies each state, encrypts its secrets anew, compares the copy with its source, then removes the source; history
    goes with it, and the source keeps a .bak. Interrupted at any point, the same command goes on from there. Needs the
    passphrase and the caller of workloads. On a terminal it asks first.

    Example: fleetyard state migrate --stack 'network/*' --dry-run
    """
    from orchestrator import composition
    from orchestrator.cli.engine_commands import ready_engine
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.planning.plan import make_plan
    from orchestrator.planning.selection import select
    from orchestrator.state.migrate import StateMigration

    world: World = ctx.obj
    opened = open_fleet(world, fleet)
    selection = selection_of(account, unit, tag, stack, exclude)
    selected = select(make_plan(opened.manifest), selection)
    engine = ready_engine(world)
    with world.open_tools(world.env, engine, concurrency) as tools:
        migration = StateMigration(opened.manifest, opened.workspace, tools, composition.move_state)
        found = migration.look(selected)
        report = migration.dry_run(found) if dry_run else _carried_out(world, migration, found, ask=not yes)
    _give(world, report, output)
    raise typer.Exit(report.exit_code)


@app.command()
def doctor(
    ctx: typer.Context,
    account: AccountOption = None,
    unit: UnitOption = None,
    tag: TagOption = None,
    stack: StackOption = None,
    exclude: ExcludeOption = None,
    *,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Find what is wrong with states, and how to put it right.

    Changes nothing, and needs no Pulumi; the state bucket is read as the caller of workloads. Finds orphan locks,
    damaged and unwritten states, pending operations, stacks in the wrong backend or in both, settings that do not fit
    their state, and, unless stacks are selected, stacks that the manifest does not have. Exit code 1 if anything is
    found.

    Example: fleetyard state doctor --format json
    """
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.planning.plan import make_plan
    from orchestrator.planning.selection import Selection, select
    from orchestrator.state.doctor import diagnose
    from orchestrator.state.findings import diagnosis_as_json, diagnosis_as_text
    from orchestrator.state.lock_holders import this_machine

    world: World = ctx.obj
    opened = open_fleet(world, fleet)
    plan = make_plan(opened.manifest)
    selection = selection_of(account, unit, tag, stack, exclude)
    selected = None if selection == Selection() else select(plan, selection)
    found = diagnose(_ward(world, opened, plan, selected), this_machine())
    world.give(json.dumps(diagnosis_as_json(found), indent=2) if output is Format.JSON else diagnosis_as_text(found))
    raise typer.Exit(found.exit_code)


def _ward(world: World, opened: Fleet, plan: Plan, selected: Sequence[PlannedStack] | None) -> Ward:
    from orchestrator.accounts.retirement.retired_file import being_retired, retired_path
    from orchestrator.state.doctor import Ward, names_of
    from orchestrator.state.places import BackendName, backends_of, place_of
    from orchestrator.state.state_files import FolderObjects
    from orchestrator.state.survey import SurveyQuery, survey, survey_in_own_process
    from orchestrator.state.unwritten import unwritten_states
    from orchestrator.workers.environment import caller_environment

    manifest, workspace = opened.manifest, opened.workspace
    lock, backends = opened.lock(), opened.backends(world.env)
    names = names_of(selected, workspace) if selected is not None else ()
    holdings = {BackendName.FILES: survey(FolderObjects(workspace.state), names)}
    if lock.homes:
        with world.open_children() as children:
            asked = {}
            for name, home in lock.homes.items():
                env = caller_environment(world.env, manifest.callers.management, home.region)
                query = SurveyQuery(env, backends.bucket(home).url, names)
                asked[BackendName(name)] = children.submit(survey_in_own_process, query)
            holdings |= {name: answer.result() for name, answer in asked.items()}
    places = {name: place_of(name, manifest, workspace, lock) for name in backends_of(lock)}
    unwritten, retiring = unwritten_states(world.env), being_retired(retired_path(workspace.lock_path))
    return Ward(manifest, workspace, plan, lock, backends, places, holdings, selected, unwritten, retiring)


def _carried_out(world: World, migration: StateMigration, found: Survey, *, ask: bool) -> MigrationReport:
    from orchestrator.errors import ConfirmationWrong
    from orchestrator.state.migration_report import move_as_text

    count = len(found.todo)
    if count and ask and world.ask is not None:
        stacks = "1 stack" if count == 1 else f"{count} stacks"
        ways = dict.fromkeys(f"from {each.source.words} to {each.target.words}" for each in found.todo)
        answer = world.ask(f"Move the state of {stacks} {', '.join(ways)}? [y/N] ")
        if answer.lower() not in {"y", "yes"}:
            raise ConfirmationWrong("not confirmed", not_run="any move", hint="repeat the command and answer y")
    return migration.carry_out(found, lambda result: world.say(move_as_text(result)))


def _give(world: World, report: MigrationReport, output: Format) -> None:
    from orchestrator.state.migration_report import migration_as_json, migration_as_text

    if output is Format.JSON:
        world.give(json.dumps(migration_as_json(report), indent=2))
    else:
        world.give(migration_as_text(report))
