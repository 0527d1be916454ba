"""A rehearsal whose twin is ended by somebody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator.rehearse.run import RehearsalOptions, run_rehearsal, staged
from orchestrator.rehearse.sequence import sign_in_to_caller
from orchestrator.running.job import StackStatus
from orchestrator.running.observers import Observers
from orchestrator.running.queue import Transition
from rehearsal.twin.errors import NoTwinRunning
from rehearsal.twin.process import stop_twin
from tests.support.pocket_fleet import POCKET_FLEET


class Vandal(Observers):
    """Ends the twin as soon as a stack runs."""

    def __init__(self, run_file: Path) -> None:
        super().__init__()
        self._run_file = run_file

    def moved(self, transition: Transition) -> None:
        """End it once."""
        if transition.after is StackStatus.RUNNING and self._run_file.exists():
            stop_twin(self._run_file)


def test_a_rehearsal_whose_twin_is_gone_is_no_bug(tmp_path: Path) -> None:
    """FY605 with exit code 5 says that the twin ended, how that was noticed, and to rehearse again."""
    fleet, run_file = tmp_path / "fleet.yaml", tmp_path / "twin.json"
    fleet.write_text(POCKET_FLEET, encoding="utf-8")
    options = RehearsalOptions(fleet, dict(os.environ), run_file=run_file)

    def rehearse() -> None:
        with staged(options) as stage:
            stop_twin(run_file)
            sign_in_to_caller(stage.manifest, stage.access, stage.people, stage.profiles)

    with pytest.raises(NoTwinRunning) as raised:
        rehearse()
    assert (raised.value.code, raised.value.exit_code) == ("FY605", 5)
    assert "ended in the middle of the rehearsal" in raised.value.summary
    assert "Could not connect to the endpoint URL" in raised.value.why
    assert raised.value.hint == "fleetyard rehearse"


def test_stacks_that_fail_for_lack_of_a_twin_are_no_report(tmp_path: Path) -> None:
    """Where the twin ends under a running stack the rehearsal ends with the twin's error."""
    fleet, run_file = tmp_path / "fleet.yaml", tmp_path / "twin.json"
    fleet.write_text(POCKET_FLEET, encoding="utf-8")
    with pytest.raises(NoTwinRunning) as raised:
        run_rehearsal(RehearsalOptions(fleet, dict(os.environ), run_file=run_file, observers=(Vandal(run_file),)))
    assert raised.value.why.endswith("the rehearsal noticed it by: stacks or proofs that failed")
