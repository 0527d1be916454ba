"""What must hold for state buckets and account lists: names, whose account is where, and who may use which."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from landing_zone.fleet import StateRights
from landing_zone.limits import BUCKET_NAME
from landing_zone.manifest.management_blocks import EXPECTED_RIGHTS
from landing_zone.manifest.outline import ManagementRoleLine, Outline, SelectorLine
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems, nearest
from landing_zone.manifest.rules_targets import check_globs
from landing_zone.manifest.selection import matching, select
from landing_zone.naming import state_bucket, state_log_bucket
from landing_zone.state_buckets import DEFAULT_BUCKET, RESERVED_NAMES


def check_account_lists(outline: Outline, document: Document, problems: Problems) -> None:
    """Note entries of account lists that match no member account."""
    if outline.accounts is None:
        return
    entries = chain.from_iterable(outline.account_lists.values())
    check_globs(entries, outline.accounts, document, problems, why="; lists are of member accounts")


def names_nobody(selector: SelectorLine, outline: Outline) -> bool:
    """Return whether the selector rests on an unreadable list, or on one with an entry that no account matches."""
    members = [line.name for line in outline.accounts or () if not line.management]
    entries = [entry for name in selector.lists for entry in outline.account_lists.get(name.value, ())]
    missing = any(not outline.account_lists.get(name.value) for name in selector.lists)
    return missing or not all(matching(members, entry.value) for entry in entries)


def check_state_buckets(outline: Outline, document: Document, problems: Problems) -> None:
    """Note names that AWS or Fleetyard does not take, accounts in two buckets, and rights to buckets there are not."""
    known = (DEFAULT_BUCKET, *(line.name for line in outline.state_buckets))
    for line in outline.state_buckets:
        if line.name in RESERVED_NAMES:
            problems.add(document.key(*line.path), f'the name "{line.name}" of a state bucket is Fleetyard\'s own')
        _check_length(outline, line.name, document, problems)
    if document.values and document.values.get("state_access_log") is not None:
        _check_length(outline, "", document, problems)
    _check_one_each(outline, document, problems)
    for role in outline.management_roles:
        _check_rights(role, known, document, problems)
    _check_writer(outline, document, problems)


def bucket_of_accounts(outline: Outline) -> Mapping[str, str]:
    """Return the state bucket of each account that is in one beside the default."""
    return {
        account.name: line.name
        for line in outline.state_buckets
        if line.selector.readable
        for account in select(outline.accounts or (), line.selector.selector)
    }


def _check_length(outline: Outline, name: str, document: Document, problems: Problems) -> None:
    organization, account_id, region = outline.organization, outline.management_account_id, outline.region
    if not (organization and account_id and region):
        return
    parts = (organization.value, account_id.value, region.value)
    bucket = state_bucket(*parts, name) if name else state_log_bucket(*parts)
    if excess := max(0, len(bucket) - BUCKET_NAME):
        path = ("state_buckets", name) if name else ("state_access_log",)
        what = "shorten the name" if name else "shorten the organisation's name"
        problems.add(
            document.key(*path),
            f"the bucket's name {bucket} would have {len(bucket)} characters, AWS takes {BUCKET_NAME}; "
            f"{what} by {excess}",
        )


def _check_one_each(outline: Outline, document: Document, problems: Problems) -> None:
    first: dict[str, str] = {}
    for line in outline.state_buckets:
        if not line.selector.readable:
            continue
        for account in select(outline.accounts or (), line.selector.selector):
            other = first.setdefault(account.name, line.name)
            if other != line.name:
                problems.add(
                    document.key(*line.path),
                    f"the state of {account.name} would be in two buckets: {other} and {line.name}",
                )


def _check_rights(role: ManagementRoleLine, known: tuple[str, ...], document: Document, problems: Problems) -> None:
    for name, right in (role.bucket_rights or {}).items():
        path = (*role.path, "state", name)
        if name not in known:
            problems.add_unknown(document.key(*path), "there is no state bucket", name, known)
        if right not in set(StateRights):
            what = f"{'.'.join(map(str, path))} must be {EXPECTED_RIGHTS}, not {right!r}"
            problems.add(document.value(*path), what, nearest(right, list(StateRights)))


def _check_writer(outline: Outline, document: Document, problems: Problems) -> None:
    """Note that no one role may write every bucket in use: `callers.management` is one profile for all workloads."""
    if not outline.state_buckets or outline.accounts is None or len(problems):
        return
    of = bucket_of_accounts(outline)
    used = {
        of.get(account.name, DEFAULT_BUCKET)
        for workload in outline.workloads
        for account in select(outline.accounts, workload.selector.selector)
    }
    if not any(all(role.rights(name) == StateRights.WRITE for name in used) for role in outline.management_roles):
        problems.add(
            document.key("state_buckets"),
            f"no management role has state: write in all of {', '.join(sorted(used))}; callers.management runs the "
            "workloads of all of them",
        )
