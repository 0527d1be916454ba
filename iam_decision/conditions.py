"""The Condition element: operators compiled once, met or not met by a request.

Sources: IAM User Guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or
values" and "Single-valued vs. multivalued context keys".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from iam_decision.comparisons import (
    ORDERS,
    ValueTest,
    compile_addresses,
    compile_binaries,
    compile_dates,
    compile_numbers,
)
from iam_decision.request import RequestView
from iam_decision.text_patterns import Lookup, Matching, TextSet

RequestTest: TypeAlias = Callable[[str, Lookup], bool]
"""Tells whether one request value matches one of the policy's values."""


class Quantifier(Enum):
    """The set operator before an operator's name."""

    NONE = ""
    FOR_ALL_VALUES = "ForAllValues:"
    FOR_ANY_VALUE = "ForAnyValue:"


TEXT_OPERATORS = {
    "StringEquals": Matching.EQUAL,
    "StringEqualsIgnoreCase": Matching.EQUAL_IGNORING_CASE,
    "StringLike": Matching.LIKE,
    "ArnEquals": Matching.ARN,
    "ArnLike": Matching.ARN,
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
_TRUTHS = frozenset({"true", "false"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One context key compared by one operator.

    `operator` and `written` are the operator and the key as the policy has them, `key` the context key in lower case,
    `wanted` the policy's values. A negated operator holds when no value matches.
    """

    operator: str
    key: str
    quantifier: Quantifier
    if_exists: bool
    negated: bool
    test: RequestTest
    written: str = ""
    wanted: tuple[str, ...] = ()

    def met(self, view: RequestView) -> bool:
        """Tell whether the request meets the condition.

        An absent key (or one without any value) meets negated operators, `IfExists` and `ForAllValues:`, and fails
        everything else. Without a set operator a key with several values matches if one of them does.
        """
        values = view.values.get(self.key)
        if not values:
            return self._met_by_absence()
        lookup = view.one_value
        if self.quantifier is Quantifier.NONE:
            return any(self.test(value, lookup) for value in values) != self.negated
        if not any(values):
            return self.quantifier is Quantifier.FOR_ALL_VALUES
        combine = all if self.quantifier is Quantifier.FOR_ALL_VALUES else any
        return combine(self.test(value, lookup) != self.negated for value in values)

    def _met_by_absence(self) -> bool:
        if self.if_exists or self.quantifier is Quantifier.FOR_ALL_VALUES:
            return True
        return self.quantifier is Quantifier.NONE and self.negated


@dataclass(frozen=True, slots=True)
class NullCondition:
    """The Null operator: `true` asks that the key is absent, `false` that it is there; `written` is as the policy's."""

    key: str
    expected: frozenset[str]
    written: str = ""

    @property
    def operator(self) -> str:
        """The name as written in the policy."""
        return "Null"

    @property
    def wanted(self) -> tuple[str, ...]:
        """The policy's values."""
        return tuple(sorted(self.expected))

    def met(self, view: RequestView) -> bool:
        """Tell whether presence of the key is as asked."""
        return ("false" if view.values.get(self.key) else "true") in self.expected


def compile_condition(operator: str, key: str, values: Sequence[str], *, variables: bool) -> Condition | NullCondition:
    """Compile one operator on one key; raises ValueError for an unknown operator or a value not of its type."""
    name, quantifier, if_exists = _take_apart(operator)
    if name == "Null":
        if quantifier is not Quantifier.NONE or if_exists:
            raise ValueError("the Null operator takes neither a set operator nor IfExists")
        return NullCondition(key.lower(), frozenset(_truths(values)), key)
    negated = name in _NEGATED
    test = _compile_test(_NEGATED.get(name, name), operator, values, variables=variables)
    return Condition(operator, key.lower(), quantifier, if_exists, negated, test, key, tuple(values))


def _take_apart(operator: str) -> tuple[str, Quantifier, bool]:
    name, quantifier = operator, Quantifier.NONE
    for candidate in (Quantifier.FOR_ALL_VALUES, Quantifier.FOR_ANY_VALUE):
        if operator.startswith(candidate.value):
            name, quantifier = operator[len(candidate.value) :], candidate
    bare = name.removesuffix("IfExists")
    return bare, quantifier, bare != name


def _compile_test(name: str, operator: str, values: Sequence[str], *, variables: bool) -> RequestTest:
    if name in TEXT_OPERATORS:
        return TextSet.compile(values, TEXT_OPERATORS[name], variables=variables).matches
    if name == "Bool":
        _truths(value for value in values if not (variables and "${" in value))
        return TextSet.compile(values, Matching.EQUAL_IGNORING_CASE, variables=variables).matches
    return _ignoring_lookup(_compile_typed(name, operator, values))


def _compile_typed(name: str, operator: str, values: Sequence[str]) -> ValueTest:
    for prefix, compile_ordered in (("Numeric", compile_numbers), ("Date", compile_dates)):
        if name.startswith(prefix) and name.removeprefix(prefix) in ORDERS:
            return compile_ordered(values, ORDERS[name.removeprefix(prefix)])
    if name == "IpAddress":
        return compile_addresses(values)
    if name == "BinaryEquals":
        return compile_binaries(values)
    raise ValueError(f"Invalid Condition type : {operator}")


def _ignoring_lookup(test: ValueTest) -> RequestTest:
    return lambda value, _lookup: test(value)


def _truths(values: Iterable[str]) -> list[str]:
    truths = [value.lower() for value in values]
    for value in truths:
        if value not in _TRUTHS:
            raise ValueError(f'the value "{value}" is neither true nor false')
    return truths
