"""Options that commands share, each defined once: the same name means the same everywhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How data is written."""

    TEXT = "text"
    JSON = "json"


class Engine(StrEnum):
    """What executes stacks."""

    EMBEDDED = "embedded"
    PULUMI = "pulumi"


FleetOption = Annotated[
    Path | None,
    typer.Option(
        "--fleet",
        metavar="FILE",
        envvar="FLEETYARD_FLEET",
        help="The manifest; else fleet.yaml here or in the nearest folder above.",
        show_default=False,
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is written to standard output.")]
ConcurrencyOption = Annotated[
    int | None,
    typer.Option(
        "--concurrency",
        metavar="N",
        min=1,
        envvar="FLEETYARD_CONCURRENCY",
        help="Stacks at a time; by default two per core, fewer if memory is short.",
        show_default=False,
    ),
]
AccountOption = Annotated[
    list[str] | None,
    typer.Option("--account", metavar="GLOB", help="Only these accounts, such as 'plat-*'. May be repeated."),
]
UnitOption = Annotated[
    list[str] | None,
    typer.Option("--unit", metavar="PATH", help="Only accounts in this unit or below it. May be repeated."),
]
TagOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tag", metavar="KEY=VALUE", help="Only accounts with this tag; VALUE may be a glob. May be repeated."
    ),
]
StackOption = Annotated[
    list[str] | None,
    typer.Option(
        "--stack", metavar="GLOB", help="Only these stacks, such as 'network/*', or a program. May be repeated."
    ),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="GLOB", help="Not these stacks, programs or accounts. May be repeated."),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.", show_default=False)]
