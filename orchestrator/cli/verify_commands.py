"""The command that compares who reaches what, and what policies deny, with the manifest: verify."""

from __future__ import annotations

import json
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
    from collections.abc import Mapping
    from pathlib import Path

    from landing_zone.fleet import Manifest
    from orchestrator.cli.world import World
    from orchestrator.planning.selection import Selection
    from orchestrator.verify.probing import SignedIn
    from orchestrator.verify.verification import Verification, Verifier


def verify(
    ctx: typer.Context,
    account: AccountOption = None,
    unit: UnitOption = None,
    tag: TagOption = None,
    stack: StackOption = None,
    exclude: ExcludeOption = None,
    *,
    computed: Annotated[
        bool, typer.Option("--computed", help="Call nothing: compute every answer from the manifest.")
    ] = False,
    expect: Annotated[
        bool, typer.Option("--expect", help="Show what the manifest expects, and ask for nothing.")
    ] = False,
    attached: Annotated[
        bool,
        typer.Option(
            "--attached",
            help="Compute with the policies that are attached in AWS, read as callers.administrator, in place of the "
            "manifest's.",
        ),
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="NAME",
            help="The management role whose row is asked of AWS; else callers.management of the manifest.",
            show_default=False,
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="List every pair and probe, not only what is not as expected.")
    ] = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Compare who reaches what, and what policies deny, with the manifest.

    Changes nothing in AWS. Asks for every pair of caller and role (the reach matrix) and for every probe of the
    manifest. On a twin everything is really called. On AWS only the management role that you are assumes its roles,
    without any rights; all the rest is computed from the documents that the programs would deploy, and no probe
    performs an action. Tells which policy and statement decided, and which roles of member accounts let in from outside
    whom the manifest does not. Exit code 1 if an answer differs from the manifest or is not known, or a role lets in
    more.

    Example: fleetyard verify --unit plat
    """
    from orchestrator.verify import report
    from orchestrator.verify.matrix import account_ids

    world: World = ctx.obj
    _refuse_contradictions({"--computed": computed, "--attached": attached, "--profile": profile}, expect, world)
    selection = selection_of(account, unit, tag, stack, exclude)
    verifier = _verifier(world, fleet, selection, reading=expect or (computed and not attached))
    ids = account_ids(verifier.manifest, verifier.lock)
    if expect:
        as_json = json.dumps(report.expected_as_json(verifier, ids), indent=2)
        world.give(as_json if output is Format.JSON else report.expected_as_text(verifier))
        return
    if attached:
        verifier = _with_attached(world, verifier)
    found = verifier.compute() if computed else _asked(world, verifier, profile)
    if output is Format.JSON:
        world.give(json.dumps(report.as_json(found, ids), indent=2))
    else:
        management = verifier.manifest.management_account.id
        world.give(report.as_text(found, ids, every=verbose, management_account_id=management))
    raise typer.Exit(found.exit_code)


def _refuse_contradictions(given: Mapping[str, bool | str | None], expect: bool, world: World) -> None:
    """Raise BadParameter for an option that could have no effect."""
    from orchestrator.workers.environment import REHEARSAL_VARIABLE

    if expect and (idle := [name for name, value in given.items() if value]):
        raise typer.BadParameter(f"--expect asks nobody and computes nothing, so {', '.join(idle)} has no effect")
    if given["--profile"] and given["--computed"]:
        raise typer.BadParameter("--computed asks nobody, so --profile has no effect")
    if given["--profile"] and world.env.get(REHEARSAL_VARIABLE):
        raise typer.BadParameter("in a rehearsal everybody is asked as, so --profile has no effect")


def _verifier(world: World, given: Path | None, selection: Selection, *, reading: bool) -> Verifier:
    """Return what asks, about the accounts selected; `reading` calls nothing, so that any fleet will do."""
    from orchestrator.cli.fleet_files import open_fleet, read_fleet
    from orchestrator.errors import NothingSelected
    from orchestrator.planning.plan import make_plan
    from orchestrator.planning.selection import select
    from orchestrator.verify.verification import Verifier

    opened = (read_fleet if reading else open_fleet)(world, given)
    try:
        selected = select(make_plan(opened.manifest), selection)
    except NothingSelected as none:  # what is selected here is accounts
        why = none.why.replace("fits some stack, but no stack", "fits some account, but no account")
        told = {"subject": none.subject, "not_run": "any pair or probe", "hint": "fleetyard accounts list"}
        raise NothingSelected("no account matches the selection", why=why, **told) from None
    return Verifier(opened.manifest, opened.lock(), frozenset(each.account.name for each in selected), world.say)


def _with_attached(world: World, verifier: Verifier) -> Verifier:
    """Return what asks about the policies in AWS; raises NobodyToAskAs or PoliciesUnreadable."""
    from dataclasses import replace

    from orchestrator.verify.attached import attached_policies

    world.say("Reading the organisation's policies")
    with world.open_children() as children:
        return replace(verifier, attached=attached_policies(verifier.manifest, world.env, children))


def _asked(world: World, verifier: Verifier, profile: str | None) -> Verification:
    """Ask a twin, where the environment leads to one, or AWS."""
    from orchestrator.callers import identify_in
    from orchestrator.verify.own_row import own_row
    from orchestrator.workers.environment import REHEARSAL_VARIABLE, RUN_FILE_VARIABLE

    manifest, env = verifier.manifest, world.env
    verifier.refuse_nothing()
    if env.get(REHEARSAL_VARIABLE):
        return verifier.on_twin(_signed_in(manifest, env))
    with world.open_children() as children:
        own = own_row(manifest, profile or manifest.callers.management, env, identify_in(children))
        if env.get(RUN_FILE_VARIABLE):
            return verifier.on_twin(_signed_in(manifest, env), own, children)
        return verifier.on_aws(own, children)


def _signed_in(manifest: Manifest, env: Mapping[str, str]) -> SignedIn:
    """Return who can act on the twin that an environment leads to."""
    from orchestrator import composition
    from orchestrator.rehearse.access import Access, Credentials
    from orchestrator.verify.on_twin import sign_everybody_in
    from orchestrator.workers.environment import REHEARSAL_VARIABLE

    run = composition.prove_twin(env)
    administrator = Credentials(run.administrator.access_key_id, run.administrator.secret_access_key)
    access = Access(run.endpoint, run.region, look=True)
    return sign_everybody_in(manifest, access, administrator, env.get(REHEARSAL_VARIABLE, ""))
