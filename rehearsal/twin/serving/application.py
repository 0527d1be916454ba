"""The WSGI application: the twin's own interface, and AWS behind the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from rehearsal.twin.callers.federation import asks_to_sign_in
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.emulator.emulator import Emulator
from rehearsal.twin.gate.gate import Gate
from rehearsal.twin.gate.settings import Settings
from rehearsal.twin.requests.http_request import read_request
from rehearsal.twin.requests.refusals import Answer
from rehearsal.twin.run_file import TwinRun
from rehearsal.twin.serving.control import PREFIX, Control
from rehearsal.twin.serving.record import CallRecord

WsgiApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class TwinApplication:
    """Both ports' application; they differ in whether requests count as TLS."""

    gate: Gate
    control: Control
    emulator: Emulator

    def on_port(self, *, secure: bool) -> WsgiApplication:
        """Return the WSGI callable of a port."""

        def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            request = read_request(environ, secure=secure)
            if request.path.startswith(PREFIX):
                answer = self.control.answer(request)
            elif asks_to_sign_in(request):
                answer = self.gate.federation.answer(request)
            else:
                answer = self.gate.answer(request)
            start_response(_status(answer), _headers(answer, head=request.method == "HEAD"))
            return [answer.body]

        return serve


def build_application(run: TwinRun, settings: Settings) -> TwinApplication:
    """Wire the twin together; moto must have been fixed before."""
    record = CallRecord()
    emulator = Emulator()
    gate = Gate(AwsState(run.management_account_id), emulator, settings, record)
    return TwinApplication(gate, Control(run, settings, record, gate.events, gate.faults), emulator)


def _status(answer: Answer) -> str:
    try:
        return f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        return f"{answer.status} Unknown"


def _headers(answer: Answer, *, head: bool) -> list[tuple[str, str]]:
    if head or answer.status in (204, 304):
        return list(answer.headers)  # a HEAD answer tells the length of a body it does not have
    kept = [
        (name, value) for name, value in answer.headers if name.lower() not in ("content-length", "transfer-encoding")
    ]
    return [*kept, ("Content-Length", str(len(answer.body)))]
