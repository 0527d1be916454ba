"""A servicer called as a stub is, without a network between: for programs that run in the engine's own process.

The SDK calls its monitor from threads of its own, one per call, as the threads of a server would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc

from rehearsal.engine.direct_context import Abort, DirectContext


class CallFailed(grpc.RpcError):
    """A call that a servicer refused, as gRPC's own clients are told."""

    def __init__(self, status: grpc.StatusCode, message: str) -> None:
        super().__init__(f"{status.name}: {message}")
        self._status = status
        self._message = message

    def code(self) -> grpc.StatusCode:
        """Return the status the call ended with."""
        return self._status

    def details(self) -> str:
        """Return what the servicer said."""
        return self._message


class DirectStub:
    """The methods of a servicer, each taking a request and returning the answer; they raise CallFailed."""

    def __init__(self, servicer: object) -> None:
        self._servicer = servicer

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        """Return a method of the service."""
        method: Callable[[Any, DirectContext], Any] = getattr(self._servicer, name)

        def call(request: Any) -> Any:
            context = DirectContext()
            try:
                answer = method(request, context)
            except Abort:
                raise CallFailed(context.status, context.message) from None
            except Exception as error:
                # As gRPC's server answers whatever a servicer raises.
                raise CallFailed(grpc.StatusCode.UNKNOWN, f"Exception calling application: {error}") from error
            if context.status is not grpc.StatusCode.OK:
                raise CallFailed(context.status, context.message)
            return answer

        return call
