"""Whether accounts are on their way out that somebody has to go on with."""

from __future__ import annotations

from pathlib import Path

from orchestrator.accounts.retirement.errors import RetiredFileUnreadable
from orchestrator.accounts.retirement.retired_file import load_retired
from orchestrator.doctor.finding import Finding, Outcome, Topic, failed
from orchestrator.next_steps import GO_ON_RETIRING


def check_retirements(path: Path) -> tuple[Finding, ...]:
    """Warn of retirements with a step to go, each with how far it is; nothing where there are none.

    Of accounts that AWS is closing nobody has to do anything. The file fails if it cannot be read, as every run would.
    """
    try:
        going = [each for each in load_retired(path) if each.next_step is not None]
    except RetiredFileUnreadable as error:
        return (failed("retirements", Topic.MANIFEST, error),)
    if not going:
        return ()
    words = "; ".join(f"{each.name}: {each.word}" for each in going)
    return (Finding("retirements", Topic.MANIFEST, Outcome.WARNING, words, GO_ON_RETIRING),)
