"""The commands for workloads of one's own: workload new."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import FleetOption, Format, FormatOption
from orchestrator.errors import BadOption, FleetNotFound

if TYPE_CHECKING:
    from landing_zone.fleet import Manifest
    from orchestrator.cli.world import World
    from orchestrator.new_workload.entry import Entry
    from orchestrator.new_workload.make import Made

app = typer.Typer(help="Workloads of your own.", no_args_is_help=True, rich_markup_mode=None)
_USUAL_ROLE = "Admin"


@app.callback()
def workload() -> None:
    """Begin workloads of your own."""


@app.command()
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name: folder, project and key of the manifest.")],
    *,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", metavar="GLOB", help="Accounts it runs in, such as 'plat-*'. May be repeated."),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option("--unit", metavar="PATH", help="Only accounts in this unit or below it. May be repeated."),
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option("--stage", metavar="STAGE", help="Only accounts of this stage. May be repeated."),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", metavar="ROLE", help="The role it assumes in them; Admin if there is one.", show_default=False
        ),
    ] = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Begin a workload: its folder, its test, its entry.

    Touches no AWS account. Writes workloads/NAME/ and its unit test, overwriting nothing. With --account, --unit or
    --stage the entry is added to the manifest, whose other lines stay as they are; else its lines are printed.

    Example: fleetyard workload new reports --account 'plat-*'
    """
    from orchestrator.files.workspace import find_root
    from orchestrator.new_workload.entry import Entry
    from orchestrator.new_workload.make import make_workload, refuse_name

    world: World = ctx.obj
    refuse_name(name)
    selectors = [tuple(given or ()) for given in (account, stage, unit)]
    manifest = _manifest(world, fleet, needed=any(selectors))
    entry = Entry(name, role or _role(manifest), *selectors)
    start = manifest.path if manifest else world.folder / "fleet.yaml"
    made = make_workload(find_root(start.resolve(), (world.folder,)), entry, manifest)
    steps = _next_steps(world, fleet, entry, made)
    if output is Format.JSON:
        world.give(json.dumps(_as_json(entry, made, steps), indent=2))
    else:
        _tell(world, entry, made, steps)


def _manifest(world: World, given: Path | None, *, needed: bool) -> Manifest | None:
    """Return the manifest, which may have this workload already, without a program; None if none is here or needed."""
    from landing_zone.manifest import load_manifest
    from orchestrator.files.workspace import find_fleet

    try:
        return load_manifest(find_fleet(given, world.env, world.folder))
    except FleetNotFound:
        if needed:
            raise
        return None


def _role(manifest: Manifest | None) -> str:
    """Return the role that is meant when none is named. Raises: BadOption."""
    if manifest is None or _USUAL_ROLE in manifest.roles:
        return _USUAL_ROLE
    if len(manifest.roles) == 1:
        return next(iter(manifest.roles))
    raise BadOption(
        "which role the workload assumes is not said",
        why=f"the manifest has {', '.join(manifest.roles)}",
        not_run="nothing was written",
        hint="add --role ROLE",
    )


def _next_steps(world: World, fleet: Path | None, entry: Entry, made: Made) -> list[str]:
    from orchestrator.next_steps import in_rehearsal

    named = f" --fleet {shlex.quote(str(fleet))}" if fleet else ""
    test = [f"python -m pytest -q {_shown(world, made.test)}"] if made.test else []
    check = [] if made.fleet else [f"fleetyard validate{named}"]
    deploy = in_rehearsal(world.env, f"fleetyard rehearse{named}", f"fleetyard up --stack '{entry.name}/*'")
    return [f"edit {_shown(world, made.folder)}/__main__.py", *test, *check, deploy]


def _tell(world: World, entry: Entry, made: Made, steps: list[str]) -> None:
    world.say(f"Made {_shown(world, made.folder)}/ with Pulumi.yaml and __main__.py")
    world.say(
        f"Made {_shown(world, made.test)}" if made.test else "Made no test: there is no tests/unit/programs/ here"
    )
    if made.fleet:
        world.say(f"Added {entry.name} to {_shown(world, made.fleet)}")
    else:
        world.say("Add these lines to your manifest under workloads:, with accounts of yours")
        world.give("\n".join(_lines(entry)))
    world.say("\n".join(["Next:", *(f"  {step}" for step in steps)]))


def _lines(entry: Entry) -> tuple[str, ...]:
    from dataclasses import replace

    return (entry if entry.selects else replace(entry, accounts=("*",))).lines()


def _as_json(entry: Entry, made: Made, steps: list[str]) -> dict[str, object]:
    return {
        "name": entry.name,
        "folder": str(made.folder),
        "test": str(made.test) if made.test else None,
        "fleet": str(made.fleet) if made.fleet else None,
        "entry": "\n".join(_lines(entry)),
        "next": steps,
    }


def _shown(world: World, path: Path) -> str:
    """Return a path as a person in the working directory would write it."""
    return os.path.relpath(path, world.folder)
