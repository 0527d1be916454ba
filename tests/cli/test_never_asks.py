"""Processes behind which nobody sits never ask for an MFA code, whether there is a terminal to ask on or not."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from orchestrator.callers import AnswerKind, identify_in_own_process
from orchestrator.doctor.caller_probe import probe_caller
from orchestrator.doctor.quota_check import probe_quota
from orchestrator.doctor.state_probe import StateQuestion, probe_state
from orchestrator.state.bucket_states import BucketQuery, read_bucket_in_own_process
from orchestrator.workers.environment import caller_environment
from orchestrator.workers.pool import ForkPool
from tests.support.repository import ROOT

CONFIG = """\
[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = very-secret

[profile with-mfa]
role_arn = arn:aws:iam::100000000001:role/Management-Admin
source_profile = default
mfa_serial = arn:aws:iam::100000000001:mfa/ops

[profile behind]
role_arn = arn:aws:iam::200000000002:role/Admin
source_profile = with-mfa
"""
WORDS = "asks for an MFA code, and nobody can be asked in a run"
SCRIPT = """
import os, sys
from orchestrator.callers import identify_in_own_process
from orchestrator.workers.pool import ForkPool
if __name__ == "__main__":
    if os.isatty(0):  # the leader of a session without a terminal gets the first that it opens
        os.close(os.open(os.ttyname(0), os.O_RDWR))
        os.close(os.open("/dev/tty", os.O_RDWR))
    with ForkPool(1) as pool:
        print(pool.submit(identify_in_own_process, dict(os.environ)).result().kind)
"""


@pytest.fixture
def env(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Return a maker of environments of a profile, in which no AWS answers."""
    (tmp_path / "config").write_text(CONFIG, encoding="utf-8")
    base = {
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    return lambda profile: caller_environment(base, profile, "eu-west-1")


@pytest.fixture(scope="module")
def children() -> Iterator[ForkPool]:
    """Open a pool as the driver has it."""
    with ForkPool(1) as pool:
        yield pool


@pytest.mark.parametrize("profile", ["with-mfa", "behind"])
def test_a_profile_that_needs_a_code_is_an_answer_of_its_own(
    children: ForkPool, env: Callable[[str], dict[str, str]], profile: str
) -> None:
    """The profile itself, or one that it builds on, would ask: that is the answer, with the profile's name."""
    found = children.submit(identify_in_own_process, env(profile)).result()
    assert (found.kind, found.words) == (AnswerKind.NEEDS_CODE, f"profile {profile} {WORDS}")


def test_whatever_else_asks_aws_never_asks_a_person(children: ForkPool, env: Callable[[str], dict[str, str]]) -> None:
    """The state bucket, the doctor's callers, state and quota end with the words that say why."""
    asked = env("with-mfa")
    bucket = children.submit(
        read_bucket_in_own_process, BucketQuery(asked, "s3://any?region=eu-west-1", (("network", "plat-dev"),))
    ).result()
    caller = children.submit(probe_caller, asked).result()
    state = children.submit(probe_state, StateQuestion(asked, "any", "any", "eu-west-1")).result()
    quota = children.submit(probe_quota, asked).result()
    told = [bucket.refused, caller.identity.words, state.bucket.words, state.key.words, quota.words]
    assert told == [f"profile with-mfa {WORDS}"] * 5


@pytest.mark.parametrize("terminal", [True, False])
def test_nobody_is_asked_on_a_terminal_either(
    tmp_path: Path, env: Callable[[str], dict[str, str]], terminal: bool
) -> None:
    """With a terminal at hand, and with standard input closed, the answer is the same and nothing is printed."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    ours, theirs = pty.openpty()
    stdin: int | IO[bytes] = theirs if terminal else subprocess.DEVNULL
    try:
        ran = subprocess.run(
            [sys.executable, str(script)],
            stdin=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, **env("with-mfa"), "PYTHONPATH": str(ROOT)},
            start_new_session=True,
            timeout=60,
            check=False,
        )
        os.set_blocking(ours, False)
        with pytest.raises(BlockingIOError):
            os.read(ours, 100)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (ran.stdout, ran.stderr) == ("needs_code\n", "")
