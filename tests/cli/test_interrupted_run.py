"""Ctrl-C in the middle of a run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.cli.fleet_folder import make_fleet_folder
from tests.support.repository import ROOT

PATIENCE = 30.0


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Return a command line in the middle of an up, in a process group of its own as in a terminal."""
    make_fleet_folder(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.cli.slow_driver", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"running\n"
        yield process
        process.kill()


def family_of(driver: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return every process below the command."""
    return psutil.Process(driver.pid).children(recursive=True)


def test_ctrl_c_stops_in_good_order(driver: subprocess.Popen[bytes]) -> None:
    """The running stack finishes as cancelled, the others never start, all is reported, the exit code is 130."""
    family = family_of(driver)
    os.killpg(driver.pid, signal.SIGINT)
    out, err = driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 130
    report = json.loads(out)
    assert report["interrupted"] is True
    assert {(stack["result"], stack["reason"]) for stack in report["stacks"]} == {("cancelled", "interrupted")}
    assert b"Traceback" not in err
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []


def test_being_asked_to_end_is_the_same(driver: subprocess.Popen[bytes]) -> None:
    """SIGTERM, which a pipeline sends when it gives up, stops in good order too."""
    driver.terminate()
    out, _ = driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 130
    assert json.loads(out)["interrupted"] is True


def test_the_run_is_on_record_to_its_end(driver: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """An interrupted run's record ends with how it ended."""
    os.killpg(driver.pid, signal.SIGINT)
    driver.communicate(timeout=PATIENCE)
    (record,) = tmp_path.glob("state/.fleetyard/runs/*/events.jsonl")
    last = json.loads(record.read_text(encoding="utf-8").splitlines()[-1])
    assert (last["event"], last["exit_code"], last["interrupted"]) == ("run_finished", 130, True)
