"""The command that gets hold of the real engine, and the offer to do so before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from orchestrator.cli.world import World
    from orchestrator.running.job import EngineChoice

app = typer.Typer(help="Get hold of the real engine.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def install(ctx: typer.Context) -> None:
    """Install the Pulumi CLI and the provider plugins.

    Changes the Pulumi home only: PULUMI_HOME, else ~/.pulumi. A CLI that can be used stays as it is, whether on PATH or
    in the Pulumi home; what is missing is fetched from get.pulumi.com. Touches no AWS account and not your PATH.

    Example: fleetyard engine install
    """
    world: World = ctx.obj
    found = install_engine(world)
    world.give(found.command)


def install_engine(world: World) -> EngineChoice:
    """Install what is missing; raises NothingToInstall in a shell that has joined a twin."""
    from orchestrator.composition import RUN_FILE_VARIABLE
    from orchestrator.engine.errors import NothingToInstall
    from orchestrator.files.workspace import REHEARSAL_VARIABLE

    if world.env.get(RUN_FILE_VARIABLE) or world.env.get(REHEARSAL_VARIABLE):
        raise NothingToInstall(
            "nothing is installed from a shell that has joined a twin",
            why="there the embedded engine runs stacks, and the Pulumi home is the rehearsal's",
            not_run="the installation",
            hint="fleetyard engine install, in a shell that has not joined a twin",
        )
    return world.install_engine(world.env, world.say)


def ready_engine(world: World) -> EngineChoice:
    """Return what executes stacks, complete with its plugins.

    On a terminal what is missing is offered to be installed; elsewhere nothing is ever fetched unasked.
    Raises: what `choose_engine` raises, PluginMissing, and what an installation raises.
    """
    from orchestrator.engine.errors import PluginMissing
    from orchestrator.errors import PulumiMissing, PulumiTooOld

    try:
        return _complete(world)
    except (PulumiMissing, PulumiTooOld, PluginMissing) as missing:
        if world.ask is None or world.ask(_offer(missing.summary, world)).lower() not in {"y", "yes"}:
            raise
    install_engine(world)
    return _complete(world)


def _offer(summary: str, world: World) -> str:
    from orchestrator.engine.real_engine import pulumi_home

    where = pulumi_home(world.env) or "the Pulumi home"
    return (
        f"{summary[0].upper()}{summary[1:]}.\n"
        f"Install what is missing into {where} now (hundreds of megabytes from get.pulumi.com)? [y/N] "
    )


def _complete(world: World) -> EngineChoice:
    from orchestrator.engine.real_engine import require_plugins
    from orchestrator.running.job import EngineKind

    found = world.choose_engine(world.env, None)
    if found.kind is EngineKind.PULUMI:
        require_plugins(world.env)
    return found
