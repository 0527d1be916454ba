"""The command line as a whole: which commands there are, and how each error ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from orchestrator.cli import (
    accounts_commands,
    accounts_lifecycle_commands,
    accounts_release_commands,
    accounts_retire_commands,
    config_commands,
    doctor_commands,
    engine_commands,
    explain_commands,
    failures,
    fleet_commands,
    operation_commands,
    people_commands,
    pulumi_commands,
    rehearsal_commands,
    sign_in_commands,
    stack_config_commands,
    state_commands,
    twin_commands,
    verify_commands,
    workload_commands,
)

if TYPE_CHECKING:
    from orchestrator.cli.world import World

PROGRAM = "fleetyard"
USAGE_EXIT = 2

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
app.command()(people_commands.console)
app.command()(verify_commands.verify)
app.command()(doctor_commands.doctor)
app.command()(explain_commands.explain)
app.command()(explain_commands.version)
people_commands.profiles.command()(sign_in_commands.sign_in)
app.add_typer(people_commands.profiles, name="profiles")
accounts_commands.app.command()(accounts_release_commands.release)
accounts_commands.app.command()(accounts_release_commands.remove)
accounts_commands.app.command()(accounts_lifecycle_commands.discover)
accounts_commands.app.command()(accounts_lifecycle_commands.adopt)
accounts_commands.app.command()(accounts_retire_commands.retire)
app.add_typer(accounts_commands.app, name="accounts")
app.add_typer(config_commands.app, name="config")
app.add_typer(stack_config_commands.app, name="stack-config")
app.add_typer(engine_commands.app, name="engine")
app.add_typer(state_commands.app, name="state")
app.add_typer(twin_commands.app, name="twin")
app.add_typer(workload_commands.app, name="workload")


def run(arguments: Sequence[str], world: World) -> int:
    """Run one command and return its exit code; what went wrong is told on standard error, without a traceback."""
    as_json = failures.wants_json(arguments)
    command = typer.main.get_command(app)
    try:
        code = command.main(args=list(arguments), prog_name=PROGRAM, obj=world, standalone_mode=False)
    except KeyboardInterrupt:
        return failures.tell_interrupt(world, as_json=as_json)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except Exception as error:  # noqa: BLE001  (the last net: every error ends in a message and a code)
        if callable(show := getattr(error, "show", None)) and callable(words := getattr(error, "format_message", None)):
            # What typer raises for a command line that it cannot understand; its class is in no public module.
            show()
            return failures.tell_usage(words(), getattr(error, "exit_code", USAGE_EXIT), world, as_json=as_json)
        return failures.tell(error, world, as_json=as_json)
    if code == failures.INTERRUPTED_EXIT and not world.given:
        return failures.tell_interrupt(world, as_json=as_json)
    return code if isinstance(code, int) else 0
