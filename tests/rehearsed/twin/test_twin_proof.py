"""The proof that an endpoint is our twin: everything else is refused before anything is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import boto3
import pytest

from orchestrator.composition import twin_environment
from orchestrator.rehearse.access import Credentials
from orchestrator.rehearse.profiles import ProfileFiles
from rehearsal.twin.errors import NotOurTwin, NoTwinRunning
from rehearsal.twin.proof import prove_twin
from rehearsal.twin.run_file import write_run_file
from tests.support.twin_fixtures import MANAGEMENT, RunningTwin, TwinAws


@pytest.fixture
def environment(running_twin: RunningTwin, aws: TwinAws) -> dict[str, str]:
    """Return an environment that leads to the session's twin."""
    return running_twin.environment(aws.administrator)


@pytest.fixture
def stranger() -> Iterator[str]:
    """Serve something else on loopback that answers every request with 200."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_args: object) -> None:
            """Write nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_our_twin_is_proven(environment: dict[str, str], running_twin: RunningTwin) -> None:
    """The twin of the run file is proven on either port."""
    assert prove_twin(environment) == running_twin.run
    assert prove_twin({**environment, "AWS_ENDPOINT_URL": running_twin.run.insecure_endpoint}) == running_twin.run
    assert prove_twin({**environment, "AWS_ENDPOINT_URL": running_twin.run.endpoint + "/"}) == running_twin.run


def test_s3_control_has_an_endpoint_of_its_own(environment: dict[str, str], running_twin: RunningTwin) -> None:
    """The endpoint that `twin env` names for S3 Control is the twin's; for another service it is none."""
    endpoint = running_twin.run.s3_control_endpoint
    assert prove_twin({**environment, "AWS_ENDPOINT_URL_S3_CONTROL": endpoint}) == running_twin.run
    with pytest.raises(NotOurTwin, match="AWS_ENDPOINT_URL_S3 leads that service elsewhere"):
        prove_twin({**environment, "AWS_ENDPOINT_URL_S3": endpoint})


def test_boto3_reaches_s3_control(
    running_twin: RunningTwin, aws: TwinAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the variables of `twin env`, boto3 reaches S3 Control by keys and by a profile of a kept rehearsal.

    botocore's endpoint rules of S3 Control: `<scheme>://<AccountId>.<authority><path>`.
    """
    keys, profiles = aws.administrator, ProfileFiles(tmp_path)
    profiles.write("people", "us-east-1", Credentials(keys.access_key_id, keys.secret_access_key, ""))
    for name, value in {**twin_environment(running_twin.run, running_twin.run_file), **profiles.environment()}.items():
        monkeypatch.setenv(name, value)
    by_keys = boto3.Session(keys.access_key_id, keys.secret_access_key)
    for session in (by_keys, boto3.Session(profile_name="people")):
        control = session.client("s3control")
        control.put_public_access_block(AccountId=MANAGEMENT, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
        kept = control.get_public_access_block(AccountId=MANAGEMENT)["PublicAccessBlockConfiguration"]
        assert kept["BlockPublicAcls"] is True
        control.delete_public_access_block(AccountId=MANAGEMENT)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"FLEETYARD_TWIN_RUN_FILE": ""}, "FLEETYARD_TWIN_RUN_FILE is not set"),
        ({"AWS_ENDPOINT_URL": ""}, "calls would go to AWS itself"),
        ({"AWS_ENDPOINT_URL": "https://sts.amazonaws.com"}, "the run file"),
        ({"AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com"}, "AWS_ENDPOINT_URL_S3 leads that service elsewhere"),
        ({"AWS_ENDPOINT_URL_S3_CONTROL": "http://account@127.0.0.1:1"}, "S3_CONTROL leads that service elsewhere"),
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "would be ignored"),
    ],
)
def test_what_leads_elsewhere_is_refused(environment: dict[str, str], changes: dict[str, str], why: str) -> None:
    """An environment that could lead any call past the twin is refused, saying which variable."""
    with pytest.raises(NotOurTwin, match=why):
        prove_twin({**environment, **changes})


def test_another_server_is_refused(
    environment: dict[str, str], running_twin: RunningTwin, stranger: str, tmp_path: Path
) -> None:
    """A server that does not know the token is refused, although run file and endpoint agree."""
    path = tmp_path / "twin.json"
    write_run_file(path, replace(running_twin.run, endpoint=stranger))
    with pytest.raises(NotOurTwin, match="does not know the token"):
        prove_twin({**environment, "FLEETYARD_TWIN_RUN_FILE": str(path), "AWS_ENDPOINT_URL": stranger})


@pytest.mark.parametrize("endpoint", ["https://sts.amazonaws.com", "http://10.0.0.1:80", "http://127.0.0.1"])
def test_a_run_file_that_names_a_far_endpoint_is_refused(
    environment: dict[str, str], running_twin: RunningTwin, tmp_path: Path, endpoint: str
) -> None:
    """A run file that names anything but a port of loopback is refused without asking there."""
    path = tmp_path / "twin.json"
    write_run_file(path, replace(running_twin.run, endpoint=endpoint))
    with pytest.raises(NotOurTwin, match=r"listens on 127\.0\.0\.1 only"):
        prove_twin({**environment, "FLEETYARD_TWIN_RUN_FILE": str(path), "AWS_ENDPOINT_URL": endpoint})


def test_a_twin_that_is_gone_is_refused(environment: dict[str, str], running_twin: RunningTwin, tmp_path: Path) -> None:
    """Where nobody listens any more the proof fails; without a run file it says that no twin runs."""
    path = tmp_path / "twin.json"
    write_run_file(path, replace(running_twin.run, endpoint="http://127.0.0.1:1"))
    with pytest.raises(NotOurTwin, match="does not answer"):
        prove_twin({**environment, "FLEETYARD_TWIN_RUN_FILE": str(path), "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    with pytest.raises(NoTwinRunning):
        prove_twin({**environment, "FLEETYARD_TWIN_RUN_FILE": str(tmp_path / "none.json")})
