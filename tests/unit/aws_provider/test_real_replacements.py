"""What makes another resource: our tables against the real provider's source, written down apart from them."""

from __future__ import annotations

import pytest

from rehearsal.aws.catalogue import full_catalogue
from rehearsal.aws.real_replacements import ALWAYS, REASONS, SOURCES, Source, rules
from rehearsal.aws.resource_type import ResourceType

TYPES = full_catalogue().types
each_type = pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.type) for kind in TYPES.values()])
LOG_GROUP = TYPES["aws:cloudwatch/logGroup:LogGroup"]
ACCOUNT = TYPES["aws:organizations/account:Account"]


def test_every_type_was_looked_up() -> None:
    """Each type of the catalogue has an entry from the real provider's source, and no other has one."""
    assert set(SOURCES) == set(TYPES)


@each_type
def test_our_rules_are_the_real_ones(kind: ResourceType) -> None:
    """A change replaces with us exactly if it does with the real provider, or a reason is written down."""
    assert [(rule.name, rule.ours, rule.source) for rule in rules(kind) if not (rule.agrees or rule.reason)] == []


@each_type
def test_an_entry_names_our_properties_only(kind: ResourceType) -> None:
    """An entry lists no property that our table does not offer: it would be compared with nothing."""
    source = SOURCES[kind.type]
    assert (source.replaces | source.conditional.keys()) - {item.name for item in kind.given} == set()


def test_reasons_are_needed() -> None:
    """No reason is kept for a difference that is not there any more."""
    differing = {(kind.type, rule.name) for kind in TYPES.values() for rule in rules(kind) if not rule.agrees}
    assert set(REASONS) == differing


@pytest.mark.parametrize(
    ("source", "name", "ours", "theirs"),
    [
        pytest.param(Source("f", frozenset({"logGroupClass"})), "name", ALWAYS, "", id="only ours"),
        pytest.param(
            Source("f", frozenset({"name", "logGroupClass", "kmsKeyId"})), "kmsKeyId", "", ALWAYS, id="only theirs"
        ),
        pytest.param(
            Source("f", frozenset({"logGroupClass"}), {"name": "sometimes"}), "name", ALWAYS, "sometimes", id="partly"
        ),
    ],
)
def test_a_difference_is_found(source: Source, name: str, ours: str, theirs: str) -> None:
    """A rule that differs in either direction is told, and nothing else with it."""
    wrong = [rule for rule in rules(LOG_GROUP, {LOG_GROUP.type: source}) if not rule.agrees]
    assert [(rule.name, rule.ours, rule.source) for rule in wrong] == [(name, ours, theirs)]


def test_the_packages_own_text_is_read() -> None:
    """What pulumi_aws itself says of a property counts: of billing access it says that the account is made anew."""
    assert {rule.name for rule in rules(ACCOUNT) if rule.in_package} == {"iamUserAccessToBilling"}


def test_a_reason_is_kept_with_its_rule() -> None:
    """A reason stands with the property it is given for."""
    reasons = {(LOG_GROUP.type, "name"): "because"}
    found = {rule.name: rule.reason for rule in rules(LOG_GROUP, reasons=reasons)}
    assert found["name"] == "because"
    assert set(found.values()) == {"because", ""}
