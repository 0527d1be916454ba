"""The commands about Fleetyard itself: explain, version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestrator.cli.world import World


def explain(ctx: typer.Context, code: Annotated[str, typer.Argument(metavar="CODE", help="Such as FY201.")]) -> None:
    """Explain an error code: what it means, and what to do.

    Changes nothing.

    Example: fleetyard explain FY201
    """
    from orchestrator.error_catalogue import explain_code  # noqa: PLC0415  (costs start-up time)

    world: World = ctx.obj
    world.give(explain_code(code))


def version(ctx: typer.Context) -> None:
    """Show the version of Fleetyard and of what it rests on.

    Changes nothing.

    Example: fleetyard version
    """
    from importlib.metadata import version as installed  # noqa: PLC0415  (costs start-up time)

    world: World = ctx.obj
    for name in ("fleetyard", "pulumi", "pulumi-aws", "moto"):
        world.give(f"{name} {installed(name)}")
