"""The command that is Pulumi itself, on whichever engine the endpoint asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.by_hand import HandTools
    from orchestrator.cli.world import World

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""Every argument is Pulumi's, `--help` too."""


def pulumi(ctx: typer.Context) -> None:
    """Run a Pulumi command on one stack by hand.

    Changes what Pulumi's command of that name changes, with its options and exit codes: on a joined twin on the
    embedded engine, else on the real CLI. In the folder of one of the fleet's programs it uses the backend where the
    driver keeps that program's stacks, and in a rehearsal the rehearsal's settings. Credentials are those of the shell.
    The manifest is found as always: fleet.yaml here or above, or FLEETYARD_FLEET.

    Example: fleetyard pulumi preview --stack plat-dev --cwd workloads/network
    """
    from orchestrator import composition
    from orchestrator.by_hand import about_access, wrong_caller

    world: World = ctx.obj
    tools = _hand_tools(world)
    if tools is None:
        raise typer.Exit(composition.run_pulumi(ctx.args, world.folder, world.env, (world.give, world.say)))
    command = tools.invocation(ctx.args, world.folder, world.env)
    told: list[str] = []
    tell = (_kept(told, world.give), _kept(told, world.say))
    code = composition.run_pulumi(command.arguments, command.folder, command.env, tell, command.stack_missing)
    if code and command.caller and about_access(code, told):
        note = wrong_caller(tools.manifest, command, composition.identify(command.env))
        if note:
            world.say(note)
    raise typer.Exit(code)


def _kept(told: list[str], tell: Callable[[str], None]) -> Callable[[str], None]:
    """Return what passes lines on, and keeps them to be judged if the command fails."""

    def keep(line: str) -> None:
        told.append(line)
        tell(line)

    return keep


def _hand_tools(world: World) -> HandTools | None:
    """Return what knows the fleet; None where no manifest is found, and Pulumi is just Pulumi."""
    from orchestrator.by_hand import HandTools
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.errors import FleetNotFound, RootNotFound
    from orchestrator.planning.plan import make_plan

    try:
        fleet = open_fleet(world, None)
    except (FleetNotFound, RootNotFound):
        return None
    plan, backends = make_plan(fleet.manifest), fleet.backends(world.env)
    return HandTools(fleet.manifest, fleet.workspace, plan, fleet.lock(), backends)
