"""The twin's process: its run file, its beginning and its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest

from rehearsal.twin.errors import (
    BadTwinOption,
    NoTwinRunning,
    PortInUse,
    RunFileUnreadable,
    TwinAlreadyRunning,
    TwinDidNotStart,
)
from rehearsal.twin.process import TwinOptions, start_twin, stop_twin
from rehearsal.twin.run_file import TwinRun, is_running, read_run_file, remove_run_file, write_run_file
from tests.support.repository import ROOT
from tests.support.twin_fixtures import MANAGEMENT, RunningTwin, TwinAws

# Starts a twin, forks a process that keeps every descriptor, tells the twin's pid and waits to be killed.
_PARENT = """
import os, sys, time
from pathlib import Path
from rehearsal.twin.process import TwinOptions, start_twin
twin = start_twin(TwinOptions("111122223333", Path(sys.argv[1]), keep=sys.argv[2] == "keep", warm_up=False))
if sys.argv[2] == "fork" and os.fork() == 0:
    os.read(0, 1)  # until the test closes this pipe
    os._exit(0)
os.write(1, f"{twin.run.pid}\\n".encode())
if sys.argv[2] == "keep":
    os._exit(0)
time.sleep(60)
"""


def _gone(pid: int, within: float) -> bool:
    try:
        psutil.Process(pid).wait(within)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def _start_elsewhere(run_file: Path, how: str) -> tuple[subprocess.Popen[bytes], int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(run_file), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


def _close(parent: subprocess.Popen[bytes]) -> None:
    for pipe in (parent.stdin, parent.stdout):
        if pipe is not None:
            pipe.close()
    parent.wait(10)


def test_it_answers_once_started_and_leaves_nothing(tmp_path: Path) -> None:
    """A twin answers as soon as its start returns, and when stopped leaves no process, run file or log."""
    with start_twin(TwinOptions(MANAGEMENT, tmp_path / "twin.json")) as twin:
        TwinAws(twin.run).client("sts").get_caller_identity()
    assert _gone(twin.run.pid, 0)
    assert list(tmp_path.iterdir()) == []


def test_its_run_file_is_its_owners_alone(running_twin: RunningTwin) -> None:
    """The run file can be read and written by its owner and nobody else, and says what the process says."""
    assert stat.S_IMODE(running_twin.run_file.stat().st_mode) == 0o600
    assert read_run_file(running_twin.run_file) == running_twin.run
    assert is_running(running_twin.run)


def test_no_secret_is_in_the_process_list(running_twin: RunningTwin) -> None:
    """Neither token nor administrator's key is among the process's arguments or environment."""
    process = psutil.Process(running_twin.run.pid)
    seen = " ".join(process.cmdline()) + str(process.environ())
    for secret in (running_twin.run.token, running_twin.run.administrator.secret_access_key):
        assert secret not in seen
        assert secret not in repr(running_twin.run)


def test_it_listens_on_loopback_only(running_twin: RunningTwin) -> None:
    """Both ports are on 127.0.0.1."""
    listening = {
        each.laddr.ip
        for each in psutil.Process(running_twin.run.pid).net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_it_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """SIGKILL of the parent ends the twin, even while a process forked from the parent holds its pipes open."""
    parent, pid = _start_elsewhere(tmp_path / "twin.json", "fork")
    try:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(10)
        assert _gone(pid, 5)
        assert not (tmp_path / "twin.json").exists()
    finally:
        _close(parent)


def test_it_outlives_its_parent_when_kept(tmp_path: Path) -> None:
    """A kept twin serves on after its parent has ended, until it is stopped by its run file."""
    run_file = tmp_path / "twin.json"
    parent, pid = _start_elsewhere(run_file, "keep")
    _close(parent)
    run = read_run_file(run_file)
    assert run.pid == pid
    TwinAws(run).client("sts").get_caller_identity()
    assert stop_twin(run_file) == run
    assert _gone(pid, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    """A port that another program holds is refused by its number, and nothing is left behind."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port} is taken"):
            start_twin(TwinOptions(MANAGEMENT, tmp_path / "twin.json", port=port))
    assert not (tmp_path / "twin.json").exists()


def test_the_port_asked_for_is_used(tmp_path: Path) -> None:
    """The ordinary port is the one asked for."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with start_twin(TwinOptions(MANAGEMENT, tmp_path / "twin.json", port=port, warm_up=False)) as twin:
        assert twin.run.endpoint == f"http://127.0.0.1:{port}"


def test_a_second_twin_of_a_run_file_is_refused(running_twin: RunningTwin) -> None:
    """Starting under the run file of a running twin is refused, and the first one is left alone."""
    with pytest.raises(TwinAlreadyRunning, match=str(running_twin.run.pid)):
        start_twin(TwinOptions(MANAGEMENT, running_twin.run_file))
    assert read_run_file(running_twin.run_file) == running_twin.run


def test_a_stale_run_file_is_replaced(tmp_path: Path, twin: TwinRun) -> None:
    """A run file whose process has ended, or is another one of that pid, is written over."""
    stale = replace(twin, started=twin.started - 1000)
    write_run_file(tmp_path / "twin.json", stale)
    assert not is_running(stale)
    write_run_file(tmp_path / "twin.json", replace(stale, region="eu-west-1"))
    assert read_run_file(tmp_path / "twin.json").region == "eu-west-1"


def test_stopping_what_has_ended_says_so(tmp_path: Path, twin: TwinRun) -> None:
    """Stopping by a stale run file removes it and says that no twin runs; without one it says the same."""
    write_run_file(tmp_path / "twin.json", replace(twin, started=1.0))
    for _ in range(2):
        with pytest.raises(NoTwinRunning):
            stop_twin(tmp_path / "twin.json")
    assert not (tmp_path / "twin.json").exists()


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"format": "fleetyard-twin/1"}', "\x00"])
def test_a_damaged_run_file_is_told(tmp_path: Path, content: str) -> None:
    """A file that is no run file is neither believed nor written over."""
    path = tmp_path / "twin.json"
    path.write_text(content, encoding="utf-8")
    for ask in (
        lambda: read_run_file(path),
        lambda: start_twin(TwinOptions(MANAGEMENT, path)),
        lambda: stop_twin(path),
    ):
        with pytest.raises(RunFileUnreadable):
            ask()
    assert path.read_text(encoding="utf-8") == content


def test_a_run_file_of_another_twin_stays(tmp_path: Path, twin: TwinRun) -> None:
    """A twin that ends removes its own run file only."""
    path = tmp_path / "twin.json"
    write_run_file(path, twin)
    remove_run_file(path, "another token")
    assert path.exists()
    remove_run_file(path, twin.token)
    assert not path.exists()


def test_a_run_file_with_a_wrong_kind_of_value_is_told(tmp_path: Path, twin: TwinRun) -> None:
    """A run file whose values have other types is refused, whatever its format line says."""
    path = tmp_path / "twin.json"
    path.write_text(json.dumps({"format": "fleetyard-twin/1", **asdict(twin), "endpoint": 5}), encoding="utf-8")
    with pytest.raises(RunFileUnreadable, match="endpoint"):
        read_run_file(path)


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    """A twin that cannot write beside its run file does not start, and says why."""
    (tmp_path / "file").touch()
    with pytest.raises(TwinDidNotStart, match="cannot write beside"):
        start_twin(TwinOptions(MANAGEMENT, tmp_path / "file" / "twin.json"))


def test_the_emulators_settings_do_not_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that would change the emulator are not handed to the twin's process."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with start_twin(TwinOptions(MANAGEMENT, tmp_path / "twin.json", warm_up=False)) as twin:
        assert TwinAws(twin.run).client("sts").get_caller_identity()["Account"] == MANAGEMENT
        assert not {"MOTO_ACCOUNT_ID", "AWS_ENDPOINT_URL"} & set(psutil.Process(twin.run.pid).environ())


def test_a_seed_repeats_account_ids(tmp_path: Path) -> None:
    """Two twins with one seed give the same ids to the same requests."""
    made = []
    for number in range(2):
        with start_twin(TwinOptions(MANAGEMENT, tmp_path / f"{number}.json", seed=7, warm_up=False)) as twin:
            organizations = TwinAws(twin.run).client("organizations")
            organizations.create_organization(FeatureSet="ALL")
            answer = organizations.create_account(Email="a@example.com", AccountName="a")
            made.append(answer["CreateAccountStatus"]["AccountId"])
    assert made[0] == made[1]


def test_the_management_account_is_called_as_asked(tmp_path: Path) -> None:
    """Its email and name are its own, and stay when it makes its organisation, where the email is then in use.

    Source: AWS Organizations API Reference, CreateOrganization and CreateAccount, EMAIL_ALREADY_EXISTS.
    """
    email, name = "root@acme.example", "core-root"
    options = TwinOptions(
        MANAGEMENT, tmp_path / "twin.json", management_email=email, management_name=name, warm_up=False
    )
    with start_twin(options) as twin:
        organizations = TwinAws(twin.run).client("organizations")
        made = organizations.create_organization(FeatureSet="ALL")["Organization"]
        assert (made["MasterAccountEmail"], made["MasterAccountId"]) == (email, MANAGEMENT)
        (account,) = organizations.list_accounts()["Accounts"]
        assert (account["Email"], account["Name"], account["Id"]) == (email, name, MANAGEMENT)
        status = organizations.create_account(Email=email, AccountName="other")["CreateAccountStatus"]
        assert status["FailureReason"] == "EMAIL_ALREADY_EXISTS"


@pytest.mark.parametrize(
    "wrong",
    [
        {"management_account_id": "1234"},
        {"region": "Frankfurt"},
        {"latency_ms": -1},
        {"port": 70000},
    ],
)
def test_options_must_be_possible(tmp_path: Path, wrong: dict[str, object]) -> None:
    """An impossible option is refused by its name before anything is started."""
    options = {"management_account_id": MANAGEMENT, "run_file": tmp_path / "twin.json", **wrong}
    with pytest.raises(BadTwinOption, match=next(iter(wrong))):
        TwinOptions(**options)
