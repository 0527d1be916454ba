"""The store of sessions: it forgets those that have ended, and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rehearsal.twin.callers.callers import CallerKind, Session, Sessions
from rehearsal.twin.callers.delays import Delays
from rehearsal.twin.callers.sessions import merged_tags

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def session(number: int, issued: datetime) -> Session:
    """Return a session of an hour."""
    return Session(
        access_key_id=f"ASIA{number:016d}",
        secret="secret",
        token="token",
        account_id="111122223333",
        kind=CallerKind.ROLE,
        principal_name="role",
        principal_id="AROAEXAMPLE",
        session_name="me",
        issued=issued,
        expires=issued + HOUR,
    )


def test_the_store_does_not_grow_with_time() -> None:
    """A thousand accounts that open sessions for days hold about twice the sessions that are alive at a time."""
    store = Sessions(look_at=100)
    largest = 0
    for number in range(20_000):
        store.add(session(number, START + number * timedelta(seconds=36)), START + number * timedelta(seconds=36))
        largest = max(largest, len(store))
    alive = 100  # of an hour each, one every 36 seconds
    remembered = 2 * alive  # for an hour more, to be told that they have expired
    assert largest <= 2 * remembered + 1


def test_a_session_that_is_alive_is_kept() -> None:
    """However many are added, none is forgotten before its end."""
    store = Sessions(look_at=10)
    for number in range(1000):
        store.add(session(number, START), START + timedelta(minutes=59))
    assert len(store) == 1000
    assert store.get("ASIA0000000000000000") is not None


def test_one_that_has_just_ended_is_still_known() -> None:
    """For an hour after its end a session is known, so that its holder hears that it has expired."""
    store = Sessions(look_at=2)
    store.add(session(0, START), START)
    store.add(session(1, START + 1.5 * HOUR), START + 1.5 * HOUR)
    assert store.get("ASIA0000000000000000") is not None
    for number in (2, 3):
        store.add(session(number, START + 3 * HOUR), START + 3 * HOUR)
    assert store.get("ASIA0000000000000000") is None


def test_a_session_tag_stands_in_for_the_principals() -> None:
    """A session tag takes the place of a tag of the same key in any case; others stay."""
    assert merged_tags({"Team": "role", "other": "x"}, {"team": "session"}) == {"team": "session", "other": "x"}


def test_a_delay_passes() -> None:
    """What is new can be used once the seconds are over, and is forgotten then."""
    delays = Delays()
    delays.begin("a", START, 60)
    assert delays.is_new("a", START + timedelta(seconds=59))
    assert not delays.is_new("a", START + timedelta(seconds=60))
    delays.begin("b", START + HOUR, 60)
    assert not delays.is_new("a", START)


@pytest.mark.parametrize(("after", "trust"), [(0, "first"), (59, "first"), (100, "first"), (120, "third")])
def test_a_second_change_of_a_trust_waits_as_well(after: int, trust: str) -> None:
    """Changed again within the time, a trust is what it was before the first change until the last one counts."""
    delays = Delays()
    delays.keep_trust("role", "first", START, 60)
    delays.keep_trust("role", "second", START + timedelta(seconds=50), 60)
    assert delays.trust_in_force("role", "third", START + timedelta(seconds=after)) == trust
