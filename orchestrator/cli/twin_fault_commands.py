"""The commands that change a running twin: twin faults add, list, remove, clear; twin settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.options import FleetOption, Format, FormatOption
from orchestrator.cli.twin_place import run_file_of

if TYPE_CHECKING:
    from orchestrator.cli.world import World

faults = typer.Typer(help="Let AWS fail as ordered.", no_args_is_help=True, rich_markup_mode=None)


@faults.command()
def add(
    ctx: typer.Context,
    *,
    error: Annotated[
        str | None,
        typer.Option(
            "--error",
            metavar="KIND|CODE",
            help="throttling, internal-error, service-unavailable, connection-reset, timeout, unassumable-role, "
            "expired-session, or an error code of AWS's such as NoSuchEntity.",
            show_default=False,
        ),
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="NAME", help="Only this service, such as sts; else any.")
    ] = None,
    operation: Annotated[
        str | None, typer.Option("--operation", metavar="GLOB", help="Only these operations, such as 'Create*'.")
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="GLOB", help="Only callers of this account (its id).")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", metavar="GLOB", help="Only this region.")] = None,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", metavar="GLOB", help="Only callers in this role; of unassumable-role the role to be assumed."
        ),
    ] = None,
    times: Annotated[
        int | None, typer.Option("--times", metavar="N", help="Strike so often; else until it is removed.")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--after", metavar="N", help="Let so many pass first; of sessions: calls each has.")
    ] = None,
    after_s: Annotated[
        int | None, typer.Option("--after-s", metavar="N", help="Seconds that each session lasts (expired-session).")
    ] = None,
    probability: Annotated[
        float | None, typer.Option("--probability", metavar="P", help="How likely each is struck, such as 0.2.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Draws the chances: the same seed, the same faults.")
    ] = None,
    latency_ms: Annotated[
        int | None, typer.Option("--latency-ms", metavar="N", help="Milliseconds that the answer waits.")
    ] = None,
    status: Annotated[
        int | None, typer.Option("--status", metavar="N", help="HTTP status of an error code; else the service's.")
    ] = None,
    message: Annotated[str | None, typer.Option("--message", help="The error's words; else AWS's.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Several faults from a YAML file.", show_default=False)
    ] = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Order a fault, or those of a file.

    Touches no AWS account: the running twin fails so until the fault is removed or the twin ends. Each fault is told
    with its id. The answer that a request gets has the shape and the code of the service asked.

    Example: fleetyard twin faults add --service sts --operation AssumeRole --error throttling --times 3

    fleetyard twin faults add --service iam --operation 'Create*' --account 100000000042 --error internal-error

    fleetyard twin faults add --error unassumable-role --role Admin --account 100000000042

    fleetyard twin faults add --error expired-session --role Admin --after 20 --times 1

    fleetyard twin faults add --service s3 --latency-ms 800 --probability 0.1 --seed 7

    fleetyard twin faults add --file faults.yaml
    """
    from orchestrator import composition

    world: World = ctx.obj
    given = {
        name: value
        for name, value in {
            "error": error,
            "service": service,
            "operation": operation,
            "account": account,
            "region": region,
            "role": role,
            "times": times,
            "after": after,
            "after_s": after_s,
            "probability": probability,
            "seed": seed,
            "latency_ms": latency_ms,
            "status": status,
            "message": message,
        }.items()
        if value is not None
    }
    if file is not None and given:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise typer.BadParameter(f"--file holds whole faults, so {names} cannot be given with it")
    orders = composition.fault_orders(run_file_of(world, fleet))
    made = orders.add_file(world.folder / file) if file is not None else orders.add(given)
    _give(world, made, output)


@faults.command(name="list")
def list_(ctx: typer.Context, fleet: FleetOption = None, output: FormatOption = Format.TEXT) -> None:
    """Show the faults on order and how often each has struck.

    Changes nothing. `matched` counts the requests that a fault means, `hits` those it struck.

    Example: fleetyard twin faults list --format json
    """
    from orchestrator import composition

    world: World = ctx.obj
    _give(world, composition.fault_orders(run_file_of(world, fleet)).list(), output)


@faults.command()
def remove(
    ctx: typer.Context,
    fault_id: Annotated[str, typer.Argument(metavar="ID", help="As `twin faults list` shows it.")],
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take one fault away.

    Touches no AWS account. Whoever it keeps waiting gets an answer. A session that it ended stays ended.

    Example: fleetyard twin faults remove fault-3
    """
    from orchestrator import composition

    world: World = ctx.obj
    composition.fault_orders(run_file_of(world, fleet)).remove(fault_id)
    _tell(world, f"{fault_id} is gone.", {"removed": [fault_id]}, output)


@faults.command()
def clear(ctx: typer.Context, fleet: FleetOption = None, output: FormatOption = Format.TEXT) -> None:
    """Take all faults away.

    Touches no AWS account. Sessions that a fault has ended stay ended.

    Example: fleetyard twin faults clear
    """
    from orchestrator import composition

    world: World = ctx.obj
    orders = composition.fault_orders(run_file_of(world, fleet))
    gone = [str(each["id"]) for each in orders.list()]
    orders.clear()
    words = f"{len(gone)} {'fault is' if len(gone) == 1 else 'faults are'} gone." if gone else "There was no fault."
    _tell(world, words, {"removed": gone}, output)


def settings(
    ctx: typer.Context,
    changes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=VALUE]...",
            help="What to change, such as rate_limits=aws or quotas.accounts=10.",
            show_default=False,
        ),
    ] = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show the running twin's settings, or change some.

    Touches no AWS account. All changes are made or none. docs/twin.md says what each does.

    Example: fleetyard twin settings rate_limits=aws latency_ms=20
    """
    from orchestrator import composition

    world: World = ctx.obj
    found = composition.twin_settings(run_file_of(world, fleet), dict(_setting(change) for change in changes or ()))
    # The issuers' keys are long, and for programs.
    shown = {name: value for name, value in found.items() if name != "issuers"}
    _tell(world, "\n".join(f"{name:<20} {_plain(value)}" for name, value in shown.items()), shown, output)


def _setting(change: str) -> tuple[str, object]:
    name, equals, text = change.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"{change!r} is not NAME=VALUE")
    if text in ("true", "false"):
        return name, text == "true"
    return name, int(text) if text.lstrip("-").isdigit() else text


def _give(world: World, found: Sequence[Mapping[str, Any]], output: Format) -> None:
    lines = [_line(fault) for fault in found] or ["There is no fault on order."]
    _tell(world, "\n".join(lines), {"faults": list(found)}, output)


def _line(fault: Mapping[str, Any]) -> str:
    counted = ("id", "matched", "hits")
    what = " ".join(f"{name}={_plain(value)}" for name, value in fault.items() if name not in counted)
    return f"{fault['id']}  {what}  ({fault['hits']} of {fault['matched']} struck)"


def _plain(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool | dict | list) else str(value)


def _tell(world: World, words: str, data: object, output: Format) -> None:
    world.give(json.dumps(data, indent=2) if output is Format.JSON else words)
