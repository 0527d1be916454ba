"""The commands that read and edit what the manifest says of accounts: accounts list, show, add, suspend, resume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.account_options import (
    AccountArgument,
    DryRunOption,
    editor_of,
    finish_edit,
    open_account_fleet,
    pairs_of,
    refuse_second_id,
    suspending,
)
from orchestrator.cli.options import FleetOption, Format, FormatOption

if TYPE_CHECKING:
    from orchestrator.accounts.live import LiveAccounts
    from orchestrator.cli.fleet_files import Fleet
    from orchestrator.cli.world import World

app = typer.Typer(
    help="The accounts of the organisation, from the first line in the manifest to the last.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
LiveOption = Annotated[bool, typer.Option("--live", help="Ask AWS, as the administrator, what state each is in.")]


@app.command("list")
def list_accounts(
    ctx: typer.Context, *, live: LiveOption = False, fleet: FleetOption = None, output: FormatOption = Format.TEXT
) -> None:
    """List the accounts of manifest and lock.

    Reads files only: no Pulumi, and AWS only with --live (organizations:ListAccounts, one call for 20 accounts). The
    state is one of: in the manifest only, created, suspended (left alone by runs), in the lock only; with --live also
    closed, or not in the organisation.

    Example: fleetyard accounts list --live
    """
    from orchestrator.accounts.overview import account_lines, line_as_json
    from orchestrator.accounts.retirement.retired_lines import with_retired
    from orchestrator.cli.account_tables import accounts_as_text
    from orchestrator.planning.plan import make_plan

    world: World = ctx.obj
    opened = open_account_fleet(world, fleet, files_only=not live)
    answer = _asked(world, opened) if live else None
    lines = account_lines(opened.manifest, opened.lock(), make_plan(opened.manifest), answer)
    lines = with_retired(lines, opened.workspace.lock_path)
    refused = answer.refused if answer else ""
    if output is Format.JSON:
        fields = {"accounts": [line_as_json(line) for line in lines], **({"refused": refused} if refused else {})}
        world.give(json.dumps(fields, indent=2))
    else:
        world.give(accounts_as_text(lines, refused))


@app.command()
def show(
    ctx: typer.Context,
    name: AccountArgument,
    *,
    live: LiveOption = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show everything of one account.

    Reads files and states only, those of workloads as their caller; AWS's list of accounts with --live. Shows id and
    state, the roles in it with who is granted them and who may become those, its stacks and what their state holds, and
    each value with the file and line that it is written at.

    Example: fleetyard accounts show plat-prod
    """
    from landing_zone.manifest import load_with_places
    from landing_zone.manifest.origins import account_origins
    from orchestrator.accounts.overview import account_lines, account_view, view_as_json
    from orchestrator.accounts.retirement.retired_lines import retired_account, with_retired
    from orchestrator.accounts.retirement.retired_report import retired_as_json, retired_as_text
    from orchestrator.cli.account_tables import account_as_text
    from orchestrator.planning.plan import make_plan
    from orchestrator.state.backends import BucketReader
    from orchestrator.status import read_status

    world: World = ctx.obj
    opened = open_account_fleet(world, fleet)
    if (gone := retired_account(opened.manifest, name, opened.workspace.lock_path)) is not None:
        world.give(json.dumps(retired_as_json(gone), indent=2) if output is Format.JSON else retired_as_text((gone,)))
        return
    manifest, layers = load_with_places(opened.manifest.path)
    origins = account_origins(manifest, layers, name)
    plan = make_plan(opened.manifest)
    answer = _asked(world, opened) if live else None
    lines = with_retired(account_lines(opened.manifest, opened.lock(), plan, answer), opened.workspace.lock_path)
    line = next(line for line in lines if line.name == name)
    backends = opened.backends(world.env)
    own = [planned for planned in plan.stacks if planned.account.name == name]
    reader = BucketReader(backends, world.env, world.read_bucket)
    record = read_status(opened.manifest, backends, plan, own, reader.record)
    view = account_view(opened.manifest, line, record.stacks, origins)
    refused = answer.refused if answer else ""
    if output is Format.JSON:
        world.give(json.dumps(view_as_json(view) | ({"refused": refused} if refused else {}), indent=2))
    else:
        world.give(account_as_text(view, refused))


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name: <unit>-<stage or purpose>.")],
    *,
    unit: Annotated[str, typer.Option("--unit", metavar="PATH", help="The unit it is in, such as plat or plat/eu.")],
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="The root user's, unique in all of AWS.")],
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="Such as prod or dev.", show_default=False)
    ] = "",
    account_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="Of an account that exists already.", show_default=False)
    ] = "",
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="KEY=VALUE", help="A tag. May be repeated.")] = None,
    var: Annotated[
        list[str] | None,
        typer.Option("--var", metavar="KEY=VALUE", help="A variable; VALUE may be JSON. May be repeated."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="Which file of the manifest; else the one with the unit's last account."
        ),
    ] = None,
    dry_run: DryRunOption = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Add an account to the manifest.

    Writes lines into the manifest, or into the imported file that has the unit, and changes no other line; the whole
    manifest is checked before. Refused for a name, email or id that is there already, and for email and id of a retired
    account. Touches no AWS account: the next `up` of the organisation makes it.

    Example: fleetyard accounts add plat-test --unit plat --email aws+plat-test@acme.example --stage test --dry-run
    """
    from orchestrator.accounts.retirement.retired_file import load_retired, retired_path
    from orchestrator.accounts.retirement.retired_lines import refuse_retired_email, refuse_retired_id

    world: World = ctx.obj
    given = {
        "email": email,
        "stage": stage,
        "id": account_id,
        "tags": pairs_of("--tag", tag),
        "vars": pairs_of("--var", var, as_json=True),
    }
    opened = open_account_fleet(world, fleet)
    retired = load_retired(retired_path(opened.workspace.lock_path))
    refuse_retired_id(retired, account_id)
    refuse_retired_email(retired, email)
    editor = editor_of(opened)
    block = {key: value for key, value in given.items() if value}
    editor.add_accounts(unit, {name: block}, world.folder / file if file else None)
    edit = editor.finish()
    refuse_second_id(opened, edit)
    first = f"fleetyard accounts adopt {account_id}" if account_id else "fleetyard preview --stack organization"
    told = [f"{name} is in the manifest, in the unit {unit}"]
    finish_edit(world, edit, told, [f"{first}, then: fleetyard up"], output, dry=dry_run)


@app.command()
def suspend(
    ctx: typer.Context,
    name: AccountArgument,
    *,
    dry_run: DryRunOption = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Let runs leave an account alone.

    Touches no AWS account: writes `suspended: true` into the manifest. From then on up, preview, refresh, destroy and
    rehearse skip the account's stacks and say so; what is deployed in it stays, and so does the account itself.

    Example: fleetyard accounts suspend plat-sandbox
    """
    _set_suspended(ctx.obj, name, fleet, output, suspended=True, dry=dry_run)


@app.command()
def resume(
    ctx: typer.Context,
    name: AccountArgument,
    *,
    dry_run: DryRunOption = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Let runs work on a suspended account again.

    Touches no AWS account: takes `suspended` out of the manifest. After `accounts release` the states are gone: put
    them back first, or the next `up` would make everything a second time.

    Example: fleetyard accounts resume plat-sandbox
    """
    _set_suspended(ctx.obj, name, fleet, output, suspended=False, dry=dry_run)


def _set_suspended(world: World, name: str, fleet: Path | None, output: Format, *, suspended: bool, dry: bool) -> None:
    from orchestrator.accounts.release import kept_states

    opened = open_account_fleet(world, fleet)
    edit = suspending(opened, name, suspended=suspended)
    words = "suspended: runs leave it alone" if suspended else "not suspended: runs work on it"
    already = "" if edit.changes else "already "
    step = f"fleetyard accounts resume {name}, to take it back" if suspended else f"fleetyard preview --account {name}"
    if not suspended and opened.manifest.account(name).in_suspended_unit:
        unit = opened.manifest.governance.suspended_unit
        words = f"in {unit}, the suspended unit: runs leave it alone until it is written under another unit"
        step = f"fleetyard accounts show {name}"
    kept = kept_states(opened.workspace, name)
    if not suspended and kept.is_dir():
        world.say(
            f"states that were released are kept in {kept}: put them back, or an up makes all of it a second time"
        )
    finish_edit(world, edit, [f"{name} is {already}{words}"], [step], output, dry=dry)


def _asked(world: World, opened: Fleet) -> LiveAccounts:
    from orchestrator.accounts.live import ask_accounts
    from orchestrator.workers.environment import caller_environment

    manifest = opened.manifest
    env = caller_environment(world.env, manifest.callers.administrator, manifest.region)
    with world.open_children() as children:
        return children.submit(ask_accounts, env).result()
