"""Starting and ending the twin's process. Cheap to import: moto is loaded by the server's process only.

The server (`python -m rehearsal.twin.server`) reads its options as one JSON line on its standard input, and answers
with one JSON line on its standard output once it is healthy or has failed. It makes its secrets itself: none is on a
command line.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from rehearsal.twin.errors import NoTwinRunning, PortInUse, TwinDidNotStart
from rehearsal.twin.options import TwinOptions
from rehearsal.twin.run_file import TwinRun, is_running, read_run_file, refuse_live_twin

__all__ = ["TwinOptions", "TwinProcess", "start_twin", "stop_twin"]

_START_TIMEOUT = 30.0  # seconds; healthy within one on an idle machine
_END_TIMEOUT = 5.0  # seconds between asking to end and killing
# Settings by which moto or botocore would leave our path; the twin's own process starts without them.
_UNWANTED = ("MOTO_", "AWS_", "BOTO_", "WERKZEUG_", "FLASK_", "INITIAL_NO_AUTH_ACTION_COUNT")


class TwinProcess:
    """A twin started by this process; a context manager that ends it (one with `keep=True` is left running)."""

    def __init__(self, run: TwinRun, options: TwinOptions, child: subprocess.Popen[str] | None) -> None:
        self.run = run
        self._options = options
        self._child = child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._options.keep:
            self.stop()

    def stop(self) -> None:
        """End the twin and wait until it is gone; a twin that has already ended is fine."""
        if self._child is not None:
            _end_child(self._child)
            self._child = None
            return
        with contextlib.suppress(NoTwinRunning):
            if read_run_file(self._options.run_file).token == self.run.token:
                stop_twin(self._options.run_file)


def start_twin(options: TwinOptions) -> TwinProcess:
    """Start a twin and return once it is healthy.

    Without `keep` it ends with this process, however that ends.
    Raises: TwinAlreadyRunning, RunFileUnreadable (the run file), PortInUse, TwinDidNotStart.
    """
    refuse_live_twin(options.run_file)
    log = log_path(options.run_file)
    with _open_log(log) as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.twin.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=_environment(),
            cwd="/",
            start_new_session=True,  # Ctrl-C in the terminal is for the driver, which ends the twin when it is done
        )
    try:
        return _hand_over(options, child, log)
    except BaseException:
        _end_child(child)
        raise


def stop_twin(run_file: Path) -> TwinRun:
    """End the twin that `run_file` names, whoever started it, and return what it was.

    Raises: NoTwinRunning (a stale run file is removed first), RunFileUnreadable.
    """
    import psutil

    run = read_run_file(run_file)
    if not is_running(run):
        run_file.unlink(missing_ok=True)
        raise NoTwinRunning(
            "the twin of this run file has already ended; the stale file is removed",
            subject=str(run_file),
            hint="fleetyard twin start",
        )
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(run.pid)
        process.terminate()
        try:
            process.wait(_END_TIMEOUT)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(_END_TIMEOUT)
            run_file.unlink(missing_ok=True)
    return run


def log_path(run_file: Path) -> Path:
    """Return where the twin of this run file writes what went wrong inside it."""
    return run_file.with_suffix(".log")


def _open_log(log: Path) -> IO[str]:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise TwinDidNotStart("the twin cannot write beside its run file", subject=str(log), why=str(error)) from error


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)}
    # The child finds our packages wherever the parent found them, also without an installation.
    root = str(Path(__file__).resolve().parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [root, kept.get("PYTHONPATH", "")]))
    return kept


def _hand_over(options: TwinOptions, child: subprocess.Popen[str], log: Path) -> TwinProcess:
    order = {**asdict(options), "run_file": str(options.run_file.resolve()), "parent": os.getpid()}
    stdin, stdout = _pipes(child)
    with contextlib.suppress(BrokenPipeError):  # it ended already: its answer, or its log, says why
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
    answer = _read_answer(stdout, log)
    stdout.close()
    if "error" in answer:
        _end_child(child)
        raise _start_error(answer, log)
    run = read_run_file(options.run_file)
    if options.keep:
        # The server has forked off what serves; this child was only its first half.
        _end_child(child)
        return TwinProcess(run, options, None)
    return TwinProcess(run, options, child)


def _read_answer(stdout: IO[str], log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + _START_TIMEOUT
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise TwinDidNotStart(f"the twin was not healthy after {_START_TIMEOUT:.0f} seconds", subject=str(log))
    line = stdout.readline()
    if not line:
        return {"error": "ended", "why": _last_line(log)}
    answer = json.loads(line)
    return answer if isinstance(answer, dict) else {"error": "ended", "why": line.strip()}


def _start_error(answer: dict[str, Any], log: Path) -> TwinDidNotStart | PortInUse:
    why = str(answer.get("why", ""))
    if answer["error"] == "port_in_use":
        return PortInUse(
            f"port {answer['port']} is taken by another program",
            why=why,
            not_run="the twin",
            hint="leave --port out and a free one is chosen",
        )
    return TwinDidNotStart("the twin did not start", subject=str(log), why=why, not_run="the twin")


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it ended without a word"


def _pipes(child: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if child.stdin is None or child.stdout is None:
        raise TwinDidNotStart("the twin's process has no pipes")
    return child.stdin, child.stdout


def _end_child(child: subprocess.Popen[str]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    # Closing its standard input asked it to end; SIGTERM asks again, in case another process holds that pipe open.
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        child.wait(_END_TIMEOUT)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(_END_TIMEOUT)
