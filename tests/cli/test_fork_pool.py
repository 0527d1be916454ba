"""The pool of forked processes."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import psutil
import pytest

from orchestrator.workers.pool import ChildDied, ForkPool
from tests.cli.pool_calls import (
    count,
    die,
    leave,
    refuse,
    refuse_oddly,
    start_a_process,
    start_a_process_and_die,
    start_a_thread,
    threads_of_the_warm_process,
    unpicklable,
    wait_for_interrupt,
    whereabouts,
)
from tests.support.repository import ROOT

PATIENCE = 30.0
"""Seconds after which a test gives up on a process; ordinarily it takes hundredths of one."""


@pytest.fixture
def pool() -> Iterator[ForkPool]:
    """Return a pool of two."""
    with ForkPool(2) as pool:
        yield pool


def test_each_call_has_a_fresh_process_in_a_group_of_its_own(pool: ForkPool) -> None:
    """No two calls share a process, and a terminal's signals do not reach it."""
    seen = [pool.submit(whereabouts, number).result(PATIENCE) for number in range(3)]
    assert [number for number, _, _ in seen] == [0, 1, 2]
    assert len({pid for _, pid, _ in seen}) == 3
    assert all(pid == group for _, pid, group in seen)


def test_children_start_warm_from_a_process_without_threads(pool: ForkPool) -> None:
    """The fork server has imported what workers need and runs one thread only."""
    assert pool.submit(threads_of_the_warm_process).result(PATIENCE) == (1, True)


def test_an_exception_is_the_futures(pool: ForkPool) -> None:
    """What a call raises is raised from its future."""
    with pytest.raises(ValueError, match="no"):
        pool.submit(refuse).result(PATIENCE)


@pytest.mark.parametrize(("call", "words"), [(die, "SIGKILL"), (leave, "exit code 3")])
def test_a_child_that_dies_fails_its_own_call(pool: ForkPool, call: Callable[[], None], words: str) -> None:
    """A killed or vanished child is ChildDied, saying how; the pool goes on."""
    with pytest.raises(ChildDied, match=words):
        pool.submit(call).result(PATIENCE)
    assert pool.submit(whereabouts, 1).result(PATIENCE)[0] == 1


def test_events_arrive_before_the_result(pool: ForkPool) -> None:
    """What a call emits reaches its listener, in order, before the future is done."""
    heard: list[int] = []
    assert pool.submit_reporting(heard.append, count, 3).result(PATIENCE) == "counted"
    assert heard == [0, 1, 2]


def test_an_answer_that_cannot_travel_is_a_failure(pool: ForkPool) -> None:
    """A result that cannot be pickled fails the call; so does a function that cannot be."""
    with pytest.raises(RuntimeError, match="cannot be handed over"):
        pool.submit(unpicklable).result(PATIENCE)
    with pytest.raises(Exception, match="pickle"):
        pool.submit(lambda: None).result(PATIENCE)


def test_an_answer_that_arrives_broken_is_a_failure(pool: ForkPool) -> None:
    """An error that cannot be put together again here fails its own call, naming it; the pool goes on."""
    with pytest.raises(ChildDied, match="cannot be read"):
        pool.submit(refuse_oddly).result(PATIENCE)
    assert pool.submit(whereabouts, 1).result(PATIENCE)[0] == 1


@pytest.mark.parametrize("call", [start_a_process, start_a_process_and_die])
def test_processes_left_behind_end_with_their_call(pool: ForkPool, call: Callable[[str], None], tmp_path: Path) -> None:
    """What a call started in the foreground ends with it, whether it answered or was killed."""
    pipe = tmp_path / "held-open-by-what-was-started"
    os.mkfifo(pipe)
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as held:
        error = pool.submit(call, str(pipe)).exception(PATIENCE)
        assert (error is None) is (call is start_a_process)
        # At its end a pipe becomes readable once nobody holds its other side any more.
        readable, _, _ = select.select([held], [], [], PATIENCE)
        assert readable == [held]
        assert held.read() == b""


def test_threads_left_behind_hold_nobody_up(pool: ForkPool) -> None:
    """A child ends with its answer, whatever it left running."""
    pid, threads = pool.submit(start_a_thread).result(PATIENCE)
    assert threads >= 2
    assert not psutil.pid_exists(pid)


def test_an_interrupt_reaches_what_runs_and_cancels_what_waits(pool: ForkPool) -> None:
    """Running calls get KeyboardInterrupt once and may still answer; waiting ones are cancelled."""
    heard = [threading.Event(), threading.Event()]
    calls = [pool.submit_reporting(lambda _pid, event=event: event.set(), wait_for_interrupt, None) for event in heard]
    waiting = pool.submit(whereabouts, 1)
    assert all(event.wait(PATIENCE) for event in heard)
    pool.interrupt()
    assert [call.result(PATIENCE) for call in calls] == ["interrupted", "interrupted"]
    with pytest.raises(CancelledError):
        waiting.result(PATIENCE)


def test_a_listener_that_raises_fails_its_own_call(pool: ForkPool) -> None:
    """An exception from the listener of events is the call's; the pool goes on."""

    def listen(number: int) -> None:
        raise LookupError(number)

    with pytest.raises(LookupError):
        pool.submit_reporting(listen, count, 3).result(PATIENCE)
    assert pool.submit(whereabouts, 1).result(PATIENCE)[0] == 1


def test_a_kill_ends_what_runs(pool: ForkPool) -> None:
    """Killed children are gone, and their calls have failed."""
    pids: list[int] = []
    heard = threading.Event()

    def note(pid: int) -> None:
        pids.append(pid)
        heard.set()

    call = pool.submit_reporting(note, wait_for_interrupt, None)
    assert heard.wait(PATIENCE)
    pool.kill()
    with pytest.raises(ChildDied):
        call.result(PATIENCE)
    assert not psutil.pid_exists(pids[0])


def test_a_closed_pool_takes_no_calls() -> None:
    """After shutdown nothing can be submitted, and waiting calls may be cancelled."""
    pool = ForkPool(1)
    pool.shutdown()
    with pytest.raises(RuntimeError):
        pool.submit(whereabouts, 1)


def test_a_pool_has_room_for_one_at_least() -> None:
    """A pool without room is refused."""
    with pytest.raises(ValueError, match="room"):
        ForkPool(0)


def test_a_warm_process_that_cannot_start_fails_each_call(tmp_path: Path) -> None:
    """Where the process that children are forked from ends, calls are ChildDied and say so; nobody waits for ever."""
    (tmp_path / "unusable.py").write_text("raise RuntimeError('no')", encoding="utf-8")
    script = """
from orchestrator.workers.pool import ChildDied, ForkPool
from tests.cli.pool_calls import refuse
with ForkPool(1, preload=("unusable",)) as pool:
    error = pool.submit(refuse).exception(30)
    print(type(error) is ChildDied, error)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("True its process could not be started")


def test_nothing_is_imported_from_the_working_directory(tmp_path: Path) -> None:
    """Started from inside another checkout, children are forked from our own modules, whatever that one holds."""
    for package in ("landing_zone", "orchestrator", "rehearsal", "boto3"):
        (tmp_path / "checkout" / package).mkdir(parents=True)
        (tmp_path / "checkout" / package / "__init__.py").write_text("raise RuntimeError('no')", encoding="utf-8")
    script = tmp_path / "script.py"
    script.write_text(
        """
from orchestrator.callers import identify_in_own_process
from orchestrator.workers.pool import ForkPool
if __name__ == "__main__":
    with ForkPool(1) as pool:
        print(pool.submit(identify_in_own_process, {"AWS_PROFILE": "nobody"}).result().kind)
""",
        encoding="utf-8",
    )
    ran = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path / "checkout",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("missing\n", "")


def test_children_end_with_their_driver_even_if_it_is_killed() -> None:
    """After SIGKILL of the driver its workers, its fork server and whatever else it had started are gone."""
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.slow_driver"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert driver.stdout is not None
    with driver, driver.stdout as out:
        assert out.readline() == b"running\n"
        family = psutil.Process(driver.pid).children(recursive=True)
        assert family
        driver.kill()
        _, alive = psutil.wait_procs(family, timeout=PATIENCE)
        assert alive == []
