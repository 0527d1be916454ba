"""The command `profiles sign-in`: one MFA code from a person, and a session that runs can use."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import FleetOption, Format, FormatOption
from orchestrator.cli.people_commands import complete_management_role
from orchestrator.errors import BadOption

if TYPE_CHECKING:
    from pathlib import Path

    from landing_zone.fleet import ManagementRole, Manifest
    from orchestrator.cli.world import World
    from orchestrator.people.management_session import ManagementSession, UserKey

_CODE = re.compile(r"[0-9]{6}")
"""Source: AWS STS API Reference, AssumeRole, TokenCode."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which session, and where to."""

    role: ManagementRole
    profile: str
    minutes: int
    file: Path

    def place(self) -> dict[str, str]:
        """Return where it goes, as data."""
        return {"profile": self.profile, "file": str(self.file)}


def sign_in(
    ctx: typer.Context,
    role: Annotated[
        str | None,
        typer.Argument(
            metavar="ROLE",
            help="The management role; else the first that may write the workloads' state.",
            autocompletion=complete_management_role,
            show_default=False,
        ),
    ] = None,
    *,
    user_profile: Annotated[
        str | None,
        typer.Option(
            "--user-profile",
            metavar="NAME",
            help="The profile that holds your access key; else that of the last sign-in, or of profiles write, or "
            "default.",
            show_default=False,
        ),
    ] = None,
    mfa_serial: Annotated[
        str | None,
        typer.Option(
            "--mfa-serial",
            metavar="ARN",
            help="Your MFA device; else the one used last, or the virtual device named like your user.",
            show_default=False,
        ),
    ] = None,
    code_stdin: Annotated[
        bool, typer.Option("--code-stdin", help="Read the MFA code from standard input, in place of the terminal.")
    ] = False,
    minutes: Annotated[
        int | None,
        typer.Option(
            "--minutes",
            metavar="N",
            min=15,
            max=720,
            help="How long the session lasts; else the role's session_hours, which is the most.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; ask for no code and write nothing.")
    ] = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Become a management role with your key and an MFA code.

    The session is for runs, which have nobody to ask for a code: it becomes the profile that the manifest names in
    callers.management. Changes what lies between Fleetyard's marks in AWS_SHARED_CREDENTIALS_FILE or
    ~/.aws/credentials, and nothing else in it. Prints no secret.

    Example: fleetyard profiles sign-in --user-profile acme-ops
    """
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.people.aws_config_file import write_change
    from orchestrator.people.management_session import assume, read_user_key
    from orchestrator.people.session_profile import plan_session, refuse_taken, remembered

    world: World = ctx.obj
    manifest = open_fleet(world, fleet).manifest
    chosen = _role(manifest, role)
    length = _minutes(chosen, minutes)
    wanted = _Wanted(chosen, manifest.callers.management, length, refuse_taken(world.env, manifest, chosen))
    last = remembered(world.env, manifest)
    profile = user_profile or last.user_profile or "default"
    device = mfa_serial or (last.mfa_serial if profile == last.user_profile else "")
    key = read_user_key(profile, manifest, chosen, device)
    if key.guessed:
        world.say(f"Taken as your MFA device: {key.mfa_serial}; if it is another one: --mfa-serial ARN")
    if dry_run:
        _tell_plan(world, wanted, key, output)
        return
    code = _code(world, key, from_stdin=code_stdin) if key.mfa_serial else ""
    session = assume(key, manifest, chosen, length, code)
    backup = write_change(plan_session(world.env, manifest, chosen, session, key), datetime.now(tz=UTC))
    _tell_session(world, wanted, session, backup, output)


def _role(manifest: Manifest, name: str | None) -> ManagementRole:
    """Return the role to become; raises BadOption for one with which nothing could be run."""
    from landing_zone.fleet import StateRights

    fit = [role.name for role in manifest.management_roles.values() if role.state is not StateRights.NONE]
    wanted = name or manifest.workload_role
    if wanted in fit:
        return manifest.management_roles[wanted]
    if not wanted:
        raise BadOption("no management role runs workloads", why="none has `state: write` in the manifest")
    what = "has no state rights" if wanted in manifest.management_roles else "is no management role of this manifest"
    raise BadOption(
        f"{wanted} {what}",
        why=f"workloads are run by {' or '.join(fit) or 'no role'} only",
        hint="for AWS's own tools: fleetyard profiles write",
    )


def _minutes(role: ManagementRole, given: int | None) -> int:
    most = role.session_hours * 60
    if given is not None and given > most:
        raise BadOption(
            f"--minutes {given}: a session of {role.name} lasts {most} minutes at most",
            why=f"session_hours is {role.session_hours} in the manifest",
        )
    return given or most


def _code(world: World, key: UserKey, *, from_stdin: bool) -> str:
    """Return the code that a person typed, or that was piped in; raises NoCode."""
    from orchestrator.people.errors import NoCode

    if from_stdin:
        typed = world.read_line()
    elif world.ask is not None:
        typed = world.ask(f"MFA code of {key.mfa_serial}: ")
    else:
        raise NoCode(
            "an MFA code is needed, and this is no terminal to ask on",
            subject=key.mfa_serial,
            not_run="nothing was written",
            hint="fleetyard profiles sign-in --code-stdin, with the code on standard input",
        )
    code = "".join(typed.split())
    if not _CODE.fullmatch(code):
        raise NoCode(
            "this is no MFA code",
            subject=key.mfa_serial,
            why="a code has six digits" if code else "nothing was typed",
            not_run="nothing was sent, nothing was written",
            hint="fleetyard profiles sign-in",
        )
    return code


def _tell_plan(world: World, wanted: _Wanted, key: UserKey, output: Format) -> None:
    if output is Format.JSON:
        facts = {"role": wanted.role.name, "minutes": wanted.minutes, "user": key.arn, "user_profile": key.profile}
        device = {"mfa_serial": key.mfa_serial or None}
        world.give(json.dumps({**wanted.place(), "dry_run": True, **facts, **device}, indent=2))
        return
    device_words = f" with a code of {key.mfa_serial}" if key.mfa_serial else ""
    world.say(
        f"{key.arn} (profile {key.profile}) would become {wanted.role.name} for {wanted.minutes} minutes{device_words}."
        f"\nThe session would be the profile {wanted.profile} in {wanted.file}. Nothing was written: --dry-run."
    )


def _tell_session(
    world: World, wanted: _Wanted, session: ManagementSession, backup: Path | None, output: Format
) -> None:
    if output is Format.JSON:
        facts = {"role": wanted.role.name, "arn": session.arn, "expires": session.expires.isoformat()}
        kept = {"backup": str(backup) if backup else None}
        world.give(json.dumps({**wanted.place(), "dry_run": False, **facts, **kept}, indent=2))
        return
    left = round((session.expires - datetime.now(tz=UTC)).total_seconds() / 60)
    world.say(
        f"You are {session.arn} until {session.expires.astimezone():%Y-%m-%d %H:%M %Z}, for {left} minutes: "
        f"profile {wanted.profile} in {wanted.file}."
    )
    if backup:
        world.say(f"What the file was is in {backup}, keys included: remove it once all is well.")
