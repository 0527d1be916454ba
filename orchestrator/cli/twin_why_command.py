"""The command that tells what the twin has refused last, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import FleetOption, Format, FormatOption
from orchestrator.cli.twin_place import run_file_of

if TYPE_CHECKING:
    from orchestrator.cli.world import World


def why(
    ctx: typer.Context,
    *,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=500, help="How many to tell.")] = 5,
    principal: Annotated[
        str | None,
        typer.Option(
            "--principal", metavar="GLOB", help="Only callers whose ARN fits, such as '*/Management-Auditor/*'."
        ),
    ] = None,
    action: Annotated[
        str | None, typer.Option("--action", metavar="GLOB", help="Only these actions, such as 'iam:Create*'.")
    ] = None,
    own: Annotated[
        bool,
        typer.Option(
            "--own",
            help="Also what Fleetyard itself was refused (looks, a rehearsal's proofs), and what services refused by "
            "rules of their own, such as a name that is taken.",
        ),
    ] = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Tell what the twin refused last, and which policy decided.

    Changes nothing. The latest comes first. Of each: what was asked and answered; every kind of policy in AWS's order
    with its verdict (`>` marks the one that decided) and the statement that did, or that came nearest and what of the
    request did not fit it; what would have to change. The twin keeps the last 500, and
    as many of Fleetyard's own and by services' own rules, which are counted and told with `--own`.

    Example: fleetyard twin why --principal '*/Management-Developer/*' --action 'iam:*'
    """
    from orchestrator import composition
    from orchestrator.twin_refusals import Asking, chosen, left_out_words, told

    world: World = ctx.obj
    asking = Asking(principal, action, limit, own)
    refusals, left_out = chosen(composition.twin_refusals(run_file_of(world, fleet)), asking)
    if output is Format.JSON:
        world.give(json.dumps(refusals, indent=2))
    elif refusals:
        world.give(told(refusals))
    else:
        world.say("The twin has refused nothing of that kind.")
    if left_out:
        world.say(left_out_words(left_out))
