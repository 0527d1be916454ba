"""Condition operators, one rule each. Source: IAM User Guide, "IAM JSON policy elements: Condition operators".

Each row gives the subject every right under one condition and tries a request; the values compared are session tags.
"""

from __future__ import annotations

import pytest

from tests.rehearsed.twin.rules.rule_scene import Subject

Rows = list[tuple[str, str, object, bool]]


def rows(rule_rows: Rows) -> pytest.MarkDecorator:
    """Return the parametrisation of rows of rule, operator, values of the policy and whether the condition holds."""
    return pytest.mark.parametrize(
        ("operator", "values", "expected"), [row[1:] for row in rule_rows], ids=[row[0] for row in rule_rows]
    )


@rows(
    [
        ("the same text is equal", "StringEquals", "Team-A", True),
        ("another text is not", "StringEquals", "Team-B", False),
        ("case counts", "StringEquals", "team-a", False),
        ("wildcards are characters", "StringEquals", "Team-*", False),
        ("one of several values is enough", "StringEquals", ["Team-B", "Team-A"], True),
        ("NotEquals of another text", "StringNotEquals", "Team-B", True),
        ("NotEquals of the same text", "StringNotEquals", "Team-A", False),
        ("NotEquals of several is none of them", "StringNotEquals", ["Team-B", "Team-A"], False),
        ("IgnoreCase of another case", "StringEqualsIgnoreCase", "TEAM-a", True),
        ("IgnoreCase of another text", "StringEqualsIgnoreCase", "TEAM-b", False),
        ("NotEqualsIgnoreCase of another case", "StringNotEqualsIgnoreCase", "TEAM-a", False),
        ("NotEqualsIgnoreCase of another text", "StringNotEqualsIgnoreCase", "TEAM-b", True),
        ("Like with a star", "StringLike", "T*A", True),
        ("Like with a question mark", "StringLike", "Team-?", True),
        ("a question mark is one character", "StringLike", "Tea?A", False),
        ("Like has case", "StringLike", "team*", False),
        ("NotLike of a pattern that fits", "StringNotLike", "Team*", False),
        ("NotLike of one that does not", "StringNotLike", "Squad*", True),
    ]
)
def test_string_operators(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """String operators compare text ("String condition operators")."""
    assert subject.under({operator: {"aws:PrincipalTag/text": values}}).may_list() is expected


@rows(
    [
        ("equal numbers", "NumericEquals", "10.0", True),
        ("unequal numbers", "NumericEquals", "11", False),
        ("NotEquals of the same number", "NumericNotEquals", "10", False),
        ("NotEquals of another number", "NumericNotEquals", "11", True),
        ("numbers are no text", "NumericLessThan", "9", False),
        ("LessThan of a greater number", "NumericLessThan", "11", True),
        ("LessThan of the same number", "NumericLessThan", "10", False),
        ("LessThanEquals of the same number", "NumericLessThanEquals", "10", True),
        ("LessThanEquals of a smaller number", "NumericLessThanEquals", "9", False),
        ("GreaterThan of a smaller number", "NumericGreaterThan", "9", True),
        ("GreaterThan of the same number", "NumericGreaterThan", "10", False),
        ("GreaterThanEquals of the same number", "NumericGreaterThanEquals", "10", True),
        ("GreaterThanEquals of a greater number", "NumericGreaterThanEquals", "11", False),
    ]
)
def test_numeric_operators(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """Numeric operators compare numbers ("Numeric condition operators")."""
    assert subject.under({operator: {"aws:PrincipalTag/number": values}}).may_list() is expected


@rows(
    [
        ("the same moment", "DateEquals", "2026-06-01T14:00:00+02:00", True),
        ("the same moment in epoch seconds", "DateEquals", "1780315200", True),
        ("another moment", "DateEquals", "2026-06-02T12:00:00Z", False),
        ("NotEquals of the same moment", "DateNotEquals", "2026-06-01T12:00:00Z", False),
        ("NotEquals of another", "DateNotEquals", "2026-06-02T12:00:00Z", True),
        ("LessThan of a later one", "DateLessThan", "2026-06-02T12:00:00Z", True),
        ("LessThan of the same", "DateLessThan", "2026-06-01T12:00:00Z", False),
        ("LessThanEquals of the same", "DateLessThanEquals", "2026-06-01T12:00:00Z", True),
        ("LessThanEquals of an earlier one", "DateLessThanEquals", "2026-05-01", False),
        ("GreaterThan of an earlier one", "DateGreaterThan", "2026-05-01", True),
        ("GreaterThan of the same", "DateGreaterThan", "2026-06-01T12:00:00Z", False),
        ("GreaterThanEquals of the same", "DateGreaterThanEquals", "2026-06-01T12:00:00Z", True),
        ("GreaterThanEquals of a later one", "DateGreaterThanEquals", "2027-01-01", False),
    ]
)
def test_date_operators(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """Date operators compare moments, ISO 8601 or epoch ("Date condition operators")."""
    assert subject.under({operator: {"aws:PrincipalTag/date": values}}).may_list() is expected


@rows(
    [
        ("true is true", "Bool", "true", True),
        ("true is not false", "Bool", "false", False),
        ("the case of true does not matter", "Bool", "True", True),
    ]
)
def test_the_bool_operator(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """Bool compares truth values ("Boolean condition operators")."""
    assert subject.under({operator: {"aws:PrincipalTag/truth": values}}).may_list() is expected


@rows([("the same bytes", "BinaryEquals", "AAE=", True), ("other bytes", "BinaryEquals", "AAI=", False)])
def test_the_binary_operator(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """BinaryEquals compares bytes given in base 64 ("Binary condition operators")."""
    assert subject.under({operator: {"aws:PrincipalTag/bytes": values}}).may_list() is expected


@rows(
    [
        ("inside a block", "IpAddress", "10.1.0.0/16", True),
        ("outside a block", "IpAddress", "10.2.0.0/16", False),
        ("the address itself", "IpAddress", "10.1.2.3", True),
        ("IPv4 is in no IPv6 block", "IpAddress", "::/0", False),
        ("one of several blocks", "IpAddress", ["10.2.0.0/16", "10.1.0.0/16"], True),
        ("Not inside a block", "NotIpAddress", "10.1.0.0/16", False),
        ("Not outside a block", "NotIpAddress", "10.2.0.0/16", True),
        ("Not of several blocks is outside all", "NotIpAddress", ["10.2.0.0/16", "10.1.0.0/16"], False),
    ]
)
def test_ip_operators(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """IP operators compare addresses with CIDR blocks ("IP address condition operators")."""
    assert subject.under({operator: {"aws:PrincipalTag/address": values}}).may_list() is expected


@rows(
    [
        ("ArnEquals of the same ARN", "ArnEquals", "arn:aws:sns:eu-west-1:111111111111:alerts:eu", True),
        ("ArnEquals takes wildcards", "ArnEquals", "arn:aws:sns:*:111111111111:alerts:*", True),
        ("ArnLike takes wildcards", "ArnLike", "arn:aws:sns:eu-????-1:*:*", True),
        ("a star stays in its part", "ArnLike", "arn:aws:*:111111111111:alerts:eu", False),
        ("ArnLike of another ARN", "ArnLike", "arn:aws:sqs:*:*:*", False),
        ("case counts in ARNs", "ArnEquals", "arn:aws:sns:eu-west-1:111111111111:Alerts:eu", False),
        ("ArnNotEquals of the same ARN", "ArnNotEquals", "arn:aws:sns:eu-west-1:111111111111:alerts:eu", False),
        ("ArnNotLike of one that fits", "ArnNotLike", "arn:aws:sns:*:*:alerts:*", False),
        ("ArnNotLike of one that does not", "ArnNotLike", "arn:aws:sqs:*:*:*", True),
    ]
)
def test_arn_operators(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """ARN operators compare the six parts of ARNs one by one ("ARN condition operators")."""
    assert subject.under({operator: {"aws:PrincipalTag/arn": values}}).may_list() is expected


@rows(
    [
        ("StringEquals", "StringEquals", "x", False),
        ("StringLike of anything", "StringLike", "*", False),
        ("NumericLessThan", "NumericLessThan", "1", False),
        ("DateGreaterThan", "DateGreaterThan", "2020-01-01", False),
        ("Bool", "Bool", "false", False),
        ("BinaryEquals", "BinaryEquals", "AAE=", False),
        ("IpAddress", "IpAddress", "0.0.0.0/0", False),
        ("ArnLike", "ArnLike", "arn:*:*:*:*:*", False),
        ("StringNotEquals", "StringNotEquals", "x", True),
        ("StringNotEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "x", True),
        ("StringNotLike", "StringNotLike", "*", True),
        ("NumericNotEquals", "NumericNotEquals", "1", True),
        ("DateNotEquals", "DateNotEquals", "2020-01-01", True),
        ("NotIpAddress", "NotIpAddress", "0.0.0.0/0", True),
        ("ArnNotEquals", "ArnNotEquals", "arn:*:*:*:*:*", True),
        ("ArnNotLike", "ArnNotLike", "arn:*:*:*:*:*", True),
        ("StringEqualsIfExists", "StringEqualsIfExists", "x", True),
        ("NumericLessThanIfExists", "NumericLessThanIfExists", "1", True),
        ("BoolIfExists", "BoolIfExists", "true", True),
        ("IpAddressIfExists", "IpAddressIfExists", "10.0.0.0/8", True),
        ("ArnLikeIfExists", "ArnLikeIfExists", "arn:*:*:*:*:*", True),
        ("ForAllValues", "ForAllValues:StringEquals", "x", True),
        ("ForAllValues of a negated one", "ForAllValues:StringNotEquals", "x", True),
        ("ForAnyValue", "ForAnyValue:StringEquals", "x", False),
        ("ForAnyValue of a negated one", "ForAnyValue:StringNotEquals", "x", False),
        ("ForAnyValue IfExists", "ForAnyValue:StringEqualsIfExists", "x", True),
        ("Null true", "Null", "true", True),
        ("Null false", "Null", "false", False),
    ]
)
def test_a_key_that_is_not_there(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """A missing key fails operators, meets negated ones, IfExists and ForAllValues ("...IfExists", "Set operators")."""
    assert subject.under({operator: {"aws:PrincipalTag/absent": values}}).may_list() is expected


@rows(
    [
        ("IfExists of a key that fits", "StringEqualsIfExists", "Team-A", True),
        ("IfExists of a key that does not", "StringEqualsIfExists", "Team-B", False),
        ("a negated IfExists", "StringNotEqualsIfExists", "Team-A", False),
        ("Null true of a key that is there", "Null", "true", False),
        ("Null false of a key that is there", "Null", "false", True),
    ]
)
def test_a_key_that_is_there(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """IfExists compares a key that is there, and Null asks whether it is ("...IfExists", "Null")."""
    assert subject.under({operator: {"aws:PrincipalTag/text": values}}).may_list() is expected


@rows(
    [
        ("every value is listed", "ForAllValues:StringEquals", ["team", "owner", "cost"], True),
        ("one value is not listed", "ForAllValues:StringEquals", ["team"], False),
        ("none of the values is listed", "ForAllValues:StringNotEquals", ["cost"], True),
        ("one value is listed after all", "ForAllValues:StringNotEquals", ["team"], False),
        ("ForAnyValue: one value is listed", "ForAnyValue:StringEquals", ["team"], True),
        ("ForAnyValue: no value is listed", "ForAnyValue:StringEquals", ["cost"], False),
        ("ForAnyValue: one value is not listed", "ForAnyValue:StringNotEquals", ["team"], True),
        ("ForAnyValue: no value is unlisted", "ForAnyValue:StringNotEquals", ["team", "owner"], False),
        ("ForAllValues with patterns", "ForAllValues:StringLike", ["t*", "o*"], True),
        ("values have case", "ForAllValues:StringEquals", ["Team", "Owner"], False),
        ("values may ignore it", "ForAllValues:StringEqualsIgnoreCase", ["Team", "Owner"], True),
    ]
)
def test_set_operators(subject: Subject, operator: str, values: object, expected: bool) -> None:
    """Set operators ask for all or any of a key's values ("Set operators for multivalued context keys")."""
    assert subject.under({operator: {"aws:TagKeys": values}}).may_tag("team", "owner") is expected


def test_the_keys_of_one_operator_all_count(subject: Subject) -> None:
    """Several keys under one operator are joined by AND ("Conditions with multiple context keys or values")."""
    both = {"StringEquals": {"aws:PrincipalTag/text": "Team-A", "aws:PrincipalTag/truth": "true"}}
    one = {"StringEquals": {"aws:PrincipalTag/text": "Team-A", "aws:PrincipalTag/truth": "no"}}
    assert subject.under(both).may_list()
    assert not subject.under(one).may_list()


def test_several_operators_all_count(subject: Subject) -> None:
    """Several operators are joined by AND ("Conditions with multiple context keys or values")."""
    texts = {"StringEquals": {"aws:PrincipalTag/text": "Team-A"}}
    assert subject.under({**texts, "NumericLessThan": {"aws:PrincipalTag/number": "11"}}).may_list()
    assert not subject.under({**texts, "NumericLessThan": {"aws:PrincipalTag/number": "9"}}).may_list()


@pytest.mark.parametrize("key", ["AWS:PRINCIPALTAG/TEXT", "aws:principaltag/text"])
def test_names_of_keys_have_no_case(subject: Subject, key: str) -> None:
    """The name of a condition key is not case-sensitive ("AWS JSON policy elements: Condition")."""
    assert subject.under({"StringEquals": {key: "Team-A"}}).may_list()
    assert not subject.under({"StringEquals": {key: "Team-B"}}).may_list()


def test_a_condition_of_a_deny_narrows_it(subject: Subject) -> None:
    """A Deny whose condition does not hold denies nothing ("AWS JSON policy elements: Condition")."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for team, expected in (("Team-A", False), ("Team-B", True)):
        condition = {"StringEquals": {"aws:PrincipalTag/text": team}}
        subject.holds(everything, {**everything, "Effect": "Deny", "Condition": condition})
        assert subject.may_list() is expected
