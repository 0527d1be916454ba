"""What the doctor says about memory, disk, clock, quota and the foundation's files."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from landing_zone.fleet import WorkloadState
from landing_zone.lock import Lock
from orchestrator.doctor.clock_check import check_clock, clock_address
from orchestrator.doctor.finding import Finding, Outcome, Topic, exit_code
from orchestrator.doctor.machine_checks import MIB, MemoryQuestion, check_disk, check_memory, free_bytes, free_memory
from orchestrator.doctor.quota_check import QuotaAnswer, check_quota
from orchestrator.doctor.state_checks import check_bucket_and_key, check_files
from orchestrator.doctor.state_probe import StateAnswer, StateQuestion
from tests.unit.orchestrator.fleets import ACCOUNTS, LOCK, small_fleet

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@contextmanager
def clock_server(date: str, status: int = 200) -> Iterator[str]:
    """Yield the address of a server on loopback whose answers carry this date."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status)
            self.send_header("Date", date)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(
    ("minutes", "outcome", "words"),
    [
        (0, Outcome.OK, "within 1 s"),
        (2, Outcome.WARNING, "120 s ahead of"),
        (6, Outcome.FAILED, "360 s ahead of"),
        (-6, Outcome.FAILED, "360 s behind"),
    ],
)
def test_a_clock_that_is_off_failed(minutes: int, outcome: Outcome, words: str) -> None:
    """More than the five minutes that signatures tolerate is a failure, in either direction; one is a warning."""
    with clock_server(format_datetime(NOON, usegmt=True)) as address:
        (found,) = check_clock(address, lambda: NOON + timedelta(minutes=minutes))
    assert found.outcome is outcome
    assert words in found.words


def test_a_refusal_tells_the_time_as_well() -> None:
    """AWS refuses an unsigned question, and its answer carries the date all the same."""
    with clock_server(format_datetime(NOON, usegmt=True), status=403) as address:
        (found,) = check_clock(address, lambda: NOON)
    assert found.outcome is Outcome.OK


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_an_answer_without_a_time_is_no_failure(date: str) -> None:
    """What cannot be compared was not checked."""
    with clock_server(date) as address:
        (found,) = check_clock(address, lambda: NOON)
    assert found.outcome is Outcome.NOT_CHECKED


def test_without_a_network_the_clock_is_not_checked() -> None:
    """Where nobody listens there is no time to compare with, and the cause is told."""
    (found,) = check_clock("http://127.0.0.1:1/", lambda: NOON)
    assert found.outcome is Outcome.NOT_CHECKED
    assert "refused" in found.words


def test_whose_clock_is_asked() -> None:
    """It is that of the endpoint in use, else STS of the region."""
    assert clock_address({}, "eu-west-1") == "https://sts.eu-west-1.amazonaws.com/"
    assert clock_address({}, "cn-north-1") == "https://sts.cn-north-1.amazonaws.com.cn/"
    assert clock_address({"AWS_ENDPOINT_URL": "http://twin"}, "eu-west-1") == "http://twin"
    both = {"AWS_ENDPOINT_URL": "http://twin", "AWS_ENDPOINT_URL_STS": "http://sts"}
    assert clock_address(both, "eu-west-1") == "http://sts"


@pytest.mark.parametrize(
    ("available", "outcome", "hint"),
    [(400, Outcome.OK, ""), (399, Outcome.WARNING, "--concurrency 3"), (99, Outcome.FAILED, "free some memory")],
)
def test_memory_for_the_stacks_at_a_time(available: int, outcome: Outcome, hint: str) -> None:
    """Too little for all is a warning with the number that fits; too little for one failed."""
    (found,) = check_memory(MemoryQuestion(concurrency=4, per_stack=100 * MIB, available=available * MIB))
    assert found.outcome is outcome
    assert found.hint.startswith(hint)


def test_the_machine_has_memory() -> None:
    """What is free is read in bytes."""
    assert free_memory() > MIB


@pytest.mark.parametrize(("room", "outcome"), [(2048, Outcome.OK), (500, Outcome.WARNING), (50, Outcome.FAILED)])
def test_room_on_the_disk(tmp_path: Path, room: int, outcome: Outcome) -> None:
    """Below 1 GiB is a warning, below 100 MiB a failure, of the nearest folder that exists."""
    (found,) = check_disk(tmp_path / "not" / "there", lambda _folder: room * MIB)
    assert found.outcome is outcome
    assert str(tmp_path) in found.words


def test_the_room_is_that_of_the_folders_disk(tmp_path: Path) -> None:
    """The system is asked."""
    assert 0 < free_bytes(tmp_path) <= shutil.disk_usage(tmp_path).total


def test_a_disk_that_does_not_answer_failed(tmp_path: Path) -> None:
    """A stale mount is told in the system's words."""

    def stale(_folder: Path) -> int:
        raise OSError(116, "Stale file handle")

    (found,) = check_disk(tmp_path, stale)
    assert (found.outcome, "Stale file handle" in found.words) == (Outcome.FAILED, True)


def test_a_state_folder_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    """Trying it leaves nothing behind, and a folder that is not there is not made."""
    assert check_files(tmp_path)[0].outcome is Outcome.OK
    assert "can be made" in check_files(tmp_path / "state")[0].words
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_state_folder_belongs_failed(tmp_path: Path) -> None:
    """The system's words say why nothing can be written."""
    (tmp_path / "state").touch()
    (found,) = check_files(tmp_path / "state")
    assert (found.outcome, found.topic) == (Outcome.FAILED, Topic.MACHINE)
    assert "Not a directory" in found.words


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes to read-only folders")
def test_a_read_only_state_folder_failed(tmp_path: Path) -> None:
    """A folder without the right to write is told with the command that shows it."""
    state = tmp_path / "state"
    state.mkdir(mode=0o555)
    (found,) = check_files(state)
    assert found.outcome is Outcome.FAILED
    assert str(state) in found.hint


@pytest.mark.skipif(not Path("/proc/sys/kernel").is_dir(), reason="needs a file system that nobody writes files to")
def test_a_file_system_that_takes_no_files_failed() -> None:
    """Where not even root can write, trying shows it, for the state and for work directories."""
    (state,) = check_files(Path("/proc/sys/kernel"))
    (disk,) = check_disk(Path("/proc/sys/kernel"), lambda _folder: 2048 * MIB)
    assert (state.outcome, disk.outcome) == (Outcome.FAILED, Outcome.FAILED)
    assert "nothing can be written to /proc/sys/kernel" in disk.words


def no_question(_question: StateQuestion) -> StateAnswer:
    """Fail: nothing was to be asked."""
    raise AssertionError("nothing was to be asked")


def test_a_bucket_that_is_not_made_yet_is_not_checked() -> None:
    """Before bootstrap there is neither bucket nor key, which is no failure."""
    fleet = replace(small_fleet(), workload_state=WorkloadState.BUCKET)
    (found,) = check_bucket_and_key(fleet, LOCK, {}, no_question)
    assert found.outcome is Outcome.NOT_CHECKED
    assert "fleetyard up" in found.hint


def test_with_state_in_files_there_is_no_bucket_to_check() -> None:
    """`workload_state: files` uses neither bucket nor key."""
    fleet = replace(small_fleet(), workload_state=WorkloadState.FILES)
    (found,) = check_bucket_and_key(fleet, LOCK, {}, no_question)
    assert (found.outcome, found.hint) == (Outcome.NOT_CHECKED, "")


def quota(answer: QuotaAnswer, lock: Lock = LOCK) -> Finding:
    """Return the finding about the quota."""
    (found,) = check_quota(small_fleet(), lock, {}, lambda _env: answer)
    return found


def test_enough_accounts_are_allowed() -> None:
    """Accounts that are there count once, with those that are in no manifest."""
    found = quota(QuotaAnswer(4, frozenset({*ACCOUNTS.values(), "900000000009"})))
    assert found.outcome is Outcome.OK
    assert "4 accounts are allowed, 4 are there, 0 are to be made" in found.words


def test_too_few_accounts_are_allowed() -> None:
    """A manifest that needs more than AWS allows failed, with the command that asks AWS for more."""
    found = quota(QuotaAnswer(2, frozenset()), Lock())
    assert found.outcome is Outcome.FAILED
    assert "--desired-value 3" in found.hint


def test_an_unknown_quota_is_no_failure() -> None:
    """What AWS does not tell was not checked."""
    found = quota(QuotaAnswer(words="AccessDenied"))
    assert (found.outcome, "AccessDenied" in found.words) == (Outcome.NOT_CHECKED, True)


def test_the_worst_topic_gives_the_exit_code() -> None:
    """Of the failed checks the largest code counts: engine, access, manifest, machine; warnings give none."""

    def of(*topics: Topic, outcome: Outcome = Outcome.FAILED) -> int:
        return exit_code([Finding("any", topic, outcome, "words") for topic in topics])

    assert of(Topic.MACHINE, Topic.ENGINE, Topic.ACCESS) == 5
    assert of(Topic.MACHINE, Topic.ACCESS, Topic.MANIFEST) == 3
    assert of(Topic.MACHINE, Topic.MANIFEST) == 2
    assert of(Topic.MACHINE) == 1
    assert of(Topic.ENGINE, outcome=Outcome.WARNING) == 0
    assert of(Topic.ENGINE, outcome=Outcome.NOT_CHECKED) == 0
