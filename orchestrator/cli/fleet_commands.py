"""The commands that only read: validate, plan, status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import (
    AccountOption,
    ExcludeOption,
    FleetOption,
    Format,
    FormatOption,
    StackOption,
    TagOption,
    UnitOption,
    selection_of,
)

if TYPE_CHECKING:
    from orchestrator.cli.world import World


def validate(ctx: typer.Context, fleet: FleetOption = None, output: FormatOption = Format.TEXT) -> None:
    """Check the manifest and its lock file; programs have to be there.

    Reads files only: no AWS, no Pulumi. Tells every problem at once, each with line and column, and measures every IAM
    document against AWS's limits. Runs no program: what stands under a workload's `config` is for its program to judge,
    which `preview` asks. Exit code 2 if there is any problem.

    Example: fleetyard validate --fleet examples/acme/fleet.yaml
    """
    from landing_zone.errors import ManifestInvalid
    from orchestrator.cli.failures import error_as_json
    from orchestrator.cli.fleet_files import read_fleet
    from orchestrator.validation.summary import check_fleet, summary_as_json, summary_as_text

    world: World = ctx.obj
    try:
        opened = read_fleet(world, fleet)
    except ManifestInvalid as invalid:
        if output is Format.JSON:
            problems = [str(problem) for problem in invalid.problems]
            error = error_as_json(invalid)
            world.give(json.dumps({"valid": False, "problems": problems, "error": error}, indent=2))
        raise
    checked = check_fleet(opened.manifest, opened.workspace)
    if output is Format.JSON:
        world.give(json.dumps({"valid": True, "problems": [], **summary_as_json(checked)}, indent=2))
    else:
        world.give(f"{opened.workspace.fleet} is valid: {summary_as_text(checked)}")
    for warning in checked.warnings:
        world.say(f"warning: {warning}")


def plan(
    ctx: typer.Context,
    account: AccountOption = None,
    unit: UnitOption = None,
    tag: TagOption = None,
    stack: StackOption = None,
    exclude: ExcludeOption = None,
    *,
    destroy: Annotated[bool, typer.Option("--destroy", help="The order of `destroy` instead of `up`.")] = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """List the fleet's stacks in the order in which they would run.

    Reads files only: no AWS, no Pulumi. Shows for each stack its account, who runs it and what it rests on.

    Example: fleetyard plan --unit plat
    """
    from orchestrator.accounts.retirement.retired_lines import retiring_states
    from orchestrator.cli.fleet_files import read_fleet
    from orchestrator.cli.plan_tables import plan_as_json, plan_as_text
    from orchestrator.planning.plan import make_plan
    from orchestrator.planning.selection import select
    from orchestrator.running.job import Operation

    world: World = ctx.obj
    opened = read_fleet(world, fleet)
    whole = make_plan(opened.manifest)
    selection = selection_of(account, unit, tag, stack, exclude)
    selected = {planned.id for planned in select(whole, selection)}
    operation = Operation.DESTROY if destroy else Operation.UP
    shown = [planned for planned in whole.order(operation) if planned.id in selected]
    lock, retiring = opened.lock(), retiring_states(opened.workspace.lock_path)
    if output is Format.JSON:
        world.give(json.dumps(plan_as_json(whole, shown, lock, retiring), indent=2))
    else:
        world.give(plan_as_text(whole, shown, lock, retiring))


def status(
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
    """Show what is on record of each stack.

    Reads the state only, that of workloads as their caller. Tells whether a stack is deployed, its last operation, who
    holds its lock and whether a run died in the middle. What was changed behind Pulumi's back shows in
    `refresh --preview`.

    Example: fleetyard status --stack 'network/*'
    """
    from orchestrator.accounts.retirement.retired_lines import retiring_states
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.cli.plan_tables import status_as_json, status_as_text
    from orchestrator.planning.plan import make_plan
    from orchestrator.planning.selection import select
    from orchestrator.state.backends import BucketReader
    from orchestrator.status import read_status

    world: World = ctx.obj
    opened = open_fleet(world, fleet)
    whole = make_plan(opened.manifest)
    selection = selection_of(account, unit, tag, stack, exclude)
    backends = opened.backends(world.env)
    reader = BucketReader(backends, world.env, world.read_bucket)
    retiring = retiring_states(opened.workspace.lock_path)
    found = read_status(opened.manifest, backends, whole, select(whole, selection), reader.record)
    if output is Format.JSON:
        world.give(json.dumps(status_as_json(found, retiring), indent=2))
    else:
        world.give(status_as_text(found, retiring))
