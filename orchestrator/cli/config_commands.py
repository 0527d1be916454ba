"""The command that shows what the manifest says of an account: config show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import FleetOption, Format, FormatOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landing_zone.manifest.origins import Origin
    from landing_zone.manifest.problems import Place
    from orchestrator.cli.world import World

app = typer.Typer(help="What the manifest says, all its files merged.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def config() -> None:
    """Show what the manifest says, all its files merged."""


@app.command()
def show(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account's name.")],
    *,
    why: Annotated[bool, typer.Option("--why", help="Tell the file and line that each value came from.")] = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show an account's values, and those of the workloads in it.

    Reads files only: no AWS, no Pulumi. Imports are merged and defaults given; a workload's config is shown as it is
    written. With --why each value has its file, line and column, and the places of the values that it won over.

    Example: fleetyard config show plat-prod --why
    """
    from landing_zone.manifest import load_with_places
    from landing_zone.manifest.origins import account_origins
    from orchestrator.files.workspace import find_fleet

    world: World = ctx.obj
    manifest, layers = load_with_places(find_fleet(fleet, world.env, world.folder))
    origins = account_origins(manifest, layers, account)
    if output is Format.JSON:
        values = [{**_as_json(origin), **(_places_as_json(origin) if why else {})} for origin in origins]
        world.give(json.dumps({"account": account, "values": values}, indent=2))
    else:
        world.give(_as_text(origins, why=why))


def _as_json(origin: Origin) -> dict[str, object]:
    return {"key": origin.key, "value": origin.value}


def _places_as_json(origin: Origin) -> dict[str, object]:
    return {
        **_place_as_json(origin.place),
        "won_over": [_place_as_json(place) for place in origin.beaten],
        "entries": [_place_as_json(place) for place in origin.entries],
    }


def _place_as_json(place: Place) -> dict[str, object]:
    return {"file": place.file, "line": place.line, "column": place.column}


def _as_text(origins: Sequence[Origin], *, why: bool) -> str:
    """Return a line for each value; with `why` its place beside it."""
    lines = [f"{origin.key}: {_written(origin.value)}" for origin in origins]
    if not why:
        return "\n".join(lines)
    width = max(map(len, lines))
    return "\n".join(f"{line:<{width}}  {_why(origin)}" for line, origin in zip(lines, origins, strict=True))


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _why(origin: Origin) -> str:
    places = ", ".join(map(str, dict.fromkeys(origin.entries))) if origin.entries else str(origin.place)
    return f"{places} (over {', '.join(map(str, origin.beaten))})" if origin.beaten else places
