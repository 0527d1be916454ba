"""The command that is Pulumi itself, on whichever engine the endpoint asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from orchestrator.cli.world import World

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""Every argument is Pulumi's, `--help` too."""


def pulumi(ctx: typer.Context) -> None:
    """Run a Pulumi command on one stack by hand.

    Changes what Pulumi's command of that name changes, with its options and exit codes: on a joined twin on the
    embedded engine, else on the real CLI. A stack's folder is its program's, or its work directory under .fleetyard/.

    Example: cd workloads/network && fleetyard pulumi stack ls
    """
    from orchestrator.composition import run_pulumi  # noqa: PLC0415  (costs start-up time)

    world: World = ctx.obj
    raise typer.Exit(run_pulumi(ctx.args, world.folder, world.env, (world.give, world.say)))
