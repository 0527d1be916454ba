"""A server in a twin's place that only proves who it is."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rehearsal.twin.run_file import AdministratorKey, TwinRun, write_run_file

TOKEN = "token-of-this-twin"


class Proof(BaseHTTPRequestHandler):
    """Answers every question with the twin's token."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"token": TOKEN}).encode())

    def log_message(self, *_words: object) -> None:
        """Keep quiet."""


@contextmanager
def running_twin_double(run_file: Path) -> Iterator[TwinRun]:
    """Yield what is noted in the run file, while the server answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Proof) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        key = AdministratorKey("AKIDADMIN", "secret of admin")
        run = TwinRun(os.getpid(), 0.0, url, url, TOKEN, "100000000001", "eu-west-1", key)
        write_run_file(run_file, run)
        yield run
        server.shutdown()
