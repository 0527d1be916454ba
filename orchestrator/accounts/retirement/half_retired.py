"""Accounts that a retirement was cut short with, where a run of the organisation would do the wrong thing.

`drop` takes the account's lines out of the manifest before its resource out of the state. In between the program does
not declare what the state holds and protects, so a run would fail with advice that is none here. `move` writes the
manifest before AWS has moved the account and the state says so; a run in between would move what AWS has moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from landing_zone.fleet import Manifest
from orchestrator.accounts.retirement.errors import RetirementHalfDone
from orchestrator.accounts.retirement.retired_file import Retirement, Step
from orchestrator.next_steps import GO_ON_RETIRING


def refuse_half_retired(manifest: Manifest, retired: Sequence[Retirement]) -> None:
    """Raise RetirementHalfDone, naming each account, unless manifest and state agree on all that are on their way."""
    words = list(_half_done(manifest, retired))
    if words:
        raise RetirementHalfDone(
            f"{len(words)} account{' is' if len(words) == 1 else 's are'} half retired",
            subject=", ".join(words),
            why="a retirement was cut short after the manifest was changed and before the organisation's state was",
            not_run="any stack",
            hint=GO_ON_RETIRING,
        )


def _half_done(manifest: Manifest, retired: Sequence[Retirement]) -> Iterator[str]:
    accounts = {account.name: account for account in manifest.accounts}
    for each in retired:
        there = accounts.get(each.name)
        out = each.next_step is Step.DROP and there is None
        moving = each.doing is Step.MOVE and there is not None and there.in_suspended_unit
        if out or moving:
            yield f"{each.name} ({each.word})"
