"""moto as it is, behind the same HTTP server as the twin's: what the twin is measured against.

`python -m bench.bare_moto` prints its port and serves until its standard input ends. With `quick` it remembers lookups
as the twin's moto does, so that what is left of a difference is the gate.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Moto:
    """A running moto."""

    endpoint: str
    pid: int


@contextmanager
def bare_moto(*, quick: bool) -> Iterator[Moto]:
    """Start moto and yield where it is; end it afterwards."""
    command = [sys.executable, "-m", "bench.bare_moto", *(["quick"] if quick else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("moto has no pipes")
        yield Moto(f"http://127.0.0.1:{int(process.stdout.readline())}", process.pid)
        process.stdin.close()


def main() -> None:
    """Serve moto until nobody wants it any more."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    from rehearsal.twin.emulator.lookups import remember_lookups  # noqa: PLC0415
    from rehearsal.twin.serving.ports import KeepAliveHandler  # noqa: PLC0415

    application = DomainDispatcherApplication(create_backend_app)
    if "quick" in sys.argv:
        remember_lookups(application)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=KeepAliveHandler)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
