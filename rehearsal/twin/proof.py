"""The proof that an AWS endpoint is our twin, asked before anything is sent there.

The engine's guard and the `aws` provider call it. Cheap to import: no moto, no boto3.
"""

from __future__ import annotations

import hmac
import http.client
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from rehearsal.twin.errors import NotOurTwin
from rehearsal.twin.run_file import RUN_FILE_VARIABLE, S3_CONTROL_VARIABLE, TwinRun, read_run_file

IDENTITY_PATH = "/_fleetyard/twin"
_TIMEOUT = 5.0  # seconds
_LOOPBACK = "127.0.0.1"


def prove_twin(env: Mapping[str, str]) -> TwinRun:
    """Return the running twin that `env` points every AWS client at.

    Reads FLEETYARD_TWIN_RUN_FILE and AWS_ENDPOINT_URL, then asks the endpoint for the token the run file holds.
    Also refuses what would lead a single service past the endpoint: AWS_ENDPOINT_URL_<SERVICE> pointing elsewhere and
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS (AWS SDKs reference, "Service-specific endpoints").

    Raises: NotOurTwin if anything speaks against it; NoTwinRunning, RunFileUnreadable for the run file itself.
    """
    run_file = env.get(RUN_FILE_VARIABLE, "")
    if not run_file:
        raise _refusal(env.get("AWS_ENDPOINT_URL", "AWS"), f"{RUN_FILE_VARIABLE} is not set, so no twin is known")
    run = read_run_file(Path(run_file))
    ours = (run.endpoint, run.insecure_endpoint)
    endpoint = env.get("AWS_ENDPOINT_URL", "").rstrip("/")
    if not endpoint:
        raise _refusal("AWS", "AWS_ENDPOINT_URL is not set, so calls would go to AWS itself")
    if endpoint not in ours:
        raise _refusal(endpoint, f"the run file {run_file} names {run.endpoint}")
    _refuse_detours(env, ours, run.s3_control_endpoint)
    _ask_for_token(endpoint, run)
    return run


def _refuse_detours(env: Mapping[str, str], ours: tuple[str, str], s3_control: str) -> None:
    if env.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        raise _refusal("AWS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is set, so AWS_ENDPOINT_URL would be ignored")
    for name, value in env.items():
        known = (*ours, s3_control) if name == S3_CONTROL_VARIABLE else ours
        if name.startswith("AWS_ENDPOINT_URL_") and value and value.rstrip("/") not in known:
            raise _refusal(value, f"{name} leads that service elsewhere")


def _ask_for_token(endpoint: str, run: TwinRun) -> None:
    parts = urlsplit(endpoint)
    if parts.scheme != "http" or parts.hostname != _LOOPBACK or not parts.port:
        raise _refusal(endpoint, f"a twin listens on {_LOOPBACK} only")
    # http.client on purpose: it knows no proxies and follows no redirects.
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", IDENTITY_PATH)
        answer = connection.getresponse()
        body = answer.read(65536)
    except (OSError, http.client.HTTPException) as error:
        raise _refusal(endpoint, f"it does not answer ({error})", hint="fleetyard twin start") from error
    finally:
        connection.close()
    if answer.status != 200 or not hmac.compare_digest(_token_in(body).encode(), run.token.encode()):
        raise _refusal(endpoint, "what answers there does not know the token of the run file")


def _token_in(body: bytes) -> str:
    try:
        identity = json.loads(body)
    except ValueError:
        return ""
    token = identity.get("token") if isinstance(identity, dict) else None
    return token if isinstance(token, str) else ""


def _refusal(endpoint: str, why: str, hint: str = 'eval "$(fleetyard twin env)"') -> NotOurTwin:
    return NotOurTwin(
        "the AWS endpoint is not our twin", subject=endpoint, why=why, not_run="nothing was sent to it", hint=hint
    )
