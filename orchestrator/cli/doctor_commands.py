"""The command that examines what a run rests on: doctor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from orchestrator.cli.options import ConcurrencyOption, FleetOption, Format, FormatOption

if TYPE_CHECKING:
    from orchestrator.cli.world import World
    from orchestrator.doctor.examination import FleetFacts, Surroundings
    from orchestrator.doctor.finding import Told
    from orchestrator.running.job import EngineChoice


def doctor(
    ctx: typer.Context,
    *,
    concurrency: ConcurrencyOption = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Examine everything that a run rests on.

    Changes nothing. Looks at engine, plugin and versions, at each caller, at the state and its key, at the quota of
    accounts, at memory, clock and disk; each failure comes with its next step. Exit code: 5 if the engine failed, else
    3 for access, else 2 for the manifest, else 1 for the machine, else 0; warnings and what was not checked count not.

    Example: fleetyard doctor --format json
    """
    from orchestrator.doctor.examination import checks_for, examine
    from orchestrator.doctor.finding import exit_code
    from orchestrator.doctor.report import as_json, as_text

    world: World = ctx.obj
    with world.open_children() as children:
        findings = examine(checks_for(_surroundings(world, fleet, concurrency), children), world.say)
    world.give(json.dumps(as_json(findings), indent=2) if output is Format.JSON else as_text(findings))
    raise typer.Exit(exit_code(findings))


def _surroundings(world: World, fleet: Path | None, concurrency: int | None) -> Surroundings:
    from landing_zone.errors import FleetyardError
    from orchestrator.composition import REHEARSAL_ERROR, default_concurrency, stack_memory
    from orchestrator.doctor.engine_checks import EngineQuestion
    from orchestrator.doctor.examination import Surroundings
    from orchestrator.doctor.machine_checks import MemoryQuestion, free_memory
    from orchestrator.engine.real_engine import required_plugins
    from orchestrator.running.job import EngineChoice, EngineKind

    found: EngineChoice | Told
    try:
        found = world.choose_engine(world.env, None)
    except (FleetyardError, REHEARSAL_ERROR) as error:
        found = error
    meant = found if isinstance(found, EngineChoice) else EngineChoice(EngineKind.PULUMI)
    return Surroundings(
        env=world.env,
        folder=world.folder,
        fleet=_facts(world, fleet),
        engine=EngineQuestion(world.env, found, required_plugins()),
        memory=MemoryQuestion(concurrency or default_concurrency(meant), stack_memory(meant), free_memory()),
    )


def _facts(world: World, given: Path | None) -> FleetFacts | Told:
    """Return what the fleet says, or why there is none."""
    from landing_zone.errors import FleetyardError
    from orchestrator.accounts.retirement.retired_file import retired_path
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.composition import REHEARSAL_ERROR
    from orchestrator.doctor.examination import FleetFacts

    try:
        opened = open_fleet(world, given)
        lock = opened.lock()
    except (FleetyardError, REHEARSAL_ERROR) as error:
        return error
    workspace = opened.workspace
    return FleetFacts(opened.manifest, lock, workspace.state, workspace.work, retired_path(workspace.lock_path))
