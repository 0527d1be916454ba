"""Diff: what a change means."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws.difference import Differences, difference
from rehearsal.aws.wire import UNKNOWN
from tests.unit.aws_provider.bookshelf import BOOK

STATE = {
    "title": "Emma",
    "author": "ann",
    "pages": 300,
    "shelf": "A",
    "genres": ["novel", "satire"],
    "parts": ["one", "two"],
    "keepOnDelete": False,
    "tags": {"a": "b"},
    "tagsAll": {"a": "b", "org": "acme"},
    "region": "eu-west-1",
    "isbn": "isbn-0",
}
INPUTS = {name: value for name, value in STATE.items() if name not in ("isbn", "shelf")} | {"__defaults": ["title"]}


def after(*ignored: str, **changes: Any) -> Differences:
    """Return the difference that these changed inputs make to the book."""
    news = {name: value for name, value in {**INPUTS, **changes}.items() if value is not None}
    return difference(BOOK, STATE, news, ignored)


def paths(found: Differences) -> dict[str, str]:
    """Return path to kind, replacing ones marked as on the wire."""
    return {item.path: f"{item.kind}_REPLACE" if item.replaces else str(item.kind) for item in found.items}


def test_equal_inputs_differ_in_nothing() -> None:
    """Inputs that say what the state says are no change."""
    assert after().items == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pages": 301}, {"pages": "UPDATE"}),
        ({"author": "bob"}, {"author": "UPDATE_REPLACE"}),
        ({"blurb": "fine"}, {"blurb": "ADD"}),
        ({"tags": {"a": "c", "d": "e"}}, {"tags.a": "UPDATE", "tags.d": "ADD"}),
        ({"tags": {}}, {"tags.a": "DELETE"}),
        ({"tags": None}, {"tags": "DELETE"}),
        ({"genres": ["satire"]}, {"genres": "UPDATE_REPLACE"}),
        ({"genres": ["satire", "novel", "novel"]}, {}),
        ({"parts": ["two", "one"]}, {"parts[0]": "UPDATE_REPLACE", "parts[1]": "UPDATE_REPLACE"}),
        ({"parts": ["one"]}, {"parts[1]": "DELETE_REPLACE"}),
        ({"chapters": [{"name": "one"}]}, {"chapters": "ADD_REPLACE"}),
        ({"cover": {"hard": False}}, {}),
        ({"region": "us-east-1"}, {"region": "UPDATE_REPLACE"}),
        ({"shelf": "C"}, {"shelf": "UPDATE"}),
        ({"shelf": "B"}, {"shelf": "UPDATE_REPLACE"}),
        ({"keepOnDelete": True}, {"keepOnDelete": "UPDATE"}),
    ],
)
def test_a_change_is_what_the_table_says(changes: dict[str, Any], expected: dict[str, str]) -> None:
    """Each changed value is reported at its innermost path, with the replacement its property means."""
    assert paths(after(**changes)) == expected


def test_what_aws_chose_is_no_difference() -> None:
    """A property that AWS fills in when it isn't given differs from nothing."""
    assert "shelf" not in INPUTS
    assert after().items == ()


def test_an_unknown_value_is_a_change() -> None:
    """A value not known yet counts as changed, and replaces where a change would."""
    assert paths(after(author=UNKNOWN, pages=UNKNOWN, shelf=UNKNOWN)) == {
        "author": "UPDATE_REPLACE",
        "pages": "UPDATE",
        "shelf": "UPDATE_REPLACE",
    }


def test_an_unknown_part_is_a_change_of_that_part() -> None:
    """Inside an object or list only the unknown part is reported."""
    assert paths(after(tags={"a": "b", "c": UNKNOWN})) == {"tags.c": "ADD"}


def test_ignored_properties_do_not_differ() -> None:
    """A property under ignoreChanges is left out, `*` leaves out all."""
    assert paths(after("author", author="bob", pages=1)) == {"pages": "UPDATE"}
    assert after("*", author="bob", pages=1).items == ()


def test_a_drifted_state_is_compared_with_what_is_asked() -> None:
    """The state, not the old inputs, is compared: what somebody changed behind the program is changed back."""
    drifted = {**STATE, "pages": 1, "blurb": "theirs"}
    assert paths(difference(BOOK, drifted, INPUTS)) == {"pages": "UPDATE", "blurb": "DELETE"}


def test_a_resource_that_keeps_its_given_name_is_deleted_first() -> None:
    """Two resources can't have one given name at once, so the old one goes first; a made-up name is new each time."""
    assert after(author="bob").delete_first is False
    assert after(author="bob", __defaults=[]).delete_first is True
    assert after(author="bob", title="Persuasion", __defaults=[]).delete_first is False
    assert after(pages=2, __defaults=[]).delete_first is False


def test_an_unread_property_at_its_default_is_no_difference_after_import() -> None:
    """What AWS does not tell is missing after an import; its default then says the same."""
    imported = {name: value for name, value in STATE.items() if name != "keepOnDelete"}
    assert difference(BOOK, imported, INPUTS).items == ()
