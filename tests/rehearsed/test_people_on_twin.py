"""What people are given works: the profiles lead botocore through the chain, and the link signs in as its session."""

from __future__ import annotations

import io
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore.session
import pyotp
import pytest
from botocore.exceptions import ClientError

from landing_zone.documents.access import assume_exactly, management_role_trust, member_role_trust
from landing_zone.documents.statements import document
from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from landing_zone.manifest import parse_manifest
from orchestrator.cli.app import run
from orchestrator.cli.world import World, real_world
from orchestrator.composition import sign_in_endpoint
from orchestrator.people.aws_config_file import plan_change, write_change
from orchestrator.people.aws_profiles import Person as Owner
from orchestrator.people.aws_profiles import profiles_for
from orchestrator.people.granted_roles import granted
from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.people import Person, enrol
from rehearsal.twin.client import change_settings
from rehearsal.twin.errors import NotOurTwin
from rehearsal.twin.run_file import RUN_FILE_VARIABLE, TwinRun
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, RunningTwin, TwinAws

USER, MANAGEMENT_ROLE, ROLE = "people-ops", "Management-People", "People-Admin"
FLEET = f"""\
organization: people
management_account_id: "{MANAGEMENT}"
region: us-east-1
callers: {{administrator: people-administrator, management: people-management}}
roles:
  {ROLE}: {{managed_policies: [AdministratorAccess]}}
management_roles:
  {MANAGEMENT_ROLE}:
    trusted: {{users: [{USER}]}}
    state: write
    session_hours: 2
    grants:
      - {{roles: [{ROLE}], accounts: ["*"]}}
units:
  plat:
    accounts:
      core-root: {{email: root@people.example, management: true}}
      plat-dev: {{email: dev@people.example}}
"""
HOP = f"people/{MANAGEMENT_ROLE}/plat-dev/{ROLE}"


@dataclass(frozen=True, slots=True)
class Scene:
    """A person of a small fleet on the twin, with a config file of their own."""

    manifest: Manifest
    lock: Lock
    person: Person
    account: str
    env: dict[str, str]


@pytest.fixture(scope="module")
def people(aws: TwinAws, twin: TwinRun, organization: str) -> tuple[Person, str]:
    """Make the user with an MFA device, the management role and the member role, trusted as the manifest says."""
    assert organization
    access = Access(twin.endpoint, twin.region)
    key = Credentials(aws.administrator.access_key_id, aws.administrator.secret_access_key)
    (person,) = enrol(access, key, [USER])
    made = aws.client("organizations").create_account(Email="dev@people.example", AccountName="people-dev")
    account = str(made["CreateAccountStatus"]["AccountId"])
    trust = parse_manifest(FLEET, Path("/x/fleet.yaml")).management_roles[MANAGEMENT_ROLE].trust
    iam, member = aws.client("iam"), aws.client("iam", aws.into(account))
    role = iam.create_role(
        RoleName=MANAGEMENT_ROLE,
        AssumeRolePolicyDocument=json.dumps(management_role_trust(MANAGEMENT, trust)),
        MaxSessionDuration=7200,
    )["Role"]
    may = document(assume_exactly([f"arn:aws:iam::{account}:role/{ROLE}"]))
    iam.put_role_policy(RoleName=MANAGEMENT_ROLE, PolicyName="hops", PolicyDocument=json.dumps(may))
    trusting = json.dumps(member_role_trust(MANAGEMENT, [role["Arn"]]))
    member.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trusting)
    member.put_role_policy(RoleName=ROLE, PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
    return person, account


@pytest.fixture
def scene(
    people: tuple[Person, str], running_twin: RunningTwin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    """Give the person with a config file that holds their key, in an environment that leads to the twin.

    A code is good more than once: the tests sign in more often than a device gives new ones.
    """
    person, account = people
    config = tmp_path / ".aws" / "config"
    config.parent.mkdir()
    config.write_text(
        f"[default]\naws_access_key_id = {person.key.access_key_id}\n"
        f"aws_secret_access_key = {person.key.secret_access_key}\n",
        encoding="utf-8",
    )
    env = {
        "HOME": str(tmp_path),
        RUN_FILE_VARIABLE: str(running_twin.run_file),
        "AWS_ENDPOINT_URL": running_twin.run.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    change_settings(running_twin.run, mfa_codes_once=False)
    yield Scene(
        parse_manifest(FLEET, tmp_path / "fleet.yaml"), Lock(accounts={"plat-dev": account}), person, account, env
    )
    change_settings(running_twin.run, mfa_codes_once=True)


def write_profiles(scene: Scene) -> None:
    """Write the person's profiles as `profiles write` does."""
    owner = Owner(USER, mfa_serial=scene.person.mfa_serial)
    profiles = profiles_for(scene.manifest, granted(scene.manifest, scene.lock), owner)
    write_change(plan_change(scene.env, "people", profiles.profiles), datetime.now(tz=UTC))


def session_of(scene: Scene, profile: str, code: str = "") -> botocore.session.Session:
    """Return botocore with a profile, whose question for an MFA code is answered."""
    session = botocore.session.Session(profile=profile)
    provider: Any = session.get_component("credential_provider").get_provider("assume-role")
    provider._prompter = lambda _question: code or pyotp.TOTP(scene.person.mfa_seed).now()
    return session


@pytest.mark.parametrize(("profile", "role"), [("people-management", MANAGEMENT_ROLE), (HOP, ROLE)])
def test_botocore_becomes_the_role_through_the_chain(scene: Scene, profile: str, role: str) -> None:
    """Each profile signs as its role in its account, named after the user, by the key and one MFA code."""
    write_profiles(scene)
    account = scene.account if role == ROLE else MANAGEMENT
    arn = session_of(scene, profile).create_client("sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{account}:assumed-role/{role}/{USER}"


def test_a_wrong_code_opens_nothing(scene: Scene) -> None:
    """The written profile really asks for MFA: with another code the chain ends at the first hop."""
    write_profiles(scene)
    with pytest.raises(ClientError, match="MultiFactorAuthentication"):
        session_of(scene, HOP, "000000").create_client("sts").get_caller_identity()


def world_of(scene: Scene, folder: Path) -> tuple[World, io.StringIO, io.StringIO]:
    """Return the command line's world on the person's environment, with its two streams."""
    out, err = io.StringIO(), io.StringIO()
    real = real_world()
    env = {**scene.env, **{name: value for name, value in real.env.items() if name.startswith("AWS_")}}
    world = replace(real, env=env, folder=folder, out=out, err=err, ask=None)
    return world, out, err


def become_management_role(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a session of the management role into the environment, as `twin env` does."""
    write_profiles(scene)
    keys = session_of(scene, "people-management").get_credentials().get_frozen_credentials()
    for name, value in (("ACCESS_KEY_ID", keys.access_key), ("SECRET_ACCESS_KEY", keys.secret_key)):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_SESSION_TOKEN", keys.token)


def test_the_link_signs_in_as_the_session_in_use(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`console --sign-in` prints a link and nothing else; opened, it is the management role's session."""
    become_management_role(scene, monkeypatch)
    world, out, err = world_of(scene, tmp_path)
    assert run(["console", "--sign-in", "--minutes", "30"], world) == 0
    (link,) = out.getvalue().splitlines()
    with urllib.request.urlopen(link, timeout=10) as answer:
        signed_in = json.load(answer)
    assert signed_in["signed_in_as"] == f"arn:aws:sts::{MANAGEMENT}:assumed-role/{MANAGEMENT_ROLE}/{USER}"
    assert signed_in["destination"].startswith("https://console.aws.amazon.com/console/home?region=")
    assert "This link is a secret" in err.getvalue()
    assert "30 minutes" in err.getvalue()
    assert "SigninToken" not in err.getvalue()


def test_the_link_as_json_says_how_long_it_lasts(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The JSON form has link, session and lifetimes; the warning is there as well."""
    become_management_role(scene, monkeypatch)
    world, out, err = world_of(scene, tmp_path)
    assert run(["console", "--sign-in", "--format", "json"], world) == 0
    told = json.loads(out.getvalue())
    assert (told["link_seconds"], told["console_seconds"], told["account_id"]) == (900, None, MANAGEMENT)
    assert "This link is a secret" in err.getvalue()


def test_a_users_key_makes_no_link(scene: Scene, tmp_path: Path) -> None:
    """With the person's long-term key the command ends with 3 and FY338, and prints no link."""
    world, out, err = world_of(scene, tmp_path)
    assert run(["console", "--sign-in"], world) == 3
    assert "FY338" in err.getvalue()
    assert out.getvalue() == ""


def test_no_credentials_and_unknown_profiles_are_told(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without credentials, or with a profile that is not there, the command ends with FY203."""
    world, _, err = world_of(scene, tmp_path)
    assert run(["console", "--sign-in", "--profile", "nobody"], world) == 3
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert run(["console", "--sign-in"], world) == 3
    assert err.getvalue().count("FY203") == 2


def test_a_session_that_aws_does_not_know_is_told(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials that STS refuses end with FY202."""
    become_management_role(scene, monkeypatch)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "another")
    world, _, err = world_of(scene, tmp_path)
    assert run(["console", "--sign-in"], world) == 3
    assert "FY202" in err.getvalue()


def test_the_sign_in_endpoint_is_aws_or_a_proven_twin(running_twin: RunningTwin) -> None:
    """Without a twin it is AWS's; with one it is the twin's own port; anything between is refused."""
    aws = "https://signin.aws.amazon.com/federation"
    env = {RUN_FILE_VARIABLE: str(running_twin.run_file), "AWS_ENDPOINT_URL": running_twin.run.endpoint}
    assert sign_in_endpoint({}, aws) == aws
    assert sign_in_endpoint(env, aws) == f"{running_twin.run.endpoint}/federation"
    for broken in ({**env, "AWS_ENDPOINT_URL": ""}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}):
        with pytest.raises(NotOurTwin):
            sign_in_endpoint(broken, aws)
