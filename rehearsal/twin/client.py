"""Speaks to a running twin's own interface: settings, counts of calls, last refusals. Cheap to import."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from rehearsal.twin.errors import NotOurTwin, TwinRefused
from rehearsal.twin.run_file import TwinRun

_TIMEOUT = 10.0  # seconds


def change_settings(run: TwinRun, **changes: bool | int | Mapping[str, Any]) -> dict[str, Any]:
    """Change `gate` (bool), `latency_ms` or `clock_ahead_s` (how far the clock that ends sessions is ahead).

    `account_tries` is how many tries to become a new account's own role are refused first.
    `issuers` are the issuers of pipelines' tokens, all at once: each one's keys (a JWKS) by host without https://.

    Returns all settings as they are now. Raises: TwinRefused, NotOurTwin.
    """
    settings: dict[str, Any] = _ask(run, "POST", "settings", changes)
    return settings


def count_calls(run: TwinRun) -> dict[str, int]:
    """Return how often each operation was called since the start, by `service:operation`."""
    counts: dict[str, int] = _ask(run, "GET", "calls")
    return counts


def last_denials(run: TwinRun, limit: int = 50) -> list[dict[str, Any]]:
    """Return the last refused requests, the latest first.

    Shape: the fields of `rehearsal.twin.serving.record.Denial` by name; what no policy decided has an empty `reason`.
    """
    denials: list[dict[str, Any]] = _ask(run, "GET", f"denials?limit={limit}")
    return denials


def last_events(run: TwinRun, limit: int = 50) -> list[dict[str, Any]]:
    """Return the last requests in the form in which CloudTrail hands events to EventBridge, the earliest first."""
    events: list[dict[str, Any]] = _ask(run, "GET", f"events?limit={limit}")
    return events


def _ask(run: TwinRun, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    parts = urlsplit(run.endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        data = None if body is None else json.dumps(body)
        connection.request(method, f"/_fleetyard/{path}", body=data, headers={"X-Fleetyard-Token": run.token})
        answer = connection.getresponse()
        document = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotOurTwin("the twin does not answer", subject=run.endpoint, why=str(error)) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise TwinRefused(f"the twin refused {method} {path}", subject=run.endpoint, why=str(document.get("error", "")))
    return document
