"""A program's connection to the Engine service that leaves debug messages where they are.

The SDK sends some five debug messages per resource, each a call that waits for its answer: about a quarter of the time
of a stack that does not change. Nobody sees them unless the operation was asked for debug output.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2


class QuietEngine:
    """The Engine service as the SDK's settings take it; everything but debug messages goes to the engine."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def Log(self, request: engine_pb2.LogRequest) -> Any:
        """Pass a message on, unless it is a debug message."""
        if request.severity == engine_pb2.DEBUG:
            return empty_pb2.Empty()
        return self._stub.Log(request)

    def __getattr__(self, name: str) -> Any:
        """Return the engine's own method."""
        return getattr(self._stub, name)
