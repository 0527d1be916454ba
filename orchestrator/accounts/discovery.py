"""What is in AWS and not in the manifest, and the reverse. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from landing_zone.fleet import Account, Manifest
from landing_zone.lock import Lock, resolve_lock
from orchestrator.accounts.adoption.found import FoundAccount, FoundOrganization
from orchestrator.accounts.adoption.matching import Matching, match, unit_names
from orchestrator.accounts.retirement.retired_file import Retirement

ROOT = "(root)"
"""How the root is shown where a unit's path would be."""


class Kind(StrEnum):
    """In what manifest and AWS differ."""

    ACCOUNT_NOT_IN_MANIFEST = "account not in the manifest"
    ACCOUNT_NOT_IN_AWS = "account not in AWS"
    ACCOUNT_NOT_CREATED = "account not created yet"
    ACCOUNT_NOT_ADOPTED = "account not adopted"
    ACCOUNT_CLOSED = "account closed"
    ACCOUNT_RETIRED = "account being retired"
    ACCOUNT_IN_ANOTHER_UNIT = "account in another unit"
    EMAIL_DIFFERS = "email differs"
    NAME_DIFFERS = "name differs"
    UNIT_NOT_IN_MANIFEST = "unit not in the manifest"
    UNIT_NOT_IN_AWS = "unit not in AWS"
    TAGS_DIFFER = "tags differ"


_OF_WHAT_IS_MANAGED = frozenset(
    {
        Kind.ACCOUNT_NOT_IN_AWS,
        Kind.ACCOUNT_IN_ANOTHER_UNIT,
        Kind.EMAIL_DIFFERS,
        Kind.NAME_DIFFERS,
        Kind.UNIT_NOT_IN_AWS,
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `subject` is a name of the manifest where it has one, else AWS's."""

    kind: Kind
    subject: str
    id: str = ""
    aws: str = ""
    manifest: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """All differences, and what was compared."""

    organization_id: str
    accounts: int
    units: int
    calls: int
    differences: tuple[Difference, ...]


def discover(manifest: Manifest, lock: Lock, found: FoundOrganization, retired: Sequence[Retirement] = ()) -> Discovery:
    """Return in what the manifest and the organisation differ; changes nothing and asks nobody.

    Accounts that are retired or on their way out, and not in the manifest any more, are told as such.
    """
    matching = match(manifest, lock, found)
    leaving = {each.id: each for each in retired}
    differences = (*_accounts(manifest, lock, found, matching, leaving), *_units(manifest, found, matching))
    return Discovery(found.id, len(found.accounts), len(found.units), found.calls, differences)


def changed_by_hand(manifest: Manifest, lock: Lock, found: FoundOrganization) -> tuple[Difference, ...]:
    """Return in what AWS differs from the manifest's own accounts and units; `found` has to have tags.

    A state that was not refreshed since knows nothing of these, so a preview does not show them. Accounts that are only
    recorded by an id are looked after by nobody, and left out.
    """
    recorded = {account.name for account in manifest.accounts if account.id}
    known = (each for each in discover(manifest, lock, found).differences if each.kind in _OF_WHAT_IS_MANAGED)
    return (
        *(each for each in known if each.subject not in recorded or each.kind is Kind.UNIT_NOT_IN_AWS),
        *_tags(manifest, match(manifest, lock, found)),
    )


def _tags(manifest: Manifest, matching: Matching) -> Iterator[Difference]:
    """Yield the adopted accounts and units that have other tags; those that Fleetyard made have tags of its own."""
    for account in manifest.accounts:
        there = matching.accounts.get(account.name)
        if account.adopted and there and dict(there.tags) != dict(account.tags):
            yield Difference(Kind.TAGS_DIFFER, account.name, there.id, _words(there.tags), _words(account.tags))
    for unit in manifest.units:
        same = matching.units.get(unit.path)
        if unit.adopted and same and dict(same.tags) != dict(unit.tags):
            yield Difference(Kind.TAGS_DIFFER, unit.path, same.id, _words(same.tags), _words(unit.tags))


def _words(tags: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(tags.items())) or "none"


def shown_unit(found: FoundOrganization, parent_id: str) -> str:
    """Return AWS's names of a unit as a path."""
    return "/".join(found.names_of(parent_id)) or ROOT


def _accounts(
    manifest: Manifest, lock: Lock, found: FoundOrganization, matching: Matching, leaving: Mapping[str, Retirement]
) -> Iterator[Difference]:
    known = {account.id for account in matching.accounts.values()}
    for there in found.accounts:
        if there.id in known:
            continue
        where = f"{shown_unit(found, there.parent_id)}, {there.email}, {there.status}"
        if retirement := leaving.get(there.id):
            kind = Kind.ACCOUNT_CLOSED if retirement.finished else Kind.ACCOUNT_RETIRED
            yield Difference(kind, retirement.name, there.id, where, retirement.word)
            continue
        kind = Kind.ACCOUNT_NOT_IN_MANIFEST if there.active else Kind.ACCOUNT_CLOSED
        yield Difference(kind, there.name, there.id, where)
    ids = resolve_lock(manifest, lock).accounts
    for account in manifest.accounts:
        same = matching.accounts.get(account.name)
        if same is not None:
            yield from _of_account(manifest, found, matching, account, same)
        elif account.name in ids:
            yield Difference(Kind.ACCOUNT_NOT_IN_AWS, account.name, ids[account.name], manifest=account.unit)
        else:
            yield Difference(Kind.ACCOUNT_NOT_CREATED, account.name, manifest=f"{account.unit}, {account.email}")


def _of_account(
    manifest: Manifest, found: FoundOrganization, matching: Matching, account: Account, there: FoundAccount
) -> Iterator[Difference]:
    name = account.name
    if account.name in matching.by_email and not account.management:
        yield Difference(Kind.ACCOUNT_NOT_ADOPTED, name, there.id, there.email, "known by its email only")
    if not there.active:
        yield Difference(Kind.ACCOUNT_CLOSED, name, there.id, there.status, account.unit)
    if there.email.lower() != account.email.lower():
        yield Difference(Kind.EMAIL_DIFFERS, name, there.id, there.email, account.email)
    if account.management:
        return  # the program neither names nor places it
    expected = account.aws_name or account.name
    if there.name != expected and not account.id:
        yield Difference(Kind.NAME_DIFFERS, name, there.id, there.name, expected)
    if found.names_of(there.parent_id) != unit_names(manifest)[account.unit]:
        yield Difference(Kind.ACCOUNT_IN_ANOTHER_UNIT, name, there.id, shown_unit(found, there.parent_id), account.unit)


def _units(manifest: Manifest, found: FoundOrganization, matching: Matching) -> Iterator[Difference]:
    known = {unit.id for unit in matching.units.values()}
    for unit in found.units:
        if unit.id not in known:
            yield Difference(Kind.UNIT_NOT_IN_MANIFEST, "/".join(unit.names), unit.id, "/".join(unit.names))
    for own in manifest.units:
        if own.path not in matching.units and not own.root:
            yield Difference(Kind.UNIT_NOT_IN_AWS, own.path, manifest=own.path)
