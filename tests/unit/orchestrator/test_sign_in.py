"""The sign-in link: which sessions make one, what is sent, and that no secret gets out on the way."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from orchestrator.errors import AwsUnreachable
from orchestrator.people.errors import SessionUnfit, SignInRefused
from orchestrator.people.sign_in import CurrentSession, make_link, session_kind
from orchestrator.people.sign_in_hosts import partition_of_region, sign_in_hosts

ROLE = CurrentSession(
    "arn:aws:sts::111122223333:assumed-role/Management-Admin/ops", "ASIAKEY", "the/secret+", "the+token==", "eu-west-1"
)
CONSOLE = "https://console.aws.amazon.com"


@dataclass
class Endpoint:
    """A federation endpoint that answers what it is told to, and keeps what it was asked."""

    status: int = 200
    body: bytes = b'{"SigninToken": "tok/en+"}'
    location: str = ""
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Serve an endpoint on this machine."""
    told = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            self.send_response(told.status)
            if told.location:
                self.send_header("Location", told.location)
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_words: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told.url = f"http://127.0.0.1:{server.server_port}/federation"
        yield told
        server.shutdown()


def parameters(url: str) -> dict[str, str]:
    """Return the parameters of a URL."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_session_is_exchanged_for_a_token(endpoint: Endpoint) -> None:
    """The three credentials go out as the JSON that AWS documents, and no length unless one is asked for."""
    make_link(ROLE, endpoint.url, CONSOLE, None, {})
    (asked,) = endpoint.asked
    assert parameters(asked)["Action"] == "getSigninToken"
    assert "SessionDuration" not in parameters(asked)
    assert json.loads(parameters(asked)["Session"]) == {
        "sessionId": "ASIAKEY",
        "sessionKey": "the/secret+",
        "sessionToken": "the+token==",
    }


def test_the_link_carries_token_and_destination_and_no_credentials(endpoint: Endpoint) -> None:
    """The link has the four parameters of AWS's login, and nothing of the session itself."""
    link = make_link(ROLE, endpoint.url, CONSOLE, None, {})
    assert parameters(link.url) == {
        "Action": "login",
        "Issuer": "fleetyard",
        "Destination": f"{CONSOLE}/console/home?region=eu-west-1",
        "SigninToken": "tok/en+",
    }
    assert not any(secret in link.url for secret in ("ASIAKEY", "secret", "the%2Btoken"))


def test_a_length_is_sent_in_seconds(endpoint: Endpoint) -> None:
    """Minutes asked for become AWS's SessionDuration."""
    link = make_link(ROLE, endpoint.url, CONSOLE, 90, {})
    assert parameters(endpoint.asked[0])["SessionDuration"] == "5400"
    assert link.console_seconds == 5400


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (replace(ROLE, arn="arn:aws:iam::111122223333:user/ops", session_token=""), "a long-term access key"),
        (replace(ROLE, arn="arn:aws:iam::111122223333:user/ops"), "a session of an IAM user"),
        (replace(ROLE, arn="arn:aws:iam::111122223333:root", session_token=""), "a long-term access key"),
    ],
)
def test_only_a_roles_session_signs_in(session: CurrentSession, words: str, endpoint: Endpoint) -> None:
    """Credentials of which AWS makes no link are refused before anything is sent."""
    with pytest.raises(SessionUnfit) as caught:
        make_link(session, endpoint.url, CONSOLE, None, {})
    assert words in caught.value.why
    assert endpoint.asked == []


def test_a_federated_user_has_no_choice_of_length(endpoint: Endpoint) -> None:
    """A session of GetFederationToken makes a link, but not with SessionDuration."""
    session = replace(ROLE, arn="arn:aws:sts::111122223333:federated-user/ann")
    assert make_link(session, endpoint.url, CONSOLE, None, {}).signs_in_as.endswith("/ann")
    with pytest.raises(SessionUnfit, match="GetFederationToken"):
        make_link(session, endpoint.url, CONSOLE, 60, {})


def test_a_refusal_quotes_awss_words(endpoint: Endpoint) -> None:
    """What AWS's page of HTML says is told in one line, and about chaining where a length was asked for."""
    endpoint.status, endpoint.body = (
        400,
        b"<html><head><title>x</title></head><body>Invalid\n <b>credentials</b></body>",
    )
    with pytest.raises(SignInRefused) as caught:
        make_link(ROLE, endpoint.url, CONSOLE, 60, {})
    assert caught.value.why.startswith("HTTP 400: Invalid credentials; a session got by role chaining")
    assert "without --minutes" in caught.value.hint
    with pytest.raises(SignInRefused) as caught:
        make_link(ROLE, endpoint.url, CONSOLE, None, {})
    assert caught.value.why == "HTTP 400: Invalid credentials"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"SigninToken": 7}', b"<html>"])
def test_an_answer_without_a_token_is_refused(endpoint: Endpoint, body: bytes) -> None:
    """A success that is no token makes no link."""
    endpoint.body = body
    with pytest.raises(SignInRefused, match="holds no SigninToken"):
        make_link(ROLE, endpoint.url, CONSOLE, None, {})


def test_no_redirect_is_followed(endpoint: Endpoint) -> None:
    """What was sent is for one host only: an answer that leads elsewhere is a refusal."""
    endpoint.status, endpoint.location = 302, f"{endpoint.url}/elsewhere"
    with pytest.raises(SignInRefused, match="HTTP 302"):
        make_link(ROLE, endpoint.url, CONSOLE, None, {})
    assert len(endpoint.asked) == 1


def test_plain_http_passes_no_proxy(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a twin speaks plain HTTP, and no proxy sees what is sent to it."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert make_link(ROLE, endpoint.url, CONSOLE, None, {}).url
    assert len(endpoint.asked) == 1


def _unreachable(endpoint: Endpoint) -> str:
    endpoint.url = "http://127.0.0.1:9/federation"
    return endpoint.url


def _echoing(endpoint: Endpoint) -> str:
    endpoint.status, endpoint.body = 400, b"bad: ASIAKEY the/secret+ the+token=="
    return endpoint.url


@pytest.mark.parametrize(("spoil", "error"), [(_unreachable, AwsUnreachable), (_echoing, SignInRefused)])
def test_no_failure_tells_a_secret(
    endpoint: Endpoint, spoil: Callable[[Endpoint], str], error: type[Exception]
) -> None:
    """Neither the message nor the whole traceback of a failure holds anything of the credentials."""
    with pytest.raises(error) as caught:
        make_link(ROLE, spoil(endpoint), CONSOLE, None, {})
    told = str(caught.value) + "".join(traceback.format_exception(caught.value))
    assert not any(secret in told for secret in ("ASIAKEY", "the/secret", "the+token", "the%2Ftoken", "the%2Fsecret"))


def test_a_session_shows_no_secret() -> None:
    """Neither a session nor a link tells its secrets when it is printed."""
    assert "secret" not in repr(ROLE)
    assert "ASIAKEY" not in repr(ROLE)


@pytest.mark.parametrize(
    ("region", "sign_in", "console"),
    [
        ("eu-west-1", "signin.aws.amazon.com", "console.aws.amazon.com"),
        ("us-gov-east-1", "signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
        ("cn-north-1", "signin.amazonaws.cn", "console.amazonaws.cn"),
    ],
)
def test_each_partition_has_its_hosts(region: str, sign_in: str, console: str) -> None:
    """Commercial regions, GovCloud and China each sign in at their own hosts, over TLS."""
    hosts = sign_in_hosts(partition_of_region(region))
    assert (hosts.sign_in, hosts.console) == (f"https://{sign_in}", f"https://{console}")


def test_the_partition_is_that_of_the_session() -> None:
    """The session's own ARN says where it signs in."""
    kind = session_kind(replace(ROLE, arn=ROLE.arn.replace("arn:aws:", "arn:aws-us-gov:")))
    assert (kind.partition, kind.account_id, kind.federated_user) == ("aws-us-gov", "111122223333", False)
