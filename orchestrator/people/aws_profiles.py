"""The profiles that lead AWS's tools through a fleet: a person's key, a management role, a role in an account.

    [profile acme-management-admin]          role_arn in the management account, source_profile = the person's key, MFA
    [profile acme/Management-Admin/plat-dev/Admin]      role_arn in plat-dev, source_profile = the one above

Source of the keys: AWS SDKs and Tools Reference Guide, "Assume role credential provider".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from landing_zone.fleet import ManagementRole, Manifest
from landing_zone.identifiers import role_arn
from landing_zone.limits import ROLE_SESSION_NAME
from landing_zone.lock import Lock
from orchestrator.people.errors import NameTooLong
from orchestrator.people.granted_roles import Grant

PROFILE_CHARACTERS = re.compile(r"[A-Za-z0-9_./%@:+-]+")
"""Others make the SDKs pass a profile over. Source: aws/aws-sdk-java-v2, ProfileFileReader, isValidIdentifier."""

_SESSION_CHARACTERS = re.compile(r"[\w+=,.@-]+", re.ASCII)
"""Source: AWS STS API Reference, AssumeRole, RoleSessionName; it has 2 to 64 characters."""

_MFA_SERIAL = re.compile(r"[\w+=/:,.@-]{9,256}", re.ASCII)
"""Source: AWS STS API Reference, AssumeRole, SerialNumber."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile: its name and its keys in their order."""

    name: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """Who the profiles are for.

    `user` is the name of an IAM user of the management account, with its path if it has one, or empty; `source_profile`
    the profile that holds the user's key; `mfa_serial` the device, empty for the one named like the user. `sessions`
    maps management roles to profiles of the person's own that hold a session as that role already, `permission_sets`
    permission sets of Identity Center to profiles that sign in by them to the management account. `account_id` is that
    of the account that holds the user, empty for the management account.
    """

    user: str = ""
    source_profile: str = "default"
    mfa_serial: str = ""
    sessions: Mapping[str, str] = field(default_factory=dict)
    permission_sets: Mapping[str, str] = field(default_factory=dict)
    account_id: str = ""

    def session_name(self) -> str:
        """Return by what CloudTrail shows the person: the user's name without its path."""
        return self.user.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ProfileSet:
    """The profiles of a person, and the management roles that the person has no way into."""

    profiles: tuple[Profile, ...]
    left_out: tuple[str, ...] = ()
    guessed_mfa: str = ""
    """The serial number that was taken because none was given."""


def profiles_for(manifest: Manifest, grants: Sequence[Grant], person: Person) -> ProfileSet:
    """Return the profile of each management role the person may become, and of each grant behind it.

    Raises: NameTooLong, naming every problem at once.
    """
    roles = {grant.management_role.name: grant.management_role for grant in grants}
    bases = {name: base for name, role in roles.items() if (base := _base(manifest, role, person))}
    profiles: list[Profile] = []
    for name, base in bases.items():
        if isinstance(base, Profile):
            profiles.append(base)
        source = base.name if isinstance(base, Profile) else base
        profiles += [
            _hop(manifest, grant, source, person)
            for grant in grants
            if grant.management_role.name == name and grant.account_id
        ]
    _refuse_impossible_names(profiles)
    guessed = "" if person.mfa_serial else next((p.settings["mfa_serial"] for p in profiles if _has_mfa(p)), "")
    return ProfileSet(tuple(profiles), tuple(name for name in roles if name not in bases), guessed)


def holder_id(manifest: Manifest, lock: Lock, user: str) -> str:
    """Return the id of the account that holds one of the manifest's people; empty for any other user."""
    if user not in manifest.people.users:
        return ""
    account = manifest.account(manifest.people.account)
    return account.id or lock.accounts.get(account.name, "")


def management_profile(manifest: Manifest, role: ManagementRole) -> str:
    """Return the name of a management role's profile; the workloads' caller has the one that the manifest names."""
    runs_workloads = role.name == manifest.workload_role
    return manifest.callers.management if runs_workloads else f"{manifest.organization}/{role.name}"


def _base(manifest: Manifest, role: ManagementRole, person: Person) -> Profile | str | None:
    """Return the profile that becomes the management role, the name of the person's own, or None without a way in."""
    if role.name in person.sessions:
        return person.sessions[role.name]
    account = manifest.management_account.id
    if by_set := _by_permission_set(role, person):
        # Without a length: a hop from a role's session is chained, and lasts an hour whatever is asked for.
        named = {"role_session_name": person.session_name()} if person.user else {}
        arn = {"role_arn": role_arn(account, role.name), "source_profile": by_set}
        return Profile(management_profile(manifest, role), {**arn, **named, "region": manifest.region})
    if not person.user or person.user not in manifest.users_becoming(role):
        return None
    settings = {
        "role_arn": role_arn(account, role.name),
        "source_profile": person.source_profile,
        "role_session_name": person.session_name(),
        "region": manifest.region,
    }
    if role.trust.mfa or person.user not in role.trust.users:
        holder = person.account_id or account
        settings["mfa_serial"] = person.mfa_serial or f"arn:aws:iam::{holder}:mfa/{person.session_name()}"
    if role.session_hours > 1:
        settings["duration_seconds"] = str(role.session_hours * 3600)
    return Profile(management_profile(manifest, role), settings)


def _by_permission_set(role: ManagementRole, person: Person) -> str:
    """Return the person's profile of the first permission set that the role trusts, empty without one."""
    trusted = role.trust.identity_center.permission_sets if role.trust.identity_center else ()
    return next((person.permission_sets[one] for one in trusted if one in person.permission_sets), "")


def _hop(manifest: Manifest, grant: Grant, source: str, person: Person) -> Profile:
    settings = {"role_arn": role_arn(grant.account_id, grant.role), "source_profile": source}
    if person.user:
        settings["role_session_name"] = person.session_name()
    settings["region"] = manifest.region
    name = f"{manifest.organization}/{grant.management_role.name}/{grant.account.name}/{grant.role}"
    return Profile(name, settings)


def _has_mfa(profile: Profile) -> bool:
    return "mfa_serial" in profile.settings


def _refuse_impossible_names(profiles: Sequence[Profile]) -> None:
    problems = list(dict.fromkeys(problem for profile in profiles for problem in _problems_of(profile)))
    if problems:
        raise NameTooLong(
            "AWS does not take these names",
            why="; ".join(problems),
            not_run="nothing was written",
            hint="shorten or change them, then: fleetyard profiles write --dry-run",
        )


def _problems_of(profile: Profile) -> list[str]:
    problems = [
        f"the profile name {name!r} may have letters, digits and _ . / % @ : + - only"
        for name in (profile.name, profile.settings["source_profile"])
        if not PROFILE_CHARACTERS.fullmatch(name)
    ]
    session = profile.settings.get("role_session_name")
    if session is not None and not 2 <= len(session) <= ROLE_SESSION_NAME:
        problems.append(f"the session name {session} has {len(session)} characters, 2 to {ROLE_SESSION_NAME} fit")
    if session is not None and not _SESSION_CHARACTERS.fullmatch(session):
        problems.append(f"the session name {session!r} may have letters, digits and _+=,.@- only")
    serial = profile.settings.get("mfa_serial")
    if serial is not None and not _MFA_SERIAL.fullmatch(serial):
        problems.append(f"the MFA serial {serial!r} has {len(serial)} characters; 9 to 256 letters, digits, _+=/:,.@-")
    return problems
