"""Programs in the engine's own process: its services called without a network, and what they leave behind."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import engine_pb2

from rehearsal.engine.direct_services import CallFailed, DirectStub
from rehearsal.engine.monitor import EngineLog
from rehearsal.engine.program_hosts import modules_under
from rehearsal.engine.quiet_engine import QuietEngine
from tests.unit.engine_steps.trials import Recorder


class Servicer:
    """A service with a method for each way a call can end."""

    def Answer(self, request: str, _context: Any) -> str:
        """Answer."""
        return f"answer to {request}"

    def Refuse(self, request: str, context: Any) -> None:
        """End the call with a status."""
        context.abort(grpc.StatusCode.UNAVAILABLE, f"no {request}")

    def Mark(self, _request: str, context: Any) -> str:
        """Set a status, and return all the same."""
        context.set_code(grpc.StatusCode.NOT_FOUND)
        context.set_details("not here")
        return "ignored"

    def Break(self, request: str, _context: Any) -> None:
        """Raise what no servicer should."""
        raise KeyError(request)


def test_an_answer_comes_back() -> None:
    """A method of the stub returns what the servicer returns."""
    assert DirectStub(Servicer()).Answer("that") == "answer to that"


@pytest.mark.parametrize(
    ("method", "status", "said"),
    [
        ("Refuse", grpc.StatusCode.UNAVAILABLE, "no that"),
        ("Mark", grpc.StatusCode.NOT_FOUND, "not here"),
        ("Break", grpc.StatusCode.UNKNOWN, "Exception calling application: 'that'"),
    ],
)
def test_a_call_that_fails_is_told_as_by_grpc(method: str, status: grpc.StatusCode, said: str) -> None:
    """An aborted call, a status that is set, and any exception become an RpcError with gRPC's status and words."""
    with pytest.raises(grpc.RpcError) as failed:
        getattr(DirectStub(Servicer()), method)("that")
    assert isinstance(failed.value, CallFailed)
    assert (failed.value.code(), failed.value.details()) == (status, said)


def test_debug_messages_stay_where_they_are() -> None:
    """A program's warnings reach the engine, its debug messages do not."""
    recorder = Recorder()
    engine = QuietEngine(DirectStub(EngineLog(recorder, debug=True)))
    engine.Log(engine_pb2.LogRequest(severity=engine_pb2.DEBUG, message="of no interest"))
    engine.Log(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message="beware"))
    assert [event["diagnosticEvent"]["message"].strip() for event in recorder.events] == ["beware"]


def test_only_a_programs_own_new_modules_are_forgotten(tmp_path: Path) -> None:
    """Of the modules that came with a program, those of its folder are named; those before it and others are not."""
    modules = {}
    for name, folder in (("before", tmp_path), ("own", tmp_path), ("other", Path("/elsewhere"))):
        modules[name] = ModuleType(name)
        modules[name].__file__ = str(folder / f"{name}.py")
    modules["builtin"] = ModuleType("builtin")
    assert modules_under(tmp_path, modules, 1) == ["own"]
