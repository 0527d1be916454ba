"""What tests about the repository itself need: its root and its tracked sources."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("landing_zone", "iam_decision", "orchestrator", "rehearsal")
PROGRAMS = ("organization", "bootstrap", "bootstrap-subaccount")


def tracked_files(*patterns: str) -> list[Path]:
    """Return the files git would commit (tracked, or new and not ignored) that match the patterns."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [ROOT / line for line in listing.splitlines() if (ROOT / line).is_file()]
