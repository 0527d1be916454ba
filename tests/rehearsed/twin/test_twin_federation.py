"""The twin's sign-in service: it takes a role's session for a token, a token for a login, and nothing else."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from rehearsal.twin.client import change_settings, last_denials
from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, TwinAws, document, keys_of, trusting

DESTINATION = "https://console.aws.amazon.com/console/home?region=us-east-1"


def ask(twin: TwinRun, **parameters: str) -> tuple[int, str]:
    """Send a GET to /federation, and return status and body."""
    parts = urlsplit(twin.endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("GET", f"/federation?{urlencode(parameters)}")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def session_of(keys: Keys) -> str:
    """Return credentials as the endpoint takes them."""
    credentials = {
        "sessionId": keys.access_key_id,
        "sessionKey": keys.secret_access_key,
        "sessionToken": keys.session_token,
    }
    return json.dumps(credentials)


def token_for(twin: TwinRun, keys: Keys, **more: str) -> str:
    """Return a sign-in token."""
    status, body = ask(twin, Action="getSigninToken", Session=session_of(keys), **more)
    assert status == 200, body
    return str(json.loads(body)["SigninToken"])


def login(twin: TwinRun, token: str) -> dict[str, Any]:
    """Return who a token signs in."""
    status, body = ask(twin, Action="login", Issuer="x", Destination=DESTINATION, SigninToken=token)
    assert status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def test_a_roles_session_signs_in(twin: TwinRun, aws: TwinAws, account: str) -> None:
    """The token of a role's session signs in as that session, in its account, and leads to the destination."""
    found = login(twin, token_for(twin, aws.into(account)))
    assert found["signed_in_as"] == f"arn:aws:sts::{account}:assumed-role/OrganizationAccountAccessRole/test"
    assert (found["account_id"], found["destination"]) == (account, DESTINATION)


def _unknown(keys: Keys) -> str:
    return session_of(replace(keys, access_key_id="ASIA" + "A" * 16))


def _wrong_secret(keys: Keys) -> str:
    return session_of(replace(keys, secret_access_key="wrong"))


def _wrong_token(keys: Keys) -> str:
    return session_of(replace(keys, session_token="wrong"))


@pytest.mark.parametrize("spoil", [_unknown, _wrong_secret, _wrong_token, lambda _: "", lambda _: "[]", lambda _: "{}"])
def test_what_is_no_session_gets_no_token(
    twin: TwinRun, aws: TwinAws, account: str, spoil: Callable[[Keys], str]
) -> None:
    """Unknown keys, wrong secrets and wrong tokens are refused, as is what is no session at all."""
    assert ask(twin, Action="getSigninToken", Session=spoil(aws.into(account)))[0] == 400


def test_a_users_key_and_session_get_no_token(twin: TwinRun, aws: TwinAws, new_user: Callable[..., Any]) -> None:
    """Neither an IAM user's key nor its GetSessionToken session signs in to the console."""
    _, keys = new_user()
    answer = aws.client("sts", keys).get_session_token()["Credentials"]
    session = Keys(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
    for refused in (keys, session):
        assert ask(twin, Action="getSigninToken", Session=session_of(refused))[0] == 400


def test_an_expired_session_gets_no_token_and_an_old_token_no_login(twin: TwinRun, aws: TwinAws, account: str) -> None:
    """A token is good for 15 minutes, a session until it ends."""
    keys = aws.into(account)
    token = token_for(twin, keys)
    change_settings(twin, clock_ahead_s=901)
    try:
        assert ask(twin, Action="login", Destination=DESTINATION, SigninToken=token)[0] == 400
        assert token_for(twin, keys)
        change_settings(twin, clock_ahead_s=3601)
        assert ask(twin, Action="getSigninToken", Session=session_of(keys))[0] == 400
    finally:
        change_settings(twin, clock_ahead_s=0)


def test_a_length_may_be_chosen_unless_the_session_is_chained(
    twin: TwinRun, aws: TwinAws, new_role: Callable[..., str], new_user: Callable[..., tuple[str, Keys]]
) -> None:
    """SessionDuration is for a role assumed with a user's own key; one assumed with a session is refused with it."""
    _, keys = new_user(json.dumps(EVERYTHING))
    anyone = trusting(f"arn:aws:iam::{MANAGEMENT}:root")
    arn = new_role(MANAGEMENT, anyone, json.dumps(EVERYTHING))
    first = aws.assume(arn, keys)
    chained = aws.assume(new_role(MANAGEMENT, anyone), first)
    assert (
        login(twin, token_for(twin, first, SessionDuration="43200"))["until"]
        > login(twin, token_for(twin, first))["until"]
    )
    assert token_for(twin, chained)
    user_session = keys_of(aws.client("sts", keys).get_session_token()["Credentials"])
    by_session = aws.assume(arn, user_session)
    assert ask(twin, Action="getSigninToken", Session=session_of(by_session), SessionDuration="900")[0] == 400
    assert ask(twin, Action="getSigninToken", Session=session_of(chained), SessionDuration="900")[0] == 400


@pytest.mark.parametrize("seconds", ["899", "43201", "an hour", "-900"])
def test_a_length_has_bounds(
    twin: TwinRun, aws: TwinAws, new_role: Callable[..., str], new_user: Callable[..., tuple[str, Keys]], seconds: str
) -> None:
    """A console session lasts 15 minutes to 12 hours."""
    _, keys = new_user(json.dumps(EVERYTHING))
    session = aws.assume(new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:root")), keys)
    status, body = ask(twin, Action="getSigninToken", Session=session_of(session), SessionDuration=seconds)
    assert (status, body.strip()) == (400, "Invalid SessionDuration parameter")


def test_a_login_needs_a_token_and_a_destination(twin: TwinRun, aws: TwinAws, account: str) -> None:
    """A token nobody gave out, or a destination that is no https URL, leads nowhere."""
    token = token_for(twin, aws.into(account))
    assert ask(twin, Action="login", Destination=DESTINATION, SigninToken=f"{token}x")[0] == 400
    assert ask(twin, Action="login", Destination="javascript:x", SigninToken=token)[0] == 400


def test_a_role_that_is_gone_signs_nobody_in(
    twin: TwinRun, aws: TwinAws, new_role: Callable[..., str], new_user: Callable[..., tuple[str, Keys]]
) -> None:
    """The session of a deleted role gets no token."""
    _, keys = new_user(json.dumps(EVERYTHING))
    arn = new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:root"))
    session = aws.assume(arn, keys)
    aws.client("iam").delete_role(RoleName=arn.rpartition("/")[2])
    assert ask(twin, Action="getSigninToken", Session=session_of(session))[0] == 400


def test_refusals_of_sign_in_hold_no_secret(twin: TwinRun, aws: TwinAws, account: str) -> None:
    """The record tells why a sign-in was refused, and nothing of what was sent."""
    keys = aws.into(account)
    ask(twin, Action="getSigninToken", Session=session_of(replace(keys, session_token="wrong")))
    latest = last_denials(twin, 1)[0]
    assert (latest["service"], latest["reason"]) == ("signin", "the secret or the token is not the session's")
    assert keys.secret_access_key not in json.dumps(latest)


def test_a_bucket_may_be_named_federation(aws: TwinAws) -> None:
    """A signed S3 request for a bucket of that name is no sign-in."""
    aws.client("s3").create_bucket(Bucket="federation")
    aws.client("s3").put_object(Bucket="federation", Key="a", Body=b"x")
    assert aws.client("s3").list_objects_v2(Bucket="federation")["KeyCount"] == 1


def test_a_federated_user_signs_in(twin: TwinRun, aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """GetFederationToken's credentials sign in too, for their own time alone ("custom identity broker access")."""
    sts = aws.client("sts", new_user(document(*EVERYTHING["Statement"]))[1])
    keys = keys_of(sts.get_federation_token(Name="ann", Policy=document(*EVERYTHING["Statement"]))["Credentials"])
    assert login(twin, token_for(twin, keys))["signed_in_as"] == f"arn:aws:sts::{MANAGEMENT}:federated-user/ann"
    assert ask(twin, Action="getSigninToken", Session=session_of(keys), SessionDuration="3600")[0] == 400
