"""The command that writes stack config for Pulumi by hand: stack-config write."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import (
    AccountOption,
    ExcludeOption,
    FleetOption,
    Format,
    FormatOption,
    StackOption,
    TagOption,
    UnitOption,
    selection_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.cli.fleet_files import Fleet
    from orchestrator.cli.world import World
    from orchestrator.files.settings_files import SettingsFile
    from orchestrator.planning.plan import Plan
    from orchestrator.running.jobs import JobWriter

app = typer.Typer(help="Stack config for Pulumi by hand.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def stack_config() -> None:
    """Stack config for Pulumi by hand."""


@app.command()
def write(
    ctx: typer.Context,
    account: AccountOption = None,
    unit: UnitOption = None,
    tag: TagOption = None,
    stack: StackOption = None,
    exclude: ExcludeOption = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell which files would change, and change none.")] = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write `Pulumi.<stack>.yaml` of stacks from manifest and lock.

    Changes nothing but the keys `fleetyard:...` of these files; asks no AWS and starts no Pulumi. `up` writes them too,
    so this is for people who run `pulumi` in a program's folder before the driver has. Says what to type there.

    Example: fleetyard stack-config write --stack 'network/*'
    """
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.files.settings_files import write_settings
    from orchestrator.planning.plan import make_plan
    from orchestrator.planning.selection import select

    world: World = ctx.obj
    opened = open_fleet(world, fleet)
    whole = make_plan(opened.manifest)
    selection = selection_of(account, unit, tag, stack, exclude)
    written = write_settings(_writer(world, opened), select(whole, selection), opened.lock(), dry=dry_run)
    if output is Format.JSON:
        world.give(json.dumps({"files": [_as_json(each) for each in written]}, indent=2))
        return
    world.give("\n".join(_as_text(each) for each in written))
    if lines := _by_hand(opened, whole, written):
        world.say("\n".join(lines))


def _writer(world: World, fleet: Fleet) -> JobWriter:
    from orchestrator.running.job import EngineChoice, EngineKind
    from orchestrator.running.jobs import JobWriter

    engine, backends = EngineChoice(EngineKind.PULUMI), fleet.backends(world.env)
    return JobWriter(fleet.manifest, fleet.workspace, engine, world.env, backends)


def _as_json(written: SettingsFile) -> dict[str, object]:
    return {
        "stack": str(written.stack),
        "file": str(written.file),
        "result": written.writing.value,
        "reason": written.reason or None,
        "backend_url": written.backend.url if written.backend else None,
        "secrets_provider": written.backend.secrets_provider if written.backend else None,
    }


def _as_text(written: SettingsFile) -> str:
    reason = f" ({written.reason.replace('_', ' ')})" if written.reason else ""
    return f"{written.writing.value:<9}  {written.stack}  {written.file}{reason}"


def _by_hand(fleet: Fleet, plan: Plan, written: Sequence[SettingsFile]) -> list[str]:
    """Return what to type to preview the first stack by hand."""
    from orchestrator.by_hand import project_folder

    first = next((each for each in written if each.backend), None)
    if first is None or first.backend is None:
        return []
    planned = plan.stack(first.stack)
    folder = project_folder(fleet.workspace, planned)
    name = first.stack.stack_name
    return [
        "",
        "By hand:",
        f"  cd {shlex.quote(str(folder))}",
        f"  export PULUMI_BACKEND_URL={shlex.quote(first.backend.url)}",
        f"  pulumi stack init {name} --secrets-provider {shlex.quote(first.backend.secrets_provider)}   # once",
        f"  pulumi preview --stack {name}",
    ]
