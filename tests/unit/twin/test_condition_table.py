"""Which condition keys an action has, and which of them the twin never gives."""

from __future__ import annotations

from rehearsal.twin.actions.parameter_keys import KEYS
from rehearsal.twin.actions.reference.conditions import never_given
from rehearsal.twin.actions.reference.given_keys import GIVEN, GIVEN_TO
from rehearsal.twin.actions.reference.make_conditions import condition_rows

SERVICE = {
    "conditions": {},
    "resources": {"table": {"condition_keys": ["db:Kind", "db:req-tag/${TagKey}", "aws:ResourceTag/${TagKey}"]}},
    "privileges": {
        "Get": {"resource_types": {"table*": {"condition_keys": []}, "": {"condition_keys": ["db:Select"]}}},
        "List": {"resource_types": {"": {"condition_keys": ["kms:ViaService"]}}},
    },
}


def test_an_action_has_its_own_keys_and_those_of_its_resources() -> None:
    """The table has the keys of an action and of its resources, of its own service alone, without tags' keys."""
    rows = list(condition_rows({"db": SERVICE}, ["db", "unknown"]))
    assert rows == [("db", "kind", "get"), ("db", "req-tag", "get"), ("db", "select", "get")]


def test_what_the_twin_gives_is_known() -> None:
    """Keys that the twin gives are known of their actions; others of the reference, and PartiQL's, are not."""
    assert never_given("dynamodb:GetItem") == frozenset()
    assert "dynamodb:leadingkeys" in never_given("dynamodb:PartiQLSelect")
    assert "ec2:instancetype" in never_given("ec2:StopInstances")
    assert "ec2:instancetype" not in never_given("ec2:RunInstances")
    assert never_given("nothing:AtAll") == frozenset()


def test_keys_of_parameters_are_known() -> None:
    """Every key that is read from a parameter is listed as given."""
    listed = GIVEN.union(*GIVEN_TO.values())
    assert {key.partition("/")[0].lower() for keys in KEYS.values() for key in keys} <= listed
