"""Accounts that are retired, beside those of manifest and lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from landing_zone.fleet import Manifest
from orchestrator.accounts.errors import EditRefused
from orchestrator.accounts.overview import AccountLine
from orchestrator.accounts.retirement.retired_file import NAME, Retirement, load_retired, on_its_way, retired_path
from orchestrator.next_steps import GO_ON_RETIRING


def with_retired(lines: Sequence[AccountLine], lock_path: Path) -> tuple[AccountLine, ...]:
    """Return the lines with how far each account is that is retired or on its way out.

    Raises: RetiredFileUnreadable.
    """
    retired = {each.id: each for each in load_retired(retired_path(lock_path))}
    told = [replace(line, state=_state(retired[line.id])) if line.id in retired else line for line in lines]
    shown = {line.id for line in lines}
    rest = (each for each in retired.values() if each.id not in shown)
    return (*told, *(AccountLine(each.name, each.id, _state(each), email=each.email) for each in rest))


def retiring_states(lock_path: Path) -> Mapping[str, str]:
    """Return how far each account is that is on its way out and not closed.

    By name; one that is dropped by name and id, as the manifest may have another of its name by now.

    Raises: RetiredFileUnreadable.
    """
    return {
        f"{each.name} ({each.id})" if each.dropped else each.name: _state(each)
        for each in load_retired(retired_path(lock_path))
        if not each.finished
    }


def retired_account(manifest: Manifest, name: str, lock_path: Path) -> Retirement | None:
    """Return what is noted of an account that the manifest does not have any more, None of any other."""
    if name in {account.name for account in manifest.accounts}:
        return None
    return on_its_way(load_retired(retired_path(lock_path)), name, None)


def refuse_retired_email(retired: Sequence[Retirement], email: str) -> None:
    """Raise EditRefused for the email of an account that is retired or on its way out: AWS never gives it free."""
    same = next((each for each in retired if each.email and each.email.lower() == email.lower()), None)
    if same is None:
        return
    raise EditRefused(
        f"{email} is the email of {same.name} ({same.id}), which is retired",
        subject=NAME,
        why=f"{same.word}; a closed account keeps its email for good"
        + (f", also after its final date, {same.final_date}" if same.final_date else ""),
        not_run="nothing was written",
        hint=f"give the new account another address, such as aws+NAME@example.com; fleetyard accounts show {same.name}",
    )


def refuse_retired_id(retired: Sequence[Retirement], account_id: str) -> None:
    """Raise EditRefused for the id of an account that is retired or on its way out."""
    same = next((each for each in retired if each.id == account_id), None)
    if same is not None:
        raise EditRefused(
            f"{account_id} is {same.name}, which is {'closed' if same.finished else 'being retired'}",
            subject=NAME,
            why=same.word,
            not_run="nothing was written",
            hint=f"fleetyard accounts show {same.name}; to keep the account, take its lines out of {NAME} first",
        )


def _state(account: Retirement) -> str:
    """Return how far it is, and the command that goes on where there is something left to do."""
    return account.word if account.next_step is None else f"{account.word} ({GO_ON_RETIRING})"
