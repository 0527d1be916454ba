"""What is remembered of creations across a crash."""

from __future__ import annotations

import json
from pathlib import Path

from rehearsal.aws.creations import CreationLog, NoMemory, creations_of
from rehearsal.twin.run_file import RUN_FILE_VARIABLE
from tests.support.twin_fixtures import RunningTwin

URN = "urn:pulumi:s::p::aws:iam/role:Role::admin"


def test_another_process_finds_what_was_begun(tmp_path: Path) -> None:
    """A creation written down is found by whoever reads the file later, for that resource and account only."""
    path = tmp_path / "twin.creations"
    CreationLog(path, "twin-1").begin(URN, "111122223333")
    later = CreationLog(path, "twin-1")
    assert later.began(URN, "111122223333")
    assert not later.began(URN, "999999999999")
    assert not later.began(URN + "2", "111122223333")


def test_nothing_is_found_before_anything_was_begun(tmp_path: Path) -> None:
    """Without a file nothing was begun."""
    assert not CreationLog(tmp_path / "twin.creations", "twin-1").began(URN, "111122223333")


def test_another_twin_starts_afresh(tmp_path: Path) -> None:
    """Creations on an earlier twin are not taken for this one's, and are dropped from the file."""
    path = tmp_path / "twin.creations"
    CreationLog(path, "twin-1").begin(URN, "111122223333")
    now = CreationLog(path, "twin-2")
    assert not now.began(URN, "111122223333")
    now.begin(URN, "111122223333")
    assert [json.loads(line)[0] for line in path.read_text().splitlines()] == ["twin-2"]


def test_processes_share_the_file(tmp_path: Path) -> None:
    """What two processes write in turn is all kept."""
    path = tmp_path / "twin.creations"
    one, other = CreationLog(path, "twin-1"), CreationLog(path, "twin-1")
    for urn in ("a", "b"):
        one.begin(urn, "111122223333")
        other.begin(f"other {urn}", "111122223333")
    assert all(one.began(urn, "111122223333") for urn in ("a", "b", "other a", "other b"))


def test_what_was_refused_or_deleted_is_crossed_out(tmp_path: Path) -> None:
    """A creation that ended without a resource proves nothing, until it is begun again."""
    log = CreationLog(tmp_path / "twin.creations", "twin-1")
    log.begin(URN, "111122223333")
    log.end(URN, "111122223333")
    assert not log.began(URN, "111122223333")
    log.begin(URN, "111122223333")
    assert log.began(URN, "111122223333")


def test_what_the_engine_has_on_record_is_crossed_out(tmp_path: Path) -> None:
    """A creation that an earlier process began, and that is on record since, lets nobody take the resource over."""
    path = tmp_path / "twin.creations"
    CreationLog(path, "twin-1").begin(URN, "111122223333")
    CreationLog(path, "twin-1").begin("other", "111122223333")
    CreationLog(path, "twin-1").recorded(URN, "111122223333")
    later = CreationLog(path, "twin-1")
    assert (later.began(URN, "111122223333"), later.began("other", "111122223333")) == (False, True)


def test_a_torn_line_counts_as_none(tmp_path: Path) -> None:
    """A line that a crash cut off is no proof."""
    path = tmp_path / "twin.creations"
    CreationLog(path, "twin-1").begin(URN, "111122223333")
    path.write_text(path.read_text()[:-2])
    assert not CreationLog(path, "twin-1").began(URN, "111122223333")


def test_the_log_lies_beside_the_run_file(running_twin: RunningTwin) -> None:
    """The twin of the environment decides where creations are written down, readable by their owner only."""
    creations_of({RUN_FILE_VARIABLE: str(running_twin.run_file)}).begin(URN, "111122223333")
    log = running_twin.run_file.with_suffix(".creations")
    assert log.stat().st_mode & 0o777 == 0o600
    assert running_twin.run.token not in log.read_text()


def test_without_a_twin_nothing_is_remembered() -> None:
    """An environment that names no twin gets a memory that never proves anything."""
    memory = creations_of({})
    memory.begin(URN, "111122223333")
    assert isinstance(memory, NoMemory)
    assert not memory.began(URN, "111122223333")
