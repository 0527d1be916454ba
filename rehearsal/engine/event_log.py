"""Carries engine events to the SDK: a gRPC stream for `tcp://HOST:PORT`, a file of JSON lines otherwise.

Source: Pulumi `pkg/backend/display/display.go` (startEventLogger), SDK `automation/_stack.py` (_EventsServicer).
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import grpc
from pulumi.runtime.proto import events_pb2, events_pb2_grpc

_TCP = "tcp://"
_REPLY_SECONDS = 30.0


class Transport(Protocol):
    """Takes events as JSON text, in order."""

    def send(self, text: str) -> None:
        """Pass one event on."""

    def close(self) -> None:
        """Return once the other side has had every event; raises if it has not."""


class EventStream:
    """An `EventSink`: numbers and stamps events, and passes each to a transport and to a listener.

    A transport or listener that fails is told of once, through `warn`, and left out from then on.
    """

    def __init__(
        self, transport: Transport | None, listener: Callable[[Mapping[str, Any]], None], warn: Callable[[str], None]
    ) -> None:
        """Take where events go: to the SDK (None without an event log) and to a listener of this process."""
        self._transport = transport
        self._listener: Callable[[Mapping[str, Any]], None] | None = listener
        self._warn = warn
        self._sequence = 0
        self._lock = threading.Lock()

    def emit(self, event: Mapping[str, Any]) -> None:
        """Accept one event; never raises."""
        with self._lock:
            stamped = {"sequence": self._sequence, "timestamp": int(time.time()), **event}
            self._sequence += 1
            if self._transport is not None:
                try:
                    self._transport.send(json.dumps(stamped, ensure_ascii=False, separators=(",", ":")))
                except Exception as error:  # noqa: BLE001 (the other side's trouble must not stop a deployment)
                    self._transport = None
                    self._warn(f"the event log failed, and gets no more events: {error}")
            if self._listener is not None:
                try:
                    self._listener(stamped)
                except Exception as error:  # noqa: BLE001 (a fault in display must not stop a deployment)
                    self._listener = None
                    self._warn(f"events are no longer displayed: {error!r}")

    def finish(self) -> None:
        """Emit the event that ends every stream, and wait until the other side has had it."""
        self.emit({"cancelEvent": {}})
        with self._lock:
            transport, self._transport = self._transport, None
        if transport is not None:
            try:
                transport.close()
            except (grpc.RpcError, OSError, TimeoutError) as error:
                self._warn(f"the event log did not take every event: {_told(error)}")


def open_transport(target: str) -> Transport | None:
    """Return the transport that `--event-log` names, None for none."""
    if not target:
        return None
    return GrpcTransport(target.removeprefix(_TCP)) if target.startswith(_TCP) else FileTransport(Path(target))


class GrpcTransport:
    """Streams events to the SDK's Events service."""

    def __init__(self, address: str) -> None:
        """Take host and port; the stream is opened at once, in the background."""
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._channel = grpc.insecure_channel(address, options=[("grpc.max_send_message_length", -1)])
        self._reply = events_pb2_grpc.EventsStub(self._channel).StreamEvents.future(self._requests())

    def send(self, text: str) -> None:
        """Queue one event."""
        self._queue.put(text)

    def close(self) -> None:
        """Half-close the stream and wait for the reply, so that the last event has been seen."""
        self._queue.put(None)
        try:
            self._reply.result(timeout=_REPLY_SECONDS)
        except grpc.FutureTimeoutError:
            raise TimeoutError(f"no reply within {_REPLY_SECONDS:.0f} s") from None
        finally:
            self._channel.close()

    def _requests(self) -> Iterator[events_pb2.EventRequest]:
        while (text := self._queue.get()) is not None:
            yield events_pb2.EventRequest(event=text)


class FileTransport:
    """Writes events to a file, one JSON object per line, which a reader may follow meanwhile."""

    def __init__(self, path: Path) -> None:
        """Take the file; it is emptied."""
        self._file = path.open("w", encoding="utf-8")

    def send(self, text: str) -> None:
        """Write one line."""
        self._file.write(f"{text}\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _told(error: Exception) -> str:
    details = getattr(error, "details", None)
    return str(details() if callable(details) else error)
