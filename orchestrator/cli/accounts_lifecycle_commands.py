"""The commands that take accounts in: accounts discover, accounts adopt."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.account_options import open_account_fleet
from orchestrator.cli.options import ConcurrencyOption, FleetOption, Format, FormatOption, YesOption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from landing_zone.fleet import Manifest
    from landing_zone.lock import Lock
    from orchestrator.accounts.adoption.adopt import Adopted, Draft
    from orchestrator.accounts.adoption.adoption import AdoptionPlan
    from orchestrator.accounts.adoption.first_manifest import FirstWords
    from orchestrator.accounts.adoption.found import FoundAccount, FoundOrganization
    from orchestrator.cli.world import World
    from orchestrator.files.workspace import Workspace
    from orchestrator.running.observers import RunObserver


def discover(ctx: typer.Context, fleet: FleetOption = None, output: FormatOption = Format.TEXT) -> None:
    """Compare the manifest with the organisation that AWS has.

    Changes nothing: it runs as the administrator and only reads. Tells accounts and units that are in AWS and not in
    the manifest, and the reverse; accounts known by their email only; emails, names and units that differ; accounts
    that are closed. Ends with exit code 0 whatever it finds.

    Example: fleetyard accounts discover --format json
    """
    from orchestrator.accounts.discovery import discover as compare
    from orchestrator.accounts.discovery_report import discovery_as_json, discovery_as_text
    from orchestrator.accounts.retirement.retired_file import load_retired, retired_path

    world: World = ctx.obj
    opened = open_account_fleet(world, fleet)
    lock = opened.lock()
    retired = load_retired(retired_path(opened.workspace.lock_path))
    found = compare(opened.manifest, lock, read_organization_of(world, opened.manifest, tags=False), retired)
    world.give(json.dumps(discovery_as_json(found), indent=2) if output is Format.JSON else discovery_as_text(found))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `accounts adopt` was given."""

    account: str | None
    stage: str
    fleet: Path | None
    concurrency: int | None
    first: Mapping[str, str | None]


def adopt(
    ctx: typer.Context,
    account: Annotated[
        str | None, typer.Argument(metavar="NAME_OR_ID", help="An account of the organisation, by id or AWS's name.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every account and every unit of the organisation.")] = False,
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="For accounts that have no tag `stage`.", show_default=False)
    ] = "",
    organization: Annotated[
        str | None, typer.Option("--organization", metavar="NAME", help="For a first manifest: the fleet's short name.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", metavar="REGION", help="For a first manifest: the home region.")
    ] = None,
    administrator: Annotated[
        str | None,
        typer.Option("--administrator", metavar="PROFILE", help="For a first manifest: callers.administrator."),
    ] = None,
    management: Annotated[
        str | None, typer.Option("--management", metavar="PROFILE", help="For a first manifest: callers.management.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")] = False,
    yes: YesOption = False,
    concurrency: ConcurrencyOption = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take accounts that exist into manifest, lock and state.

    Changes nothing in AWS, which is only read. One account, or with --all the whole organisation with its units. Where
    there is no fleet.yaml, --all writes a first one. Previews before anything is written: if AWS would see any change,
    nothing is done and the differences are named. Afterwards a preview is clean; where AWS was changed by hand the
    differences are named, and refresh shows them. Accounts that are being retired are left alone. On a terminal it asks
    first, elsewhere it demands --yes. Repeat it if it was broken off.

    Example: fleetyard accounts adopt --all --dry-run
    """
    if every == (account is not None):
        raise typer.BadParameter("give one account by name or id, or --all")
    first = {
        "--organization": organization,
        "--region": region,
        "--administrator": administrator,
        "--management": management,
    }
    asked = _Asked(account, stage, fleet, concurrency, first)
    world: World = ctx.obj
    place = _place(world, asked)
    found = read_organization_of(world, place.manifest, tags=True)
    world.say(f"Read {found.id}: {len(found.accounts)} accounts, {len(found.units)} units, {found.calls} calls")
    plan = _plan(place, found, asked)
    draft = _draft(place, found, plan)
    _carry_out(_Work(world, place, found, plan, draft, concurrency), output, dry_run=dry_run, yes=yes)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a fleet is, or is going to be: then `words` are those of its first manifest."""

    manifest: Manifest
    workspace: Workspace
    lock: Lock
    words: FirstWords | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """Everything about one adoption that is known before anything is done."""

    world: World
    place: _Place
    found: FoundOrganization
    plan: AdoptionPlan
    draft: Draft
    concurrency: int | None


def _place(world: World, asked: _Asked) -> _Place:
    from orchestrator.accounts.adoption.first_manifest import empty_manifest
    from orchestrator.errors import FleetNotFound
    from orchestrator.files.workspace import FLEET_FILE, committed, find_fleet

    try:
        path = find_fleet(asked.fleet, world.env, world.folder)
    except FleetNotFound:
        path = world.folder / FLEET_FILE
    if path.exists() or asked.account is not None:
        opened = open_account_fleet(world, asked.fleet)
        return _Place(opened.manifest, opened.workspace, opened.lock())
    from landing_zone.lock import Lock

    words = _first_words(asked, path)
    return _Place(empty_manifest(path, words), committed(path), Lock(), words)


def _first_words(asked: _Asked, path: Path) -> FirstWords:
    from landing_zone.fleet import Callers
    from orchestrator.accounts.adoption.errors import FirstManifestIncomplete
    from orchestrator.accounts.adoption.first_manifest import FirstWords

    given = {option: value for option, value in asked.first.items() if value}
    missing = [option for option in asked.first if option not in given]
    if missing:
        raise FirstManifestIncomplete(
            "there is no manifest yet, and what a first one must say is not given",
            subject=str(path),
            why=f"missing: {', '.join(missing)}",
            not_run="anything",
            hint=f"fleetyard accounts adopt --all {' '.join(f'{option} ...' for option in missing)}",
        )
    callers = Callers(given["--administrator"], given["--management"])
    return FirstWords(given["--organization"], given["--region"], callers)


def read_organization_of(world: World, manifest: Manifest, *, tags: bool) -> FoundOrganization:
    """Return the organisation as the administrator sees it; raises what `organization_of` raises."""
    from orchestrator.accounts.adoption.found import Question
    from orchestrator.accounts.organization_reader import read_organization
    from orchestrator.accounts.reading import organization_of
    from orchestrator.cli.fleet_files import refuse_half_joined
    from orchestrator.workers.environment import caller_environment

    refuse_half_joined(world.env)
    profile = manifest.callers.administrator
    env = caller_environment(world.env, profile, manifest.region)
    with world.open_children() as children:
        answer = children.submit(read_organization, Question(env, tags)).result()
    expected = next((account.id for account in manifest.accounts if account.management), "")
    return organization_of(answer, profile, expected)


def _plan(place: _Place, found: FoundOrganization, asked: _Asked) -> AdoptionPlan:
    from orchestrator.accounts.adoption.adoption import plan_adoption
    from orchestrator.accounts.reading import account_meant, refuse_retired, refuse_unadoptable
    from orchestrator.accounts.retirement.retired_file import load_retired, retired_path
    from orchestrator.accounts.retirement.retired_lines import retired_account

    retired = load_retired(retired_path(place.workspace.lock_path))
    only: FoundAccount | None = None
    if asked.account is not None:
        if (leaving := retired_account(place.manifest, asked.account, place.workspace.lock_path)) and not leaving.gone:
            refuse_retired(leaving.id, retired)
        only = account_meant(asked.account, found, place.manifest, place.lock)
        refuse_retired(only.id, retired)
    refuse_unadoptable(found, only)
    return plan_adoption(place.manifest, place.lock, found, only, asked.stage, retired)


def _draft(place: _Place, found: FoundOrganization, plan: AdoptionPlan) -> Draft:
    from orchestrator.accounts.adoption.adopt import draft_edit, draft_first
    from orchestrator.accounts.errors import EditRefused
    from orchestrator.validation.fleet_rules import load_edited_checked

    path = place.workspace.fleet
    if place.words is not None:
        return draft_first(path, place.words, found, plan, load_edited_checked)
    try:
        return draft_edit(path, plan, load_edited_checked)
    except EditRefused as error:
        new = [(unit, name, block) for unit, accounts in plan.accounts.items() for name, block in accounts.items()]
        if len(new) == 1:
            ((unit, name, block),) = new
            words = f"--unit {unit} --email {block['email']} --id {plan.imports.accounts[name]} --var KEY=VALUE"
            error.hint = (
                "correct the lines named, and repeat the command; where the account lacks a value: "
                f"fleetyard accounts add {name} {words}, then: fleetyard accounts adopt {name}"
            )
        raise


def _carry_out(work: _Work, output: Format, *, dry_run: bool, yes: bool) -> None:
    from orchestrator.accounts.adoption.adopt import Adopted, Adopter, nothing_left
    from orchestrator.accounts.adoption.matching import match
    from orchestrator.accounts.adoption.report import adopted_as_json, adopted_as_text
    from orchestrator.accounts.discovery import changed_by_hand
    from orchestrator.cli.engine_commands import ready_engine
    from orchestrator.state.verify import counted

    world = work.world
    engine = ready_engine(world)
    with _nothing_left(work.place.workspace) as keep, world.open_tools(world.env, engine, work.concurrency) as tools:
        known = match(work.place.manifest, work.place.lock, work.found)
        by_email = {name: known.accounts[name].id for name in known.by_email}
        adopter = Adopter(work.draft, work.place.workspace, tools, lambda: _observers(work), by_email)
        world.say("Previewing what would be taken into the state")
        count = adopter.preview()
        _tell_kept_states(work)
        done: Adopted | None = None
        if nothing_left(work.draft, count, work.place.lock):
            done = Adopted()
        elif not dry_run:
            _confirm(work, count, yes=yes)
            keep()
            world.say(f"Taking {counted(count, 'resource')} into the state")
            try:
                done = adopter.carry_out()
            except KeyboardInterrupt:
                world.say("Cut short: what is done stays done. To go on, repeat the command")
                raise
    differences = changed_by_hand(work.draft.manifest, work.place.lock, work.found)
    if output is Format.JSON:
        world.give(json.dumps(adopted_as_json(work.found, work.plan, done, count, differences), indent=2))
        return
    world.give(adopted_as_text(work.found, work.plan, done, work.draft.words, count, differences))


@contextmanager
def _nothing_left(workspace: Workspace) -> Iterator[Callable[[], None]]:
    """Take away the folder of states that a preview makes where there was none, unless it is said to be kept."""
    made = not workspace.state.exists()
    kept: list[bool] = []
    try:
        yield lambda: kept.append(True)
    finally:
        if made and not kept:
            shutil.rmtree(workspace.state, ignore_errors=True)


def _tell_kept_states(work: _Work) -> None:
    """Say of which accounts that come back there are states that were kept when they were released."""
    from orchestrator.accounts.release import kept_states

    for name in (*(name for accounts in work.plan.accounts.values() for name in accounts), *work.plan.changed):
        kept = kept_states(work.place.workspace, name)
        if kept.is_dir():
            work.world.say(
                f"{name}: states that were released are kept in {kept}: put each back before an up makes all of it a "
                "second time: fleetyard pulumi stack init, then: fleetyard pulumi stack import --file FILE, in its "
                "program's folder (docs/accounts.md)"
            )


def _observers(work: _Work) -> Sequence[RunObserver]:
    from orchestrator.running.record import RunRecord

    return (RunRecord(work.place.workspace.runs),)


def _confirm(work: _Work, count: int, *, yes: bool) -> None:
    from orchestrator.errors import ConfirmationNeeded, ConfirmationWrong
    from orchestrator.state.verify import counted

    world = work.world
    if yes:
        return
    if world.ask is None:
        raise ConfirmationNeeded(
            f"adopting from {work.found.id} has to be confirmed",
            why="this is no terminal to ask on",
            not_run="anything: nothing was written",
            hint="look at it with --dry-run, then add --yes",
        )
    world.say(work.draft.words)
    taken = f"{counted(count, 'resource')} of {work.found.id}"
    question = f"Write this and take {taken} into the state? AWS is not changed. [y/N] "
    if world.ask(question).lower() not in {"y", "yes"}:
        raise ConfirmationWrong(
            "not confirmed", not_run="anything: nothing was written", hint="repeat the command and answer y"
        )
