"""When a condition is met. AWS pages: "Condition operators", "Conditions with multiple context keys or values"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from iam_decision import Policies, PolicyKind, decide, parse_policy
from tests.unit.iam_decision.policy_builders import (
    HOME,
    Body,
    allow,
    document,
    identity,
    request,
    user,
)

Context = Mapping[str, str | Sequence[str]]


def met(operator: str, policy_value: object, value: str | Sequence[str] | None, key: str = "aws:Key") -> bool:
    """Tell whether one condition holds for a value of the key in the request; None leaves the key out."""
    context: Context = {} if value is None else {key: value}
    policies = Policies(identity=(identity(allow(Condition={operator: {key: policy_value}})),))
    return decide(request(context=context), policies).allowed


@pytest.mark.parametrize(
    ("operator", "policy_value", "value", "expected"),
    [
        ("StringEquals", "blue", "blue", True),
        ("StringEquals", "blue", "Blue", False),
        ("StringEquals", "b*", "blue", False),
        ("StringEquals", "b*", "b*", True),
        ("StringNotEquals", "blue", "red", True),
        ("StringNotEquals", "blue", "blue", False),
        ("StringEqualsIgnoreCase", "blue", "BLUE", True),
        ("StringEqualsIgnoreCase", "blue", "red", False),
        ("StringNotEqualsIgnoreCase", "blue", "BLUE", False),
        ("StringNotEqualsIgnoreCase", "blue", "red", True),
        ("StringLike", "b?u*", "blue", True),
        ("StringLike", "b?u*", "BLUE", False),
        ("StringLike", "", "", True),
        ("StringNotLike", "b*", "blue", False),
        ("StringNotLike", "b*", "red", True),
    ],
)
def test_string_operators(operator: str, policy_value: str, value: str, expected: bool) -> None:
    """String operators compare exactly, without case, or with wildcards ("String condition operators")."""
    assert met(operator, policy_value, value) is expected


@pytest.mark.parametrize(
    ("operator", "policy_value", "value", "expected"),
    [
        ("NumericEquals", "10", "10.0", True),
        ("NumericEquals", 10, "11", False),
        ("NumericNotEquals", "10", "11", True),
        ("NumericNotEquals", "10", "10", False),
        ("NumericLessThan", "3600", "3599", True),
        ("NumericLessThan", "3600", "3600", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericLessThanEquals", "10", "10.5", False),
        ("NumericGreaterThan", "9", "10", True),
        ("NumericGreaterThan", "10", "9", False),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("NumericGreaterThanEquals", "10", "-10", False),
        ("NumericEquals", "10", "ten", False),
        ("NumericNotEquals", "10", "ten", True),
        ("NumericLessThan", "10", "ten", False),
        ("NumericEquals", "9007199254740993", "9007199254740992", False),
    ],
)
def test_numeric_operators(operator: str, policy_value: object, value: str, expected: bool) -> None:
    """Numeric operators compare as decimal numbers ("Numeric condition operators")."""
    assert met(operator, policy_value, value) is expected


@pytest.mark.parametrize(
    ("operator", "policy_value", "value", "expected"),
    [
        ("DateEquals", "2026-11-21T08:00:00Z", "2026-11-21T09:00:00+01:00", True),
        ("DateEquals", "2026-11-21", "2026-11-21T00:00:00Z", True),
        ("DateEquals", "2026-11", "2026-11-01T00:00:00Z", True),
        ("DateEquals", "1795248000", "2026-11-21T08:00:00Z", True),
        ("DateNotEquals", "2026-11-21T08:00:00Z", "2026-11-21T08:00:01Z", True),
        ("DateNotEquals", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z", False),
        ("DateLessThan", "2026-11-21T08:00:00Z", "2026-11-21T07:59:59Z", True),
        ("DateLessThan", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z", False),
        ("DateLessThanEquals", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z", True),
        ("DateLessThanEquals", "2026-11-21T08:00:00Z", "2026-11-21T08:00:01Z", False),
        ("DateGreaterThan", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00.5Z", True),
        ("DateGreaterThan", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z", False),
        ("DateGreaterThanEquals", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z", True),
        ("DateGreaterThanEquals", "2026-11-21T08:00:00Z", "2025-11-21T08:00:00Z", False),
        ("DateEquals", "2026-11-21T08:00:00Z", "some day", False),
        ("DateLessThan", "2026-11-21T08:00:00Z", "some day", False),
        ("DateNotEquals", "2026-11-21T08:00:00Z", "some day", True),
    ],
)
def test_date_operators(operator: str, policy_value: str, value: str, expected: bool) -> None:
    """Date operators compare points in time, ISO 8601 or epoch seconds ("Date condition operators")."""
    assert met(operator, policy_value, value) is expected


@pytest.mark.parametrize(
    ("operator", "policy_value", "value", "expected"),
    [
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "True", "true", True),
        ("Bool", "false", "true", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJa", False),
        ("BinaryEquals", "QmluYXJ5", "?", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.77", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.1", False),
        ("IpAddress", "203.0.113.7", "203.0.113.7", True),
        ("IpAddress", "203.0.113.7/24", "203.0.113.77", True),
        ("IpAddress", ["203.0.113.0/24", "2001:db8:1234:5678::/64"], "2001:DB8:1234:5678::1", True),
        ("IpAddress", "203.0.113.0/24", "cloudformation.amazonaws.com", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.77", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
        ("NotIpAddress", "203.0.113.0/24", "cloudformation.amazonaws.com", True),
    ],
)
def test_other_typed_operators(operator: str, policy_value: object, value: str, expected: bool) -> None:
    """Bool, BinaryEquals and the IP operators ("Boolean", "Binary" and "IP address condition operators")."""
    assert met(operator, policy_value, value) is expected


ROLE = f"arn:aws:iam::{HOME}:role/team/Deploy"


@pytest.mark.parametrize("operator", ["ArnEquals", "ArnLike"])
@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (ROLE, ROLE, True),
        ("arn:aws:iam::*:role/team/*", ROLE, True),
        (f"arn:aws:iam::{HOME}:role/*/Depl?y", ROLE, True),
        ("arn:aws:iam::*", ROLE, True),
        ("*", ROLE, True),
        ("arn:*:Deploy", ROLE, False),
        ("arn:aws:iam:*:role/team/Deploy", ROLE, False),
        (f"arn:aws:iam::{HOME}:role/team", ROLE, False),
        (f"arn:aws:iam::{HOME}:role/team/deploy", ROLE, False),
        ("*", "no arn", False),
        (
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
            False,
        ),
        ("arn:aws:logs:*:*:log-group:*", f"arn:aws:logs:eu-west-1:{HOME}:log-group:a:b:c", True),
    ],
)
def test_arn_operators(operator: str, pattern: str, value: str, expected: bool) -> None:
    """ARN operators match field by field, ArnEquals just as ArnLike ("Amazon Resource Name condition operators")."""
    assert met(operator, pattern, value) is expected
    assert met(operator.replace("Arn", "ArnNot"), pattern, value) is not expected


def test_a_string_operator_spans_the_fields_of_an_arn() -> None:
    """StringLike matches where ArnLike does not, across colons ("Amazon Resource Name condition operators")."""
    value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    assert met("StringLike", "arn:aws:someservice:*:111122223333:finance/*", value)


POSITIVE = {
    "StringEquals": "a",
    "StringEqualsIgnoreCase": "a",
    "StringLike": "*",
    "NumericEquals": "1",
    "NumericLessThan": "1",
    "NumericLessThanEquals": "1",
    "NumericGreaterThan": "1",
    "NumericGreaterThanEquals": "1",
    "DateEquals": "2026-01-01",
    "DateLessThan": "2026-01-01",
    "DateLessThanEquals": "2026-01-01",
    "DateGreaterThan": "2026-01-01",
    "DateGreaterThanEquals": "2026-01-01",
    "Bool": "false",
    "BinaryEquals": "QQ==",
    "IpAddress": "0.0.0.0/0",
    "ArnEquals": "*",
    "ArnLike": "*",
}
NEGATED = {
    "StringNotEquals": "a",
    "StringNotEqualsIgnoreCase": "a",
    "StringNotLike": "*",
    "NumericNotEquals": "1",
    "DateNotEquals": "2026-01-01",
    "NotIpAddress": "0.0.0.0/0",
    "ArnNotEquals": "*",
    "ArnNotLike": "*",
}


@pytest.mark.parametrize("value", [None, []], ids=["absent", "no values"])
@pytest.mark.parametrize("operator", POSITIVE)
def test_an_absent_key_fails_a_positive_operator(operator: str, value: list[str] | None) -> None:
    """A key that is not in the request does not match ("Condition operators", first note)."""
    assert not met(operator, POSITIVE[operator], value)


@pytest.mark.parametrize("value", [None, []], ids=["absent", "no values"])
@pytest.mark.parametrize("operator", NEGATED)
def test_an_absent_key_meets_a_negated_operator(operator: str, value: list[str] | None) -> None:
    """A negated operator is true of a key that is not in the request ("Condition operators", first note)."""
    assert met(operator, NEGATED[operator], value)


@pytest.mark.parametrize(("operator", "value"), [*POSITIVE.items(), *NEGATED.items()])
def test_if_exists_is_met_by_an_absent_key(operator: str, value: str) -> None:
    """`IfExists` holds when the key is absent, for every operator ("...IfExists condition operators")."""
    assert met(f"{operator}IfExists", value, None)
    assert met(f"ForAnyValue:{operator}IfExists", value, None)


@pytest.mark.parametrize(("value", "expected"), [("blue", True), ("red", False)])
def test_if_exists_compares_a_key_that_is_there(value: str, expected: bool) -> None:
    """`IfExists` changes nothing for a key in the request ("...IfExists condition operators")."""
    assert met("StringEqualsIfExists", "blue", value) is expected


def test_mfa_absent_is_caught_by_bool_if_exists_only() -> None:
    """Long-term credentials lack aws:MultiFactorAuthPresent: BoolIfExists false holds, Bool false does not."""
    assert met("BoolIfExists", "false", None, "aws:MultiFactorAuthPresent")
    assert not met("Bool", "false", None, "aws:MultiFactorAuthPresent")


@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        ("true", None, True),
        ("true", [], True),
        ("true", "x", False),
        ("false", "x", True),
        ("false", None, False),
        (True, None, True),
    ],
)
def test_null_asks_for_presence(asked: object, value: str | list[str] | None, expected: bool) -> None:
    """Null true wants the key absent, false wants it there ("Condition operator to check existence")."""
    assert met("Null", asked, value) is expected


def test_values_of_one_key_are_alternatives() -> None:
    """Several values under one key are joined by OR ("Conditions with multiple context keys or values")."""
    assert met("StringEquals", ["blue", "green"], "green")
    assert not met("StringEquals", ["blue", "green"], "red")


def test_values_of_a_negated_operator_are_all_excluded() -> None:
    """Several values under a negated operator are joined by NOR (same page)."""
    assert met("StringNotEquals", ["blue", "green"], "red")
    assert not met("StringNotEquals", ["blue", "green"], "green")


@pytest.mark.parametrize(
    ("block", "context", "expected"),
    [
        ({"StringEquals": {"aws:A": "1", "aws:B": "2"}}, {"aws:A": "1", "aws:B": "2"}, True),
        ({"StringEquals": {"aws:A": "1", "aws:B": "2"}}, {"aws:A": "1", "aws:B": "3"}, False),
        ({"StringEquals": {"aws:A": "1"}, "StringLike": {"aws:A": "*"}}, {"aws:A": "1"}, True),
        ({"StringEquals": {"aws:A": "1"}, "StringLike": {"aws:A": "2*"}}, {"aws:A": "1"}, False),
    ],
)
def test_keys_and_operators_are_all_required(block: Body, context: Context, expected: bool) -> None:
    """Keys of an operator and operators of a statement are joined by AND (same page)."""
    policies = Policies(identity=(identity(allow(Condition=block)),))
    assert decide(request(context=context), policies).allowed is expected


def test_key_names_ignore_case() -> None:
    """Condition key names are case-insensitive ("IAM JSON policy elements: Condition")."""
    policies = Policies(identity=(identity(allow(Condition={"StringEquals": {"AWS:requestedregion": "eu-west-1"}})),))
    assert decide(request(context={"aws:RequestedRegion": "eu-west-1"}), policies).allowed


def test_an_empty_list_of_values_matches_nothing() -> None:
    """A condition without values matches no request value ("Empty array condition")."""
    assert not met("StringEquals", [], "x")
    assert met("StringNotEquals", [], "x")


@pytest.mark.parametrize(
    ("operator", "policy_values", "values", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringLike", ["Created*"], ["CreatedBy", "CreatedAt"], True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], None, True),
        ("ForAllValues:StringEquals", ["a"], [], True),
        ("ForAllValues:StringEquals", ["a"], [""], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["b", "c"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c"], False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], False),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAnyValue:StringEquals", ["a"], [], False),
        ("ForAnyValue:StringLike", ["*"], [""], False),
        ("ForAnyValue:StringNotEquals", ["a"], None, False),
        ("ForAnyValue:ArnLike", ["arn:aws:iam::*:role/*"], ["x", ROLE], True),
        ("ForAllValues:NumericLessThan", ["10"], ["1", "9"], True),
    ],
)
def test_set_operators(
    operator: str,
    policy_values: list[str],
    values: list[str] | None,
    expected: bool,
) -> None:
    """ForAllValues and ForAnyValue quantify over the request's values ("Multivalued context keys")."""
    assert met(operator, policy_values, values) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", "net", True),
        ("StringEquals", "ops", False),
        ("StringNotEquals", "net", False),
        ("StringEqualsIgnoreCase", "NET", True),
        ("StringLike", "net", True),
        ("StringLike", "network", False),
    ],
)
def test_variables_in_condition_values(operator: str, value: str, expected: bool) -> None:
    """String values may hold policy variables ("Variables and tags", Condition element)."""
    block = {operator: {"s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}"}}
    policies = Policies(identity=(identity(allow(Condition=block)),))
    context = {"aws:PrincipalTag/team": "net", "s3:ExistingObjectTag/team": value}
    assert decide(request(context=context), policies).allowed is expected


@pytest.mark.parametrize(("operator", "expected"), [("StringEquals", False), ("StringNotEquals", True)])
def test_a_value_with_a_variable_without_value_equals_nothing(operator: str, expected: bool) -> None:
    """A variable without value matches nothing, which negated operators accept ("... with no value")."""
    assert met(operator, "${aws:PrincipalTag/team}", "net") is expected
    assert met(operator, "${aws:PrincipalTag/team}", "") is expected


def test_variables_in_arn_values() -> None:
    """ARN values may hold variables, also a whole ARN ("Variables and tags", Condition element)."""
    assert met("ArnEquals", "${aws:PrincipalArn}", user().arn)
    assert met("ArnLike", "arn:aws:iam::${aws:PrincipalAccount}:role/*", ROLE)
    assert not met("ArnLike", "arn:aws:iam::${aws:PrincipalAccount}:role/*", ROLE.replace(HOME, "999999999999"))


def test_variables_in_bool_values() -> None:
    """Bool values may hold a variable ("Boolean condition operators")."""
    assert met("Bool", "${aws:PrincipalIsAWSService}", "false")


def test_old_policies_have_no_variables() -> None:
    """Before version 2012-10-17 `${...}` is plain text ("Variables and tags", note on Version)."""
    statement = allow(Principal="*", Condition={"StringEquals": {"aws:Key": "${aws:username}"}})
    policy = parse_policy(document(statement, version="2008-10-17"), "old", kind=PolicyKind.RESOURCE)
    assert decide(request(context={"aws:Key": "${aws:username}"}), Policies(resource=policy)).allowed
    assert not decide(request(context={"aws:Key": "alice"}), Policies(resource=policy)).allowed
