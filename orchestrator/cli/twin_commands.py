"""The commands around the offline twin: twin start, stop, env, status; faults and settings are in a file beside."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli import twin_fault_commands, twin_why_command
from orchestrator.cli.options import FleetOption, Format, FormatOption
from orchestrator.cli.twin_place import run_file_of
from orchestrator.errors import FleetNotFound, RehearsalInTheWay

if TYPE_CHECKING:
    from orchestrator.cli.world import World

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

app = typer.Typer(help="Start, join and end the offline twin of AWS.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(twin_fault_commands.faults, name="faults")
app.command()(twin_fault_commands.settings)
app.command()(twin_why_command.why)


@app.command()
def start(
    ctx: typer.Context,
    *,
    account_id: Annotated[
        str | None,
        typer.Option(
            "--account-id", metavar="ID", help="Id of the management account; else the manifest's, else 123456789012."
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Home region; else the manifest's, else us-east-1.")
    ] = None,
    latency_ms: Annotated[
        int, typer.Option("--latency-ms", metavar="N", min=0, help="Milliseconds added to every AWS call.")
    ] = 0,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = 0,
    fleet: FleetOption = None,
) -> None:
    """Start an empty twin: a management account without an organisation.

    Touches no AWS account. It runs until `twin stop`, and holds everything in memory. What a rehearsal whose twin is
    gone left in .fleetyard/ is removed.

    Example: fleetyard twin start && eval "$(fleetyard twin env)"
    """
    from orchestrator import composition
    from orchestrator.files.workspace import rehearsal_folder, remove_rehearsal

    world: World = ctx.obj
    run_file = run_file_of(world, fleet)
    from_fleet = _account_and_region(world, fleet)
    twin = composition.start_twin(
        account_id or from_fleet[0],
        run_file,
        region=region or from_fleet[1],
        latency_ms=latency_ms,
        port=port,
        keep=True,
    )
    # Starting the twin has made sure that no other one uses these files.
    remove_rehearsal(rehearsal_folder(run_file))
    composition.forget_twin(run_file)
    world.say(f"The twin is up at {twin.run.endpoint}; management account {twin.run.management_account_id}.")
    world.say('Join it: eval "$(fleetyard twin env)"; end it: fleetyard twin stop')


@app.command()
def stop(
    ctx: typer.Context,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="End it although a rehearsal goes on there, which then fails.")
    ] = False,
    fleet: FleetOption = None,
) -> None:
    """End the twin; everything in it is gone.

    Touches no AWS account. What a kept rehearsal wrote to .fleetyard/ is removed as well, as it belongs to that twin;
    so it is if the twin has died. While a rehearsal goes on there its twin is not ended.

    Example: fleetyard twin stop
    """
    from orchestrator import composition
    from orchestrator.files.workspace import rehearsal_folder, remove_rehearsal

    world: World = ctx.obj
    run_file = run_file_of(world, fleet)
    if not force:
        _refuse_during_rehearsal(run_file)
    noted = run_file.exists()
    try:
        run = composition.stop_twin(run_file)
    except composition.REHEARSAL_ERROR:
        # The run file goes with a twin that has died. Files without one help to find why a rehearsal failed.
        if noted and not run_file.exists():
            remove_rehearsal(rehearsal_folder(run_file))
            composition.forget_twin(run_file)
        raise
    remove_rehearsal(rehearsal_folder(run_file))
    world.say(f"The twin at {run.endpoint} has ended.")


@app.command()
def env(
    ctx: typer.Context,
    principal: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="PRINCIPAL",
            help="admin, or a management role of a kept rehearsal; by default the one that runs workloads, else admin.",
            show_default=False,
        ),
    ] = None,
    *,
    unset: Annotated[
        bool, typer.Option("--unset", help="Print lines that take all of them away; needs no twin.")
    ] = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Print the variables that lead tools to the twin.

    For AWS tools, Pulumi and fleetyard: `export NAME=value` lines, with credentials that open the twin only. Changes
    nothing; a kept rehearsal's sessions are renewed. With --unset the lines lead away from any twin again.

    Example: eval "$(fleetyard twin env --as Management-Developer)"
    """
    from orchestrator.cli.twin_variables import NAMES, variables_for

    world: World = ctx.obj
    if unset:
        if output is Format.JSON:
            world.give(json.dumps(dict.fromkeys(NAMES), indent=2))
        else:
            world.give("\n".join(f"unset {name}" for name in NAMES))
        return
    variables = variables_for(run_file_of(world, fleet), principal, world.say)
    if output is Format.JSON:
        world.give(json.dumps(variables, indent=2))
    else:
        world.give("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items()))


@app.command()
def status(ctx: typer.Context, fleet: FleetOption = None, output: FormatOption = Format.TEXT) -> None:
    """Show whether a twin is up, and where.

    Changes nothing. Exit code 5 if none is.

    Example: fleetyard twin status
    """
    from orchestrator import composition

    world: World = ctx.obj
    run = composition.running_twin(run_file_of(world, fleet))
    facts = {
        "endpoint": run.endpoint,
        "insecure_endpoint": run.insecure_endpoint,
        "management_account_id": run.management_account_id,
        "region": run.region,
        "pid": run.pid,
    }
    if output is Format.JSON:
        world.give(json.dumps(facts, indent=2))
    else:
        world.give("\n".join(f"{name:<22} {value}" for name, value in facts.items()))


def _refuse_during_rehearsal(run_file: Path) -> None:
    from orchestrator.rehearse.alone import rehearsing_process

    if holder := rehearsing_process(run_file):
        raise RehearsalInTheWay(
            "a rehearsal goes on on this twin and would fail",
            subject=str(run_file.parent),
            why=f"process {holder} performs it",
            not_run="twin stop",
            hint="wait until it has ended, or interrupt it; to end its twin all the same: fleetyard twin stop --force",
        )


def _account_and_region(world: World, fleet: Path | None) -> tuple[str, str]:
    """Return the management account's id and the home region of the manifest, if there is one."""
    from landing_zone.manifest import load_manifest
    from orchestrator.files.workspace import find_fleet

    try:
        path = find_fleet(fleet, world.env, world.folder)
    except FleetNotFound:
        return DEFAULT_ACCOUNT, DEFAULT_REGION
    manifest = load_manifest(path)
    return manifest.management_account.id, manifest.region
