"""The twin's own interface beside AWS's: who it is, what it refused, what was called, its settings, faults on order."""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rehearsal.twin.emulator.outside_accounts import mail_so_far, make_outside_account
from rehearsal.twin.emulator.root_users import RootKeyRefused, make_root_key
from rehearsal.twin.gate.faults import Faults
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

    def __init__(self, run: TwinRun, settings: Settings, record: CallRecord, events: EventLog, faults: Faults) -> None:
        self._run = run
        self._settings = settings
        self._record = record
        self._events = events
        self._faults = faults

    def answer(self, request: HttpRequest) -> Answer:
        """Answer one request; an unknown path, a wrong token or an unusable body is said to be that."""
        what = (request.method, request.path.removeprefix(PREFIX))
        if what == ("GET", "twin"):
            return _json(200, self._identity())
        if not hmac.compare_digest(request.header(TOKEN_HEADER).encode(), self._run.token.encode()):
            return _json(403, {"error": f"{TOKEN_HEADER} must carry the token of the run file"})
        if what == ("POST", "settings"):
            return self._change(request.body)
        if what == ("POST", "accounts"):
            return _make_account(request.body)
        if what == ("POST", "root-keys"):
            return _make_root_key(request.body)
        if what == ("POST", "rehearsal-over"):
            return _json(200, {"marked": self._record.rehearsal_over()})
        if what[1].partition("/")[0] == "faults":
            found = self._faults_answer(what, request)
        else:
            found = self._look_up(what, request)
        return _json(404, {"error": f"there is no {request.method} {request.path}"}) if found is None else found

    def _look_up(self, what: tuple[str, str], request: HttpRequest) -> Answer | None:
        match what:
            case ("GET", "denials"):
                limit = request.query_value("limit")
                number = int(limit) if limit.isdigit() else _DEFAULT_LIMIT
                by_services = request.query_value("by_services") == "true"
                return _json(200, self._record.denials(number, by_services=by_services))
            case ("GET", "events"):
                limit = request.query_value("limit")
                return _json(200, self._events.last(int(limit) if limit.isdigit() else _DEFAULT_LIMIT))
            case ("GET", "calls"):
                return _json(200, self._record.calls())
            case ("GET", "mail"):
                return _json(200, mail_so_far())
            case ("GET", "settings"):
                return _json(200, asdict(self._settings))
            case _:
                return None

    def _faults_answer(self, what: tuple[str, str], request: HttpRequest) -> Answer | None:
        match what:
            case ("POST", "faults"):
                return self._add_faults(request.body)
            case ("GET", "faults"):
                return _json(200, {"faults": self._faults.report()})
            case ("DELETE", "faults"):
                return _json(200, {"removed": self._faults.clear()})
            case ("DELETE", path):
                fault_id = path.removeprefix("faults/")
                known = ", ".join(each["id"] for each in self._faults.report()) or "none"
                if self._faults.remove(fault_id):
                    return _json(200, {"removed": 1})
                return _json(404, {"error": f"there is no fault {fault_id!r}; there are: {known}"})
            case _:
                return None

    def _add_faults(self, body: bytes) -> Answer:
        try:
            given = json.loads(body)
        except ValueError:
            return _json(400, {"error": "the body is not JSON"})
        faults = given.get("faults") if isinstance(given, dict) else None
        if not isinstance(faults, list) or not faults:
            return _json(400, {"error": 'the body must be {"faults": [...]}, with at least one fault'})
        armed, problems = self._faults.add(faults)
        if problems:
            words = "; ".join(str(problem) for problem in problems)
            return _json(400, {"error": words, "problems": [asdict(problem) for problem in problems]})
        return _json(200, {"faults": [each.report() for each in armed]})

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


def _make_account(body: bytes) -> Answer:
    given = _object_in(body)
    name, email = given.get("name"), given.get("email")
    if not isinstance(name, str) or not isinstance(email, str):
        return _json(400, {"error": 'the body must be {"name": "...", "email": "..."}'})
    return _json(200, asdict(make_outside_account(name, email)))


def _make_root_key(body: bytes) -> Answer:
    account_id = _object_in(body).get("account_id")
    if not isinstance(account_id, str):
        return _json(400, {"error": 'the body must be {"account_id": "..."}'})
    try:
        key = make_root_key(account_id)
    except RootKeyRefused as refused:
        return _json(400, {"error": str(refused)})
    return _json(200, {"access_key_id": key.access_key_id, "secret_access_key": key.secret})


def _object_in(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body, an empty one if there is none."""
    try:
        given = json.loads(body)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _json(status: int, document: object) -> Answer:
    return Answer(status, json.dumps(document).encode(), (("Content-Type", "application/json"),))
