"""The AWS config file on disk: where it is, what is kept of it, and that a failure loses nothing."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.people.aws_config_file import config_path, known_profiles, plan_change, write_change
from orchestrator.people.aws_profiles import Profile
from orchestrator.people.errors import AwsConfigUnreadable, AwsConfigUnwritable, NoHome, ProfileTaken

PROFILES = (Profile("acme/Admin", {"role_arn": "arn:aws:iam::1:role/Admin", "source_profile": "default"}),)
NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
THEIRS = b"[default]\naws_secret_access_key = very-secret\nregion = x"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Return an environment with a home folder that is empty."""
    return {"HOME": str(tmp_path)}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return a config file with somebody's keys, readable by its owner only."""
    file = tmp_path / ".aws" / "config"
    file.parent.mkdir()
    file.write_bytes(THEIRS)
    file.chmod(0o600)
    return file


def permissions(file: Path) -> int:
    """Return a file's permission bits."""
    return stat.S_IMODE(file.stat().st_mode)


def test_the_file_is_where_aws_tools_look(tmp_path: Path) -> None:
    """AWS_CONFIG_FILE counts first, with ~ for home; else it is ~/.aws/config."""
    home = {"HOME": str(tmp_path)}
    assert config_path(home) == tmp_path / ".aws" / "config"
    assert config_path({**home, "AWS_CONFIG_FILE": "/etc/aws"}) == Path("/etc/aws")
    assert config_path({**home, "AWS_CONFIG_FILE": "~/c"}) == tmp_path / "c"


@pytest.mark.parametrize("home", ["", "/nowhere/at/all"])
def test_without_a_home_folder_nothing_is_written(home: str) -> None:
    """An empty HOME, or one that does not exist, is refused with the other way to name the file."""
    with pytest.raises(NoHome) as caught:
        plan_change({"HOME": home}, "acme", PROFILES)
    assert "AWS_CONFIG_FILE=" in caught.value.hint


def test_a_new_file_is_its_owners_only(env: dict[str, str], tmp_path: Path) -> None:
    """Where there is no file yet it is made, private, in a private folder, and there is no backup."""
    assert write_change(plan_change(env, "acme", PROFILES), NOW) is None
    file = tmp_path / ".aws" / "config"
    assert (permissions(file), permissions(file.parent)) == (0o600, 0o700)
    assert b"[profile acme/Admin]" in file.read_bytes()


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_backup_with_the_same_permissions_stands_beside(env: dict[str, str], config: Path, mode: int) -> None:
    """File and backup keep the permissions that the file had; the backup holds what it was."""
    config.chmod(mode)
    backup = write_change(plan_change(env, "acme", PROFILES), NOW)
    assert backup == config.with_name("config.20300102T030405Z.bak")
    assert backup.read_bytes() == THEIRS
    assert (permissions(config), permissions(backup)) == (mode, mode)
    assert config.read_bytes().startswith(THEIRS)


def test_two_backups_of_one_second_have_two_names(env: dict[str, str], config: Path) -> None:
    """An earlier backup is never written over."""
    first = write_change(plan_change(env, "acme", PROFILES), NOW)
    second = write_change(plan_change(env, "acme", ()), NOW)
    assert first is not None
    assert second == config.with_name("config.20300102T030405Z-2.bak")
    assert first.read_bytes() == THEIRS


def test_a_second_write_has_nothing_to_change(env: dict[str, str], config: Path) -> None:
    """Once written, the same profiles are no change."""
    assert plan_change(env, "acme", PROFILES).changes
    write_change(plan_change(env, "acme", PROFILES), NOW)
    assert not plan_change(env, "acme", PROFILES).changes
    assert config.is_file()


def test_the_diff_shows_nothing_of_anybody_elses_lines(env: dict[str, str], config: Path) -> None:
    """Lines beside the block may hold keys: only what is added is shown, also where the last line has no end."""
    diff = plan_change(env, "acme", PROFILES).diff()
    assert "+[profile acme/Admin]" in diff
    assert "very-secret" not in diff
    assert "region = x" not in diff
    assert config.read_bytes() == THEIRS


def test_a_link_is_followed_and_stays_a_link(env: dict[str, str], config: Path, tmp_path: Path) -> None:
    """Where ~/.aws/config is a link its target is replaced, with the backup beside the target."""
    target = tmp_path / "dotfiles" / "aws-config"
    target.parent.mkdir()
    config.rename(target)
    config.symlink_to(target)
    backup = write_change(plan_change(env, "acme", PROFILES), NOW)
    assert config.is_symlink()
    assert b"[profile acme/Admin]" in target.read_bytes()
    assert backup is not None
    assert backup.parent == target.parent


def test_a_loop_of_links_is_refused(env: dict[str, str], config: Path) -> None:
    """A link that leads to itself cannot be read."""
    config.unlink()
    config.symlink_to(config)
    with pytest.raises(AwsConfigUnreadable):
        plan_change(env, "acme", PROFILES)


def test_a_folder_in_the_files_place_is_refused(env: dict[str, str], config: Path) -> None:
    """A folder named config cannot be read as one."""
    config.unlink()
    config.mkdir()
    with pytest.raises(AwsConfigUnreadable) as caught:
        plan_change(env, "acme", PROFILES)
    assert caught.value.why == "it is a folder"


def test_a_device_in_the_files_place_is_refused(env: dict[str, str]) -> None:
    """What is no ordinary file is not replaced by one."""
    with pytest.raises(AwsConfigUnreadable):
        plan_change({**env, "AWS_CONFIG_FILE": "/dev/null"}, "acme", PROFILES)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_missing_rights_are_told(env: dict[str, str], config: Path) -> None:
    """A file one may not read, a folder one may not write to: each its own refusal."""
    config.chmod(0)
    with pytest.raises(AwsConfigUnreadable):
        plan_change(env, "acme", PROFILES)
    config.chmod(0o600)
    change = plan_change(env, "acme", PROFILES)
    config.parent.chmod(0o500)
    with pytest.raises(AwsConfigUnwritable):
        write_change(change, NOW)
    config.parent.chmod(0o700)
    assert config.read_bytes() == THEIRS


def test_a_disk_that_takes_nothing_leaves_the_file_as_it_was(env: dict[str, str]) -> None:
    """Where no file can be made beside it, nothing is written and the message says so."""
    change = plan_change({**env, "AWS_CONFIG_FILE": "/proc/config-of-nobody"}, "acme", PROFILES)
    with pytest.raises(AwsConfigUnwritable) as caught:
        write_change(change, NOW)
    assert caught.value.not_run == "the file is as it was"


def test_a_file_in_the_folders_place_is_told(env: dict[str, str], tmp_path: Path) -> None:
    """Where ~/.aws is a file there can be no config in it."""
    (tmp_path / ".aws").write_text("", encoding="utf-8")
    with pytest.raises((AwsConfigUnreadable, AwsConfigUnwritable)):
        write_change(plan_change(env, "acme", PROFILES), NOW)


def test_a_change_of_another_program_is_not_lost(env: dict[str, str], config: Path) -> None:
    """If the file changes between reading and writing it stays as the other program left it."""
    change = plan_change(env, "acme", PROFILES)
    config.write_bytes(b"[default]\n")
    with pytest.raises(AwsConfigUnwritable, match="another program changed it"):
        write_change(change, NOW)
    assert config.read_bytes() == b"[default]\n"
    assert [file for file in config.parent.iterdir() if file.name.startswith(".config")] == []


def test_a_name_in_the_credentials_file_is_taken_too(env: dict[str, str], tmp_path: Path) -> None:
    """A profile with keys of its own must not become a mixture."""
    credentials = tmp_path / "credentials"
    credentials.write_text("[default]\n[acme/Admin]\naws_access_key_id = A\n", encoding="utf-8")
    with pytest.raises(ProfileTaken) as caught:
        plan_change({**env, "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}, "acme", PROFILES)
    assert caught.value.subject == f"{credentials}:2"


def test_known_profiles_are_those_of_both_files(env: dict[str, str], config: Path, tmp_path: Path) -> None:
    """A source profile may stand in either file; without a credentials file there are those of the config."""
    change = plan_change(env, "acme", PROFILES)
    assert known_profiles(env, change) == {"default", "acme/Admin"}
    (config.parent / "credentials").write_text("[keys]\n", encoding="utf-8")
    assert known_profiles(env, change) == {"default", "acme/Admin", "keys"}
    away = {"AWS_CONFIG_FILE": str(tmp_path / "c"), "HOME": ""}
    assert known_profiles(away, plan_change(away, "acme", PROFILES)) == {"acme/Admin"}
