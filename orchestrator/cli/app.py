"""The command line as a whole: which commands there are, and how each error ends."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from orchestrator.cli import (
    explain_commands,
    fleet_commands,
    operation_commands,
    pulumi_commands,
    rehearsal_commands,
    twin_commands,
)

if TYPE_CHECKING:
    from orchestrator.cli.world import World

PROGRAM = "fleetyard"
BUG_EXIT = 70
INTERRUPTED_EXIT = 130

app = typer.Typer(
    name=PROGRAM,
    help="Set up and run an AWS organisation of many accounts with Pulumi, and rehearse it offline.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(rehearsal_commands.rehearse)
app.command()(fleet_commands.validate)
app.command()(fleet_commands.plan)
app.command()(operation_commands.preview)
app.command()(operation_commands.up)
app.command()(operation_commands.refresh)
app.command()(operation_commands.destroy)
app.command()(fleet_commands.status)
app.command(context_settings=pulumi_commands.PASSED_ON)(pulumi_commands.pulumi)
app.command()(explain_commands.explain)
app.command()(explain_commands.version)
app.add_typer(twin_commands.app, name="twin")


def run(arguments: Sequence[str], world: World) -> int:
    """Run one command and return its exit code; what went wrong is told on standard error, without a traceback."""
    try:
        typer.main.get_command(app).main(args=list(arguments), prog_name=PROGRAM, obj=world)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        world.say("Interrupted.")
        return INTERRUPTED_EXIT
    except Exception as error:  # noqa: BLE001  (the last net: every error ends in a message and a code)
        return _tell(error, world)
    return 0


def _tell(error: Exception, world: World) -> int:
    """Tell an error and return its exit code. The rehearsal's errors have the same shape as ours."""
    if isinstance(error, OSError) and error.filename is not None:
        from orchestrator.errors import FilesUnusable  # noqa: PLC0415  (only here, at the end of a command)

        error = FilesUnusable(f"{error.filename} cannot be used", why=error.strerror or str(error))
    code = getattr(error, "exit_code", None)
    if isinstance(code, int) and isinstance(getattr(error, "summary", None), str) and code != BUG_EXIT:
        world.say(str(error))
        return code
    note = _write_traceback(error, world.folder)
    world.say(
        f"FY901: a bug in Fleetyard, not a mistake of yours\n"
        f"  why: {type(error).__name__}: {error}\n"
        f"  next: report it at the project's issue tracker with {note} (read it first; it holds names of stacks)"
    )
    return BUG_EXIT


def _write_traceback(error: Exception, folder: Path) -> Path:
    """Write the traceback to a file in the folder, or where that cannot be written to, in a temporary one."""
    text = "".join(traceback.format_exception(error))
    name = f"{datetime.now(tz=UTC):%Y%m%dT%H%M%S%f}.txt"
    note = folder / ".fleetyard" / "bugs" / name
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(text, encoding="utf-8")
    except OSError:
        note = Path(tempfile.mkdtemp(prefix="fleetyard-")) / name
        note.write_text(text, encoding="utf-8")
    return note
