"""The commands for people: console, profiles write; signing in is in `sign_in_commands`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import FleetOption, Format, FormatOption
from orchestrator.errors import BadOption
from orchestrator.next_steps import SIGN_IN

if TYPE_CHECKING:
    from landing_zone.fleet import Manifest
    from orchestrator.cli.fleet_files import Fleet
    from orchestrator.cli.world import World
    from orchestrator.people.aws_config_file import ConfigChange
    from orchestrator.people.aws_profiles import Person, ProfileSet
    from orchestrator.people.console_links import ConsoleLink
    from orchestrator.people.granted_roles import Grant, Wanted
    from orchestrator.people.sign_in import SignInLink

profiles = typer.Typer(help="Profiles for AWS's own tools.", no_args_is_help=True, rich_markup_mode=None)


def complete_account(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the accounts in which somebody is granted a role; nothing where the manifest can't be read."""
    return _completed([grant.account.name for grant in _grants_for_completion(ctx)], incomplete)


def complete_role(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the roles granted in the account typed before."""
    account = ctx.params.get("account")
    grants = _grants_for_completion(ctx)
    return _completed([grant.role for grant in grants if account in {None, grant.account.name}], incomplete)


def complete_management_role(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the management roles that are granted anything."""
    return _completed([grant.management_role.name for grant in _grants_for_completion(ctx)], incomplete)


def console(
    ctx: typer.Context,
    account: Annotated[
        str | None,
        typer.Argument(
            metavar="ACCOUNT",
            help="Name, glob or id; all accounts if left out.",
            autocompletion=complete_account,
            show_default=False,
        ),
    ] = None,
    role: Annotated[
        str | None,
        typer.Argument(
            metavar="ROLE",
            help="Name or glob; all roles if left out.",
            autocompletion=complete_role,
            show_default=False,
        ),
    ] = None,
    *,
    principal: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="ROLE",
            help="Only links of this management role.",
            autocompletion=complete_management_role,
            show_default=False,
        ),
    ] = None,
    sign_in: Annotated[
        bool,
        typer.Option("--sign-in", help="Print a link that signs its holder in as the session in use: a secret."),
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile", metavar="NAME", help="With --sign-in: sign in as this profile's role.", show_default=False
        ),
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option(
            "--minutes",
            metavar="N",
            min=15,
            max=720,
            help="With --sign-in: how long the console session lasts; else as long as its credentials. "
            "Not for a session got by role chaining.",
            show_default=False,
        ),
    ] = None,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Print links that open the console in a role of an account.

    Reads files only, and links are printed only for what the manifest grants, each with what must hold before it works.
    With --sign-in the session in use is sent to AWS's sign-in service, and the answer is a link good for 15 minutes.

    Example: fleetyard console plat-dev Admin
    """
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.people.granted_roles import Wanted

    world: World = ctx.obj
    if sign_in:
        if account or role or principal:
            raise BadOption(
                "--sign-in takes no account, role or --as",
                why="it signs in as the session in use; links to accounts work once one is signed in",
                hint="fleetyard console --sign-in",
            )
        _sign_in(world, profile, minutes, output)
        return
    if profile or minutes:
        raise BadOption("--profile and --minutes go with --sign-in", hint="fleetyard console --sign-in")
    opened = open_fleet(world, fleet)
    _print_links(world, opened, Wanted(account or "", role or "", principal or ""), output)


@profiles.command()
def write(
    ctx: typer.Context,
    *,
    user: Annotated[
        str | None,
        typer.Option(
            "--user", metavar="NAME", help="The IAM user you are; else the only one trusted.", show_default=False
        ),
    ] = None,
    source_profile: Annotated[
        str, typer.Option("--source-profile", metavar="NAME", help="The profile that holds your user's access key.")
    ] = "default",
    mfa_serial: Annotated[
        str | None,
        typer.Option(
            "--mfa-serial",
            metavar="ARN",
            help="Your MFA device; else the virtual device named like the user.",
            show_default=False,
        ),
    ] = None,
    session: Annotated[
        list[str] | None,
        typer.Option(
            "--session",
            metavar="ROLE=PROFILE",
            help="A profile of yours that holds a session as this management role already, as SAML and Identity Center "
            "tools write it. May be repeated.",
        ),
    ] = None,
    permission_set: Annotated[
        list[str] | None,
        typer.Option(
            "--permission-set",
            metavar="SET=PROFILE",
            help="A profile of yours that signs in to the management account by this permission set of Identity "
            "Center, as aws configure sso writes it. May be repeated.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change and write nothing.")] = False,
    fleet: FleetOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write a profile per management role and granted role.

    Changes what lies between Fleetyard's marks in AWS_CONFIG_FILE or ~/.aws/config, and nothing else in it. The file is
    replaced as a whole, and a backup is kept beside it. No key and no token is written.

    Example: fleetyard profiles write --user ops --dry-run
    """
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.people.aws_config_file import plan_change, write_change
    from orchestrator.people.aws_profiles import Person, holder_id, profiles_for
    from orchestrator.people.granted_roles import granted

    world: World = ctx.obj
    opened = open_fleet(world, fleet)
    manifest = opened.manifest
    sessions = _sessions(manifest, session or ())
    sets = _permission_sets(manifest, permission_set or ())
    known = _user(manifest, user, {**sessions, **_by_sets(manifest, sets)})
    lock = opened.lock()
    person = Person(known, source_profile, mfa_serial or "", sessions, sets, holder_id(manifest, lock, known))
    grants = granted(manifest, lock)
    made = profiles_for(manifest, grants, person)
    if not made.profiles:
        raise BadOption(
            "there is no profile to write",
            why=f"nothing leads you into {', '.join(made.left_out)}" if made.left_out else "no account is created yet",
            hint="fleetyard profiles write --session ROLE=PROFILE, --permission-set SET=PROFILE, or --user NAME",
        )
    change = plan_change(world.env, manifest.organization, made.profiles)
    _tell_about_profiles(world, manifest, made, grants, person, change)
    backup = None if dry_run or not change.changes else write_change(change, datetime.now(tz=UTC))
    if output is Format.JSON:
        names = [profile.name for profile in made.profiles]
        facts = {"file": str(change.path), "changed": change.changes, "dry_run": dry_run, "profiles": names}
        world.give(
            json.dumps({**facts, "backup": str(backup) if backup else None, "left_out": made.left_out}, indent=2)
        )
        return
    if not change.changes:
        world.say(f"{change.path} is as it should be: {len(made.profiles)} profiles.")
    elif dry_run:
        world.give(change.diff())
        world.say(f"Nothing was written: --dry-run. It would be {len(made.profiles)} profiles in {change.path}.")
    else:
        world.say(f"Wrote {len(made.profiles)} profiles to {change.path}" + (f"; before: {backup}" if backup else "."))


def _print_links(world: World, opened: Fleet, wanted: Wanted, output: Format) -> None:
    from landing_zone.errors import AccountNotCreated
    from orchestrator.people.console_links import console_links
    from orchestrator.people.granted_roles import granted

    grants = granted(opened.manifest, opened.lock(), wanted)
    links = console_links(opened.manifest, grants)
    missing = _not_created(grants)
    if not links:
        raise AccountNotCreated(missing[0])
    if output is Format.JSON:
        world.give(json.dumps({"links": [asdict(link) for link in links], "not_created": missing}, indent=2))
    else:
        world.give(_links_as_text(links))
    if missing:
        world.say(f"Not created yet, so without a link: {', '.join(missing)}.")


def _links_as_text(links: Sequence[ConsoleLink]) -> str:
    lines: list[str] = []
    width = max(len(link.display_name) for link in links)
    told = ""
    for link in links:
        if link.management_role != told:
            told = link.management_role
            lines += [*([""] if lines else []), f"{told}: each link needs you to {link.precondition}"]
        lines.append(f"  {link.display_name:<{width}}  {link.url}")
    return "\n".join(lines)


def _sign_in(world: World, profile: str | None, minutes: int | None, output: Format) -> None:
    from orchestrator.composition import sign_in_endpoint
    from orchestrator.people.current_session import read_session
    from orchestrator.people.sign_in import make_link, session_kind
    from orchestrator.people.sign_in_hosts import sign_in_hosts

    session = read_session(profile, world.env)
    hosts = sign_in_hosts(session_kind(session).partition)
    endpoint = sign_in_endpoint(world.env, f"{hosts.sign_in}/federation")
    link = make_link(session, endpoint, hosts.console, minutes, world.env)
    world.say(_warning(link))
    if output is Format.JSON:
        ends = link.credentials_expire.isoformat() if link.credentials_expire else None
        world.give(json.dumps({**asdict(link), "credentials_expire": ends, "link_seconds": 900}, indent=2))
    else:
        world.give(link.url)


def _warning(link: SignInLink) -> str:
    if link.console_seconds is not None:
        lasts = f"{link.console_seconds // 60} minutes"
    elif link.credentials_expire is not None:
        lasts = f"until {link.credentials_expire:%Y-%m-%d %H:%M} UTC, as long as its credentials"
    else:
        lasts = "as long as the credentials it was made from"
    return (
        f"This link is a secret: whoever opens it within 15 minutes is {link.signs_in_as}.\n"
        f"The console session lasts {lasts}. Fleetyard keeps no copy; do not paste the link into chats or tickets."
    )


def _tell_about_profiles(
    world: World, manifest: Manifest, made: ProfileSet, grants: Sequence[Grant], person: Person, change: ConfigChange
) -> None:
    """Say what is left out, what was guessed, and what is still missing for the profiles to work."""
    from orchestrator.people.aws_config_file import known_profiles

    missing = _not_created(grants)
    if missing:
        world.say(f"Not created yet, so without profiles: {', '.join(missing)}.")
    for role in made.left_out:
        world.say(f"{role} is left out: it does not trust the user. If you have a session: --session {role}=PROFILE")
    if made.guessed_mfa:
        world.say(f"Taken as your MFA device: {made.guessed_mfa}; if it is another one: --mfa-serial ARN")
    known = known_profiles(world.env, change)
    sources = dict.fromkeys(profile.settings["source_profile"] for profile in made.profiles)
    for source in sources:
        if source not in known:
            world.say(f"There is no profile {source} yet; {_how_to_have(source, person, manifest)}")


def _how_to_have(profile: str, person: Person, manifest: Manifest) -> str:
    if profile in person.permission_sets.values():
        return f"make it, for the management account and that permission set: aws configure sso --profile {profile}"
    if profile == person.source_profile:
        return f"put your access key there: aws configure --profile {profile}"
    if profile == manifest.callers.management:
        key = "" if person.source_profile == "default" else f" --user-profile {person.source_profile}"
        return f"sign in: {SIGN_IN}{key}"
    return f"add {profile}"


def _not_created(grants: Sequence[Grant]) -> list[str]:
    return list(dict.fromkeys(grant.account.name for grant in grants if not grant.account_id))


def _user(manifest: Manifest, given: str | None, sessions: dict[str, str]) -> str:
    """Return the user the profiles are for, empty where no management role trusts any. Raises: BadOption."""
    roles = manifest.management_roles.values()
    trusted = list(dict.fromkeys(user for role in roles for user in manifest.users_becoming(role)))
    if given is not None:
        if given not in trusted:
            raise BadOption(f"--user {given}: no management role trusts this user", why=_trusted(trusted))
        return given
    needed = {user for role in roles if role.name not in sessions for user in manifest.users_becoming(role)}
    if len(trusted) > 1 and needed:
        raise BadOption("--user NAME is needed to know which user you are", why=_trusted(trusted))
    return trusted[0] if len(trusted) == 1 else ""


def _trusted(users: Sequence[str]) -> str:
    return f"the manifest trusts {', '.join(users)}" if users else "the manifest trusts no users"


def _sessions(manifest: Manifest, given: Sequence[str]) -> dict[str, str]:
    """Return the person's own profiles by management role. Raises: BadOption."""
    sessions = {}
    for text in given:
        role, _, name = text.partition("=")
        if not name or role not in manifest.management_roles:
            known = ", ".join(manifest.management_roles)
            raise BadOption(f"--session {text}: write it as ROLE=PROFILE", why=f"the management roles are {known}")
        sessions[role] = name
    return sessions


def _permission_sets(manifest: Manifest, given: Sequence[str]) -> dict[str, str]:
    """Return the person's own profiles by permission set. Raises: BadOption."""
    trusts = [role.trust.identity_center for role in manifest.management_roles.values()]
    known = list(dict.fromkeys(one for trust in trusts if trust for one in trust.permission_sets))
    found = {}
    for text in given:
        one, _, name = text.partition("=")
        if not name or one not in known:
            why = f"the manifest trusts {', '.join(known)}" if known else "the manifest trusts no permission set"
            raise BadOption(f"--permission-set {text}: write it as SET=PROFILE", why=why)
        found[one] = name
    return found


def _by_sets(manifest: Manifest, sets: dict[str, str]) -> dict[str, str]:
    """Return the profiles by the management roles that trust one of these permission sets."""
    roles = manifest.management_roles.values()
    trusts = [(role.name, role.trust.identity_center) for role in roles]
    return {name: sets[one] for name, trust in trusts if trust for one in trust.permission_sets if one in sets}


def _grants_for_completion(ctx: typer.Context) -> Sequence[Grant]:
    from landing_zone.errors import FleetyardError
    from landing_zone.lock import Lock
    from orchestrator.cli.fleet_files import open_fleet
    from orchestrator.people.granted_roles import granted

    try:
        return granted(open_fleet(ctx.obj, ctx.params.get("fleet")).manifest, Lock())
    except (FleetyardError, OSError):  # a shell that completes shows no errors
        return ()


def _completed(names: Sequence[str], incomplete: str) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]
