"""A rehearsal leaves suspended accounts alone, says so, and does not fail for what it cannot try without them."""

from __future__ import annotations

import os
from pathlib import Path

from orchestrator.rehearse.report import summary
from orchestrator.rehearse.run import RehearsalOptions, run_rehearsal
from tests.support.pocket_fleet import POCKET_FLEET


def test_suspended_accounts_are_left_alone_and_named(tmp_path: Path) -> None:
    """With one account left the rehearsal passes, and the proof that needs two is told as not tried."""
    text = POCKET_FLEET.replace("plat-dev: {", "plat-dev: {suspended: true, ")
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(text, encoding="utf-8")
    report = run_rehearsal(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=tmp_path / "twin.json"))
    words = summary(report)
    assert report.passed, words
    assert "suspended in the manifest, left alone: plat-dev" in words
    assert [proof.name for proof in report.proofs if not proof.tried] == [
        "wrong account refused before anything is touched"
    ]
