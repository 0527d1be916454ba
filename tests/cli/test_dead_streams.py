"""Streams: nobody reading ends no command, and what a program prints never mixes with a command's data."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.rehearse.access import Access, Credentials
from tests.cli.fleet_folder import make_fleet_folder
from tests.support.repository import ROOT

SAMPLE = str(ROOT / "examples" / "acme" / "fleet.yaml")


def test_a_reader_that_goes_away_is_no_failure() -> None:
    """`plan` into a closed pipe ends with its own exit code and without a word."""
    command = [sys.executable, "-m", "orchestrator.cli", "plan", "--fleet", SAMPLE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        words = process.stderr.read()
        assert (process.wait(), words) == (0, b"")


PRINTING = """
from orchestrator.workers.pool import ForkPool

if __name__ == "__main__":
    with ForkPool(1) as pool:
        pool.submit(print, "said by a program").result()
    print("data")
"""


def test_what_a_worker_prints_goes_to_standard_error() -> None:
    """A program's print reaches people, and leaves standard output to the command's data."""
    done = subprocess.run(
        [sys.executable, "-c", PRINTING], capture_output=True, text=True, check=True, cwd=ROOT, timeout=100
    )
    assert done.stdout == "data\n"
    assert "said by a program" in done.stderr


def test_a_file_in_the_way_is_told_without_a_traceback(tmp_path: Path) -> None:
    """Where `.fleetyard` is no folder the command names it and ends with 2 (FY312)."""
    make_fleet_folder(tmp_path)
    (tmp_path / ".fleetyard").touch()
    command = [sys.executable, "-m", "orchestrator.cli", "rehearse", "--fleet", str(tmp_path / "fleet.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=100)
    assert (done.returncode, "FY312" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    assert str(tmp_path / ".fleetyard") in done.stderr


@pytest.mark.parametrize("closed", ["<&-", "2>&-"])
def test_a_stream_that_is_closed_ends_no_command(closed: str) -> None:
    """With standard input or standard error closed `plan` does its work as ever."""
    command = f"{shlex.quote(sys.executable)} -m orchestrator.cli plan --fleet {shlex.quote(SAMPLE)} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert "organization/core-root" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_data_that_cannot_be_written_is_a_failure() -> None:
    """On a full disk `plan` ends with FY312 and not with success."""
    command = f"{shlex.quote(sys.executable)} -m orchestrator.cli plan --fleet {shlex.quote(SAMPLE)} >/dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT, timeout=100)
    assert done.returncode == 2
    assert "FY312: standard output cannot be written" in done.stderr


def test_a_rehearsal_takes_no_profile_from_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that the user's shell names and no file has is nothing to a rehearsal's own calls."""
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "nowhere")
    client = Access("http://127.0.0.1:1", "eu-west-1").client("sts", Credentials("AKIA", "secret"))
    assert client.meta.endpoint_url == "http://127.0.0.1:1"
