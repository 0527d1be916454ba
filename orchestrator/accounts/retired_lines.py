"""Accounts that are retired, beside those of manifest and lock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from landing_zone.fleet import Manifest
from orchestrator.accounts.overview import AccountLine
from orchestrator.accounts.retired_file import Retirement, load_retired, on_its_way, retired_path


def with_retired(lines: Sequence[AccountLine], lock_path: Path) -> tuple[AccountLine, ...]:
    """Return the lines with one for each account that is retired or on its way out; raises RetiredFileUnreadable."""
    shown = {line.id for line in lines}
    retired = (each for each in load_retired(retired_path(lock_path)) if each.id not in shown)
    return (*lines, *(AccountLine(each.name, each.id, each.word, email=each.email) for each in retired))


def retired_account(manifest: Manifest, name: str, lock_path: Path) -> Retirement | None:
    """Return what is noted of an account that the manifest does not have any more, None of any other."""
    if name in {account.name for account in manifest.accounts}:
        return None
    return on_its_way(load_retired(retired_path(lock_path)), name, None)
