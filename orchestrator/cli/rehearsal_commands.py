"""The command that shows everything at once: rehearse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import ConcurrencyOption, Engine, FleetOption, Format, FormatOption

if TYPE_CHECKING:
    from orchestrator.cli.world import World


def rehearse(
    ctx: typer.Context,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the twin up with the fleet deployed on it.")] = False,
    latency_ms: Annotated[
        int, typer.Option("--latency-ms", metavar="N", min=0, help="Milliseconds added to every AWS call.")
    ] = 0,
    engine: Annotated[Engine, typer.Option("--engine", help="What executes the stacks.")] = Engine.EMBEDDED,
    concurrency: ConcurrencyOption = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Tell of every stack in every phase, not of failures alone.")
    ] = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Deploy the whole fleet on an offline twin, and prove it.

    Touches no AWS account and none of your files: everything goes to .fleetyard/, which git ignores. Deploys every
    stack, previews it again, proves who reaches what and that the nets below a mistake hold, and ends the twin unless
    told to keep it. Exit code 1 if a stack fails or a proof does not hold.

    Example: fleetyard rehearse --fleet examples/acme/fleet.yaml --keep
    """
    from orchestrator.cli.progress import progress
    from orchestrator.files.workspace import find_fleet
    from orchestrator.rehearse.report import as_json, summary
    from orchestrator.rehearse.run import RehearsalOptions
    from orchestrator.running.job import EngineKind
    from orchestrator.running.report import stack_as_json

    world: World = ctx.obj
    with progress(world, quiet=not verbose) as display:
        options = RehearsalOptions(
            fleet=find_fleet(fleet, world.env, world.folder),
            env=world.env,
            keep=keep,
            latency_ms=latency_ms,
            engine=EngineKind(engine.value),
            concurrency=concurrency,
            say=display.say,
            observers=(display,),
        )
        report = world.rehearse(options)
    if output is Format.JSON:
        world.give(json.dumps({"stacks": [stack_as_json(r) for r in report.stacks], **as_json(report)}, indent=2))
    else:
        world.give(summary(report))
    if report.kept:
        world.say('The twin is up. Join it: eval "$(fleetyard twin env)"; end it: fleetyard twin stop')
    raise typer.Exit(report.exit_code)
