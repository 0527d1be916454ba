"""The twin's own interface: identity, settings, counts, refusals."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from rehearsal.twin.client import change_settings, count_calls, last_denials
from rehearsal.twin.errors import BadTwinOption, TwinRefused
from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, refused


def test_it_tells_who_it_is_to_everyone(twin: TwinRun) -> None:
    """The identity needs no token, on both ports."""
    for endpoint in (twin.endpoint, twin.insecure_endpoint):
        parts = urlsplit(endpoint)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request("GET", "/_fleetyard/twin")
            identity = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        assert identity["token"] == twin.token
        assert (identity["management_account_id"], identity["region"]) == (MANAGEMENT, "us-east-1")
        assert identity["version"]


def test_settings_need_the_token(twin: TwinRun) -> None:
    """Everything but the identity is refused without the run file's token."""
    stranger = replace(twin, token="guessed")
    for ask in (lambda: change_settings(stranger, gate=False), lambda: count_calls(stranger)):
        with pytest.raises(TwinRefused, match="token"):
            ask()


@pytest.mark.parametrize("changes", [{"gate": 1}, {"latency_ms": -1}, {"latency_ms": True}, {"speed": 1}])
def test_settings_must_be_possible(twin: TwinRun, changes: dict[str, int]) -> None:
    """A setting that is unknown or has an impossible value is refused, and none is changed."""
    with pytest.raises(BadTwinOption):
        change_settings(twin, **changes)


def test_calls_are_counted(aws: TwinAws, twin: TwinRun) -> None:
    """Each call counts under its service and operation."""
    before = count_calls(twin).get("kms:ListKeys", 0)
    aws.client("kms").list_keys()
    assert count_calls(twin)["kms:ListKeys"] == before + 1


def test_a_refusal_says_what_decided(aws: TwinAws, twin: TwinRun, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """The last refusals tell caller, action, resource, reason and the policies looked at, the latest first."""
    name, keys = new_user('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}')
    with refused("AccessDenied"):
        aws.client("iam", keys).get_role(RoleName="x")
    latest = last_denials(twin, 1)[0]
    assert latest["principal"] == f"arn:aws:iam::{MANAGEMENT}:user/{name}"
    assert (latest["action"], latest["resource"]) == ("iam:GetRole", f"arn:aws:iam::{MANAGEMENT}:role/x")
    assert (latest["reason"], latest["policy"]) == ("implicit deny: identity policy", "inline")


def test_the_record_says_what_aws_does_not(aws: TwinAws, twin: TwinRun, account: str) -> None:
    """The answer about a missing role is AWS's; the record tells that the role is missing."""
    with refused("AccessDenied") as denial:
        aws.assume(f"arn:aws:iam::{account}:role/Nobody")
    latest = last_denials(twin, 1)[0]
    assert latest["reason"] == "there is no such role"
    assert "no such role" not in denial.message


def test_refusals_hold_no_secret(aws: TwinAws, twin: TwinRun, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """What is remembered of a refusal has neither secret nor token in it."""
    _, keys = new_user()
    with refused("AccessDenied"):
        aws.client("iam", keys).list_roles()
    remembered = json.dumps(last_denials(twin))
    assert keys.secret_access_key not in remembered
    assert twin.token not in remembered


def test_latency_is_added_to_each_call(aws: TwinAws, twin: TwinRun) -> None:
    """latency_ms delays AWS calls by that much."""
    sts = aws.client("sts")
    sts.get_caller_identity()
    change_settings(twin, latency_ms=80)
    try:
        started = time.perf_counter()
        sts.get_caller_identity()
        taken = time.perf_counter() - started
    finally:
        change_settings(twin, latency_ms=0)
    assert taken >= 0.08


def test_with_the_gate_off_everyone_may(
    aws: TwinAws, account: str, new_user: Callable[..., tuple[str, Keys]], gate_off: Callable[[], None]
) -> None:
    """With the gate off rights and signatures do not count, and a request still acts in its key's account."""
    member = aws.into(account)
    name, keys = new_user()
    gate_off()
    wrong = replace(keys, secret_access_key="wrong")
    aws.client("iam", wrong).list_roles()
    assert aws.client("sts", wrong).get_caller_identity()["Arn"].endswith(name)
    aws.client("iam", replace(member, secret_access_key="wrong")).create_user(UserName="let-in")
    assert aws.client("sts", member).get_caller_identity()["Account"] == account


def test_with_the_gate_off_every_role_can_be_assumed(
    aws: TwinAws, account: str, new_user: Callable[..., tuple[str, Keys]], gate_off: Callable[[], None]
) -> None:
    """With the gate off even a missing role is assumed, into its account: proofs of refusal must notice."""
    _, keys = new_user()
    gate_off()
    session = aws.assume(f"arn:aws:iam::{account}:role/Nobody", keys)
    assert aws.client("sts", session).get_caller_identity()["Account"] == account
