"""The twin's own interface beside AWS's: who it is, what it refused, what was called, and its settings."""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from rehearsal.twin.gate.settings import Settings, problem_with
from rehearsal.twin.requests.http_request import HttpRequest
from rehearsal.twin.requests.refusals import Answer
from rehearsal.twin.run_file import TwinRun
from rehearsal.twin.serving.events import EventLog
from rehearsal.twin.serving.record import CallRecord

PREFIX = "/_fleetyard/"
TOKEN_HEADER = "X-Fleetyard-Token"  # noqa: S105 - a header's name
_DEFAULT_LIMIT = 50


class Control:
    """Answers `/_fleetyard/…`; everything but the identity needs the token of the run file."""

    def __init__(self, run: TwinRun, settings: Settings, record: CallRecord, events: EventLog) -> None:
        self._run = run
        self._settings = settings
        self._record = record
        self._events = events

    def answer(self, request: HttpRequest) -> Answer:
        """Answer one request; an unknown path, a wrong token or an unusable body is said to be that."""
        what = (request.method, request.path.removeprefix(PREFIX))
        if what == ("GET", "twin"):
            return _json(200, self._identity())
        if not hmac.compare_digest(request.header(TOKEN_HEADER).encode(), self._run.token.encode()):
            return _json(403, {"error": f"{TOKEN_HEADER} must carry the token of the run file"})
        if what == ("POST", "settings"):
            return self._change(request.body)
        found = self._look_up(what, request)
        return _json(404, {"error": f"there is no {request.method} {request.path}"}) if found is None else found

    def _look_up(self, what: tuple[str, str], request: HttpRequest) -> Answer | None:
        match what:
            case ("GET", "denials"):
                limit = request.query_value("limit")
                return _json(200, self._record.denials(int(limit) if limit.isdigit() else _DEFAULT_LIMIT))
            case ("GET", "events"):
                limit = request.query_value("limit")
                return _json(200, self._events.last(int(limit) if limit.isdigit() else _DEFAULT_LIMIT))
            case ("GET", "calls"):
                return _json(200, self._record.calls())
            case ("GET", "settings"):
                return _json(200, asdict(self._settings))
            case _:
                return None

    def _identity(self) -> dict[str, str]:
        try:
            release = version("fleetyard")
        except PackageNotFoundError:
            release = "unknown"
        return {
            "token": self._run.token,
            "management_account_id": self._run.management_account_id,
            "region": self._run.region,
            "version": release,
        }

    def _change(self, body: bytes) -> Answer:
        try:
            changes = json.loads(body)
        except ValueError:
            return _json(400, {"error": "the body is not JSON"})
        problem = problem_with(changes)
        if problem:
            return _json(400, {"error": problem})
        for name, value in changes.items():
            setattr(self._settings, name, value)
        return _json(200, asdict(self._settings))


def _json(status: int, document: object) -> Answer:
    return Answer(status, json.dumps(document).encode(), (("Content-Type", "application/json"),))
