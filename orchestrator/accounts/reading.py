"""What an answer about the organisation means for a command: an organisation to work with, or an error."""

from __future__ import annotations

from collections.abc import Sequence

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from orchestrator.accounts.adoption.errors import (
    AccountNotThere,
    NotAdoptable,
    NotManagementAccount,
    OrganizationUnreadable,
)
from orchestrator.accounts.adoption.found import FoundAccount, FoundOrganization, Reading, ReadingKind
from orchestrator.accounts.adoption.matching import match
from orchestrator.accounts.retirement.retired_file import NAME, Retirement
from orchestrator.next_steps import GO_ON_RETIRING

_UNCHANGED = "anything: nothing was changed"


def organization_of(answer: Reading, profile: str, expected: str) -> FoundOrganization:
    """Return the organisation; `expected` is the management account that the manifest names, empty without one.

    Raises: NotManagementAccount, OrganizationUnreadable.
    """
    subject = f"profile {profile}"
    if answer.account and expected and answer.account != expected:
        raise NotManagementAccount(
            f"the profile {profile} belongs to account {answer.account}, not to the management account {expected}",
            subject=subject,
            why=f"AWS says it is {answer.arn}",
            not_run=_UNCHANGED,
            hint=f"correct the profile {profile}, or management_account_id in the manifest",
        )
    if answer.kind is ReadingKind.FOUND and answer.organization is not None:
        return answer.organization
    if answer.kind is ReadingKind.NOT_MANAGEMENT:
        raise NotManagementAccount(
            "only the management account may read and adopt an organisation",
            subject=subject,
            why=answer.words,
            not_run=_UNCHANGED,
            hint="name a profile of the management account",
        )
    if answer.kind is ReadingKind.NO_ORGANIZATION:
        raise OrganizationUnreadable(
            f"account {answer.account} has no organisation",
            subject=subject,
            why=answer.words,
            not_run=_UNCHANGED,
            hint="fleetyard up makes one; to adopt another, name a profile of its management account",
        )
    raise OrganizationUnreadable(
        "the organisation cannot be read",
        subject=subject,
        why=answer.words,
        not_run=_UNCHANGED,
        hint=f"sign in again, or correct the profile {profile}; what it must be allowed is in docs/adopt.md",
    )


def account_meant(word: str, found: FoundOrganization, manifest: Manifest, lock: Lock) -> FoundAccount:
    """Return the account of this id, of this name in AWS, or of this name in the manifest; raises AccountNotThere."""
    same = [account for account in found.accounts if word in {account.id, account.name}]
    if not same and (known := match(manifest, lock, found).accounts.get(word)):
        return known
    if len(same) == 1:
        return same[0]
    ids = ", ".join(f"{account.id} ({account.email})" for account in same)
    raise AccountNotThere(
        f"several accounts are called {word}" if same else f"{found.id} has no account {word}",
        subject=found.id,
        why=ids or "an account of another organisation, or of none, is no member until it has accepted an invitation",
        not_run=_UNCHANGED,
        hint="give the account's id"
        if same
        else "fleetyard accounts discover; or invite it: aws organizations "
        f"invite-account-to-organization --target Id={word if word.isdigit() else 'ACCOUNT_ID'},Type=ACCOUNT",
    )


def refuse_retired(account_id: str, retired: Sequence[Retirement]) -> None:
    """Raise NotAdoptable for an account that is retired or on its way out: it would be taken back half destroyed."""
    same = next((each for each in retired if each.id == account_id), None)
    if same is not None:
        raise NotAdoptable(
            f"{same.name} is {'closed' if same.finished else 'being retired'}",
            subject=f"{account_id}, {NAME}",
            why=same.word,
            not_run=_UNCHANGED,
            hint=f"{'' if same.next_step is None else f'{GO_ON_RETIRING}; '}to keep the account after all, take its "
            f"lines out of {NAME} first; until 90 days after closing AWS Support can open it again",
        )


def refuse_unadoptable(found: FoundOrganization, only: FoundAccount | None) -> None:
    """Raise NotAdoptable for an organisation or account in a state that no program can look after."""
    if found.feature_set != "ALL":
        raise NotAdoptable(
            "the organisation has consolidated billing only",
            subject=found.id,
            why=f"its feature set is {found.feature_set}",
            not_run=_UNCHANGED,
            hint="aws organizations enable-all-features; every member has to accept",
        )
    if only is not None and not only.active:
        raise NotAdoptable(
            f"account {only.name} is {only.status}",
            subject=only.id,
            why="a closed account is managed by nobody any more",
            not_run=_UNCHANGED,
            hint="until 90 days after closing AWS Support can open it again",
        )
    if only is not None and only.id == found.management_account_id:
        raise NotAdoptable(
            f"{only.name} is the management account",
            subject=only.id,
            why="the manifest has it already; no program creates, moves or names it",
            not_run=_UNCHANGED,
            hint="fleetyard accounts adopt --all",
        )
