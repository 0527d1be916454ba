"""The AWS config file on disk: found, read, compared and replaced as a whole or not at all, with a backup beside it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from landing_zone.whole_files import write_beside
from orchestrator.people.aws_config_block import merge, profile_lines, profile_taken
from orchestrator.people.aws_profiles import Profile
from orchestrator.people.errors import AwsConfigUnreadable, AwsConfigUnwritable, NoHome

CONFIG_VARIABLE = "AWS_CONFIG_FILE"
CREDENTIALS_VARIABLE = "AWS_SHARED_CREDENTIALS_FILE"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """What would be written. `before` is None where there is no file yet; `mode` are the permission bits to keep."""

    path: Path
    """The file itself, links followed."""
    before: bytes | None = field(repr=False)
    after: bytes = field(repr=False)
    mode: int = PRIVATE_FILE
    backed_up: bool = True
    """Whether what the file was is kept beside it."""

    @property
    def changes(self) -> bool:
        """Whether the file would become another one."""
        return self.before != self.after

    def diff(self) -> str:
        """Return the change as a unified diff without context, since lines around it may hold somebody's keys."""
        before, after = ((text or b"").decode(errors="replace").splitlines() for text in (self.before, self.after))
        name = str(self.path)
        return "\n".join(difflib.unified_diff(before, after, fromfile=name, tofile=name, n=0, lineterm=""))


def config_path(env: Mapping[str, str], variable: str = CONFIG_VARIABLE, name: str = "config") -> Path:
    """Return where AWS's tools look for a file: AWS_CONFIG_FILE, else `~/.aws/config`; raises NoHome.

    Source: AWS SDKs and Tools Reference Guide, "Location of the shared config and credentials files".
    """
    given = env.get(variable, "")
    if given and not given.startswith("~"):
        return Path(given)
    home = _home(env, variable)
    return home / given.lstrip("~/\\") if given else home / ".aws" / name


def _home(env: Mapping[str, str], variable: str) -> Path:
    home = env.get("HOME", env.get("USERPROFILE")) or ""
    if not home and "HOME" not in env:
        home = os.path.expanduser("~")  # noqa: PTH111  (answers "~" where Path raises)
    if not home or home == "~" or not Path(home).is_dir():
        raise NoHome(
            f"there is no home folder for the AWS {'config' if variable == CONFIG_VARIABLE else 'credentials'} file",
            subject=home,
            why=f"{home} is no folder" if home not in {"", "~"} else "HOME is not set, or is empty",
            not_run="nothing was written",
            hint=f"set HOME, or name the file: {variable}=/path/to/file",
        )
    return Path(home)


def plan_change(env: Mapping[str, str], organization: str, profiles: Sequence[Profile]) -> ConfigChange:
    """Return the config file's change that brings the profiles in; reads only.

    Raises: NoHome, AwsConfigUnreadable, AwsConfigMalformed, BlockNotOurs, ProfileTaken.
    """
    path = followed(config_path(env))
    before, mode = read_file(path)
    after = merge(before or b"", organization, profiles, str(path))
    _refuse_taken_credentials(env, profiles)
    return ConfigChange(path, before, after, mode)


def known_profiles(env: Mapping[str, str], change: ConfigChange) -> frozenset[str]:
    """Return the names of all profiles there are once a change is made, those of the credentials file included."""
    _, credentials = _credentials(env)
    return frozenset({*profile_lines(change.after), *profile_lines(credentials)})


def write_change(change: ConfigChange, now: datetime) -> Path | None:
    """Replace the file whole, and return the backup of what it was, None where there was none.

    The backup and the file have the permissions that the file had; a new one is its owner's only. Raises:
    AwsConfigUnwritable; the file is then as it was.
    """
    try:
        change.path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        written = write_beside(change.path, change.after, change.mode)
        try:
            backup = _back_up(change, now)
            if read_file(change.path)[0] != change.before:
                raise _unwritable(change.path, "another program changed it in this moment")
            written.replace(change.path)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(change.path, error.strerror or str(error)) from error
    return backup


def _back_up(change: ConfigChange, now: datetime) -> Path | None:
    if change.before is None or not change.backed_up:
        return None
    stamp = f"{change.path.name}.{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for number in range(1, 1000):
        backup = change.path.with_name(f"{stamp}.bak" if number == 1 else f"{stamp}-{number}.bak")
        try:
            descriptor = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(change.before)
            file.flush()
            os.fsync(file.fileno())
        backup.chmod(change.mode)
        return backup
    raise _unwritable(change.path, f"there are 999 backups named {stamp} already")


def read_file(path: Path) -> tuple[bytes | None, int]:
    """Return a file's bytes and permission bits, None and our own where there is none; raises AwsConfigUnreadable."""
    try:
        if path.exists() and not path.is_file():
            raise _unreadable(path, "it is a folder" if path.is_dir() else "it is no ordinary file")
        return path.read_bytes(), path.stat().st_mode & 0o777
    except FileNotFoundError:
        return None, PRIVATE_FILE
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error


def followed(path: Path) -> Path:
    """Return the file that a path leads to; raises AwsConfigUnreadable for a loop of links."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links is one or the other, by the version of Python
        raise _unreadable(path, str(error)) from error


def _credentials(env: Mapping[str, str]) -> tuple[Path, bytes]:
    """Return the credentials file and its bytes, empty where there is none."""
    try:
        path = followed(config_path(env, CREDENTIALS_VARIABLE, "credentials"))
    except NoHome:
        return Path(), b""
    return path, read_file(path)[0] or b""


def _refuse_taken_credentials(env: Mapping[str, str], profiles: Sequence[Profile]) -> None:
    """Refuse a name that the credentials file has: AWS's tools would mix the two."""
    path, content = _credentials(env)
    taken = profile_lines(content)
    for profile in profiles:
        if profile.name in taken:
            raise profile_taken(profile.name, f"{path}:{taken[profile.name]}")


def _unreadable(path: Path, why: str) -> AwsConfigUnreadable:
    return AwsConfigUnreadable(
        f"{path} cannot be read",
        why=why,
        not_run="nothing was written",
        hint=f"mend it, or name another file in {CONFIG_VARIABLE} or {CREDENTIALS_VARIABLE}",
    )


def _unwritable(path: Path, why: str) -> AwsConfigUnwritable:
    return AwsConfigUnwritable(
        f"{path} cannot be written",
        why=why,
        not_run="the file is as it was",
        hint=f"mend it, or name another one in {CONFIG_VARIABLE} or {CREDENTIALS_VARIABLE}; --dry-run shows the change",
    )
