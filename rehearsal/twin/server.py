"""The twin's process: `python -m rehearsal.twin.server`, started by `process.start_twin`.

Standard input carries the options as one JSON line, then stays open as a sign of life of the parent; standard output
carries one JSON line: healthy, or why not. Ends at SIGTERM, and with its parent unless told to outlive it.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from rehearsal.errors import RehearsalError
from rehearsal.twin.options import TwinOptions
from rehearsal.twin.process import log_path
from rehearsal.twin.run_file import AdministratorKey, TwinRun, remove_run_file, write_run_file

_LOOPBACK = "127.0.0.1"
_BACKLOG = 512
_WATCH_INTERVAL = 0.25  # seconds between looks at the parent
_ADMINISTRATOR = "administrator"
_ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


@dataclass(frozen=True, slots=True)
class _Order:
    """What the parent asked for."""

    options: TwinOptions
    parent: int


def main() -> int:
    """Serve until told to end; returns the process's exit code."""
    order = _read_order()
    if order.options.keep:
        if os.fork():
            os._exit(0)  # the parent reaps this half at once; the other belongs to nobody
        os.setsid()
    try:
        _serve(order)
    except RehearsalError as error:
        _tell({"error": "refused", "why": str(error)})
        return error.exit_code
    except OSError as error:
        kind = "port_in_use" if error.errno == errno.EADDRINUSE else "failed"
        _tell({"error": kind, "port": order.options.port, "why": str(error)})
        return 5
    return 0


def _read_order() -> _Order:
    given = json.loads(sys.stdin.readline())
    parent = int(given.pop("parent"))
    return _Order(TwinOptions(**{**given, "run_file": Path(given["run_file"])}), parent)


def _serve(order: _Order) -> None:
    options = order.options
    # What is loaded stays: looking through it for garbage again and again takes a fifth of the loading.
    gc.disable()
    # Sockets first: a port in use is told before moto's half second of loading.
    secure, insecure = _listen(options.port), _listen(0)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())

    from rehearsal.twin.emulator.fixes import apply_fixes, name_management_account
    from rehearsal.twin.gate.settings import Settings

    settings = Settings(gate=options.gate, latency_ms=options.latency_ms)
    apply_fixes(options.management_account_id, options.seed, settings)
    if options.management_email or options.management_name:
        name_management_account(options.management_email, options.management_name)
    run = _make_run(options, secure, insecure)

    from rehearsal.twin.serving.application import build_application
    from rehearsal.twin.serving.ports import Ports
    from rehearsal.twin.serving.warm_up import warm_up

    application = build_application(run, settings)
    ports = Ports(application, secure, insecure)
    ports.start()
    try:
        write_run_file(options.run_file, run)
        if not _tell({"ready": True}):
            return  # whoever asked has given up
        _let_go_of_pipes(keep=options.keep)
        if not options.keep:
            _end_with_parent(order.parent, ended)
        get_warm = partial(warm_up, application.emulator, options.management_account_id)
        threading.Thread(target=_settle, args=(get_warm if options.warm_up else None,), daemon=True).start()
        ended.wait()
    finally:
        remove_run_file(options.run_file, run.token)
        _remove_empty_log(options.run_file)
        ports.close()


def _settle(get_warm: Callable[[], None] | None) -> None:
    """Load what is to be loaded ahead; from then on garbage is looked for, among what came later."""
    try:
        if get_warm is not None:
            get_warm()
    finally:
        gc.freeze()
        gc.enable()


def _listen(port: int) -> socket.socket:
    return socket.create_server((_LOOPBACK, port), backlog=_BACKLOG)


def _make_run(options: TwinOptions, secure: socket.socket, insecure: socket.socket) -> TwinRun:
    return TwinRun(
        pid=os.getpid(),
        started=psutil.Process().create_time(),
        endpoint=f"http://{_LOOPBACK}:{secure.getsockname()[1]}",
        insecure_endpoint=f"http://{_LOOPBACK}:{insecure.getsockname()[1]}",
        token=secrets.token_urlsafe(32),
        management_account_id=options.management_account_id,
        region=options.region,
        administrator=_make_administrator(options),
    )


def _make_administrator(options: TwinOptions) -> AdministratorKey:
    """Make the first identity of the management account: its root user has no key to begin with."""
    from moto.iam.models import iam_backends

    from rehearsal.twin.emulator.managed_policies import bring_in

    iam = iam_backends[options.management_account_id]["aws"]
    iam.create_user(options.region, _ADMINISTRATOR)
    bring_in(options.management_account_id, _ADMINISTRATOR_ACCESS)
    iam.attach_user_policy(_ADMINISTRATOR_ACCESS, _ADMINISTRATOR)
    key = iam.create_access_key(_ADMINISTRATOR)
    return AdministratorKey(key.access_key_id, key.secret_access_key)


def _tell(answer: dict[str, object]) -> bool:
    """Answer the parent; tells whether it still listened."""
    try:
        os.write(1, json.dumps(answer).encode() + b"\n")
    except BrokenPipeError:
        return False
    return True


def _let_go_of_pipes(*, keep: bool) -> None:
    """Whatever prints from now on goes to the log: nobody reads standard output any more."""
    os.dup2(2, 1)
    if keep:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)


def _end_with_parent(parent: int, ended: threading.Event) -> None:
    """End when the parent does, however it does: its end of our standard input closes, and we get another parent.

    Either alone is not enough: a process forked from the parent may hold the pipe open, and the pid is looked at only
    now and then.
    """

    def watch_pipe() -> None:
        while os.read(0, 4096):
            pass
        ended.set()

    def watch_pid() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_INTERVAL)
        ended.set()

    for watch in (watch_pipe, watch_pid):
        threading.Thread(target=watch, daemon=True).start()


def _remove_empty_log(run_file: Path) -> None:
    log = log_path(run_file)
    if log.exists() and not log.stat().st_size:
        log.unlink()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # nothing is left to do; taking moto's state apart would take up to a second
