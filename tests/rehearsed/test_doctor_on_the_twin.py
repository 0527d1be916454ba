"""What the doctor finds out about callers, bucket, key, quota and clock, asked of the twin as it asks AWS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from landing_zone.documents.access import document as policy
from landing_zone.documents.access import state_statements
from landing_zone.fleet import StateRights, WorkloadState
from landing_zone.lock import Lock, StateHome, write_lock
from orchestrator.callers import AnswerKind
from orchestrator.doctor.caller_checks import ExpectedCaller, check_callers
from orchestrator.doctor.caller_probe import probe_caller
from orchestrator.doctor.clock_check import check_clock
from orchestrator.doctor.finding import Finding, Outcome
from orchestrator.doctor.quota_check import check_quota, probe_quota
from orchestrator.doctor.state_checks import check_bucket_and_key
from orchestrator.doctor.state_probe import META, StateQuestion, Tried, probe_state
from orchestrator.workers.pool import ForkPool
from rehearsal.twin.client import change_settings
from rehearsal.twin.run_file import TwinRun
from tests.cli.fleet_folder import make_fleet_folder
from tests.support.repository import ROOT
from tests.support.twin_fixtures import MANAGEMENT, Keys, RunningTwin, TwinAws, trusting
from tests.unit.orchestrator.fleets import FLEET, MANAGEMENT_ID, small_fleet

NewRole = Callable[..., str]


@pytest.fixture(scope="module")
def children() -> Iterator[ForkPool]:
    """Return processes of their own for the questions, as each takes on a caller's environment."""
    with ForkPool(4) as pool:
        yield pool


@dataclass(frozen=True)
class Office:
    """Profiles in AWS files of the test's own, and the environment that leads there and to the twin."""

    folder: Path
    twin: RunningTwin

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment that callers' environments are made from."""
        reached = self.twin.environment(Keys("", ""))
        plain = {name: value for name, value in reached.items() if "KEY" not in name}
        files = {
            "AWS_CONFIG_FILE": str(self.folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "credentials"),
        }
        return {**plain, **files, "AWS_EC2_METADATA_DISABLED": "true", **more}

    def keys(self, profile: str, keys: Keys, **more: str) -> None:
        """Add a profile with credentials."""
        lines = {"aws_access_key_id": keys.access_key_id, "aws_secret_access_key": keys.secret_access_key, **more}
        if keys.session_token:
            lines["aws_session_token"] = keys.session_token
        self._add("credentials", profile, lines)

    def role(self, profile: str, arn: str, source: str, **more: str) -> None:
        """Add a profile that assumes a role."""
        self._add("config", f"profile {profile}", {"role_arn": arn, "source_profile": source, **more})

    def _add(self, file: str, section: str, lines: dict[str, str]) -> None:
        text = "\n".join([f"[{section}]", *(f"{key} = {value}" for key, value in lines.items()), "", ""])
        with (self.folder / file).open("a", encoding="utf-8") as opened:
            opened.write(text)


@pytest.fixture
def office(tmp_path: Path, running_twin: RunningTwin, aws: TwinAws) -> Office:
    """Return an office whose profile `admin` is the management account's administrator."""
    found = Office(tmp_path, running_twin)
    found.keys("admin", aws.administrator)
    return found


def caller(children: ForkPool, office: Office, profile: str, *roles: str) -> Finding:
    """Return the finding about a profile that should belong to the management account."""
    (finding,) = check_callers(
        [ExpectedCaller("any", profile, MANAGEMENT, roles)],
        office.environment(),
        "us-east-1",
        lambda environments: [children.submit(probe_caller, env).result() for env in environments],
    )
    return finding


def test_the_administrator_is_recognised(children: ForkPool, office: Office) -> None:
    """A long-lived key of the right account is well."""
    found = caller(children, office, "admin")
    assert found.outcome is Outcome.OK
    assert "does not end" in found.words


def test_a_profile_of_another_account_failed(children: ForkPool, office: Office, aws: TwinAws, account: str) -> None:
    """AWS's answer names the account reached."""
    office.keys("stranger", aws.into(account))
    found = caller(children, office, "stranger")
    assert found.outcome is Outcome.FAILED
    assert f"in account {account} instead of {MANAGEMENT}" in found.words


def test_an_expired_session_failed(
    children: ForkPool, office: Office, aws: TwinAws, twin: TwinRun, account: str
) -> None:
    """A session whose time is over is refused by AWS, in its words."""
    office.keys("over", aws.into(account))
    change_settings(twin, clock_ahead_s=7200)
    try:
        found = caller(children, office, "over")
    finally:
        change_settings(twin, clock_ahead_s=0)
    assert found.outcome is Outcome.FAILED
    assert "Expired" in found.words


def test_a_profile_that_is_not_there_failed(children: ForkPool, office: Office) -> None:
    """The SDK's words name it."""
    found = caller(children, office, "nobody")
    assert found.outcome is Outcome.FAILED
    assert "nobody" in found.words


def test_a_malformed_aws_config_failed(children: ForkPool, office: Office) -> None:
    """A config file that cannot be read is told, and nothing breaks."""
    (office.folder / "config").write_text("[profile admin\nregion = x\n", encoding="utf-8")
    found = caller(children, office, "admin")
    assert found.outcome is Outcome.FAILED
    assert str(office.folder / "config") in found.words


def test_a_role_assumed_from_a_users_key_is_not_chained(children: ForkPool, office: Office, new_role: NewRole) -> None:
    """The profile assumes the role by itself, and the SDK renews the session."""
    arn = new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:root"))
    office.role("by-role", arn, "admin")
    found = caller(children, office, "by-role", arn.rsplit("/", 1)[-1])
    assert found.outcome is Outcome.OK
    assert "renewed by itself" in found.words
    assert "not chained" in found.words


def test_a_role_assumed_from_a_session_is_chained(
    children: ForkPool, office: Office, aws: TwinAws, new_role: NewRole
) -> None:
    """A session of a role that becomes another role lasts an hour at most, and that is said."""
    first = new_role(
        MANAGEMENT,
        trusting(f"arn:aws:iam::{MANAGEMENT}:root"),
        json.dumps(policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})),
    )
    second = new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:root"))
    office.keys("first", aws.assume(first))
    office.role("second", second, "first")
    assert "chained: an hour at most" in caller(children, office, "second").words


def test_a_noted_end_of_a_session_is_read(children: ForkPool, office: Office, aws: TwinAws, account: str) -> None:
    """Tools that write sessions note when they end, in keys of their own."""
    office.keys("noted", aws.into(account), x_security_token_expires="2030-01-01T00:00:00Z")
    env = {**office.environment(), "AWS_PROFILE": "noted"}
    answer = children.submit(probe_caller, env).result()
    assert answer.ends is not None
    assert answer.ends.isoformat() == "2030-01-01T00:00:00+00:00"


def test_nobody_is_asked_for_an_mfa_code(children: ForkPool, office: Office) -> None:
    """A profile that would ask is told apart before AWS is asked."""
    office.role("with-mfa", f"arn:aws:iam::{MANAGEMENT}:role/any", "admin", mfa_serial="arn:aws:iam::1:mfa/ops")
    env = {**office.environment(), "AWS_PROFILE": "with-mfa"}
    assert children.submit(probe_caller, env).result().identity.kind is AnswerKind.NEEDS_CODE


def test_an_endpoint_where_nobody_listens_is_unreachable(children: ForkPool, office: Office) -> None:
    """A network that is down is told apart from credentials that are refused."""
    env = {**office.environment(), "AWS_PROFILE": "admin", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    assert children.submit(probe_caller, env).result().identity.kind is AnswerKind.UNREACHABLE


@dataclass(frozen=True)
class Vault:
    """A state bucket and its key, and a role that holds exactly the rights of a management role."""

    home: StateHome
    role: Keys


@pytest.fixture
def vault(aws: TwinAws, new_role: NewRole, numbers: Iterator[int]) -> Vault:
    """Make bucket, key and role as bootstrap would."""
    bucket = f"acme-state-{next(numbers)}"
    aws.client("s3").create_bucket(Bucket=bucket)
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    rights = json.dumps(policy(*state_statements(StateRights.WRITE, bucket, key)))
    role = new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:root"), rights)
    return Vault(StateHome(bucket, key), aws.assume(role))


def state(children: ForkPool, office: Office, home: StateHome) -> dict[str, Finding]:
    """Return the findings about bucket and key, asked with the profile `small-management`."""
    fleet = replace(small_fleet(), workload_state=WorkloadState.BUCKET)
    found = check_bucket_and_key(
        fleet,
        Lock("o-a1b2c3d4e5", "r-ab12", {}, home),
        office.environment(),
        lambda question: children.submit(probe_state, question).result(),
    )
    return {finding.name: finding for finding in found}


def test_a_management_roles_rights_are_enough(children: ForkPool, office: Office, aws: TwinAws, vault: Vault) -> None:
    """Bucket and key are tried with exactly what a management role with `state: write` has."""
    office.keys("small-management", vault.role)
    empty = state(children, office, vault.home)
    assert {finding.outcome for finding in empty.values()} == {Outcome.OK}
    assert "holds no state yet" in empty["state bucket"].words
    aws.client("s3").put_object(Bucket=vault.home.bucket, Key=META, Body=b"version: 1\n")
    full = state(children, office, vault.home)
    assert full["state bucket"].outcome is Outcome.OK
    assert "can be listed and read" in full["state bucket"].words


def test_a_caller_without_rights_failed_at_both(
    children: ForkPool, office: Office, new_user: Callable[..., tuple[str, Keys]], vault: Vault
) -> None:
    """What was refused is named call by call, with the command that makes the rights."""
    office.keys("small-management", new_user()[1])
    found = state(children, office, vault.home)
    assert [finding.outcome for finding in found.values()] == [Outcome.FAILED, Outcome.FAILED]
    assert "s3:ListBucket gave AccessDenied" in found["state bucket"].words
    assert "kms:Encrypt gave AccessDenied" in found["state key"].words
    assert "fleetyard up --stack 'bootstrap/*'" in found["state bucket"].hint


def test_a_bucket_that_is_not_there_failed(children: ForkPool, office: Office, vault: Vault) -> None:
    """A bucket that the lock names and AWS has not."""
    office.keys("small-management", office_administrator(office))
    found = state(children, office, replace(vault.home, bucket="acme-state-gone"))["state bucket"]
    assert found.outcome is Outcome.FAILED
    assert "NoSuchBucket" in found.words


def test_a_disabled_key_failed(children: ForkPool, office: Office, aws: TwinAws, vault: Vault) -> None:
    """A key that was disabled is told with the command that enables it."""
    office.keys("small-management", vault.role)
    aws.client("kms").disable_key(KeyId=vault.home.key_arn)
    found = state(children, office, vault.home)
    assert found["state bucket"].outcome is Outcome.OK
    assert found["state key"].outcome is Outcome.FAILED
    assert f"aws kms enable-key --key-id {vault.home.key_arn}" in found["state key"].hint


def test_a_key_that_is_to_be_deleted_failed(children: ForkPool, office: Office, aws: TwinAws, vault: Vault) -> None:
    """A key whose deletion is scheduled is told with the command that cancels it."""
    office.keys("small-management", vault.role)
    aws.client("kms").schedule_key_deletion(KeyId=vault.home.key_arn, PendingWindowInDays=7)
    found = state(children, office, vault.home)["state key"]
    assert found.outcome is Outcome.FAILED
    assert "aws kms cancel-key-deletion" in found.hint


def test_a_missing_profile_fails_bucket_and_key(children: ForkPool, office: Office, vault: Vault) -> None:
    """Without credentials neither can be tried, and the profile is named."""
    env = {**office.environment(), "AWS_PROFILE": "nobody"}
    question = StateQuestion(env, vault.home.bucket, vault.home.key_arn, "us-east-1")
    answer = children.submit(probe_state, question).result()
    assert not answer.bucket.passed
    assert "nobody" in answer.bucket.words
    assert answer.key == Tried("kms:Encrypt", "", answer.key.words)


def office_administrator(office: Office) -> Keys:
    """Return the administrator's key."""
    key = office.twin.run.administrator
    return Keys(key.access_key_id, key.secret_access_key)


@contextmanager
def quota_server(limit: int) -> Iterator[str]:
    """Yield the address of a server on loopback that answers like Service Quotas."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"Quota": {"QuotaCode": "L-29A0C5DF", "Value": float(limit)}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def quota(children: ForkPool, env: dict[str, str]) -> Finding:
    """Return the finding about the quota, asked with the profile `small-administrator`."""
    (found,) = check_quota(small_fleet(), Lock(), env, lambda asked: children.submit(probe_quota, asked).result())
    return found


def test_the_twin_knows_no_quota(children: ForkPool, office: Office, organization: str) -> None:
    """Where the service is not there the quota is not known, which is no failure."""
    assert organization
    office.keys("small-administrator", office_administrator(office))
    found = quota(children, office.environment())
    assert found.outcome is Outcome.NOT_CHECKED
    assert "not known" in found.words


def test_a_quota_that_is_too_small_failed(children: ForkPool, office: Office, aws: TwinAws, organization: str) -> None:
    """The accounts that are there and those still to be made are compared with what AWS allows."""
    assert organization
    office.keys("small-administrator", office_administrator(office))
    there = sum(len(page["Accounts"]) for page in _accounts(aws))
    with quota_server(there + 2) as address:
        found = quota(children, office.environment(AWS_ENDPOINT_URL_SERVICE_QUOTAS=address))
    assert found.outcome is Outcome.FAILED
    assert f"--desired-value {there + 3}" in found.hint


def _accounts(aws: TwinAws) -> list[dict[str, Any]]:
    return list(aws.client("organizations").get_paginator("list_accounts").paginate())


def doctor(folder: Path, env: dict[str, str]) -> tuple[int, dict[str, dict[str, str]]]:
    """Run the command as people do; returns its exit code and the findings by name."""
    command = [
        sys.executable,
        "-m",
        "orchestrator.cli",
        "doctor",
        "--format",
        "json",
        "--fleet",
        str(folder / "fleet.yaml"),
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.defpath, "HOME": str(folder), **env},
        check=False,
        capture_output=True,
        timeout=90,
    )
    return done.returncode, {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def test_the_command_examines_a_fleet_on_the_twin(office: Office, aws: TwinAws, vault: Vault, tmp_path: Path) -> None:
    """From the shell to the twin and back: engine, both callers, bucket, key and clock are found to be well."""
    _fleet_of_the_twin(tmp_path, vault.home)
    office.keys("small-administrator", aws.administrator)
    office.keys("small-management", vault.role)
    code, found = doctor(tmp_path, office.environment())
    well = ("engine", "plugin", "manifest", "caller administrator", "foundation state", "state bucket", "state key")
    assert {name: found[name]["outcome"] for name in well} == dict.fromkeys(well, "ok")
    assert found["clock"]["outcome"] == "ok"
    # The role of this test has the rights of a management role and another name.
    assert "Management-Admin only" in found["caller management"]["words"]
    assert code == 3


def test_a_twin_that_is_gone_fails_engine_and_callers(
    office: Office, aws: TwinAws, vault: Vault, tmp_path: Path
) -> None:
    """An environment that leads to a twin which does not answer ends with 5, and the rest says so as well."""
    _fleet_of_the_twin(tmp_path, vault.home)
    office.keys("small-administrator", aws.administrator)
    code, found = doctor(tmp_path, office.environment(AWS_ENDPOINT_URL="http://127.0.0.1:1"))
    assert code == 5
    assert found["engine"]["outcome"] == "failed"
    assert "does not answer" in found["caller administrator"]["words"]


def _fleet_of_the_twin(folder: Path, home: StateHome) -> None:
    text = FLEET.replace(MANAGEMENT_ID, MANAGEMENT).replace("workload_state: files", "workload_state: bucket")
    make_fleet_folder(folder, text)
    write_lock(folder / "fleet.lock.yaml", Lock("o-a1b2c3d4e5", "r-ab12", {"root": MANAGEMENT}, home))


def test_the_endpoint_tells_the_time(twin: TwinRun) -> None:
    """An unsigned question is answered with a date by which this machine's clock is right."""
    (found,) = check_clock(twin.endpoint)
    assert found.outcome is Outcome.OK
