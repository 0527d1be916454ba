"""The twin's two listening ports on loopback, over HTTP/1.1 with connections kept open.

werkzeug's own handler closes every connection and looks at it for 10 ms longer; here the gate has read each request to
its end, so the next one can follow on the same connection.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Iterable
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from rehearsal.twin.gate.faults import ConnectionDropped
from rehearsal.twin.requests.http_request import UnreadableRequest
from rehearsal.twin.serving.application import TwinApplication, WsgiApplication

_LOOPBACK = "127.0.0.1"


class KeepAliveHandler(MotoRequestHandler):  # type: ignore[misc]
    """Serves the requests of one connection, one after the other; each answer is sent in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 300  # seconds a connection may stay silent

    def run_wsgi(self) -> None:
        """Answer one request."""
        try:
            status, headers, body = _call(self.server.app, self.make_environ())
        except ConnectionDropped as dropped:
            self._drop(reset=dropped.reset)
            return
        except UnreadableRequest as unreadable:
            self.close_connection = True  # where the next request would begin is anybody's guess
            status, headers, body = _told("400 Bad Request", f"The request cannot be read: {unreadable}.")
        except Exception as error:  # noqa: BLE001 - a fault of ours must not leave the client without an answer
            traceback.print_exc(file=sys.stderr)
            words = (
                f"The twin failed: {type(error).__name__}: {error}. This is a fault of the twin; its log tells more."
            )
            status, headers, body = _told("500 Internal Server Error", words)
        code, _, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            if name.lower() not in ("date", "server", "connection"):
                self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        # The headers are still in the handler's buffer: with the body behind them they leave in one segment.
        self._headers_buffer.append(b"\r\n" + body)
        self.flush_headers()

    def _drop(self, *, reset: bool) -> None:
        """Take the connection away. A reset only goes out if nothing is said before: no orderly end of the stream."""
        self.close_connection = True
        if reset:
            at_once = struct.pack("ii", 1, 0)  # linger, for no time: closing resets
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            os.close(self.connection.detach())

    def log_request(self, *_args: object) -> None:
        """Write no line per request."""


class Ports:
    """Both servers, each with a thread that accepts connections and one thread per connection."""

    def __init__(self, application: TwinApplication, secure: socket.socket, insecure: socket.socket) -> None:
        self._servers = [
            _server(application.on_port(secure=True), secure),
            _server(application.on_port(secure=False), insecure),
        ]

    def start(self) -> None:
        """Start accepting connections."""
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def close(self) -> None:
        """Stop accepting connections; those open are dropped when the process ends."""
        for server in self._servers:
            server.shutdown()


def _server(application: WsgiApplication, listening: socket.socket) -> BaseWSGIServer:
    port = listening.getsockname()[1]
    with listening:  # the server goes on with a descriptor of its own
        return make_server(
            _LOOPBACK, port, application, threaded=True, request_handler=KeepAliveHandler, fd=listening.fileno()
        )


def _told(status: str, words: str) -> tuple[str, list[tuple[str, str]], bytes]:
    body = json.dumps({"error": words}).encode()
    return status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], body


def _call(application: WsgiApplication, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    started: list[tuple[str, list[tuple[str, str]]]] = []
    chunks: Iterable[bytes] = application(environ, lambda status, headers: started.append((status, headers)))
    body = b"".join(chunks)
    status, headers = started[-1]
    return status, headers, body
