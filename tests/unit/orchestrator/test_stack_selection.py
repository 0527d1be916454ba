"""Which stacks a command means."""

from __future__ import annotations

import pytest

from orchestrator.errors import BadSelector, NothingSelected
from orchestrator.planning.plan import make_plan
from orchestrator.planning.selection import Selection, select
from tests.unit.orchestrator.fleets import small_fleet

EVERYTHING = 8


def selected(**given: tuple[str, ...]) -> list[str]:
    """Return the ids of what the selectors select."""
    return [str(planned.id) for planned in select(make_plan(small_fleet()), Selection(**given))]


def test_nothing_given_means_every_stack() -> None:
    """An empty selection selects all."""
    assert len(selected()) == EVERYTHING


def test_entries_of_one_kind_add_up_and_kinds_narrow() -> None:
    """A stack fits a kind by any of its entries, and must fit every kind."""
    assert selected(accounts=("lab-one", "lab-two"), stacks=("network/*",)) == ["network/lab-one", "network/lab-two"]


def test_a_unit_means_what_is_below_it_too() -> None:
    """A unit's path selects its own accounts and those of units below it, not of units with a like name."""
    assert selected(units=("lab",), stacks=("bootstrap-subaccount",)) == [
        "bootstrap-subaccount/lab-one",
        "bootstrap-subaccount/lab-two",
    ]
    assert selected(units=("lab/deep",), stacks=("bootstrap-subaccount",)) == ["bootstrap-subaccount/lab-two"]


def test_a_tags_value_may_be_a_glob() -> None:
    """A tag selects accounts that carry its key with a fitting value."""
    assert selected(tags=("team=r*",), stacks=("network",)) == ["network/lab-one"]


def test_a_stack_glob_without_slash_means_the_program() -> None:
    """`network` selects all stacks of that program; the organisation goes by its Pulumi project's name as well."""
    assert selected(stacks=("network",)) == ["network/lab-one", "network/lab-two"]
    assert selected(stacks=("org/*",)) == selected(stacks=("organization",)) == ["organization/root"]


def test_excluded_are_stacks_programs_and_accounts() -> None:
    """`exclude` takes a stack's id, a program or an account."""
    assert selected(stacks=("network",), exclude=("lab-two",)) == ["network/lab-one"]
    assert selected(accounts=("root",), exclude=("bootstrap",)) == ["organization/root"]
    assert selected(stacks=("app",), exclude=("app/*/eu-north-1",)) == ["app/lab-one/eu-west-1"]


def test_nothing_selected_names_the_nearest() -> None:
    """A selector that fits nothing is an error that proposes names; exit code 2."""
    with pytest.raises(NothingSelected) as raised:
        selected(accounts=("lab-wan",))
    assert "lab-one" in raised.value.why
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("given", "near"),
    [({"stacks": ("netwrok",)}, "network"), ({"units": ("labs",)}, "lab"), ({"tags": ("team=rde",)}, "team=red")],
)
def test_each_kind_of_selector_has_its_own_nearest_names(given: dict[str, tuple[str, ...]], near: str) -> None:
    """The names proposed are of the kind that was asked for."""
    with pytest.raises(NothingSelected, match="no stack matches") as raised:
        selected(**given)
    assert near in raised.value.why


def test_selectors_that_fit_only_one_by_one_are_told_apart_from_typos() -> None:
    """Where each selector fits something but nothing fits all, the error says so."""
    with pytest.raises(NothingSelected) as raised:
        selected(accounts=("root",), stacks=("network",))
    assert "no stack fits all of them" in raised.value.why


def test_a_tag_without_value_is_refused() -> None:
    """`--tag team` is no selector; the error shows the form."""
    with pytest.raises(BadSelector) as raised:
        selected(tags=("team",))
    assert raised.value.hint == "--tag KEY=VALUE"
