"""Options that commands share, each defined once: the same name means the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestrator.planning.selection import Selection


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
AccountWaitOption = Annotated[
    int,
    typer.Option(
        "--account-wait", metavar="SECONDS", min=0, help="How long to wait for a new account to become usable."
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
Selectors = Sequence[str] | None
"""What an option that may be repeated gives."""

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.", show_default=False)]


def selection_of(
    account: Selectors, unit: Selectors, tag: Selectors, stack: Selectors, exclude: Selectors
) -> Selection:
    """Return the stacks that a command's options mean."""
    from orchestrator.planning.selection import Selection

    return Selection(*(tuple(given or ()) for given in (account, unit, tag, stack, exclude)))
