"""The run file: how the processes of a rehearsal find their twin and know it from any other server.

Written by the twin itself once it is healthy, removed by it when it ends. It holds secrets (of a make-believe AWS),
hence mode 0600. Cheap to import: no moto, no boto3.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from rehearsal.twin.errors import NoTwinRunning, RunFileUnreadable, TwinAlreadyRunning

RUN_FILE_VARIABLE = "FLEETYARD_TWIN_RUN_FILE"
S3_CONTROL_VARIABLE = "AWS_ENDPOINT_URL_S3_CONTROL"
"""Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints"."""
_FORMAT = "fleetyard-twin/1"
_CLOCK_SLACK = 2.0  # seconds; process creation times are rounded differently by different readers


@dataclass(frozen=True, slots=True)
class AdministratorKey:
    """The access key of the IAM user `administrator` of the management account."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TwinRun:
    """One running twin, as its run file tells it."""

    pid: int
    started: float
    """When the process was made, in seconds since the epoch: tells it from a later process of the same pid."""
    endpoint: str
    """`http://127.0.0.1:<port>`; requests to it count as TLS for `aws:SecureTransport`."""
    insecure_endpoint: str
    """The same AWS on a port whose requests count as plain HTTP."""
    token: str = field(repr=False)
    management_account_id: str
    region: str
    administrator: AdministratorKey

    @property
    def s3_control_endpoint(self) -> str:
        """The endpoint for S3 Control: tools put `<account>.` before its host, which is then part of a user name."""
        return self.endpoint.replace("://", "://account@")


def read_run_file(path: Path) -> TwinRun:
    """Return the twin `path` names, whether or not it still runs.

    Raises: NoTwinRunning if there is no such file, RunFileUnreadable if it is not a run file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise NoTwinRunning(
            "no twin has written this run file", subject=str(path), hint="fleetyard twin start"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    try:
        return _from_json(json.loads(text))
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable(path, f"{type(error).__name__}: {error}") from error


def write_run_file(path: Path, run: TwinRun) -> None:
    """Write `run` to `path` in one step, readable by its owner only.

    A file left by a twin that has ended is replaced. Raises: TwinAlreadyRunning if its twin still runs,
    RunFileUnreadable if the file is none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    ready = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(ready, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"format": _FORMAT, **asdict(run)}, file, indent=2)
            file.write("\n")
        refuse_live_twin(path)
        path.unlink(missing_ok=True)
        # A hard link fails where the name exists already: of two twins starting at once, one is refused.
        try:
            path.hardlink_to(ready)
        except FileExistsError:
            raise _already_running(path, read_run_file(path)) from None
    finally:
        ready.unlink(missing_ok=True)


def refuse_live_twin(path: Path) -> None:
    """Raise TwinAlreadyRunning if `path` names a twin that still runs; a stale file is fine."""
    try:
        run = read_run_file(path)
    except NoTwinRunning:
        return
    if is_running(run):
        raise _already_running(path, run)


def remove_run_file(path: Path, token: str) -> None:
    """Remove `path` if it still belongs to the twin with this token; anyone else's file stays."""
    with contextlib.suppress(NoTwinRunning, RunFileUnreadable):
        if read_run_file(path).token == token:
            path.unlink(missing_ok=True)


def is_running(run: TwinRun) -> bool:
    """Tell whether the process that wrote the run file still runs: same pid, same time of creation, no zombie."""
    import psutil

    try:
        process = psutil.Process(run.pid)
        alive = bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
        return alive and abs(process.create_time() - run.started) < _CLOCK_SLACK
    except psutil.Error:
        return False


def _from_json(data: Any) -> TwinRun:
    if not isinstance(data, dict) or data.pop("format", None) != _FORMAT:
        raise ValueError(f"not in the format {_FORMAT}")
    data["administrator"] = AdministratorKey(**data["administrator"])
    run = TwinRun(**data)
    for known in fields(TwinRun):
        if known.type == "str" and not isinstance(getattr(run, known.name), str):
            raise TypeError(f"{known.name} is no text")
    if not isinstance(run.pid, int) or not isinstance(run.started, float | int):
        raise TypeError("pid or started is no number")
    return run


def _unreadable(path: Path, why: str) -> RunFileUnreadable:
    return RunFileUnreadable("the run file cannot be read", subject=str(path), why=why, hint=f"rm {path}")


def _already_running(path: Path, run: TwinRun) -> TwinAlreadyRunning:
    return TwinAlreadyRunning(
        f"a twin already runs under this run file (process {run.pid}, {run.endpoint})",
        subject=str(path),
        not_run="the new twin",
        hint="fleetyard twin stop",
    )
