"""The commands for people: console and profiles write, on files alone; signing in is in tests/rehearsed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from landing_zone.lock import Lock, write_lock
from tests.cli.fleet_folder import Terminal, deploy_on_paper, make_fleet_folder
from tests.support.repository import ROOT
from tests.unit.orchestrator.fleets import FLEET, LOCK

THEIRS = "[default]\naws_secret_access_key = very-secret\n"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line in a fleet folder whose accounts exist, and a home with a config file."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path)
    (tmp_path / ".aws").mkdir()
    config_of(tmp_path).write_text(THEIRS, encoding="utf-8")
    return Terminal(tmp_path, env={"HOME": str(tmp_path)})


def config_of(home: Path) -> Path:
    """Return where the config file is."""
    return home / ".aws" / "config"


def test_console_prints_each_link_below_its_precondition(terminal: Terminal) -> None:
    """The text form has a line per management role that says what must hold, and a line per link."""
    assert terminal.run("console") == 0
    lines = terminal.out.getvalue().splitlines()
    assert lines[0].startswith(
        "Management-Admin: each link needs you to be signed in to the console as Management-Admin"
    )
    assert [line.split()[0] for line in lines[1:]] == ["Admin@lab-one", "Admin@lab-two"]
    assert all("https://signin.aws.amazon.com/switchrole?account=" in line for line in lines[1:])


def test_console_as_json_has_a_precondition_per_link(terminal: Terminal) -> None:
    """Each link as JSON holds account, role, display name, colour, URL and precondition."""
    data: dict[str, Any] = terminal.json("console", "lab-one", "Admin")
    (link,) = data["links"]
    assert (link["account_id"], link["display_name"]) == ("200000000002", "Admin@lab-one")
    assert {"management_role", "role", "colour", "url", "precondition"} <= set(link)


def test_an_account_not_created_is_said_beside_the_links(terminal: Terminal) -> None:
    """Links of accounts that exist are printed, the others are named; if none exists that is FY122."""
    known = {name: at for name, at in LOCK.accounts.items() if name != "lab-two"}
    write_lock(terminal.folder / "fleet.lock.yaml", Lock(LOCK.organization_id, LOCK.root_id, known))
    assert terminal.run("console") == 0
    assert "Not created yet, so without a link: lab-two." in terminal.err.getvalue()
    assert terminal.run("console", "lab-two") == 2
    assert "FY122" in terminal.err.getvalue()


def test_what_is_not_granted_has_no_link(terminal: Terminal) -> None:
    """A name that is granted nothing is FY337 with the nearest one."""
    assert terminal.run("console", "lab-on") == 2
    assert "FY337" in terminal.err.getvalue()
    assert "did you mean lab-one?" in terminal.err.getvalue()
    assert terminal.out.getvalue() == ""


@pytest.mark.parametrize(
    "arguments",
    [("--minutes", "30"), ("--profile", "x"), ("lab-one", "--sign-in"), ("--sign-in", "--as", "Management-Admin")],
)
def test_options_of_links_and_of_signing_in_do_not_mix(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    """An option that would do nothing is FY311."""
    assert terminal.run("console", *arguments) == 2
    assert "FY311" in terminal.err.getvalue()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["console", "lab-"], ["lab-one", "lab-two"]),
        (["console", "lab-one", ""], ["Admin"]),
        (["console", "--as", "Man"], ["Management-Admin"]),
        (["console", "root"], []),
    ],
)
def test_a_shell_completes_accounts_and_roles(terminal: Terminal, words: list[str], offered: list[str]) -> None:
    """What is granted is offered: accounts, the roles in the account typed before, management roles."""
    assert complete(terminal.folder, words) == offered


def test_completion_is_silent_without_a_manifest(tmp_path: Path) -> None:
    """Where there is no manifest a shell is offered nothing, and no error."""
    assert complete(tmp_path, ["console", ""]) == []


def complete(folder: Path, words: list[str]) -> list[str]:
    """Return what the command offers to bash, asked as bash asks it."""
    asked = {"COMP_WORDS": " ".join(["fleetyard", *words]), "COMP_CWORD": str(len(words))}
    done = subprocess.run(
        [sys.executable, "-m", "orchestrator.cli"],
        cwd=folder,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "_FLEETYARD_COMPLETE": "complete_bash", **asked},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_profiles_are_written_beside_what_was_there(terminal: Terminal) -> None:
    """The file keeps its text and gains the block; the backup and the guessed device are told."""
    assert terminal.run("profiles", "write") == 0
    text = config_of(terminal.folder).read_text(encoding="utf-8")
    assert text.startswith(THEIRS)
    assert "[profile small-management]" in text
    assert "[profile small/Management-Admin/lab-one/Admin]" in text
    told = terminal.err.getvalue()
    assert "Wrote 3 profiles" in told
    assert ".bak" in told
    assert "arn:aws:iam::100000000001:mfa/ops" in told


def test_a_dry_run_shows_the_change_and_writes_nothing(terminal: Terminal) -> None:
    """The diff goes to standard output without anybody's keys in it; no file is touched."""
    assert terminal.run("profiles", "write", "--dry-run") == 0
    assert "+[profile small-management]" in terminal.out.getvalue()
    assert "very-secret" not in terminal.out.getvalue()
    assert [file.name for file in config_of(terminal.folder).parent.iterdir()] == ["config"]
    assert config_of(terminal.folder).read_text(encoding="utf-8") == THEIRS


def test_a_second_write_changes_nothing(terminal: Terminal) -> None:
    """Written once, the file is as it should be: no second backup."""
    terminal.run("profiles", "write")
    written = sorted(config_of(terminal.folder).parent.iterdir())
    assert terminal.run("profiles", "write") == 0
    assert "is as it should be: 3 profiles" in terminal.err.getvalue()
    assert sorted(config_of(terminal.folder).parent.iterdir()) == written


def test_profiles_as_json(terminal: Terminal) -> None:
    """The JSON form names file, backup and profiles."""
    data: dict[str, Any] = terminal.json("profiles", "write")
    assert data["changed"]
    assert data["profiles"][0] == "small-management"
    assert Path(data["backup"]).read_text(encoding="utf-8") == THEIRS


def test_a_missing_source_profile_is_said(terminal: Terminal) -> None:
    """Profiles that rest on one that is not there are written, with what is still to do."""
    assert terminal.run("profiles", "write", "--source-profile", "ops-key") == 0
    assert "There is no profile ops-key yet; put your access key there: aws configure --profile ops-key" in (
        terminal.err.getvalue()
    )


def test_a_profile_of_ones_own_is_refused_and_can_be_built_on(terminal: Terminal) -> None:
    """A taken name is FY333 with its line; with --session the hops rest on that profile."""
    mine = THEIRS + "[profile small-management]\nregion = x\n"
    config_of(terminal.folder).write_text(mine, encoding="utf-8")
    assert terminal.run("profiles", "write") == 2
    assert "FY333" in terminal.err.getvalue()
    assert "config:3]" in terminal.err.getvalue()
    assert config_of(terminal.folder).read_text(encoding="utf-8") == mine
    assert terminal.run("profiles", "write", "--session", "Management-Admin=small-management") == 0
    assert config_of(terminal.folder).read_text(encoding="utf-8").count("source_profile = small-management") == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [("nonsense\n", "FY331"), ("# >>> fleetyard small >>>\n", "FY332")],
)
def test_a_file_that_is_not_as_it_should_be_is_left_alone(terminal: Terminal, content: str, code: str) -> None:
    """A malformed file and damaged marks end with 2, their code and line; nothing is written."""
    config_of(terminal.folder).write_text(content, encoding="utf-8")
    assert terminal.run("profiles", "write") == 2
    assert f"{code}: " in terminal.err.getvalue()
    assert "config:1]" in terminal.err.getvalue()
    assert config_of(terminal.folder).read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    ("env", "code"),
    [
        ({"HOME": ""}, "FY330"),
        ({"AWS_CONFIG_FILE": "/proc/config-of-nobody"}, "FY334"),
        ({"AWS_CONFIG_FILE": "/proc"}, "FY335"),
    ],
)
def test_places_that_cannot_be_written_to_are_told(terminal: Terminal, env: dict[str, str], code: str) -> None:
    """No home, a disk that takes no file, a folder in its place: each has its code."""
    terminal.env.update(env)
    assert terminal.run("profiles", "write") == 2
    assert code in terminal.err.getvalue()


def test_impossible_names_are_refused_with_the_limit(terminal: Terminal) -> None:
    """A device's serial number that AWS does not take is FY336."""
    assert terminal.run("profiles", "write", "--mfa-serial", "x") == 2
    assert "FY336" in terminal.err.getvalue()
    assert "9 to 256" in terminal.err.getvalue()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--user", "nobody"), "the manifest trusts ops"),
        (("--session", "Management-Admin"), "write it as ROLE=PROFILE"),
        (("--session", "Nobody=x"), "the management roles are Management-Admin"),
    ],
)
def test_options_name_what_there_is(terminal: Terminal, arguments: tuple[str, ...], words: str) -> None:
    """A user or management role that the manifest does not know is FY311."""
    assert terminal.run("profiles", "write", *arguments) == 2
    assert "FY311" in terminal.err.getvalue()
    assert words in terminal.err.getvalue()


def test_one_of_several_users_must_say_who(terminal: Terminal) -> None:
    """Where the manifest trusts several users --user is needed."""
    fleet = terminal.folder / "fleet.yaml"
    fleet.write_text(FLEET.replace("users: [ops]", "users: [ops, ann]"), encoding="utf-8")
    assert terminal.run("profiles", "write") == 2
    assert "--user NAME is needed" in terminal.err.getvalue()
    assert terminal.run("profiles", "write", "--user", "ann") == 0
    assert "role_session_name = ann" in config_of(terminal.folder).read_text(encoding="utf-8")


def test_nobody_has_profiles_without_a_way_in(terminal: Terminal) -> None:
    """Where only a SAML provider is trusted there is nothing to write until a session is named."""
    fleet = terminal.folder / "fleet.yaml"
    fleet.write_text(FLEET.replace("users: [ops]", "saml: {provider: okta}"), encoding="utf-8")
    assert terminal.run("profiles", "write") == 2
    assert "nothing leads you into Management-Admin" in terminal.err.getvalue()
    assert terminal.run("profiles", "write", "--session", "Management-Admin=okta") == 0
    assert "source_profile = okta" in config_of(terminal.folder).read_text(encoding="utf-8")
