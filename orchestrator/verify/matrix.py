"""Tries the reach matrix: really, for callers whose credentials are at hand, and computed for all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from orchestrator.verify.answers import Answer, Found, How, Pair, Row
from orchestrator.verify.calls import ask_pair

if TYPE_CHECKING:
    from orchestrator.rehearse.access import Access, Credentials
    from orchestrator.verify.computed import Computing

NOT_CREATED = "AWS has not made the account yet"
NOBODY = Answer(Found.UNKNOWN, How.NOT_CALLED, words=NOT_CREATED)
"""The answer of an account that is not there to be asked."""

SAY_OTHERWISE = "the documents say"
"""Begins the word on a call that was answered otherwise than the documents have it."""


def account_ids(manifest: Manifest, lock: Lock) -> Mapping[str, str]:
    """Return the ids that are known, by the accounts' names."""
    management = manifest.management_account
    return {**lock.accounts, management.name: management.id}


def ask_pairs(
    access: Access, callers: Mapping[str, Credentials], pairs: Sequence[Pair], ids: Mapping[str, str]
) -> tuple[Row, ...]:
    """Ask STS for the pairs of these callers, by their names, and leave out those of others."""
    clients = {name: access.client("sts", credentials) for name, credentials in callers.items()}
    return tuple(
        Row(pair, ask_pair(clients[pair.caller], ids[pair.account], pair.role) if pair.account in ids else NOBODY)
        for pair in pairs
        if pair.caller in clients
    )


def completed(pairs: Sequence[Pair], called: Sequence[Row], computing: Computing) -> tuple[Row, ...]:
    """Return a row for every pair, in order: what was called, with what the documents know of it, or computed."""
    answers = {row.asked: row.answer for row in called if isinstance(row.asked, Pair)}
    return tuple(Row(pair, explained(answers.get(pair), computing.pair(pair))) for pair in pairs)


def explained(called: Answer | None, computed: Answer) -> Answer:
    """Return what was called, with who decided where the documents agree, and a word where they do not."""
    if called is None:
        return computed
    if called.found is computed.found and called.by in ("", computed.by):
        return replace(computed, how=called.how, words=called.words or computed.words)
    if called.found is computed.found:
        return called
    if Found.UNKNOWN in (called.found, computed.found):
        return called
    return replace(called, words=f"{called.words}; {SAY_OTHERWISE} {computed.found}".removeprefix("; "))
