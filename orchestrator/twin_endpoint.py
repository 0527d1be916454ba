"""Notices an endpoint that is a twin while nothing else of the environment says so."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

from orchestrator.errors import HalfJoined
from orchestrator.next_steps import JOIN, LEAVE
from orchestrator.workers.environment import RUN_FILE_VARIABLE

IDENTITY_PATH = "/_fleetyard/twin"
"""Where a twin says that it is one."""

_TIMEOUT = 2.0  # seconds
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})


def refuse_unnamed_twin(env: Mapping[str, str]) -> None:
    """Raise HalfJoined if AWS_ENDPOINT_URL leads to a twin and no run file is named: files and AWS would not fit."""
    endpoint = env.get("AWS_ENDPOINT_URL", "")
    if env.get(RUN_FILE_VARIABLE) or not endpoint or not _answers_as_twin(endpoint):
        return
    raise HalfJoined(
        f"{RUN_FILE_VARIABLE} is not set, though AWS_ENDPOINT_URL leads to a twin",
        subject=endpoint,
        why="the stacks would be the committed ones, on a twin that does not hold them",
        not_run="any stack",
        hint=f"join it whole: {JOIN}; or leave it: {LEAVE}",
    )


def _answers_as_twin(endpoint: str) -> bool:
    """Return whether any twin answers there, whoever started it; only this machine is asked."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme != "http" or host not in _THIS_MACHINE or not port:
        return False
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    try:
        connection.request("GET", IDENTITY_PATH)
        answer = connection.getresponse()
        return answer.status == 200 and b'"token"' in answer.read(65536)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
