"""`profiles sign-in` on the twin: a user's key and a real code become a session that the driver runs workloads with."""

from __future__ import annotations

import configparser
import io
import json
import os
import re
import shlex
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest

from landing_zone.lock import load_lock
from orchestrator.cli.app import run
from orchestrator.cli.world import real_world
from orchestrator.doctor.caller_checks import check_callers, expected_callers
from orchestrator.doctor.caller_probe import probe_caller
from orchestrator.driver import Driver
from orchestrator.errors import NoCaller
from orchestrator.planning.plan import StackKind
from orchestrator.rehearse.people import Person
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, sign_in_to_caller
from orchestrator.running.job import Operation, StackStatus
from orchestrator.stack_id import StackId
from orchestrator.workers.environment import REHEARSAL_VARIABLE
from orchestrator.workers.pool import ForkPool
from rehearsal.twin.run_file import RUN_FILE_VARIABLE
from tests.support.pocket_fleet import POCKET_FLEET

PROFILE, ACCOUNT, ROLE = "pocket-management", "100000000009", "Management-Admin"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/ops"
THEIRS = "# mine\n[work]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other-secret\n"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Deploy the foundation of a small fleet on a twin of its own; nobody has signed in."""
    folder = tmp_path_factory.mktemp("sign-in")
    fleet = folder / "fleet.yaml"
    fleet.write_text(POCKET_FLEET, encoding="utf-8")
    options = RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")
    with staged(options) as stage:
        foundation = [planned.id for planned in stage.driver.plan.stacks if planned.kind is not StackKind.WORKLOAD]
        assert all(result.status is StackStatus.SUCCEEDED for result in stage.driver.run(Operation.UP, foundation))
        yield stage


@dataclass
class Desk:
    """A person's shell: AWS files of their own, the key in the profile `ops`, and the device in their hand."""

    home: Path
    person: Person
    env: dict[str, str]
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)
    asked: list[str] = field(default_factory=list)

    @property
    def credentials(self) -> Path:
        """The credentials file."""
        return self.home / ".aws" / "credentials"

    @property
    def config(self) -> Path:
        """The config file."""
        return self.home / ".aws" / "config"

    def code(self) -> str:
        """Return what the device shows now."""
        return pyotp.TOTP(self.person.mfa_seed).now()

    def sign_in(self, *arguments: str, code: str | None = None, terminal: bool = True) -> int:
        """Run the command; the code is typed on the terminal, else piped in."""
        return self.run("profiles", "sign-in", *arguments, code=code, terminal=terminal)

    def run(self, *arguments: str, code: str | None = None, terminal: bool = True) -> int:
        """Run a command."""

        def ask(question: str) -> str:
            self.asked.append(question)
            return self.code() if code is None else code

        world = replace(
            real_world(),
            env=self.env,
            folder=self.home,
            out=self.out,
            err=self.err,
            ask=ask if terminal else None,
            read_line=lambda: self.code() if code is None else code,
        )
        return run(arguments, world)

    def profile(self) -> dict[str, str]:
        """Return the keys of the caller's profile."""
        parser = configparser.RawConfigParser()
        parser.read(self.credentials, encoding="utf-8")
        return dict(parser[PROFILE])


@pytest.fixture
def desk(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a shell in a fleet folder whose organisation is the twin's."""
    (person,) = stage.people
    (tmp_path / "fleet.yaml").write_text(POCKET_FLEET, encoding="utf-8")
    (tmp_path / "fleet.lock.yaml").write_bytes(stage.workspace.lock_path.read_bytes())
    for name in [name for name in os.environ if name.startswith(("AWS_", "FLEETYARD_"))]:
        monkeypatch.delenv(name)
    run_file = tmp_path / "twin.json"  # where it is, it leads to a rehearsal as well, which this shell has not joined
    run_file.write_bytes(Path(stage.driver.tools.env[RUN_FILE_VARIABLE]).read_bytes())
    env = {
        "HOME": str(tmp_path),
        RUN_FILE_VARIABLE: str(run_file),
        "AWS_ENDPOINT_URL": stage.access.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    desk = Desk(tmp_path, person, env)
    desk.credentials.parent.mkdir()
    key = f"aws_access_key_id = {person.key.access_key_id}\naws_secret_access_key = {person.key.secret_access_key}\n"
    desk.credentials.write_text(f"{THEIRS}\n[ops]\n{key}", encoding="utf-8")
    desk.credentials.chmod(0o600)
    return desk


def test_the_driver_runs_workloads_with_the_session(stage: Stage, desk: Desk) -> None:
    """After one code the driver, its check of the caller and its workers find the profile, and ask for nothing."""
    assert desk.sign_in("--user-profile", "ops") == 0, desk.err.getvalue()
    tools = stage.driver.tools
    names = {"AWS_CONFIG_FILE": str(desk.config), "AWS_SHARED_CREDENTIALS_FILE": str(desk.credentials)}
    driver = Driver(stage.manifest, stage.workspace, replace(tools, env={**tools.env, **names}))
    (result,) = driver.run(Operation.PREVIEW, (StackId("network", "plat-dev"),))
    assert (result.status, result.error) == (StackStatus.SUCCEEDED, None)
    assert result.changed


def test_the_driver_names_sign_in_where_it_cannot_ask(stage: Stage, desk: Desk) -> None:
    """With a profile that asks for a code the run ends with FY203 before any stack, and says what to type."""
    assert desk.run("profiles", "write", "--user", "ops", "--source-profile", "ops") == 0
    names = {"AWS_CONFIG_FILE": str(desk.config), "AWS_SHARED_CREDENTIALS_FILE": str(desk.credentials)}
    env = {**stage.driver.tools.env, **names, "FLEETYARD_REHEARSAL": ""}
    driver = Driver(stage.manifest, stage.workspace, replace(stage.driver.tools, env=env))
    with pytest.raises(NoCaller) as raised:
        driver.run(Operation.PREVIEW, (StackId("network", "plat-dev"),))
    assert raised.value.why == f"profile {PROFILE} asks for an MFA code, and nobody can be asked in a run"
    assert raised.value.hint == "fleetyard profiles sign-in"


def test_one_is_told_who_one_is_and_until_when_and_no_secret(desk: Desk) -> None:
    """The session's name, its end and its minutes are said; keys, token and code are not."""
    assert desk.sign_in("--user-profile", "ops") == 0, desk.err.getvalue()
    told = desk.err.getvalue() + desk.out.getvalue()
    end = datetime.fromisoformat(desk.profile()["x_security_token_expires"]).astimezone()
    assert f"You are {SESSION} until {end:%Y-%m-%d %H:%M %Z}, for 60 minutes: profile {PROFILE} in" in told
    assert desk.asked == [f"MFA code of arn:aws:iam::{ACCOUNT}:mfa/ops: "]
    secrets = [desk.profile()[f"aws_{name}"] for name in ("access_key_id", "secret_access_key", "session_token")]
    assert not any(secret in told for secret in (*secrets, desk.person.key.secret_access_key, "other-secret"))


def test_the_doctor_says_how_long_it_lasts(stage: Stage, desk: Desk) -> None:
    """The end that is written with the session is what the doctor reads."""
    assert desk.sign_in("--user-profile", "ops") == 0, desk.err.getvalue()
    lock = load_lock(stage.workspace.lock_path)
    callers = [caller for caller in expected_callers(stage.manifest, lock) if caller.profile == PROFILE]
    with ForkPool(1) as pool:
        (found,) = check_callers(
            callers, desk.env, "eu-west-1", lambda envs: [pool.submit(probe_caller, dict(env)).result() for env in envs]
        )
    assert re.search(r"this session ends in [45]\d minutes", found.words)


def test_the_next_sign_in_needs_no_options_and_changes_only_our_block(desk: Desk) -> None:
    """Profile and device are remembered; all other bytes stay, and one backup was made, before the first."""
    assert desk.sign_in("--user-profile", "ops") == 0, desk.err.getvalue()
    theirs, first = desk.credentials.read_bytes().split(b"# >>> fleetyard pocket/session >>>")[0], desk.profile()
    desk.credentials.write_bytes(desk.credentials.read_bytes() + b"\n[after]\nregion = x\n")
    assert desk.sign_in() == 0, desk.err.getvalue()
    content = desk.credentials.read_bytes()
    assert content.startswith(theirs)
    assert content.endswith(b"\n[after]\nregion = x\n")
    assert desk.profile()["aws_access_key_id"] != first["aws_access_key_id"]
    assert first["aws_session_token"].encode() not in content
    (backup,) = desk.credentials.parent.glob("*.bak")
    assert b"session" not in backup.read_bytes()
    assert [stat.S_IMODE(file.stat().st_mode) for file in (desk.credentials, backup)] == [0o600, 0o600]


def test_a_file_that_others_can_read_becomes_private(desk: Desk) -> None:
    """A session is never put where others can read it, and neither is a backup."""
    desk.credentials.chmod(0o644)
    assert desk.sign_in("--user-profile", "ops") == 0, desk.err.getvalue()
    files = [desk.credentials, *desk.credentials.parent.glob("*.bak")]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]


def test_a_code_may_be_piped_in_and_the_result_is_data(desk: Desk) -> None:
    """Without a terminal the code comes on standard input; as JSON one is told who one is and until when."""
    arguments = ("--user-profile", "ops", "--code-stdin", "--minutes", "15", "--format", "json")
    assert desk.sign_in(*arguments, terminal=False) == 0
    told: dict[str, Any] = json.loads(desk.out.getvalue())
    assert (told["arn"], told["profile"], told["file"]) == (SESSION, PROFILE, str(desk.credentials))
    left = datetime.fromisoformat(told["expires"]) - datetime.now(tz=UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_a_dry_run_asks_for_no_code_and_writes_nothing(desk: Desk) -> None:
    """It says who would become what, with which device, and where the session would go."""
    before = desk.credentials.read_bytes()
    assert desk.sign_in("--user-profile", "ops", "--dry-run") == 0
    told = desk.err.getvalue()
    assert f"arn:aws:iam::{ACCOUNT}:user/ops (profile ops) would become {ROLE} for 60 minutes" in told
    assert str(desk.credentials) in told
    assert (desk.asked, desk.credentials.read_bytes()) == ([], before)


def break_key(desk: Desk) -> None:
    """Mistype the secret."""
    text = desk.credentials.read_text(encoding="utf-8")
    desk.credentials.write_text(text.replace(desk.person.key.secret_access_key, "x" * 40), encoding="utf-8")


def longer_in_manifest(desk: Desk) -> None:
    """Ask for longer sessions in the manifest, and deploy nothing."""
    longer = POCKET_FLEET.replace("    state: write\n", "    state: write\n    session_hours: 2\n")
    (desk.home / "fleet.yaml").write_text(longer, encoding="utf-8")


def not_deployed(desk: Desk) -> None:
    """Give the role another name in the manifest, and deploy nothing."""
    (desk.home / "fleet.yaml").write_text(POCKET_FLEET.replace(ROLE, "Management-New"), encoding="utf-8")


def not_trusted(desk: Desk) -> None:
    """Trust somebody else in the manifest."""
    (desk.home / "fleet.yaml").write_text(POCKET_FLEET.replace("[ops]", "[else]"), encoding="utf-8")


def session_as_key(desk: Desk) -> None:
    """Sign in, and name the session as the user's key."""
    assert desk.sign_in("--user-profile", "ops") == 0, desk.err.getvalue()


def key_behind_mfa(desk: Desk) -> None:
    """Let the profile `ops-role` assume the role with a code each time."""
    role = f"role_arn = arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    text = f"[profile ops-role]\n{role}\nsource_profile = ops\nmfa_serial = any-serial\n"
    desk.config.write_text(text, encoding="utf-8")


def nothing(_desk: Desk) -> None:
    """Leave everything as it is."""


@pytest.mark.parametrize(
    ("prepare", "arguments", "code", "exit_code", "words"),
    [
        (nothing, ["--user-profile", "ops"], "000000", 3, ["FY344", "invalid MFA one time pass code", "next code"]),
        (nothing, ["--user-profile", "ops", "--mfa-serial", f"arn:aws:iam::{ACCOUNT}:mfa/other"], None, 3,
         ["FY345", "unable to validate MFA code", "list-mfa-devices --user-name ops --profile ops"]),
        (not_deployed, ["--user-profile", "ops"], None, 3, ["FY346", "AccessDenied", "fleetyard up --stack bootstrap"]),
        (longer_in_manifest, ["--user-profile", "ops"], None, 3, ["FY346", "MaxSessionDuration", "--minutes 60"]),
        (not_trusted, ["--user-profile", "ops"], None, 3, ["FY346", "the manifest trusts else"]),
        (session_as_key, ["--user-profile", PROFILE], None, 3, ["FY347", SESSION, "--user-profile NAME"]),
        (key_behind_mfa, ["--user-profile", "ops-role"], None, 3, ["FY347", "MFA code each time"]),
        (nothing, ["--user-profile", "ops"], "12345", 2, ["FY348", "six digits"]),
        (nothing, ["--user-profile", "ops"], "", 2, ["FY348", "nothing was typed"]),
        (nothing, ["--user-profile", "nobody"], None, 3, ["FY203", "aws configure --profile nobody"]),
        (nothing, [], None, 3, ["FY203", "default"]),
        (break_key, ["--user-profile", "ops"], None, 3, ["FY202", "SignatureDoesNotMatch", "aws configure"]),
        (nothing, ["--minutes", "90"], None, 2, ["FY311", "session_hours is 1"]),
        (nothing, ["Management-Developer"], None, 2, ["FY311", "no state rights"]),
        (nothing, ["Nobody"], None, 2, ["FY311", "no management role"]),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told_in_awss_words_with_the_next_step(
    desk: Desk,
    prepare: Callable[[Desk], None],
    arguments: list[str],
    code: str | None,
    exit_code: int,
    words: list[str],
) -> None:
    """Each failure has its code, its reason and its next step, and leaves the file as it was."""
    prepare(desk)
    before = desk.credentials.read_bytes()
    assert desk.sign_in(*arguments, code=code) == exit_code
    told = desk.err.getvalue()
    assert [word for word in words if word not in told] == []
    assert desk.credentials.read_bytes() == before
    assert desk.person.key.secret_access_key not in told


def test_without_a_terminal_the_way_to_give_the_code_is_named(desk: Desk) -> None:
    """Nobody is there to type: FY348 names --code-stdin."""
    assert desk.sign_in("--user-profile", "ops", terminal=False) == 2
    assert "FY348" in desk.err.getvalue()
    assert "--code-stdin" in desk.err.getvalue()


def test_a_foreign_profile_of_that_name_is_refused(desk: Desk) -> None:
    """A section that we did not write stays as it is: FY333 names its line, before a code is asked for."""
    with desk.credentials.open("a", encoding="utf-8") as file:
        file.write(f"[{PROFILE}]\naws_access_key_id = AKIATHEIRS\n")
    before = desk.credentials.read_bytes()
    line = before.decode().splitlines().index(f"[{PROFILE}]") + 1
    assert desk.sign_in("--user-profile", "ops") == 2
    assert "FY333" in desk.err.getvalue()
    assert f"{desk.credentials}:{line}" in desk.err.getvalue()
    assert (desk.asked, desk.credentials.read_bytes()) == ([], before)


def test_in_a_kept_rehearsal_one_signs_in_by_joining_it(stage: Stage, desk: Desk) -> None:
    """There the caller's profile is the rehearsal's own, with the end of its session; joining again renews it."""
    sign_in_to_caller(stage.manifest, stage.access, stage.people, stage.profiles)
    parser = configparser.RawConfigParser()
    parser.read(stage.profiles.folder / "credentials", encoding="utf-8")
    end = datetime.fromisoformat(parser[PROFILE]["x_security_token_expires"])
    assert timedelta(minutes=58) < end - datetime.now(tz=UTC) <= timedelta(minutes=60)
    run_file = stage.driver.tools.env[RUN_FILE_VARIABLE]
    joined = {RUN_FILE_VARIABLE: run_file, REHEARSAL_VARIABLE: str(stage.profiles.folder.parent)}
    desk.env |= {**joined, **stage.profiles.environment()}
    assert desk.sign_in() == 2
    assert "FY333" in desk.err.getvalue()
    assert 'eval "$(fleetyard twin env)"' in desk.err.getvalue()


def test_a_profile_of_the_config_that_only_has_a_region_is_in_nobodys_way(desk: Desk) -> None:
    """What says nothing about signing in may stand beside the session."""
    desk.config.write_text(f"[profile {PROFILE}]\nregion = eu-west-1\noutput = json\n", encoding="utf-8")
    assert desk.sign_in("--user-profile", "ops") == 0, desk.err.getvalue()


def test_a_profile_that_asks_for_codes_is_refused_with_the_commands_that_help(desk: Desk) -> None:
    """What `profiles write` wrote under that name goes before a session; the commands named make room and sign in."""
    assert desk.run("profiles", "write", "--user", "ops", "--source-profile", "ops") == 0
    assert desk.sign_in() == 2
    told = desk.err.getvalue()
    assert "with an MFA code each time it is used" in told
    line = desk.config.read_text(encoding="utf-8").splitlines().index(f"[profile {PROFILE}]") + 1
    assert f"{desk.config}:{line}" in told
    (hint,) = [text for text in told.splitlines() if "then: fleetyard profiles sign-in" in text]
    first, second = hint[hint.index("fleetyard") :].split(", then: ")
    assert first == f"fleetyard profiles write --user ops --source-profile ops --session {ROLE}={PROFILE}"
    for command in (first, second):
        assert desk.run(*shlex.split(command)[1:]) == 0, desk.err.getvalue()
    assert desk.profile()["x_fleetyard_user_profile"] == "ops"
    assert desk.run("profiles", "write", *shlex.split(first)[3:]) == 0


def test_what_profiles_write_was_given_is_the_default(desk: Desk) -> None:
    """The source profile of another management role's profile is where the user's key is."""
    assert (
        desk.run("profiles", "write", "--user", "ops", "--source-profile", "ops", "--session", f"{ROLE}={PROFILE}") == 0
    )
    assert f"There is no profile {PROFILE} yet; sign in: fleetyard profiles sign-in --user-profile ops" in (
        desk.err.getvalue()
    )
    assert desk.sign_in() == 0, desk.err.getvalue()
    assert desk.profile()["x_fleetyard_mfa_serial"] == f"arn:aws:iam::{ACCOUNT}:mfa/ops"
