"""Which run goes before an `up`, so that people who leave lose their access before anything new is made."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.planning.access_first import losing_access

PEOPLE, LAST_RESORT = "fleetyard:people", "fleetyard:last_resort"
GROUPS = {
    "Ops": {"management_roles": ["arn:admin", "arn:billing"], "managed_policies": []},
    "Dev": {"management_roles": ["arn:dev"], "managed_policies": ["arn:read"]},
}


EVERYBODY = st.dictionaries(
    st.sampled_from(["ana", "bob", "cid", "dan"]), st.lists(st.sampled_from(sorted(GROUPS)), min_size=1, unique=True)
)
"""Users of a manifest, each with groups of theirs."""


def config(users: dict[str, list[str]], groups: dict[str, Any] | None = None, **more: str) -> dict[str, str]:
    """Return a stack's config with these users and their groups."""
    people = {
        "groups": GROUPS if groups is None else groups,
        "users": {name: {"groups": own, "tags": {}} for name, own in users.items()},
    }
    return {PEOPLE: json.dumps(people), "fleetyard:digest": str(len(users)), **more}


def first(before: dict[str, str], after: dict[str, str]) -> Any:
    """Return the people of the run before, None where there is none."""
    found = losing_access(before, after)
    assert found.keys() <= {PEOPLE}
    return json.loads(found[PEOPLE]) if found else None


def test_who_leaves_goes_before_who_comes() -> None:
    """Where one leaves and one comes, a run before has neither."""
    found = first(config({"ana": ["Ops"], "bob": ["Dev"]}), config({"ana": ["Ops"], "cid": ["Dev"]}))
    assert found["users"].keys() == {"ana"}
    assert found["groups"] == GROUPS


def test_a_group_that_is_left_goes_before_one_that_is_joined() -> None:
    """Somebody who changes groups is in neither for that run, and stays."""
    found = first(config({"ana": ["Ops", "Dev"]}), config({"ana": ["Dev"], "bob": ["Dev"]}))
    assert {name: user["groups"] for name, user in found["users"].items()} == {"ana": ["Dev"]}


def test_somebody_who_leaves_their_only_group_for_another_stays() -> None:
    """One who changes their only group is in none for that run, and is not deleted: password, MFA and keys stay."""
    found = first(config({"ana": ["Ops"], "bob": ["Dev"]}), config({"ana": ["Dev"]}))
    assert {name: user["groups"] for name, user in found["users"].items()} == {"ana": []}


@given(before=EVERYBODY, after=EVERYBODY)
def test_nobody_who_stays_is_deleted(before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
    """Whatever changes, the run before keeps exactly the users who are in both, in groups they had and keep."""
    found = first(config(before), config(after, **{"fleetyard:roles": "[1]"}))
    users = before if found is None else {name: user["groups"] for name, user in found["users"].items()}
    assert users.keys() == before.keys() & after.keys()
    assert all(set(own) == set(before[name]) & set(after[name]) for name, own in users.items())


def test_a_right_that_a_group_loses_goes_first() -> None:
    """A management role that a group names no longer goes before somebody new joins."""
    groups = {**GROUPS, "Ops": {"management_roles": ["arn:billing", "arn:new"], "managed_policies": []}}
    found = first(config({"ana": ["Ops"]}), config({"ana": ["Ops"], "bob": ["Ops"]}, groups))
    assert found["groups"]["Ops"]["management_roles"] == ["arn:billing"]


def test_one_run_is_enough_where_nobody_loses_anything() -> None:
    """People who only come need no run before."""
    assert losing_access(config({"ana": ["Ops"]}), config({"ana": ["Ops"], "bob": ["Dev"]})) == {}


def test_one_run_is_enough_where_people_only_leave() -> None:
    """Where nothing else changes, the one run takes access and no more."""
    assert losing_access(config({"ana": ["Ops"], "bob": ["Dev"]}), config({"ana": ["Ops"]})) == {}


def test_another_change_goes_after() -> None:
    """Whatever else changes in the stack waits for the run that takes access."""
    after = config({"ana": ["Ops"]}, **{"fleetyard:roles": "[1]"})
    assert first(config({"ana": ["Ops"], "bob": ["Dev"]}, **{"fleetyard:roles": "[]"}), after)["users"].keys() == {
        "ana"
    }


def test_last_resort_users_go_first_too() -> None:
    """A last-resort user that is replaced is gone before the new one is there; the alarm stays as it was."""
    before = {LAST_RESORT: json.dumps({"users": ["old", "both"], "email": "a@b.example"})}
    after = {LAST_RESORT: json.dumps({"users": ["both", "new"], "email": "c@d.example"})}
    found = losing_access(before, after)
    assert json.loads(found[LAST_RESORT]) == {"users": ["both"], "email": "a@b.example"}


def test_a_stack_without_people_has_no_run_before() -> None:
    """A stack that holds no people, or never ran, has nothing to take."""
    assert losing_access({"fleetyard:region": "x"}, {"fleetyard:region": "y"}) == {}
    assert losing_access({}, config({"ana": ["Ops"]})) == {}


def test_config_that_was_spoiled_by_hand_takes_nothing() -> None:
    """What is no JSON is left to the run itself, which says so."""
    assert losing_access({PEOPLE: "{"}, config({"ana": ["Ops"]})) == {}
