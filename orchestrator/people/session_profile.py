"""The profile that holds a session of a management role: what is remembered of it, written, and what stands in its way.

It lies in AWS's credentials file, in a block of ours, so that it is never taken for somebody's own profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from landing_zone.fleet import ManagementRole, Manifest
from orchestrator.next_steps import SIGN_IN, in_rehearsal
from orchestrator.people.aws_config_block import (
    SESSION,
    merge,
    profile_lines,
    refuse_malformed,
    settings_of,
    split_at_marks,
)
from orchestrator.people.aws_config_file import (
    CREDENTIALS_VARIABLE,
    PRIVATE_FILE,
    ConfigChange,
    config_path,
    followed,
    read_file,
)
from orchestrator.people.aws_profiles import Profile
from orchestrator.people.errors import ProfileTaken
from orchestrator.people.management_session import ManagementSession, UserKey

USER_PROFILE, MFA_SERIAL = "x_fleetyard_user_profile", "x_fleetyard_mfa_serial"
"""Keys in the profile that let the next sign-in do without options. AWS's tools pass over keys they do not know."""

EXPIRES = "x_security_token_expires"
"""Where tools that write sessions note their end, in ISO 8601. Source: Versent/saml2aws, and others after it."""

_HARMLESS = frozenset({"region", "output"})
"""Keys of a profile in the config file that say nothing about how to sign in."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the last sign-in used, or what `profiles write` was given; empty where neither says."""

    user_profile: str = ""
    mfa_serial: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    before: bytes | None
    mode: int

    @property
    def content(self) -> bytes:
        return self.before or b""


def remembered(env: Mapping[str, str], manifest: Manifest) -> Remembered:
    """Return what need not be asked again. Raises: as `refuse_taken`."""
    credentials, config = _files(env)
    refuse_malformed(credentials.content, str(credentials.path), SESSION)
    ours = split_at_marks(credentials.content, manifest.organization, str(credentials.path), SESSION).block
    for keys in settings_of(ours or b"").values():
        return Remembered(keys.get(USER_PROFILE, ""), keys.get(MFA_SERIAL, ""))
    for keys in _written(config, manifest).values():
        if "mfa_serial" in keys:
            return Remembered(keys.get("source_profile", ""), keys["mfa_serial"])
    return Remembered()


def refuse_taken(env: Mapping[str, str], manifest: Manifest, role: ManagementRole) -> Path:
    """Return the credentials file if the session may be written there; reads only.

    Raises: ProfileTaken for a profile of that name that is not ours, NoHome, AwsConfigUnreadable, AwsConfigMalformed,
    BlockNotOurs.
    """
    credentials, config = _files(env)
    _refuse_beside(env, credentials, manifest)
    _refuse_in_config(env, config, manifest, role)
    return credentials.path


def plan_session(
    env: Mapping[str, str], manifest: Manifest, role: ManagementRole, session: ManagementSession, key: UserKey
) -> ConfigChange:
    """Return the change of the credentials file that brings the session in, in the place of the one before.

    What the file was is kept only before our first block comes in: a backup holds keys, and later only the block
    changes. Raises: as `refuse_taken`.
    """
    refuse_taken(env, manifest, role)
    file, _ = _files(env)
    settings = {
        "aws_access_key_id": session.access_key_id,
        "aws_secret_access_key": session.secret_access_key,
        "aws_session_token": session.session_token,
        EXPIRES: session.expires.isoformat(timespec="seconds"),
        "region": manifest.region,
        USER_PROFILE: key.profile,
    }
    if key.mfa_serial:
        settings[MFA_SERIAL] = key.mfa_serial
    profile = Profile(manifest.callers.management, settings)
    name = str(file.path)
    after = merge(file.content, manifest.organization, (profile,), name, SESSION)
    first = split_at_marks(file.content, manifest.organization, name, SESSION).block is None
    return ConfigChange(
        file.path, file.before, after, file.mode & PRIVATE_FILE, backed_up=first and bool(file.content.strip())
    )


def _files(env: Mapping[str, str]) -> tuple[_File, _File]:
    """Return the credentials file and the config file."""
    credentials = followed(config_path(env, CREDENTIALS_VARIABLE, "credentials"))
    config = followed(config_path(env))
    return _File(credentials, *read_file(credentials)), _File(config, *read_file(config))


def _written(config: _File, manifest: Manifest) -> dict[str, dict[str, str]]:
    """Return the profiles in the block of `profiles write`."""
    refuse_malformed(config.content, str(config.path))
    return settings_of(split_at_marks(config.content, manifest.organization, str(config.path)).block or b"")


def _refuse_beside(env: Mapping[str, str], file: _File, manifest: Manifest) -> None:
    refuse_malformed(file.content, str(file.path), SESSION)
    split = split_at_marks(file.content, manifest.organization, str(file.path), SESSION)
    inside = (split.block or b"").count(b"\n")
    taken = {name: line + split.before.count(b"\n") + inside for name, line in profile_lines(split.after).items()}
    taken |= profile_lines(split.before)
    name = manifest.callers.management
    if name in taken:
        raise ProfileTaken(
            f"the profile {name} exists already, and Fleetyard did not write it",
            subject=f"{file.path}:{taken[name]}",
            why=f"only what `{SESSION.command}` wrote between its marks is its own to change",
            not_run="no code was asked for, nothing was written",
            hint=in_rehearsal(env, f"remove or rename that section if you can do without it, then: {SIGN_IN}"),
        )


def _refuse_in_config(env: Mapping[str, str], config: _File, manifest: Manifest, role: ManagementRole) -> None:
    name = manifest.callers.management
    written = _written(config, manifest)
    keys = settings_of(config.content).get(name, {})
    if keys.keys() <= _HARMLESS:
        return
    elsewhere = f"remove or rename that profile, then: {SIGN_IN}"
    raise ProfileTaken(
        f"the profile {name} exists already in the AWS config file",
        subject=f"{config.path}:{profile_lines(config.content)[name]}",
        why=_config_words(keys),
        not_run="no code was asked for, nothing was written",
        hint=in_rehearsal(env, _write_without(written[name], manifest, role) if name in written else elsewhere),
    )


def _config_words(keys: Mapping[str, str]) -> str:
    if "role_arn" not in keys:
        return "AWS's tools would mix it with the session"
    code = " with an MFA code each time it is used" if "mfa_serial" in keys else ""
    return f"it becomes {keys['role_arn']}{code}, and AWS's tools go by that before a session of the same name"


def _write_without(keys: Mapping[str, str], manifest: Manifest, role: ManagementRole) -> str:
    """Return the commands that make `profiles write` build on the session in the place of its own profile."""
    known = (user for each in manifest.management_roles.values() for user in manifest.users_becoming(each))
    user = next((user for user in known if user.rpartition("/")[2] == keys.get("role_session_name")), "")
    source = keys.get("source_profile", "default")
    options = [
        *(["--user", user] if user else []),
        *(["--source-profile", source] if source != "default" else []),
        *(["--mfa-serial", keys["mfa_serial"]] if not keys.get("mfa_serial", "").endswith(f":mfa/{user}") else []),
        "--session",
        f"{role.name}={manifest.callers.management}",
    ]
    return f"fleetyard profiles write {' '.join(options)}, then: {SIGN_IN} --user-profile {source}"
