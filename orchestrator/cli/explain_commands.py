"""The commands about Fleetyard itself: explain, version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import Format, FormatOption

if TYPE_CHECKING:
    from orchestrator.cli.world import World


def explain(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="Such as FY201.")],
    *,
    output: FormatOption = Format.TEXT,
) -> None:
    """Explain an error code: what it means, and what to do.

    Changes nothing.

    Example: fleetyard explain FY201
    """
    from orchestrator.error_catalogue import entry_of, explain_code

    world: World = ctx.obj
    world.give(json.dumps(entry_of(code), indent=2) if output is Format.JSON else explain_code(code))


def version(ctx: typer.Context, *, output: FormatOption = Format.TEXT) -> None:
    """Show the version of Fleetyard and of what it rests on.

    Changes nothing.

    Example: fleetyard version
    """
    from importlib.metadata import version as installed

    world: World = ctx.obj
    versions = {name: installed(name) for name in ("fleetyard", "pulumi", "pulumi-aws", "moto")}
    if output is Format.JSON:
        world.give(json.dumps(versions, indent=2))
    else:
        world.give("\n".join(f"{name} {number}" for name, number in versions.items()))
