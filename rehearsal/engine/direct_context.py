"""The part of gRPC's context that provider servicers use, for calls without a connection behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import grpc


class Abort(Exception):
    """Ends a handler, as gRPC's own abort does."""


class DirectContext(grpc.ServicerContext):
    """The part of gRPC's context that provider servicers use, without a connection behind it."""

    def __init__(self) -> None:
        self.status = grpc.StatusCode.OK
        self.message = ""
        self.trailing: tuple[tuple[str, bytes], ...] = ()

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """End the call with a status."""
        self.status, self.message = code, details
        raise Abort

    def abort_with_status(self, status: Any) -> NoReturn:
        """End the call with a status that carries details."""
        self.set_trailing_metadata(status.trailing_metadata or ())
        self.abort(status.code, status.details)

    def set_code(self, code: grpc.StatusCode) -> None:
        """Note the status the call ends with."""
        self.status = code

    def set_details(self, details: str) -> None:
        """Note the message the call ends with."""
        self.message = details

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        """Keep the details of a status."""
        self.trailing = tuple(trailing_metadata)

    def code(self) -> grpc.StatusCode:
        """Return the status so far."""
        return self.status

    def details(self) -> str:
        """Return the message so far."""
        return self.message

    def trailing_metadata(self) -> Any:
        """Return the details kept."""
        return self.trailing

    def is_active(self) -> bool:
        """Whether the caller still waits: always."""
        return True

    def time_remaining(self) -> float:
        """Return no deadline."""
        return float("inf")

    def cancel(self) -> None:
        """Ignore: nothing is shared that could be cancelled."""

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Accept no callback."""
        return False

    def invocation_metadata(self) -> tuple[()]:
        """Return no metadata."""
        return ()

    def peer(self) -> str:
        """Return the name of this process."""
        return "in-process"

    def peer_identities(self) -> None:
        """Return none."""

    def peer_identity_key(self) -> None:
        """Return none."""

    def auth_context(self) -> dict[str, bytes]:
        """Return none."""
        return {}

    def send_initial_metadata(self, initial_metadata: Any) -> None:
        """Send none."""

    def set_compression(self, compression: Any) -> None:
        """Compress nothing."""

    def disable_next_message_compression(self) -> None:
        """Compress nothing."""
