"""The command that takes an account out of service for good: accounts retire."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.account_options import complete_account_name
from orchestrator.cli.options import ConcurrencyOption, FleetOption, Format, FormatOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landing_zone.fleet import Manifest
    from orchestrator.accounts.organization_acts import Act, Acted, ActKind
    from orchestrator.accounts.retirement.obstacles import Leaving, Obstacle
    from orchestrator.accounts.retirement.retire import Retiring
    from orchestrator.accounts.retirement.retire_fleet import Fleetwide
    from orchestrator.accounts.retirement.retired_file import Retirement
    from orchestrator.cli.fleet_files import Fleet
    from orchestrator.cli.world import World
    from orchestrator.running.observers import RunObserver
    from orchestrator.tools import Tools


def retire(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The account's name.", autocompletion=complete_account_name),
    ] = None,
    *,
    go_on: Annotated[bool, typer.Option("--continue", help="Go on with every account that is on its way out.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be lost, and do nothing.")] = False,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="NAME", help="The account's name once more, without a terminal.")
    ] = None,
    concurrency: ConcurrencyOption = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Destroy what runs in an account, and close it in AWS.

    Cannot be undone: what stacks made is deleted first, protected workloads too. Then the account goes to the suspended
    unit, where everything is denied, leaves manifest, state and lock, and is closed; 90 days later AWS deletes it.
    Shows what would be lost and asks for the account's name. Refused for the management account, for any that others
    need, and while something is in the way of destroying it; --dry-run then ends with 2. Every step is noted in
    fleet.retired.yaml: cut short, or while AWS closes no more accounts, it goes on with --continue.

    Example: fleetyard accounts retire core-identity --dry-run
    """
    if go_on == (name is not None):
        raise typer.BadParameter("give one account by name, or --continue")
    from orchestrator.accounts.retirement.errors import RetirementRefused
    from orchestrator.accounts.retirement.obstacles import refuse_obstructed
    from orchestrator.accounts.retirement.retire_alone import alone
    from orchestrator.accounts.retirement.retired_file import on_its_way, retired_path
    from orchestrator.cli.engine_commands import ready_engine
    from orchestrator.cli.fleet_files import open_fleet

    world: World = ctx.obj
    opened = open_fleet(world, fleet)
    engine = ready_engine(world)
    one_at_a_time = nullcontext() if dry_run else alone(retired_path(opened.workspace.lock_path))
    with one_at_a_time, world.open_tools(world.env, engine, concurrency) as tools:
        work = _Work(world, opened, tools)
        retiring = work.retiring()
        account_id = ""
        known = on_its_way(retiring.accounts, name or "", opened.lock().accounts.get(name or ""))
        if name is not None and known is None:
            leaving, obstacles = work.check(name)
            if dry_run:
                _give_losses(world, output, leaving, obstacles)
                raise typer.Exit(RetirementRefused.exit_code if obstacles else 0)
            refuse_obstructed(name, obstacles)
            _confirm(world, leaving, confirm)
            account_id = leaving.id
            retiring.begin(name, account_id, leaving.email)
        elif dry_run:
            _give(world, output, retiring.accounts, opened.manifest)
            return
        elif known is not None:
            account_id = known.id
        done = _carried_on(world, retiring, (account_id,) if account_id else (), as_json=output is Format.JSON)
    _give(world, output, done, opened.manifest)


@dataclass(frozen=True, slots=True)
class _Work:
    """One command at work on one fleet."""

    world: World
    opened: Fleet
    tools: Tools

    def retiring(self) -> Retiring:
        """Return what carries retirements on."""
        from orchestrator.accounts.retirement.retire import AwsSide, Retiring
        from orchestrator.accounts.retirement.retired_file import retired_path

        aws = AwsSide(self._perform, self._act, self.unit_id)
        path = retired_path(self.opened.workspace.lock_path)
        return Retiring(path, self.fleetwide(), aws, self.world.say)

    def check(self, name: str) -> tuple[Leaving, tuple[Obstacle, ...]]:
        """Return what would be lost with an account, and what is in the way; raises why it is never retired so."""
        from landing_zone.errors import AccountUnknown
        from landing_zone.manifest.problems import nearest
        from orchestrator.accounts.retirement.obstacles import Leaving
        from orchestrator.accounts.retirement.rules import refuse_unretirable, suspended_unit_id
        from orchestrator.accounts.unlocked import refuse_unlocked
        from orchestrator.cli.accounts_lifecycle_commands import read_organization_of

        manifest = self.opened.manifest
        known = [account.name for account in manifest.accounts]
        if name not in known:
            raise AccountUnknown(name, str(manifest.path), nearest(name, known))
        refuse_unlocked(manifest, self.opened.lock(), self.opened.workspace, name)
        found = read_organization_of(self.world, manifest, tags=False)
        account_id = self.opened.lock().accounts.get(name, "")
        refuse_unretirable(manifest, manifest.account(name), account_id, found)
        suspended_unit_id(manifest, found)
        fleet = self.fleetwide()
        fleet.removal(name)
        losses = fleet.losses(name)
        # AWS's word for the email: whoever changed it there, to use it again, need not have changed the manifest.
        email = next(each.email for each in found.accounts if each.id == account_id)
        return Leaving(name, account_id, email, losses), fleet.obstacles(name, losses)

    def fleetwide(self) -> Fleetwide:
        """Return the fleet that the account leaves."""
        from orchestrator import composition
        from orchestrator.accounts.retirement.retire_fleet import Fleetwide
        from orchestrator.validation.fleet_rules import load_edited_checked

        workspace = self.opened.workspace
        forget, load = composition.forget_state, load_edited_checked
        return Fleetwide(workspace.fleet, workspace, self.tools, forget, self._observers, load)

    def unit_id(self) -> str:
        """Return the id of the suspended unit as AWS has it now."""
        from orchestrator.accounts.retirement.rules import suspended_unit_id
        from orchestrator.cli.accounts_lifecycle_commands import read_organization_of

        manifest = self.opened.manifest
        return suspended_unit_id(manifest, read_organization_of(self.world, manifest, tags=False))

    def _perform(self, act: Act) -> Acted:
        from orchestrator.accounts.organization_acts import perform_in_own_process

        return self.tools.call(perform_in_own_process, act).result()

    def _act(self, kind: ActKind, account_id: str, parent_id: str) -> Act:
        from orchestrator.accounts.organization_acts import Act
        from orchestrator.workers.environment import caller_environment

        manifest = self.opened.manifest
        env = caller_environment(self.tools.env, manifest.callers.administrator, manifest.region)
        return Act(env, kind, account_id, parent_id)

    def _observers(self) -> Sequence[RunObserver]:
        from orchestrator.running.record import RunRecord

        return (RunRecord(self.opened.workspace.runs),)


def _carried_on(world: World, retiring: Retiring, ids: Sequence[str], *, as_json: bool) -> Sequence[Retirement]:
    """Carry retirements on; one that is interrupted is told how it goes on."""
    from orchestrator.cli.failures import INTERRUPTED, INTERRUPTED_EXIT, give_error
    from orchestrator.next_steps import GO_ON_RETIRING

    try:
        return retiring.carry_on(ids)
    except KeyboardInterrupt:
        world.say(f"What is done is noted in fleet.retired.yaml; go on with it: {GO_ON_RETIRING}")
        fields = {"code": INTERRUPTED, "exit_code": INTERRUPTED_EXIT, "message": "interrupted", "why": ""}
        give_error({**fields, "hint": GO_ON_RETIRING}, world, as_json=as_json)
        raise


def _confirm(world: World, leaving: Leaving, typed: str | None) -> None:
    from orchestrator.accounts.retirement.retired_report import losses_as_text
    from orchestrator.errors import ConfirmationNeeded, ConfirmationWrong

    name = leaving.name
    if typed is None and world.ask is not None:
        world.say(losses_as_text(leaving))
        typed = world.ask(f"This closes the account {name} in AWS and cannot be undone.\nType its name to go on: ")
    if typed is None:
        raise ConfirmationNeeded(
            f"retiring {name} has to be confirmed by its name",
            subject=name,
            why="this is no terminal to ask on",
            not_run="anything: nothing was changed",
            hint=f"look at it with --dry-run, then add --confirm {name}",
        )
    if typed != name:
        raise ConfirmationWrong(
            f"{typed!r} is not the account's name",
            not_run="anything: nothing was changed",
            hint=f"fleetyard accounts retire {name} --confirm {name}",
        )


def _give_losses(world: World, output: Format, leaving: Leaving, obstacles: Sequence[Obstacle]) -> None:
    from orchestrator.accounts.retirement.retired_report import losses_as_json, losses_as_text

    if output is Format.JSON:
        world.give(json.dumps(losses_as_json(leaving, obstacles), indent=2))
    else:
        world.give(losses_as_text(leaving, obstacles))


def _give(world: World, output: Format, accounts: Sequence[Retirement], manifest: Manifest) -> None:
    from orchestrator.accounts.retirement.retired_report import retired_as_json, retired_as_text

    if output is Format.JSON:
        world.give(json.dumps({"accounts": [retired_as_json(each) for each in accounts]}, indent=2))
    else:
        world.give(retired_as_text(accounts, account_map=manifest.access.map_readers is not None))
